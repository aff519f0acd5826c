package org.calciwatch.stack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;

/** What tests ask of Keycloak's admin interface. */
final class KeycloakAdmin {
    private final Keycloak keycloak;
    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();

    KeycloakAdmin(Keycloak keycloak) {
        this.keycloak = keycloak;
    }

    /** Adds a user with these roles and the demo accounts' password, unless there is one of that name. */
    void addUser(String name, List<String> roles) throws IOException {
        var token = token();
        var user = Map.of(
                "username",
                name,
                "enabled",
                true,
                "email",
                name + "@clinic.example",
                "firstName",
                "Test",
                "lastName",
                "User",
                "credentials",
                List.of(Map.of("type", "password", "value", Keycloak.DEMO_SECRET)));
        var created = send(token, "POST", "users", user);
        if (created.statusCode() == 409) {
            return;
        }
        var place = created.headers().firstValue("Location").orElseThrow(() -> refused(created));
        var all = json.readTree(send(token, "GET", "roles", Map.of()).body());
        var wanted = all.valueStream()
                .filter(role -> roles.contains(role.path("name").asText()))
                .toList();
        var mapped = send(
                token, "POST", "users/" + place.substring(place.lastIndexOf('/') + 1) + "/role-mappings/realm", wanted);
        if (mapped.statusCode() != 204) {
            throw refused(mapped);
        }
    }

    private String token() throws IOException {
        var form = "grant_type=password&client_id=admin-cli&username=" + Keycloak.ADMIN + "&password="
                + keycloak.adminPassword();
        var answer =
                send(HttpRequest.newBuilder(URI.create(keycloak.url() + "/realms/master/protocol/openid-connect/token"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString(form))
                        .build());
        JsonNode token = json.readTree(answer.body()).path("access_token");
        if (!token.isTextual()) {
            throw refused(answer);
        }
        return token.asText();
    }

    private HttpResponse<String> send(String token, String method, String path, Object body) throws IOException {
        return send(HttpRequest.newBuilder(URI.create(keycloak.url() + "/admin/realms/clinic/" + path))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(method.equals("GET") ? "" : json.writeValueAsString(body)))
                .build());
    }

    private HttpResponse<String> send(HttpRequest request) throws IOException {
        try {
            return http.send(request, BodyHandlers.ofString());
        } catch (InterruptedException e) {
            throw OperatingSystem.interrupted(e);
        }
    }

    private static StackException refused(HttpResponse<String> answer) {
        return new StackException("Keycloak refuses (" + answer.statusCode() + "): " + answer.body());
    }
}
