package org.calciwatch.assessment.cds;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.ValidatableResponse;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.calciwatch.assessment.Responses;
import org.calciwatch.assessment.profile.Inputs;
import org.calciwatch.stack.LocalStackResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(value = LocalStackResource.class, initArgs = @ResourceArg(name = "database", value = "assessment"))
class CdsServicesResourceTest {

    private static final String SERVICE = "/cds-services/calcification-risk";
    private static final ObjectMapper JSON = new ObjectMapper();

    private static PatientRecord headline() {
        var patient = new PatientRecord()
                .patient("1958-01-31", "female")
                .lab("14635-7", "180", "nmol/L")
                .lab("2601-3", "0.62", "mmol/L")
                .lab("14682-9", "133", "umol/L");
        patient.condition(PatientRecord.ICD, "N18.32");
        return patient;
    }

    private static ValidatableResponse call(ObjectNode body) {
        return given().contentType("application/json")
                .body(body.toString())
                .post(SERVICE)
                .then();
    }

    private static ValidatableResponse feedback(String body) {
        return given().contentType("application/json")
                .body(body)
                .post(SERVICE + "/feedback")
                .then();
    }

    @Test
    void discovery_names_the_service_and_asks_for_every_laboratory_code() {
        var service = given().get("/cds-services")
                .then()
                .statusCode(200)
                .body("services", hasSize(1))
                .body("services[0].id", equalTo("calcification-risk"))
                .body("services[0].hook", equalTo("patient-view"))
                .body("services[0].prefetch.patient", equalTo("Patient/{{context.patientId}}"))
                .body("services[0].prefetch.conditions", startsWith("Condition?patient={{context.patientId}}"))
                .body(
                        "services[0].prefetch.medications",
                        startsWith("MedicationStatement?patient={{context.patientId}}"))
                .body(
                        "services[0].prefetch.medicationRequests",
                        startsWith("MedicationRequest?patient={{context.patientId}}"))
                .body(
                        "services[0].prefetch.questionnaireResponse",
                        containsString("https://calciwatch.org/fhir/Questionnaire/calcification-risk"))
                .extract()
                .jsonPath();
        var observations = service.getString("services[0].prefetch.observations");
        for (var lab : Inputs.LABS) {
            lab.loinc().forEach(code -> assertThat(observations).contains("http://loinc.org|" + code));
        }
        assertThat(observations).contains("http://loinc.org|29265-6");
        assertThat(service.getString("services[0].title")).isNotBlank();
        assertThat(service.getString("services[0].description")).isNotBlank();
    }

    @Test
    void the_headline_profile_in_si_units_gets_the_findings_of_evaluate() {
        var cards = call(headline().call())
                .statusCode(200)
                .contentType("application/json")
                .body("cards[0].source.topic.code", equalTo("high-vitd-low-mg-ckd"))
                .body("cards[0].indicator", equalTo("warning"))
                .body("cards[0].summary", equalTo("Review: High vitamin D with low magnesium in kidney disease"))
                .body("cards[0].links.url", hasItem(startsWith("https://doi.org/10.")))
                .body("cards.uuid", everyItem(containsString("-")))
                .extract()
                .jsonPath();
        var response = Responses.empty()
                .age(68)
                .choice("sex_for_egfr", "female")
                .choice("ckd_reported", "G3b")
                .quantity("vitd25", "180", "nmol/L")
                .quantity("mg", "0.62", "mmol/L")
                .quantity("creatinine", "133", "umol/L")
                .json();
        var evaluated = given().contentType("application/fhir+json")
                .body(response.toString())
                .post("/assessments/$evaluate")
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
        assertThat(cards.getList("cards.findAll { it.source.topic != null }.source.topic.code"))
                .containsExactlyInAnyOrderElementsOf(
                        evaluated.getList("fired.findAll { it.severity != 'EDUCATION' }.ruleId"));
        assertThat(evaluated.getString("severity")).isEqualTo("CLINICIAN_REVIEW");
    }

