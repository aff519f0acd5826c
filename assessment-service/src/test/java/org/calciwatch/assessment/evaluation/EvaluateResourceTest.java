package org.calciwatch.assessment.evaluation;

import static io.restassured.RestAssured.given;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.io.IOException;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.calciwatch.assessment.Responses;
import org.calciwatch.stack.LocalStackResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(value = LocalStackResource.class, initArgs = @ResourceArg(name = "database", value = "assessment"))
class EvaluateResourceTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    record Case(String id, JsonNode inputs, JsonNode expected) {
        @Override
        public String toString() {
            return id;
        }
    }

    static Stream<Case> cases() throws IOException {
        try (var file =
                EvaluateResourceTest.class.getResourceAsStream("/rule-packs/calcification-risk/1.0.0/cases.json")) {
            var cases = JSON.readTree(Objects.requireNonNull(file)).get("cases");
            return StreamSupport.stream(cases.spliterator(), false)
                    .filter(one -> one.has("inputs"))
                    .map(one -> new Case(one.get("id").textValue(), one.get("inputs"), one.get("expected")));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void every_worked_patient_gets_the_expected_outcome_over_http(Case patient) throws IOException {
        var outcome = JSON.readTree(evaluate(Responses.of(patient.inputs()))
                .statusCode(200)
                .extract()
                .asString());
        assertThat(ids(outcome, "fired", "ruleId"))
                .isEqualTo(texts(patient.expected().get("fired")));
        assertThat(ids(outcome, "unknown", "ruleId"))
                .isEqualTo(texts(patient.expected().get("unknown")));
        assertThat(ids(outcome, "suppressed", "ruleId"))
                .isEqualTo(texts(patient.expected().get("suppressed")));
        assertThat(ids(outcome, "dataQuality", "checkId"))
                .isEqualTo(texts(patient.expected().get("dq")));
        assertThat(outcome.get("severity")).isEqualTo(patient.expected().get("severity"));
    }

    @Test
    void a_finding_shows_the_value_as_entered_and_as_normalised() {
        evaluate(Responses.empty().quantity("mg", "0.62", "mmol/L").json())
                .statusCode(200)
                .body("fired.find { it.ruleId == 'mg-low' }.because", hasSize(1))
                .body("fired.find { it.ruleId == 'mg-low' }.because[0].input", equalTo("mg"))
                .body("fired.find { it.ruleId == 'mg-low' }.because[0].value", equalTo(1.51f))
                .body("fired.find { it.ruleId == 'mg-low' }.because[0].unit", equalTo("mg/dL"))
                .body("fired.find { it.ruleId == 'mg-low' }.because[0].entered.value", equalTo(0.62f))
                .body("fired.find { it.ruleId == 'mg-low' }.because[0].entered.unit", equalTo("mmol/L"))
                .body("fired.find { it.ruleId == 'mg-low' }.mechanism", nullValue())
                .body("profile.mg.value", equalTo(1.51f))
                .body("patientId", equalTo("P-0001"))
                .body("submissionId", nullValue());
    }

    @Test
    void items_may_be_nested_in_groups_and_answers() throws IOException {
        var nested = JSON.readTree("""
                {"resourceType": "QuestionnaireResponse", "item": [
                  {"linkId": "g_labs", "item": [
                    {"linkId": "mg", "answer": [{"valueQuantity": {"value": 1.5, "code": "mg/dL"},
                      "item": [{"linkId": "mg_date", "answer": [{"valueDate": "2026-01-31"}]}]}]}]}]}""");
        evaluate(nested).statusCode(200).body("fired.ruleId", hasItem("mg-low"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mg/dl", "MG/DL", "mg", "furlong"})
    void an_unknown_unit_is_no_error_but_never_a_value(String unit) {
        evaluate(Responses.empty().quantity("mg", "0.5", unit).json())
                .statusCode(200)
                .body("dataQuality.checkId", hasItem("dq-unknown-unit"))
                .body("fired.ruleId", hasItem("value-needs-checking"))
                .body("fired.ruleId", not(hasItem("mg-critically-low")))
                .body("unknown.ruleId", hasItem("mg-low"));
    }

    @Test
    void a_code_of_another_system_is_an_unknown_unit() {
        var response = Responses.empty();
        response.answerTo("mg")
                .putObject("valueQuantity")
                .put("value", 1.5)
                .put("system", "http://example.org/units")
                .put("code", "mg/dL");
        evaluate(response.json()).statusCode(200).body("dataQuality.checkId", hasItem("dq-unknown-unit"));
    }

    @Test
    void none_beside_another_code_lets_the_other_win() {
        evaluate(Responses.empty()
                        .choice("symptoms", "none")
                        .choice("symptoms", "seizure")
                        .json())
                .statusCode(200)
                .body("severity", equalTo("EMERGENCY"))
                .body("fired.ruleId", hasItem("rf-emergency-symptoms"));
    }

    @Test
    void every_problem_is_named_with_its_place() {
        var response = Responses.empty().age(17).choice("mg", "low").choice("conditions", "measles");
        response.answerTo("shoe_size").put("valueInteger", 44);
        response.answerTo("sex_for_egfr").put("valueString", "female");
        evaluate(response.json())
                .statusCode(422)
                .contentType("application/problem+json")
                .body(
                        "problems.expression",
                        hasItems(
                                "QuestionnaireResponse.item[1].answer[0].value",
                                "QuestionnaireResponse.item[3].linkId",
                                "QuestionnaireResponse.item[4].answer[0].value"));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 17, 121})
    void an_age_outside_18_to_120_is_refused(int age) {
        evaluate(Responses.empty().age(age).json())
                .statusCode(422)
                .body("problems[0].expression", equalTo("QuestionnaireResponse.item[0]"));
    }

    @Test
    void an_unknown_code_of_a_list_is_refused() {
        evaluate(Responses.empty().choice("medicines", "aspirine").json()).statusCode(422);
    }

    @Test
    void a_comparator_is_refused_because_the_number_alone_would_be_wrong() {
        var response = Responses.empty();
        response.answerTo("vitd25")
                .putObject("valueQuantity")
                .put("value", 150)
                .put("comparator", ">")
                .put("code", "ng/mL");
        evaluate(response.json()).statusCode(422).body("detail", containsString("comparator"));
    }

    @Test
    void an_answer_without_a_value_is_no_answer_and_does_not_hold_up_the_others() throws IOException {
        var response = JSON.readTree("""
                {"resourceType": "QuestionnaireResponse", "item": [
                  {"linkId": "symptoms", "answer": [{"valueCoding": {"code": "chest_pain"}}]},
                  {"linkId": "mg", "answer": [{"extension": [{
                    "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]}]},
                  {"linkId": "pth", "answer": [{"item": [
                    {"linkId": "pth_date", "answer": [{"valueDate": "2026-01-31"}]}]}]}]}""");
        evaluate(response)
                .statusCode(200)
                .body("severity", equalTo("EMERGENCY"))
                .body("unknown.ruleId", hasItem("mg-low"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"valueInteger\":1}", "[1]", "[null]", "[[]]", "\"x\"", "7"})
    void answers_of_the_wrong_shape_are_refused(String answer) throws IOException {
        evaluate(JSON.readTree("{\"resourceType\":\"QuestionnaireResponse\",\"item\":[{\"linkId\":\"mg\",\"answer\":"
                        + answer + "}]}"))
                .statusCode(422);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[1]", "[null]", "{}", "\"x\"", "[{\"linkId\":7}]", "[[]]"})
    void items_of_the_wrong_shape_are_refused(String items) throws IOException {
        evaluate(JSON.readTree("{\"resourceType\":\"QuestionnaireResponse\",\"item\":" + items + "}"))
                .statusCode(422);
    }

    @Test
    void a_question_answered_twice_is_refused() {
        var response = Responses.empty().age(40).json();
        response.withArray("item").add(response.at("/item/0").deepCopy());
        evaluate(response).statusCode(422).body("detail", containsString("second time"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "[]",
                "null",
                "{}",
                "{\"resourceType\":\"Patient\"}",
                "{\"resourceType\":",
                "{\"resourceType\":\"QuestionnaireResponse\",\"resourceType\":\"QuestionnaireResponse\"}"
            })
    void what_is_not_a_questionnaire_response_is_a_bad_request(String body) {
        given().contentType("application/fhir+json")
                .body(body)
                .post("/assessments/$evaluate")
                .then()
                .statusCode(400)
                .contentType("application/problem+json");
    }

    @Test
    void a_body_over_256_KiB_is_refused() {
        given().contentType("application/fhir+json")
                .body(" ".repeat(256 * 1024 + 1))
                .post("/assessments/$evaluate")
                .then()
                .statusCode(413)
                .contentType("application/problem+json");
    }

    @Test
    void another_content_type_is_unsupported() {
        given().contentType("text/plain")
                .body("hello")
                .post("/assessments/$evaluate")
                .then()
                .statusCode(415);
    }

    private static ValidatableResponse evaluate(JsonNode response) {
        return given().contentType("application/fhir+json")
                .body(response.toString())
                .post("/assessments/$evaluate")
                .then();
    }

    private static Set<String> ids(JsonNode outcome, String list, String id) {
        return StreamSupport.stream(outcome.get(list).spliterator(), false)
                .map(entry -> entry.get(id).textValue())
                .collect(toSet());
    }

    private static Set<String> texts(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::textValue)
                .collect(toSet());
    }
}
