package org.calciwatch.system;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.calciwatch.system.Clinic.SOON;

import java.net.URI;
import java.util.List;
import java.util.Map;
import org.calciwatch.stack.LocalStack;
import org.calciwatch.stack.Tokens;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(WholeStack.class)
class IdentityOutageTest {

    private final LocalStack stack;
    private final Clinic clinic;

    /** Of this test alone, so that none of them is about to expire. */
    private final Map<String, String> clinician;

    private final Map<String, String> integration;

    IdentityOutageTest(LocalStack stack, Clinic clinic) {
        this.stack = stack;
        this.clinic = clinic;
        var tokens = Tokens.of(URI.create(stack.issuer()));
        clinician = Callers.bearer(tokens.user("clinician1"));
        integration = Callers.bearer(tokens.integration());
    }

    @Test
    void whoever_is_logged_in_goes_on_while_the_identity_provider_is_down() {
        var browser = new Browser();
        assertThat(browser.login(inbox(), "clinician1").status()).isEqualTo(200);
        stack.keycloak().kill();
        try {
            var submission = given().headers(integration)
                    .contentType("application/fhir+json")
                    .body(Clinic.headlinePatient(Clinic.newPatient()).toString())
                    .post(clinic.intake("/fhir/QuestionnaireResponse"))
                    .then()
                    .statusCode(201)
                    .extract()
                    .<String>path("id");
            await().atMost(SOON).untilAsserted(() -> given().headers(integration)
                    .get(clinic.intake("/submissions/" + submission + "/result"))
                    .then()
                    .statusCode(200));
            given().headers(clinician).get(clinic.notification("/flags")).then().statusCode(200);
            assertThat(browser.open(inbox()).status()).isEqualTo(200);

            for (var ready : readiness()) {
                var answer = given().get(ready);
                assertThat(answer.statusCode()).as(ready).isEqualTo(503);
                assertThat(answer.jsonPath().getString("checks.find { it.name == 'Identity provider' }.status"))
                        .as(ready)
                        .isEqualTo("DOWN");
            }
            // The answer of before is remembered for two seconds.
            await().atMost(SOON).ignoreExceptions().untilAsserted(() -> {
                var refused = new Browser().open(inbox());
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.headers().firstValue("Retry-After")).hasValue("30");
                assertThat(refused.body()).contains("Signing in is not possible right now");
            });
        } finally {
            stack.keycloak().start();
        }
        stack.keycloak().awaitReady();
        for (var ready : readiness()) {
            await().atMost(SOON).untilAsserted(() -> given().get(ready).then().statusCode(200));
        }
    }

    @Test
    void a_service_that_starts_without_the_identity_provider_lets_nobody_in_and_waits_for_it() {
        stack.keycloak().kill();
        try {
            stack.notification().kill();
            stack.notification().start();
            var process = stack.notification().pid();
            await().atMost(SOON).ignoreExceptions().untilAsserted(() -> given().get(
                            clinic.notification("/q/health/ready"))
                    .then()
                    .statusCode(503));
            assertThat(given().headers(clinician)
                            .get(clinic.notification("/flags"))
                            .statusCode())
                    .satisfiesAnyOf(status -> assertThat(status).isEqualTo(401), status -> assertThat(status)
                            .isBetween(500, 599));
            assertThat(stack.notification().pid()).as("the same process").isEqualTo(process);
        } finally {
            stack.keycloak().start();
            stack.notification().start();
        }
        stack.keycloak().awaitReady();
        stack.notification().awaitReady();
        await().atMost(SOON).untilAsserted(() -> given().headers(clinician)
                .get(clinic.notification("/flags"))
                .then()
                .statusCode(200));
    }

    private List<String> readiness() {
        return List.of(
                clinic.intake("/q/health/ready"),
                clinic.assessment("/q/health/ready"),
                clinic.notification("/q/health/ready"));
    }

    private String inbox() {
        return "http://localhost:" + stack.ports().notification() + "/inbox";
    }
}
