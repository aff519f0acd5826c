package org.calciwatch.intake.fhir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.calciwatch.intake.Api.RESPONSES;
import static org.calciwatch.intake.Api.fhir;
import static org.calciwatch.intake.Responses.completed;
import static org.calciwatch.intake.Responses.json;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import org.calciwatch.stack.LocalStackResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client sent never comes back in an error: error bodies end up in logs, tickets and other people's screens. */
@QuarkusTest
@QuarkusTestResource(value = LocalStackResource.class, initArgs = @ResourceArg(name = "database", value = "intake"))
class SilentErrorsTest {

    private static final String CANARY = "CANARY";

    @Test
    void a_refused_response_is_answered_without_anything_of_its_content() {
        var response = completed("P-0001")
                .with("status", CANARY)
                .with("authored", CANARY)
                .with("questionnaire", CANARY)
                .with("language", json("{'CANARY': 'CANARY'}"))
                .with("identifier", json("{'value': '', 'system': 'CANARY', 'CANARY': 'CANARY'}"))
                .with("subject", json("{'reference': 'CANARY', 'display': 'CANARY'}"))
                .with(CANARY, CANARY)
                .with("text", json("{'status': 'CANARY', 'div': 'CANARY\\u0000', 'CANARY': '\\u0000'}"))
                .choice("smoking", CANARY)
                .item("diet", "{'valueCoding': {'code': 'CANARY', 'display': 'CANARY', 'system': 'CANARY'}}")
                .quantity("mg", "424242", CANARY)
                .item("pth", "{'valueQuantity': {'value': 'CANARY', 'unit': 'CANARY', 'code': 'CANARY', 'CANARY': 1}}")
                .item("ca", "{'valueString': 'CANARY'}")
                .item("inr", "{'valueCANARY': 'CANARY', 'valueString': 'CANARY'}")
                .item("mg_date", "{'valueDate': 'CANARY'}")
                .item(CANARY, "{'valueString': 'CANARY'}")
                .rawItem("{'linkId': 'k', 'text': 'CANARY\\u0000', 'CANARY': ['CANARY'], '_text': 'CANARY'}")
                .rawItem("{'linkId': 7, 'definition': 'CANARY', 'answer': 'CANARY'}")
                .again("age_years", "{'valueInteger': 424242}")
                .again("consent", "{'valueCoding': {'code': 'CANARY'}}");

        var answer = fhir().body(response.text()).post(RESPONSES);

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.jsonPath().getList("issue")).hasSizeGreaterThan(20);
        assertThat(answer.asString()).doesNotContain(CANARY, "424242");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'resourceType': 'CANARY'}",
                "{'resourceType': 'QuestionnaireResponse', 'CANARY': CANARY}",
                "CANARY",
                "'CANARY'",
                "{'CANARY': 'CANARY', 'CANARY': 'CANARY'}",
                "{'resourceType': 'QuestionnaireResponse', 'contained': [{'resourceType': 'CANARY', 'id': 'CANARY'}]}",
                "{'resourceType': 'QuestionnaireResponse', 'contained': [{'resourceType': 'Patient', 'CANARY': 'CANARY',"
                        + " 'birthDate': 'CANARY', 'managingOrganization': {'reference': '#CANARY'}}]}",
                "{'resourceType': 'QuestionnaireResponse', 'extension': [{'url': 'CANARY', 'valueDate': 'CANARY',"
                        + " 'extension': [{'CANARY': 'CANARY'}]}], 'author': {'CANARY': {'CANARY': 'CANARY'}}}"
            })
    void neither_is_a_body_that_is_no_response(String body) {
        var answer = fhir().body(body.replace('\'', '"')).post(RESPONSES);

        assertThat(answer.statusCode()).isBetween(400, 422);
        assertThat(answer.asString()).contains("OperationOutcome").doesNotContain(CANARY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?subject=a/CANARY",
                "?status=CANARY",
                "?authored=CANARY",
                "?_count=CANARY",
                "?_cursor=CANARY",
                "?subject:CANARY=CANARY",
                "/CANARY"
            })
    void neither_are_search_values_and_addresses(String query) {
        var answer = fhir().get(RESPONSES + query);

        assertThat(answer.statusCode()).isBetween(400, 404);
        assertThat(answer.asString()).contains("OperationOutcome").doesNotContain(CANARY);
    }

    @Test
    void a_response_that_changes_its_patient_or_its_content_is_refused_without_quoting_either() {
        var first = completed("P-CANARY-1").identifier("CANARY-" + System.nanoTime());
        var stored = fhir().body(first.text()).post(RESPONSES);
        assertThat(stored.statusCode()).isEqualTo(201);

        var other = fhir().body(first.choice("smoking", "never").text()).post(RESPONSES);
        assertThat(other.statusCode()).isEqualTo(409);
        assertThat(other.asString()).doesNotContain(CANARY);

        var id = stored.jsonPath().getString("id");
        var moved = fhir().header("If-Match", "W/\"1\"")
                .body(completed("P-CANARY-2").with("id", id).text())
                .put(RESPONSES + "/" + id);
        assertThat(moved.statusCode()).isEqualTo(422);
        assertThat(moved.asString()).doesNotContain(CANARY);
    }
}
