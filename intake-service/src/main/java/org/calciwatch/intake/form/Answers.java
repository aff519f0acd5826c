package org.calciwatch.intake.form;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.calciwatch.intake.questionnaire.EnableWhen.Condition;
import org.calciwatch.intake.questionnaire.Question;

/**
 * The answers of one response, by linkId.
 *
 * @param values each answer as the FHIR value[x] it is; a question without answers is not in it
 */
record Answers(Map<String, List<JsonNode>> values) {

    Answers {
        values = Map.copyOf(values);
    }

    /**
     * A number with its unit.
     *
     * @param code UCUM code
     */
    record Amount(BigDecimal value, String code) {}

    /** The answers in a response, however its items are nested. */
    static Answers of(JsonNode response) {
        var values = new LinkedHashMap<String, List<JsonNode>>();
        collect(response, values);
        return new Answers(values);
    }

    private static void collect(JsonNode parent, Map<String, List<JsonNode>> values) {
        for (var item : parent.path("item")) {
            var given = item.path("answer")
                    .valueStream()
                    .flatMap(answer -> answer.propertyStream()
                            .filter(property -> property.getKey().startsWith("value"))
                            .map(Map.Entry::getValue))
                    .toList();
            if (!given.isEmpty()) {
                values.put(item.path("linkId").asText(), given);
            }
            item.path("answer").forEach(answer -> collect(answer, values));
            collect(item, values);
        }
    }

    /** With these in the place of what the same questions had; an empty list leaves the question unanswered. */
    Answers with(Map<String, List<JsonNode>> others) {
        var all = new LinkedHashMap<>(values);
        all.putAll(others);
        all.values().removeIf(List::isEmpty);
        return new Answers(all);
    }

    /** Writes the answers to these questions as items of a response, in their order. */
    void writeTo(ArrayNode items, Collection<Question> questions) {
        for (var question : questions) {
            var given = of(question.linkId());
            if (!given.isEmpty()) {
                var item = items.addObject().put("linkId", question.linkId());
                var answers = item.putArray("answer");
                given.forEach(value -> answers.addObject().set(question.type().property(), value));
            }
        }
    }

    List<JsonNode> of(String linkId) {
        return values.getOrDefault(linkId, List.of());
    }

    boolean has(String linkId) {
        return values.containsKey(linkId);
    }

    /** The chosen codes. */
    List<String> codes(String linkId) {
        return of(linkId).stream().map(value -> value.path("code").asText()).toList();
    }

    /** The number; empty when there is none, or one without a unit. */
    Optional<Amount> amount(String linkId) {
        return of(linkId).stream()
                .filter(value ->
                        value.path("value").isNumber() && value.path("code").isTextual())
                .map(value -> new Amount(
                        value.get("value").decimalValue(), value.get("code").textValue()))
                .findFirst();
    }

    /**
     * Whether a question is asked. One that has an answer while what its conditions look at has none is asked too: a
     * draft from elsewhere need not know our conditions, and what it says must not vanish.
     */
    boolean enable(Question question) {
        var when = question.enableWhen();
        if (when.conditions().isEmpty()) {
            return true;
        }
        var holds = when.any()
                ? when.conditions().stream().anyMatch(this::holds)
                : when.conditions().stream().allMatch(this::holds);
        return holds || (has(question.linkId()) && when.conditions().stream().noneMatch(one -> has(one.question())));
    }

    private boolean holds(Condition condition) {
        return switch (condition) {
            case Condition.Is(var question, var code) -> codes(question).contains(code);
            case Condition.IsNot(var question, var code) -> !codes(question).contains(code);
            case Condition.MoreThan(var question, var value, var unit) ->
                amount(question)
                        .filter(amount -> amount.code().equals(unit))
                        .filter(amount -> amount.value().compareTo(value) > 0)
                        .isPresent();
        };
    }
}
