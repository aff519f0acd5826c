package org.calciwatch.assessment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** QuestionnaireResponses for tests. */
public final class Responses {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> NESTED = List.of("labs", "intake", "lifestyle", "choices");
    private static final List<String> LISTS = List.of("conditions", "medicines", "symptoms");

    private final ObjectNode response = JSON.createObjectNode();
    private final ArrayNode items = response.putArray("item");

    private Responses() {
        response.put("resourceType", "QuestionnaireResponse");
        response.put("questionnaire", "https://calciwatch.org/fhir/Questionnaire/calcification-risk");
        response.put("status", "completed");
        response.putObject("subject").put("reference", "Patient/P-0001");
    }

    public static Responses empty() {
        return new Responses();
    }

    /** What is stored needs consent. */
    public static Responses consented() {
        return empty().choice("consent", "v1");
    }

    /** The answers of a golden case. */
    public static JsonNode of(JsonNode inputs) {
        var response = consented();
        inputs.properties().forEach(input -> {
            if (NESTED.contains(input.getKey())) {
                input.getValue().properties().forEach(inner -> response.answer(inner.getKey(), inner.getValue()));
            } else if (LISTS.contains(input.getKey())) {
                response.list(input.getKey(), input.getValue());
            } else {
                response.answer(input.getKey(), input.getValue());
            }
        });
        return response.json();
    }

    private void answer(String key, JsonNode value) {
        if (value.isObject()) {
            var number = value.path("value");
            quantity(
                    key,
                    number.isNumber() ? number.decimalValue() : null,
                    value.path("unit").textValue());
        } else if (value.isNumber()) {
            age(value.intValue());
        } else {
            choice(key, value.textValue());
        }
    }

    private void list(String key, JsonNode list) {
        if (list.path("yes").isEmpty() && list.path("unsure").isEmpty()) {
            choice(key, "none");
        }
        for (var code : list.path("yes")) {
            choice(key, code.textValue());
        }
        for (var code : list.path("unsure")) {
            choice(key + "_unsure", code.textValue());
        }
    }

    public Responses quantity(String linkId, @Nullable BigDecimal value, @Nullable String unit) {
        var quantity = answerTo(linkId).putObject("valueQuantity");
        if (value != null) {
            quantity.put("value", value);
        }
        if (unit != null) {
            quantity.put("system", "http://unitsofmeasure.org").put("code", unit);
        }
        return this;
    }

    public Responses quantity(String linkId, String value, String unit) {
        return quantity(linkId, new BigDecimal(value), unit);
    }

    public Responses age(int years) {
        answerTo("age_years").put("valueInteger", years);
        return this;
    }

    public Responses choice(String linkId, String code) {
        answerTo(linkId).putObject("valueCoding").put("code", code);
        return this;
    }

    /** Adds one more answer to an item, with the item if it is not there yet. */
    public ObjectNode answerTo(String linkId) {
        for (var item : items) {
            if (item.get("linkId").textValue().equals(linkId)) {
                return ((ArrayNode) item.get("answer")).addObject();
            }
        }
        return items.addObject().put("linkId", linkId).putArray("answer").addObject();
    }

    public ObjectNode json() {
        return response;
    }
}
