package org.calciwatch.assessment.profile;

import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The answers exactly as entered. Nothing is judged here: unknown quantity and choice keys are carried along and ignored
 * later, units may be wrong, numbers may be absurd. An absent key is an unanswered question.
 *
 * @param ageYears age in completed years, null when not answered
 * @param quantities number and unit by key of the knowledge base, sections 1.2 and 1.3
 * @param choices chosen code by key
 * @param lists only the lists that were answered; "none of these" is an answer with nothing ticked
 */
public record Answers(
        @Nullable Integer ageYears,
        Map<String, Entered> quantities,
        Map<String, String> choices,
        Map<ItemList, ListAnswer> lists) {

    public Answers {
        quantities = Map.copyOf(quantities);
        choices = Map.copyOf(choices);
        lists = Map.copyOf(lists);
    }

    /** A number and its unit as typed; without a number the value is missing, without a unit it is unusable. */
    public record Entered(
            @Nullable BigDecimal value, @Nullable String unit) {}

    /** One answered list: what was ticked and what the patient is not sure about. An item in both counts as ticked. */
    public record ListAnswer(Set<String> yes, Set<String> unsure) {
        public ListAnswer {
            yes = Set.copyOf(yes);
            unsure = Set.copyOf(unsure);
        }
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Collects answers one by one. A later answer to the same question replaces the earlier one; list items add up. */
    public static final class Builder {
        private @Nullable Integer ageYears;
        private final Map<String, Entered> quantities = new LinkedHashMap<>();
        private final Map<String, String> choices = new LinkedHashMap<>();
        private final Map<ItemList, Set<String>> yes = new EnumMap<>(ItemList.class);
        private final Map<ItemList, Set<String>> unsure = new EnumMap<>(ItemList.class);

        private Builder() {}

        public Builder age(int years) {
            ageYears = years;
            return this;
        }

        public Builder quantity(String key, @Nullable BigDecimal value, @Nullable String unit) {
            quantities.put(key, new Entered(value, unit));
            return this;
        }

        public Builder choice(String key, String code) {
            choices.put(key, code);
            return this;
        }

        /** Ticks items; the list now counts as answered. */
        public Builder yes(ItemList list, String... items) {
            yes.computeIfAbsent(list, ignored -> new LinkedHashSet<>()).addAll(List.of(items));
            return this;
        }

        /** Marks items as "not sure"; the list now counts as answered. */
        public Builder unsure(ItemList list, String... items) {
            unsure.computeIfAbsent(list, ignored -> new LinkedHashSet<>()).addAll(List.of(items));
            return this;
        }

        /** "None of these": the list counts as answered even if nothing is ticked. */
        public Builder none(ItemList list) {
            return yes(list);
        }

        public Answers build() {
            var lists = new EnumMap<ItemList, ListAnswer>(ItemList.class);
            for (var list : ItemList.values()) {
                if (yes.containsKey(list) || unsure.containsKey(list)) {
                    lists.put(
                            list,
                            new ListAnswer(yes.getOrDefault(list, Set.of()), unsure.getOrDefault(list, Set.of())));
                }
            }
            return new Answers(ageYears, quantities, choices, lists);
        }
    }
}
