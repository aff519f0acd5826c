package org.calciwatch.intake.result;

import java.util.Arrays;
import java.util.Set;

/** What a rule is about, for the patient; from the rule's category. */
enum Topic {
    VITAMIN_D("vitamin-D"),
    MAGNESIUM("magnesium"),
    VITAMIN_K("vitamin-K2"),
    CALCIUM("calcium-phosphate"),
    KIDNEYS("kidney"),
    DRINKING("hydration"),
    SALT("sodium"),
    FOOD("processed-food-phosphorus", "antioxidants-inflammation"),
    ACTIVITY("activity"),
    MEDICINES("drug-interaction"),
    SUPPLEMENTS("supplement-safety", "limits-of-natural-approaches"),
    /** Red flags, the quality of data, and categories of a clinic's own. */
    OTHER("red-flag", "data-quality");

    @SuppressWarnings("ImmutableEnumChecker") // Set.of is immutable
    private final Set<String> categories;

    Topic(String... categories) {
        this.categories = Set.of(categories);
    }

    /** The topic of a category. */
    static Topic of(String category) {
        return Arrays.stream(values())
                .filter(topic -> topic.categories.contains(category))
                .findFirst()
                .orElse(OTHER);
    }
}
