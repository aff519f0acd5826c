package org.calciwatch.intake.questionnaire;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One item of the questionnaire, as far as answers are checked against it.
 *
 * @param system code system of the options, {@code http://unitsofmeasure.org} for units; null for other types
 * @param options accepted codes with their English display, in order: the choices of a choice, the units of a quantity
 */
public record Question(
        String linkId,
        Type type,
        String text,
        boolean required,
        boolean repeats,
        @Nullable String system,
        Map<String, String> options) {

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
}
