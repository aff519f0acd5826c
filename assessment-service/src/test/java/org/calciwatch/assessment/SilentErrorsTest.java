package org.calciwatch.assessment;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.calciwatch.stack.LocalStackResource;
import org.calciwatch.stack.Login;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client sent never comes back in an error: error bodies end up in logs, tickets and other people's screens. */
@QuarkusTest
@QuarkusTestResource(value = LocalStackResource.class, initArgs = @ResourceArg(name = "database", value = "assessment"))
class SilentErrorsTest {

    private static final String CANARY = "CANARY";

    @Test
    void refused_answers_are_not_quoted() {
        var response = Responses.empty().choice("conditions", CANARY).choice("mg", CANARY);
        response.answerTo("age_years").put("valueInteger", 424242);
        response.answerTo("CANARY").put("valueString", CANARY);
        response.answerTo("pth").put("valueCANARY", CANARY);
        response.answerTo("sex_for_egfr")
                .putObject("valueCoding")
                .put("code", CANARY)
                .put("system", CANARY);
        response.answerTo("ca").putObject("valueQuantity").put("value", CANARY).put("unit", CANARY);
        response.answerTo("CANARY").put("valueString", CANARY);
        response.answerTo("vitd25_date").put("valueDate", CANARY);
        var whole = post("/assessments/$evaluate", response.json().toString());
        // Ages and list entries are judged only when all else can be read.
        var rest = Responses.empty().choice("conditions", CANARY).choice("medicines_unsure", CANARY);
        rest.answerTo("age_years").put("valueInteger", 424242);
        var judged = post("/assessments/$evaluate", rest.json().toString());

        for (var answer : List.of(whole, judged)) {
            assertThat(answer)
                    .doesNotContain(CANARY, "424242")
                    .contains("\"status\":422", "QuestionnaireResponse.item[");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /assessments/$evaluate                      | {"resourceType": "CANARY"}
            /assessments/$evaluate                      | {"CANARY": CANARY}
            /assessments/$evaluate                      | {"CANARY": 1, "CANARY": 2}
            /cds-services/calcification-risk            | {"hook": "CANARY", "hookInstance": "CANARY", "prefetch": "CANARY"}
            /cds-services/calcification-risk            | {"CANARY": CANARY}
            /cds-services/CANARY                        | {"CANARY": "CANARY"}
            /cds-services/calcification-risk/feedback   | {"feedback": [{"card": "CANARY", "outcome": "CANARY"}]}
            /cds-services/calcification-risk/feedback   | {"CANARY": CANARY}
            /rule-packs                                 | CANARY
            """)
    void bodies_that_cannot_be_taken_are_not_quoted(String path, String body) {
        assertThat(withoutAddress(post(path, body))).contains("\"status\":4").doesNotContain(CANARY);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_body_that_is_too_large_is_refused_with_the_reason_whether_its_size_is_declared_or_not(boolean declared)
            throws Exception {
        var body = new byte[300 * 1024];
        try (var client = HttpClient.newHttpClient()) {
            var answer = client.send(
                    HttpRequest.newBuilder(
                                    URI.create("http://localhost:" + RestAssured.port + "/assessments/$evaluate"))
                            .header("Content-Type", "application/json")
                            .header("Authorization", "Bearer " + Login.integrationToken())
                            .POST(
                                    declared
                                            ? BodyPublishers.ofByteArray(body)
                                            : BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))
                            .build(),
                    BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(413);
            assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
            assertThat(answer.body()).contains("413");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/assessments?submission=CANARY%00",
                "/assessments?patient=CANARY%00",
                "/assessments?limit=CANARY",
                "/assessments?cursor=CANARY",
                "/assessments/CANARY",
                "/rules?cursor=CANARY",
                "/fhir/DetectedIssue?patient=CANARY,CANARY",
                "/fhir/DetectedIssue/CANARY",
                "/dead-letters?cursor=CANARY"
            })
    void search_values_are_not_quoted(String path) {
        var answer = given().urlEncodingEnabled(false).get(path);

        assertThat(answer.statusCode()).isBetween(400, 404);
        assertThat(withoutAddress(answer.asString())).doesNotContain(CANARY);
    }

    /** The address a problem is about is what the client itself wrote into the URL; it goes nowhere else. */
    private static String withoutAddress(String answer) {
        return answer.replaceAll("\"instance\":\"[^\"]*\"", "");
    }

    private static String post(String path, String body) {
        return given().urlEncodingEnabled(false)
                .contentType(path.equals("/rule-packs") ? "application/zip" : "application/json")
                .body(body.getBytes(StandardCharsets.UTF_8))
                .post(path)
                .asString();
    }
}
