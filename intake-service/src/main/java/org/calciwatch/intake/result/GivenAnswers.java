package org.calciwatch.intake.result;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The answers of a stored response by linkId, whether its items are nested or not. */
public final class GivenAnswers {

    private final Map<String, List<JsonNode>> byLinkId = new LinkedHashMap<>();

    /** The answers of a QuestionnaireResponse without problems. */
    public GivenAnswers(ObjectNode response) {
        collect(response);
    }

    private void collect(JsonNode parent) {
        for (var item : parent.path("item")) {
            byLinkId.put(
                    item.get("linkId").textValue(),
                    item.path("answer").valueStream().toList());
            collect(item);
            item.path("answer").forEach(this::collect);
        }
    }

    /** The answers to a question, each with its {@code value[x]}. */
    public List<JsonNode> to(String linkId) {
        return byLinkId.getOrDefault(linkId, List.of());
    }

    /** The number that answers a question of the type quantity. */
    public Optional<Amount> amount(String linkId) {
        return to(linkId).stream()
                .map(answer -> answer.path("valueQuantity"))
                .filter(quantity -> quantity.path("value").isNumber())
                .map(quantity -> new Amount(
                        quantity.get("value").decimalValue(),
                        quantity.path("code").textValue()))
                .findFirst();
    }

    /** The FHIR date that answers a question of the type date: a day, or a month or year where only so much is known. */
    public Optional<String> date(String linkId) {
        return to(linkId).stream()
                .flatMap(answer -> Optional.ofNullable(answer.path("valueDate").textValue()).stream())
                .findFirst();
    }
}
