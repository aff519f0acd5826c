package org.calciwatch.assessment.response;

import com.fasterxml.jackson.databind.JsonNode;

/** Whether the patient agreed to being assessed. */
public final class Consent {

    private static final String LINK_ID = "consent";

    private Consent() {}

    /**
     * True when the response carries the version of a consent text as answer. Which versions are accepted is decided
     * where the answers come in, by the options of the Questionnaire.
     */
    public static boolean isIn(JsonNode response) {
        for (var item : response.path("item")) {
            if (isAnswered(item) || isIn(item)) {
                return true;
            }
            for (var answer : item.path("answer")) {
                if (isIn(answer)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isAnswered(JsonNode item) {
        if (!LINK_ID.equals(item.path("linkId").textValue())) {
            return false;
        }
        for (var answer : item.path("answer")) {
            if (!answer.path("valueCoding").path("code").asText().isBlank()) {
                return true;
            }
        }
        return false;
    }
}
