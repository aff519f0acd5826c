package org.calciwatch.intake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import org.calciwatch.intake.fhir.FhirJson;

/** QuestionnaireResponses for tests: a correct one to begin with, which a test then completes or spoils. */
public final class Responses {

    private static final FhirJson JSON = new FhirJson();

    private final ObjectNode response;

    private Responses(ObjectNode response) {
        this.response = response;
    }

    /** The least a completed response needs. */
    public static Responses completed(String patientId) {
        return draft(patientId)
                .with("status", "completed")
                .choice("consent", "v1")
                .item("age_years", "{'valueInteger': 68}");
    }

    /** A draft without answers. */
    public static Responses draft(String patientId) {
        return new Responses(json("""
                        {'resourceType': 'QuestionnaireResponse', 'status': 'in-progress',
                         'questionnaire': 'https://calciwatch.org/fhir/Questionnaire/calcification-risk',
                         'subject': {'reference': 'Patient/%s'}, 'authored': '2026-03-01T09:29:58Z'}
                        """.formatted(patientId)));
    }

    /** JSON with single quotes, for readability. */
    public static ObjectNode json(String text) {
        return JSON.readOwn(text.replace('\'', '"'));
    }

    public Responses with(String property, String value) {
        response.put(property, value);
        return this;
    }

    public Responses with(String property, JsonNode value) {
        response.set(property, value);
        return this;
    }

    public Responses without(String property) {
        response.remove(property);
        return this;
    }

    public Responses identifier(String value) {
        response.putObject("identifier").put("system", "https://portal.example").put("value", value);
        return this;
    }

    /** Adds an item with these answers, each a JSON object with single quotes. */
    public Responses item(String linkId, String... answers) {
        var item = items().addObject().put("linkId", linkId);
        for (var answer : answers) {
            item.withArray("answer").add(json(answer));
        }
        return this;
    }

    /** Adds an item as it stands. */
    public Responses rawItem(String item) {
        items().add(json(item));
        return this;
    }

    /** Replaces the answers given so far under a linkId. */
    public Responses again(String linkId, String... answers) {
        for (int i = 0; i < items().size(); i++) {
            if (items().get(i).path("linkId").asText().equals(linkId)) {
                items().remove(i--);
            }
        }
        return item(linkId, answers);
    }

    public Responses choice(String linkId, String... codes) {
        var item = items().addObject().put("linkId", linkId);
        for (var code : codes) {
            item.withArray("answer").addObject().putObject("valueCoding").put("code", code);
        }
        return this;
    }

    public Responses quantity(String linkId, String value, String unit) {
        items().addObject()
                .put("linkId", linkId)
                .withArray("answer")
                .addObject()
                .putObject("valueQuantity")
                .put("value", new BigDecimal(value))
                .put("unit", unit)
                .put("system", "http://unitsofmeasure.org")
                .put("code", unit);
        return this;
    }

    private ArrayNode items() {
        return response.withArray("item");
    }

    public ObjectNode build() {
        return response;
    }

    /** The JSON text. */
    public String text() {
        return JSON.write(response);
    }
}
