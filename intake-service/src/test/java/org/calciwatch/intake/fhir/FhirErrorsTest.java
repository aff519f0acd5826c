package org.calciwatch.intake.fhir;

import static io.restassured.RestAssured.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;

@QuarkusTest
class FhirErrorsTest {

    @Test
    void a_bug_behind_a_fhir_endpoint_shows_only_a_correlation_id() {
        get("/fhir/broken")
                .then()
                .statusCode(500)
                .contentType(startsWith("application/fhir+json"))
                .body("resourceType", equalTo("OperationOutcome"))
                .body("issue[0].diagnostics", matchesPattern(".*Correlation id: [0-9a-f]{32}"))
                .body(not(containsString("secret")));
    }

    @Test
    void a_bug_behind_any_other_endpoint_shows_only_a_correlation_id() {
        var answer = get("/broken");
        answer.then()
                .statusCode(500)
                .contentType(startsWith("application/problem+json"))
                .body("traceId", matchesPattern("[0-9a-f]{32}"))
                .body(not(containsString("secret")));
        assertThat(answer.jsonPath().getMap("")).containsOnlyKeys("status", "title", "instance", "traceId");
    }
}
