package org.calciwatch.intake.result;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/**
 * A drawing of how something in the body works, shown with these rules only. Not with a whole topic: vitamin K's must
 * not stand beside the texts for people on a blood thinner such as warfarin, nor magnesium's beside "too much of it"
 * (knowledge base 2.5).
 */
enum Picture {
    VITAMIN_D(
            Topic.VITAMIN_D,
            "high-vitd-low-mg-ckd",
            "vitd-level-above-50",
            "vitd-level-above-100",
            "vitd-dose-above-ul",
            "vitd-granulomatous"),
    MAGNESIUM(Topic.MAGNESIUM, "mg-unmeasured-at-risk", "mg-low", "mg-diet-low"),
    VITAMIN_K(Topic.VITAMIN_K, "k2-mgp-education"),
    PHOSPHATE(Topic.CALCIUM, "phosphate-high-ckd", "processed-food-phosphorus"),
    URINE(Topic.DRINKING, "low-fluid", "sodium-high");

    private final Topic topic;

    @SuppressWarnings("ImmutableEnumChecker") // Set.of is immutable
    private final Set<String> rules;

    Picture(Topic topic, String... rules) {
        this.topic = topic;
        this.rules = Set.of(rules);
    }

    /** What it is about. */
    public Topic topic() {
        return topic;
    }

    /** The drawing that belongs to a rule. */
    static Optional<Picture> of(String ruleId) {
        return Arrays.stream(values())
                .filter(picture -> picture.rules.contains(ruleId))
                .findFirst();
    }
}
