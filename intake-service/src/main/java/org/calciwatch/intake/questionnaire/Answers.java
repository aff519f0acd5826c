package org.calciwatch.intake.questionnaire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.calciwatch.intake.questionnaire.EnableWhen.Condition;

/**
 * The answers of one response, by linkId.
 *
 * @param values each answer as the FHIR value[x] it is; a question without answers is not in it
 */
public record Answers(Map<String, List<JsonNode>> values) {

    /** Keeps a copy. */
    public Answers {
        values = Map.copyOf(values);
    }

    /** The answers in a response, however its items are nested. */
    public static Answers of(JsonNode response) {
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
    public Answers with(Map<String, List<JsonNode>> others) {
        var all = new LinkedHashMap<>(values);
        all.putAll(others);
        all.values().removeIf(List::isEmpty);
        return new Answers(all);
    }

    /** Writes the answers to these questions as items of a response, in their order. */
    public void writeTo(ArrayNode items, Collection<Question> questions) {
        for (var question : questions) {
            var given = of(question.linkId());
            if (!given.isEmpty()) {
                var item = items.addObject().put("linkId", question.linkId());
                var answers = item.putArray("answer");
                given.forEach(value -> answers.addObject().set(question.type().property(), value));
            }
        }
    }

    /** The answers to a question. */
    public List<JsonNode> of(String linkId) {
        return values.getOrDefault(linkId, List.of());
    }

    /** Whether there is an answer. */
    public boolean has(String linkId) {
        return values.containsKey(linkId);
    }

    /** The chosen codes. */
    public List<String> codes(String linkId) {
        return of(linkId).stream().map(value -> value.path("code").asText()).toList();
    }

    /** The number; empty when there is none. */
    public Optional<Amount> amount(String linkId) {
        return of(linkId).stream()
                .filter(value -> value.path("value").isNumber())
                .map(value -> new Amount(
                        value.get("value").decimalValue(), value.path("code").textValue()))
                .findFirst();
    }

    /** The FHIR date: a day, or a month or year where only so much is known; empty when there is none. */
    public Optional<String> date(String linkId) {
        return of(linkId).stream()
                .filter(JsonNode::isTextual)
                .map(JsonNode::textValue)
                .findFirst();
    }

    /**
     * Whether a question is asked. One that has an answer always is: a dangerous result must not vanish because another
     * answer was changed, nor because another system does not know our conditions.
     */
    public boolean enable(Question question) {
        var when = question.enableWhen();
        return has(question.linkId())
                || when.conditions().isEmpty()
                || (when.any()
                        ? when.conditions().stream().anyMatch(this::holds)
                        : when.conditions().stream().allMatch(this::holds));
    }

    /** Whether these are the same answers, however their numbers are written and in whichever language their choices. */
    public boolean sameAs(Answers other) {
        return values.keySet().equals(other.values.keySet())
                && values.keySet().stream().allMatch(linkId -> same(of(linkId), other.of(linkId)));
    }

    /** Whether two questions were answered alike. */
    public static boolean same(List<JsonNode> one, List<JsonNode> other) {
        return one.stream()
                .map(Answers::meaning)
                .toList()
                .equals(other.stream().map(Answers::meaning).toList());
    }

    private static String meaning(JsonNode value) {
        if (value.isValueNode()) {
            return value.asText();
        }
        var number = value.path("value");
        return (number.isNumber() ? number.decimalValue().stripTrailingZeros().toPlainString() : "") + " "
                + value.path("code").asText();
    }

    private boolean holds(Condition condition) {
        return switch (condition) {
            case Condition.Is(var question, var code) -> codes(question).contains(code);
            case Condition.IsNot(var question, var code) -> !codes(question).contains(code);
            case Condition.MoreThan(var question, var value, var unit) ->
                amount(question)
                        .filter(amount -> unit.equals(amount.unit()))
                        .filter(amount -> amount.value().compareTo(value) > 0)
                        .isPresent();
        };
    }
}
