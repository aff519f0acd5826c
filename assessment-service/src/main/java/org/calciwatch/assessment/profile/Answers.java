package org.calciwatch.assessment.profile;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.Year;
import java.time.YearMonth;
import java.time.format.DateTimeParseException;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 * @param drawn when the sample of a laboratory value was taken, by key; absent when not given
 * @param asOf the day the answers were given, against which the age of a result is judged; null when not known
 */
public record Answers(
        @Nullable Integer ageYears,
        Map<String, Entered> quantities,
        Map<String, String> choices,
        Map<ItemList, ListAnswer> lists,
        Map<String, Drawn> drawn,
        @Nullable LocalDate asOf) {

    public Answers {
        quantities = Map.copyOf(quantities);
        choices = Map.copyOf(choices);
        lists = Map.copyOf(lists);
        drawn = Map.copyOf(drawn);
    }

    /** A number and its unit as typed; without a number the value is missing, without a unit it is unusable. */
    public record Entered(
            @Nullable BigDecimal value, @Nullable String unit) {}

    /** A day, or a month or year of which only so much is known. */
    public record Drawn(LocalDate earliest, LocalDate latest) {

        /** A FHIR date: a year, a year with month, or a day. */
        public static Optional<Drawn> parse(String date) {
            try {
                return switch (date.length()) {
                    case 4 -> {
                        var year = Year.parse(date);
                        yield Optional.of(
                                new Drawn(year.atDay(1), year.atMonth(12).atEndOfMonth()));
                    }
                    case 7 -> {
                        var month = YearMonth.parse(date);
                        yield Optional.of(new Drawn(month.atDay(1), month.atEndOfMonth()));
                    }
                    default -> {
                        var day = LocalDate.parse(date);
                        yield Optional.of(new Drawn(day, day));
                    }
                };
            } catch (DateTimeParseException e) {
                return Optional.empty();
            }
        }

        /** As a FHIR date, as precise as it is known. */
        @Override
        public String toString() {
            if (earliest.equals(latest)) {
                return earliest.toString();
            }
            return earliest.getMonth() == latest.getMonth()
                    ? YearMonth.from(earliest).toString()
                    : Year.from(earliest).toString();
        }

        /** True when the two cannot be the same day. */
        boolean differsFrom(Drawn other) {
            return latest.isBefore(other.earliest) || earliest.isAfter(other.latest);
        }
    }

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
        private final Map<String, Drawn> drawn = new LinkedHashMap<>();
        private @Nullable LocalDate asOf;
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

        /** The date of a laboratory value. */
        public Builder drawn(String key, Drawn date) {
            drawn.put(key, date);
            return this;
        }

        /** The day the answers were given. */
        public Builder asOf(LocalDate day) {
            asOf = day;
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
            return new Answers(ageYears, quantities, choices, lists, drawn, asOf);
        }
    }
}