    @Test
    void of_two_results_of_one_time_the_one_with_the_more_severe_finding_counts() {
        call(new PatientRecord()
                        .lab("2823-3", "5.0", "mmol/L", "2026-11-20T08:00:00Z")
                        .lab("6298-4", "6.7", "mmol/L", "2026-11-20T08:00:00Z")
                        .call())
                .statusCode(200)
                .body("cards[0].indicator", equalTo("critical"))
                .body("cards.detail", hasItem(containsString("Each counts: findings of either are shown.")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"2010-01-01", "1900-01-01"})
    void nothing_is_assessed_outside_18_to_120(String birthDate) {
        call(new PatientRecord()
                        .patient(birthDate, "female")
                        .lab("2823-3", "7.5", "mmol/L")
                        .call())
                .statusCode(200)
                .body("cards", hasSize(1))
                .body("cards[0].indicator", equalTo("info"))
                .body("cards[0].summary", startsWith("Not assessed"))
                .body("cards[0].detail", containsString("only ages from 18 to 120 are assessed"));
    }

    @Test
    void what_was_not_used_is_said_in_a_card() {
        var patient = headline();
        patient.condition("http://snomed.info/sct", "38341003")
                .withObject("code")
                .put("text", "High <i>pressure</i>");
        call(patient.call())
                .statusCode(200)
                .body("cards.summary", hasItem("Not used: 1 entry of the record"))
                .body(
                        "cards.detail",
                        hasItem(containsString("Condition High &lt;i&gt;pressure&lt;/i&gt; (SNOMED CT 38341003)")));
    }

    @Test
    void broken_characters_do_not_break_the_answer() {
        var patient = headline();
        patient.condition("http://example.org", "x").withObject("code").put("text", "a\u0000b");
        var body = patient.call().toString().replace("a\\u0000b", "\\ud800 \\u0000 \\u202e");
        given().contentType("application/json").body(body).post(SERVICE).then().statusCode(200);
    }

    @Test
    void every_mistake_of_a_call_is_named() {
        var call = headline().call().put("hook", "order-sign").put("hookInstance", "1-1-1-1-1");
        call.withObject("context").put("patientId", "").remove("userId");
        call.put("prefetch", "x");
        call(call)
                .statusCode(400)
                .contentType("application/problem+json")
                .body("problems", hasSize(5))
                .body("detail", containsString("hook must be 'patient-view'"))
                .body("detail", containsString("hookInstance must be a UUID"))
                .body("detail", containsString("context.patientId"))
                .body("detail", containsString("context.userId"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nonsense", "[]", "null", "{\"hook\":", "{\"hook\":\"a\",\"hook\":\"b\"}", "{} {}"})
    void what_is_no_json_object_is_a_bad_request(String body) {
        given().contentType("application/json")
                .body(body)
                .post(SERVICE)
                .then()
                .statusCode(400)
                .contentType("application/problem+json");
        feedback(body).statusCode(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "{}",
                "{\"a\":null}",
                "{\"a\":{\"resourceType\":\"Encounter\"}}",
                "{\"a\":{\"resourceType\":\"Bundle\"}}",
                "{\"a\":{\"resourceType\":\"Patient\",\"id\":\"P-0002\"}}"
            })
    void a_prefetch_with_nothing_to_judge_is_a_failed_precondition(String prefetch) throws Exception {
        var call = new PatientRecord().call();
        call.set("prefetch", JSON.readTree(prefetch));
        call(call)
                .statusCode(412)
                .contentType("application/problem+json")
                .body("detail", containsString("Observation"));
        call.remove("prefetch");
        call(call).statusCode(412);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"resourceType\":\"Observation\",\"code\":7,\"status\":{},\"valueQuantity\":[]}",
                "{\"resourceType\":\"Observation\",\"code\":{\"coding\":{\"code\":\"x\"}},\"subject\":[]}",
                "{\"resourceType\":\"Condition\",\"code\":{\"coding\":[null,7,[]]},\"clinicalStatus\":\"active\"}",
                "{\"resourceType\":\"MedicationStatement\",\"medicationReference\":\"x\",\"contained\":{}}",
                "{\"resourceType\":\"QuestionnaireResponse\",\"item\":{},\"authored\":7}",
                "{\"resourceType\":\"Patient\",\"birthDate\":{},\"gender\":[],\"id\":{}}"
            })
    void resources_of_the_wrong_shape_are_no_server_error(String resource) throws Exception {
        var call = new PatientRecord().call();
        call.withObject("prefetch").set("x", JSON.readTree(resource));
        call(call).statusCode(200);
    }

    @Test
    void bodies_up_to_4_mib_are_taken_and_larger_ones_refused() {
        var patient = headline();
        patient.prefetch().put("padding", "x".repeat(3_900_000));
        call(patient.call()).statusCode(200).body("cards.size()", not(equalTo(0)));
        patient.prefetch().put("padding", "x".repeat(4_300_000));
        call(patient.call()).statusCode(413).contentType("application/problem+json");
    }

    @Test
    void another_service_or_content_type_is_refused() {
        given().contentType("application/json")
                .body(headline().call().toString())
                .post("/cds-services/other")
                .then()
                .statusCode(404);
        given().contentType("application/json")
                .body("{}")
                .post("/cds-services/other/feedback")
                .then()
                .statusCode(404);
        given().contentType("text/plain").body("hello").post(SERVICE).then().statusCode(415);
    }

    @Test
    void feedback_is_taken_twice_and_counted_once() {
        var cards = call(headline().call()).extract().jsonPath();
        var accepted = entry(cards.getString("cards[0].uuid"), "accepted");
        var overridden = entry(cards.getString("cards[1].uuid"), "overridden")
                .replace(
                        "}",
                        ",\"overrideReason\":{\"reason\":{\"code\":\"known\",\"system\":\"http://x\"},"
                                + "\"userComment\":\"Mrs Miller knows\"}}");
        double before = counted(cards.getString("cards[1].source.topic.code"));
        feedback("{\"feedback\":[" + accepted + "," + overridden + "]}").statusCode(200);
        feedback("{\"feedback\":[" + accepted + "," + overridden + "]}").statusCode(200);
        assertThat(counted(cards.getString("cards[1].source.topic.code"))).isEqualTo(before + 1);
    }

    private static double counted(String rule) {
        return given().get("/q/metrics")
                .asString()
                .lines()
                .filter(line -> line.startsWith("calciwatch_cds_feedback_total")
                        && line.contains("rule=\"" + rule + "\"")
                        && line.contains("outcome=\"overridden\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    @Test
    void feedback_on_an_unknown_card_is_refused_as_a_whole() {
        var card = call(headline().call()).extract().jsonPath().getString("cards[0].uuid");
        var stranger = UUID.randomUUID().toString();
        feedback("{\"feedback\":[" + entry(card, "overridden") + "," + entry(stranger, "accepted") + "]}")
                .statusCode(404)
                .contentType("application/problem+json")
                .body("cards", equalTo(List.of(stranger)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"feedback\":[]}",
                "{\"feedback\":{}}",
                "{\"feedback\":[7]}",
                "{\"feedback\":[{\"card\":\"x\",\"outcome\":\"accepted\",\"outcomeTimestamp\":\"2026-01-01T00:00:00Z\"}]}",
                "{\"feedback\":[{\"card\":\"00000000-0000-4000-8000-000000000000\",\"outcome\":\"liked\","
                        + "\"outcomeTimestamp\":\"2026-01-01T00:00:00Z\"}]}",
                "{\"feedback\":[{\"card\":\"00000000-0000-4000-8000-000000000000\",\"outcome\":\"accepted\","
                        + "\"outcomeTimestamp\":\"yesterday\"}]}",
                "{\"feedback\":[{\"card\":\"00000000-0000-4000-8000-000000000000\",\"outcome\":\"overridden\","
                        + "\"overrideReason\":{\"reason\":{\"code\":\"a\\u0000\"}},"
                        + "\"outcomeTimestamp\":\"2026-01-01T00:00:00Z\"}]}"
            })
    void malformed_feedback_is_a_bad_request(String body) {
        feedback(body).statusCode(400).contentType("application/problem+json").body("problems.size()", lessThan(4));
    }

    private static String entry(String card, String outcome) {
        return "{\"card\":\"%s\",\"outcome\":\"%s\",\"outcomeTimestamp\":\"2026-11-22T10:00:00Z\"}"
                .formatted(card, outcome);
    }

    @Test
    void a_card_tells_nothing_of_itself_but_what_cds_hooks_knows() {
        JsonPath cards = call(headline().call()).extract().jsonPath();
        assertThat(cards.getMap("cards[0]").keySet())
                .isEqualTo(Set.of("uuid", "summary", "detail", "indicator", "source", "links"));
    }
}
