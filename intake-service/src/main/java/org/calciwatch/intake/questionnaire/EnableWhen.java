package org.calciwatch.intake.questionnaire;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.List;

/**
 * When a question is asked, by the rules of FHIR R4.
 *
 * @param any whether one condition is enough
 */
public record EnableWhen(List<Condition> conditions, boolean any) {

    static final EnableWhen ALWAYS = new EnableWhen(List.of(), false);

    /** What the answers to another question must be. */
    public sealed interface Condition {
        /** The linkId of the other question. */
        String question();

        /** One of the answers is this code. */
        record Is(String question, String code) implements Condition {}

        /** None of the answers is this code, also when there are none. */
        record IsNot(String question, String code) implements Condition {}

        /** One of the answers is more than this in this unit; the same in another unit is another condition. */
        record MoreThan(String question, BigDecimal value, String unit) implements Condition {}
    }

    static EnableWhen of(JsonNode item) {
        var conditions =
                item.path("enableWhen").valueStream().map(EnableWhen::condition).toList();
        return new EnableWhen(
                conditions, item.path("enableBehavior").asText("all").equals("any"));
    }

    private static Condition condition(JsonNode condition) {
        var question = condition.get("question").textValue();
        var operator = condition.get("operator").textValue();
        var code = condition.path("answerCoding").path("code").asText();
        var quantity = condition.path("answerQuantity");
        if (operator.equals("=") && !code.isEmpty()) {
            return new Condition.Is(question, code);
        }
        if (operator.equals("!=") && !code.isEmpty()) {
            return new Condition.IsNot(question, code);
        }
        if (operator.equals(">") && quantity.isObject()) {
            return new Condition.MoreThan(
                    question,
                    quantity.get("value").decimalValue(),
                    quantity.get("code").textValue());
        }
        throw new IllegalStateException("An enableWhen on " + question + " is not understood: " + condition
                + "; right would be = or != with an answerCoding, or > with an answerQuantity");
    }
}
