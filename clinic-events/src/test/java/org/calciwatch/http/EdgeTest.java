package org.calciwatch.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.calciwatch.stack.Login.as;
import static org.calciwatch.stack.Login.asNobody;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesRegex;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.calciwatch.stack.LocalStackResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every answer of every service has in common, tried on the endpoints that all of them have. */
@QuarkusTest
@QuarkusTestResource(value = LocalStackResource.class, initArgs = @ResourceArg(name = "database", value = "intake"))
@QuarkusTestResource(value = EdgeTest.SmallLimits.class, restrictToAnnotatedClass = true)
class EdgeTest {

    private static final int BURST = 20;

    /** Limits that a test can reach; the clients are told apart by what a proxy says of them. */
    public static class SmallLimits implements QuarkusTestResourceLifecycleManager {
        @Override
        public Map<String, String> start() {
            return Map.of(
                    "quarkus.http.proxy.proxy-address-forwarding", "true",
                    "quarkus.http.limits.max-body-size", "8K",
                    "calciwatch.rate-limit.address.per-second", "1",
                    "calciwatch.rate-limit.address.burst", "" + BURST,
                    "calciwatch.rate-limit.patient.per-second", "1",
                    "calciwatch.rate-limit.patient.burst", "" + BURST);
        }

        @Override
        public void stop() {
            // holds nothing
        }
    }

    @Inject
    ObjectMapper json;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/dead-letters",
                "/dead-letters?limit=no",
                "/nowhere",
                "/fhir/nowhere",
                "/q/health/live",
                "/q/metrics"
            })
    void every_answer_forbids_what_browsers_could_do_with_it(String path) {
        from("203.0.113.1", path)
                .then()
                .header("Cache-Control", "no-store")
                .header("X-Content-Type-Options", "nosniff")
                .header("Referrer-Policy", "no-referrer")
                .header("X-Frame-Options", "DENY")
                .header("Content-Security-Policy", containsString("default-src 'none'; script-src 'self';"))
                .header("Content-Security-Policy", containsString("frame-ancestors 'none'"))
                .header("Content-Security-Policy", matchesRegex("(?!.*unsafe).*"))
                .header("Permissions-Policy", containsString("camera=()"))
                .header("Cross-Origin-Opener-Policy", "same-origin")
                .header("Cross-Origin-Resource-Policy", "same-origin")
                .header("Cross-Origin-Embedder-Policy", "require-corp")
                .header("Strict-Transport-Security", nullValue());
    }

    @Test
    void an_answer_to_a_proxy_that_took_the_request_over_tls_demands_tls_from_then_on() {
        given().header("X-Forwarded-For", "203.0.113.1")
                .header("X-Forwarded-Proto", "https")
                .get("/q/health/live")
                .then()
                .header("Strict-Transport-Security", "max-age=31536000");
    }

    @Test
    void an_address_that_sends_too_much_has_to_wait_and_others_do_not() {
        firstRefused(_ -> from("203.0.113.2", "/dead-letters"))
                .then()
                .statusCode(429)
                .contentType("application/problem+json")
                .header("Retry-After", matchesRegex("[1-9]"))
                .header("Cache-Control", "no-store")
                .body("status", equalTo(429))
                .body("title", equalTo("Too Many Requests"))
                .body("detail", containsString("Retry-After"));
        firstRefused(_ -> from("203.0.113.2", "/fhir/nowhere"))
                .then()
                .statusCode(429)
                .contentType("application/fhir+json")
                .body("resourceType", equalTo("OperationOutcome"))
                .body("issue[0].code", equalTo("throttled"));
        from("203.0.113.2", "/q/health/live").then().statusCode(200);
        from("203.0.113.3", "/dead-letters").then().statusCode(not(429));
    }

    @Test
    void all_addresses_of_an_ipv6_network_count_as_one() {
        var refused = firstRefused(i -> from("2001:db8::" + Integer.toHexString(i + 1), "/nowhere"));

        assertThat(refused.statusCode()).isEqualTo(429);
        from("2001:db8:0:1::1", "/nowhere").then().statusCode(not(429));
    }

    @Test
    void who_proved_who_it_is_is_counted_by_name_wherever_it_comes_from() {
        var refused = firstRefused(i -> export("patient1", "P-0001", "198.51.100." + i % 250));

        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.header("Retry-After")).matches("[1-9]");
        assertThat(refused.jsonPath().getString("issue[0].code")).isEqualTo("throttled");
        export("patient2", "P-0002", "198.51.100.0").then().statusCode(200);
    }

    @Test
    void who_proved_who_it_is_may_send_more_from_one_address_than_anybody_unknown() {
        var answers = IntStream.range(0, 3 * BURST).map(i -> as("admin1")
                .header("X-Forwarded-For", "203.0.113.6")
                .get("/dead-letters")
                .statusCode());

        assertThat(answers).containsOnly(200);
    }

    @ParameterizedTest
    @CsvSource({"/dead-letters/x/replay, application/problem+json", "/fhir/nowhere, application/fhir+json"})
    void a_body_that_is_too_large_is_refused_before_it_is_read(String path, String contentType) {
        given().header("X-Forwarded-For", "203.0.113.7")
                .body(new byte[9 * 1024])
                .post(path)
                .then()
                .statusCode(413)
                .contentType(contentType)
                .body(containsString("larger than 8 KiB"));
    }

    @Test
    void the_path_of_a_request_that_is_refused_early_is_not_in_the_metrics() {
        var marked = "/fhir/Patient/P-" + UUID.randomUUID();
        given().header("X-Forwarded-For", "203.0.113.8")
                .body(new byte[9 * 1024])
                .post(marked)
                .then()
                .statusCode(413);
        firstRefused(_ -> from("203.0.113.9", marked)).then().statusCode(429);

        given().get("/q/metrics")
                .then()
                .body(containsString("http_server_requests"))
                .body(not(containsString(marked.substring(marked.lastIndexOf('/') + 1))));
    }

    @Test
    void json_that_would_cost_more_to_read_than_it_can_be_worth_is_refused() {
        for (var text : new String[] {
            "[".repeat(65) + "]".repeat(65),
            "1".repeat(1001),
            "{\"" + "n".repeat(1001) + "\":1}",
            "\"" + "t".repeat(4 * 1024 * 1024 + 1) + "\""
        }) {
            assertThatThrownBy(() -> json.readTree(text)).isInstanceOf(StreamConstraintsException.class);
        }
    }

    /** Sends one after the other until one is refused; a request comes back every second, so this needs no speed. */
    private static Response firstRefused(IntFunction<Response> send) {
        return IntStream.range(0, 20 * BURST)
                .mapToObj(send)
                .filter(answer -> answer.statusCode() == 429)
                .findFirst()
                .orElseThrow();
    }

    private static Response from(String address, String path) {
        return asNobody().header("X-Forwarded-For", address).get(path);
    }

    private static Response export(String user, String patient, String address) {
        return as(user).urlEncodingEnabled(false)
                .header("X-Forwarded-For", address)
                .get("/fhir/Patient/" + patient + "/$everything");
    }
}
