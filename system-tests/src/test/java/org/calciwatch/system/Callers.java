package org.calciwatch.system;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.calciwatch.stack.LocalStack;

/** Every kind of caller, as the headers of a request. The tokens come from the real identity provider. */
final class Callers {

    private static final String PATIENT = "patient1";

    private final LocalStack stack;
    private final Map<String, Map<String, String>> invalid = new LinkedHashMap<>();

    Callers(LocalStack stack) {
        this.stack = stack;
    }

    static Map<String, String> bearer(String token) {
        return Map.of("Authorization", "Bearer " + token);
    }

    /** By the columns of the tables in docs/security.md; asked for anew each time, as tokens do not last. */
    Map<String, Supplier<Map<String, String>>> valid() {
        var valid = new LinkedHashMap<String, Supplier<Map<String, String>>>();
        valid.put("own patient", () -> bearer(stack.tokens().user(PATIENT)));
        valid.put("other patient", () -> bearer(stack.tokens().user("patient2")));
        valid.put("clinician", () -> bearer(stack.tokens().user("clinician1")));
        valid.put("admin", () -> bearer(stack.tokens().user("admin1")));
        valid.put("integration", () -> bearer(stack.tokens().integration()));
        return valid;
    }

    /** What must never get in, by what is wrong with it. */
    synchronized Map<String, Map<String, String>> invalidTokens() {
        if (invalid.isEmpty()) {
            var good = stack.tokens().user(PATIENT);
            var parts = good.split("\\.", -1);
            var admin = adminToken();
            invalid.put("no token", Map.of());
            invalid.put("no bearer token", Map.of("Authorization", "Basic YWRtaW4xOmRlbW8="));
            invalid.put("no JWT", bearer("let-me-in"));
            invalid.put("a truncated token", bearer(good.substring(0, good.length() - 20)));
            invalid.put("a forged payload", bearer(parts[0] + "." + asAdmin(parts[1]) + "." + parts[2]));
            invalid.put(
                    "an unsigned token", bearer(base64("{\"alg\":\"none\",\"typ\":\"JWT\"}") + "." + parts[1] + "."));
            invalid.put("a token of another realm", bearer(admin));
            invalid.put(
                    "a token for another audience",
                    bearer(tokenOf(client(admin, Map.of("defaultClientScopes", List.of("roles", "profile"))))));
            invalid.put(
                    "an expired token",
                    bearer(expired(client(admin, Map.of("attributes", Map.of("access.token.lifespan", "1"))))));
        }
        return invalid;
    }

    private static String asAdmin(String payload) {
        var text = new String(Base64.getUrlDecoder().decode(payload), StandardCharsets.UTF_8);
        return base64(text.replace("\"patient\"", "\"admin\""));
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private String adminToken() {
        return given().formParam("grant_type", "password")
                .formParam("client_id", "admin-cli")
                .formParam("username", "admin")
                .formParam("password", stack.keycloakAdminPassword())
                .post(stack.keycloakUrl() + "/realms/master/protocol/openid-connect/token")
                .then()
                .statusCode(200)
                .extract()
                .path("access_token");
    }

    /** A new client of the clinic's realm; its id. */
    private String client(String admin, Map<String, ?> settings) {
        var client = new LinkedHashMap<String, Object>(settings);
        var id = "test-" + UUID.randomUUID();
        client.put("clientId", id);
        client.put("publicClient", true);
        client.put("directAccessGrantsEnabled", true);
        given().headers(bearer(admin))
                .contentType("application/json")
                .body(client)
                .post(stack.keycloakUrl() + "/admin/realms/clinic/clients")
                .then()
                .statusCode(201);
        return id;
    }

    private String tokenOf(String client) {
        return given().formParam("grant_type", "password")
                .formParam("client_id", client)
                .formParam("username", PATIENT)
                .formParam("password", "demo")
                .post(stack.issuer() + "/protocol/openid-connect/token")
                .then()
                .statusCode(200)
                .extract()
                .path("access_token");
    }

    /** A token that was good for a second. */
    private String expired(String client) {
        var token = tokenOf(client);
        var got = System.nanoTime();
        await().until(() -> System.nanoTime() - got > Duration.ofSeconds(3).toNanos());
        return token;
    }
}
