package org.calciwatch.intake.questionnaire;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One item of the questionnaire, with its texts in one language.
 *
 * @param collapsed true when it is only shown to those who want to see it
 * @param system code system of the options, {@code http://unitsofmeasure.org} for units; null for other types
 * @param options accepted codes with their display, in order: the choices of a choice, the units of a quantity
 * @param emergencies the options for which help must be called at once
 * @param enableWhen when it is asked; always, when there are no conditions
 * @param range the numbers an integer may be
 * @param usual what laboratories usually report, by unit; none where there is no such range
 * @param plausible what can be right at all, by unit; a number outside is asked about again
 * @param items its own items
 */
public record Question(
        String linkId,
        Type type,
        String text,
        boolean required,
        boolean repeats,
        boolean collapsed,
        @Nullable String system,
        Map<String, String> options,
        Set<String> emergencies,
        EnableWhen enableWhen,
        Optional<Range> range,
        List<Range> usual,
        List<Range> plausible,
        List<Question> items) {

    /** The item types the questionnaire uses, with the value[x] that answers each; a group has none. */
    public enum Type {
        GROUP(""),
        INTEGER("valueInteger"),
        QUANTITY("valueQuantity"),
        CHOICE("valueCoding"),
        DATE("valueDate");

        private final String property;

        Type(String property) {
            this.property = property;
        }

        /** Name of the JSON property that holds an answer. */
        public String property() {
            return property;
        }
    }

    /**
     * Numbers from {@code low} to {@code high}, both included; null where there is no limit.
     *
     * @param code UCUM code of the unit; empty when the number has none
     * @param unit the unit for people
     */
    public record Range(
            String code,
            String unit,
            @Nullable BigDecimal low,
            @Nullable BigDecimal high) {

        /** Whether the number lies between the limits. */
        public boolean holds(BigDecimal number) {
            return (low == null || low.compareTo(number) <= 0) && (high == null || number.compareTo(high) <= 0);
        }
    }

    /** The range of this unit in a list of ranges; empty when it has none. */
    public static Optional<Range> in(String code, List<Range> ranges) {
        return ranges.stream().filter(range -> range.code().equals(code)).findFirst();
    }
}
