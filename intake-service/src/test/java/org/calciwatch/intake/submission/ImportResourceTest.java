package org.calciwatch.intake.submission;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.calciwatch.intake.Api.newPatient;
import static org.calciwatch.intake.Responses.completed;

import io.quarkus.test.junit.QuarkusTest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.calciwatch.intake.Responses;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ImportResourceTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    @Test
    void every_line_is_answered_and_leaves_an_audit_event_of_its_own_about_its_own_patient() {
        var patient = newPatient();
        var other = newPatient();
        var response = completed(patient).identifier("A-" + patient);
        var changed = completed(patient).identifier("A-" + patient).choice("smoking", "never");
        var before = imports("");
        var answers = importAll(response.text(), completed(other).text(), response.text(), changed.text(), "{}");

        assertThat(answers)
                .extracting(line -> Responses.json(line).get("status").intValue())
                .containsExactly(201, 201, 200, 409, 400);
        // Five lines, one of them about nobody, and the request as a whole.
        await().atMost(SOON).until(() -> imports("") - before, count -> count == 6);
        assertThat(imports("&patient=" + patient)).isEqualTo(3);
        assertThat(imports("&patient=" + other)).isEqualTo(1);
    }

    private static List<String> importAll(String... lines) {
        return given().urlEncodingEnabled(false)
                .contentType("application/fhir+ndjson")
                .body(String.join("\n", lines).getBytes(StandardCharsets.UTF_8))
                .post("/fhir/$import")
                .then()
                .statusCode(200)
                .extract()
                .asString()
                .lines()
                .toList();
    }

    /** How many imports the audit trail knows. */
    private static int imports(String parameters) {
        var found = given().get("/fhir/AuditEvent?_count=200&action=E" + parameters)
                .jsonPath()
                .getList("entry.resource.entity.flatten().name.findAll { it == 'POST /fhir/$import' }");
        return found == null ? 0 : found.size();
    }
}
