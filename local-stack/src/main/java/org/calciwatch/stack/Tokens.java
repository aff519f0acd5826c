package org.calciwatch.stack;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Access tokens of the demo realm, for the demo and for tests. Each is asked for once and kept until it nears its end. */
public final class Tokens {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** Enough for any request that is sent with it. */
    private static final Duration REMAINING = Duration.ofSeconds(30);

    private record Token(String text, Instant until) {}

    private final URI endpoint;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final ObjectMapper json = new ObjectMapper();
    private final Map<Map<String, String>, Token> known = new ConcurrentHashMap<>();

    private Tokens(URI endpoint) {
        this.endpoint = endpoint;
    }

    /**
     * Tokens of one demo realm.
     *
     * @param issuer its address, see {@link LocalStack#issuer()}
     */
    public static Tokens of(URI issuer) {
        return new Tokens(URI.create(issuer + "/protocol/openid-connect/token"));
    }

    /**
     * Of a demo user, by the client {@code calciwatch-cli}.
     *
     * @throws StackException when Keycloak does not give one
     */
    public String user(String name) {
        return token(Map.of(
                "grant_type", "password",
                "client_id", "calciwatch-cli",
                "username", name,
                "password", Keycloak.DEMO_SECRET,
                "scope", "openid"));
    }

    /**
     * Of the machine client {@code portal-integration}.
     *
     * @throws StackException when Keycloak does not give one
     */
    public String integration() {
        return token(Map.of(
                "grant_type", "client_credentials",
                "client_id", "portal-integration",
                "client_secret", Keycloak.DEMO_SECRET));
    }

    private String token(Map<String, String> form) {
        return known.compute(form, (_, kept) -> kept != null && Instant.now().isBefore(kept.until()) ? kept : ask(form))
                .text();
    }

    private Token ask(Map<String, String> form) {
        var body = form.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        var request = HttpRequest.newBuilder(endpoint)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .timeout(PATIENCE)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            var answer = http.send(request, BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new StackException("Keycloak gives " + form.getOrDefault("username", form.get("client_id"))
                        + " no token (" + answer.statusCode() + "): " + answer.body());
            }
            var token = json.readTree(answer.body());
            return new Token(
                    token.path("access_token").asText(),
                    Instant.now().plusSeconds(token.path("expires_in").asLong()).minus(REMAINING));
        } catch (IOException e) {
            throw new StackException("Keycloak at " + endpoint + " cannot be asked: " + StackException.reason(e), e);
        } catch (InterruptedException e) {
            throw OperatingSystem.interrupted(e);
        }
    }
}
