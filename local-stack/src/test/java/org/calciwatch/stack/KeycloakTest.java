package org.calciwatch.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The real Keycloak with the demo realm, and once with the production realm. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KeycloakTest {
    private static final Map<String, String> PRODUCTION = Map.of(
            "CALCIWATCH_OIDC_PORTAL_SECRET", "a secret of the clinic",
            "CALCIWATCH_PORTAL_URL", "https://portal.clinic.example",
            "CALCIWATCH_PORTAL_LOGOUT_URL", "https://portal.clinic.example/back-channel-logout",
            "CALCIWATCH_INBOX_URL", "https://inbox.clinic.example",
            "CALCIWATCH_INBOX_LOGOUT_URL", "https://inbox.clinic.example/back-channel-logout");
    private static final List<String> ROLES = List.of("patient", "clinician", "admin", "integration");

    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();
    private Path home = Path.of("");
    private LocalStack stack = LocalStack.infrastructure(home, new Ports(0));

    @BeforeAll
    void start(@TempDir Path directory) {
        home = directory;
        stack = LocalStack.infrastructure(home, Ports.free());
        stack.start();
    }

    @AfterAll
    void stop() {
        stack.close();
    }

    @ParameterizedTest
    @CsvSource({
        "patient1, patient, P-0001",
        "patient2, patient, P-0002",
        "clinician1, clinician,",
        "clinician2, clinician,",
        "admin1, admin,"
    })
    void every_demo_user_gets_a_token_that_says_who_it_is_for(String name, String role, String patientId)
            throws IOException {
        var token = claims(Tokens.of(URI.create(stack.issuer())).user(name));

        assertThat(token.path("iss").asText()).isEqualTo(stack.issuer());
        assertThat(token.path("aud").asText()).isEqualTo("calciwatch");
        assertThat(token.path("preferred_username").asText()).isEqualTo(name);
        assertThat(token.path("email").asText()).isEqualTo(name + "@clinic.example");
        assertThat(token.path("patient_id").asText(null)).isEqualTo(patientId);
        assertThat(rolesOf(token)).containsExactly(role);
        assertThat(token.path("exp").asLong() - token.path("iat").asLong()).isEqualTo(300);
        assertThat(token.has("name")).isFalse();
        assertThat(token.has("sub")).isTrue();
    }

    @Test
    void the_integration_gets_a_token_for_itself() throws IOException {
        var token = claims(Tokens.of(URI.create(stack.issuer())).integration());

        assertThat(token.path("aud").asText()).isEqualTo("calciwatch");
        assertThat(rolesOf(token)).containsExactly("integration");
        assertThat(token.has("patient_id")).isFalse();
    }

    @Test
    void a_token_for_another_client_is_not_good_for_our_services() throws Exception {
        var answer = send(HttpRequest.newBuilder(URI.create(stack.issuer() + "/protocol/openid-connect/token"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "grant_type=password&client_id=admin-cli&username=patient1&password=demo")));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        var token = claims(json.readTree(answer.body()).path("access_token").asText());

        assertThat(token.path("aud").toString()).doesNotContain("calciwatch");
        assertThat(token.has("patient_id")).isFalse();
    }

    @Test
    void a_token_is_asked_for_once() {
        var tokens = Tokens.of(URI.create(stack.issuer()));

        assertThat(tokens.user("clinician1")).isEqualTo(tokens.user("clinician1"));
    }

    @Test
    void an_unknown_user_gets_no_token_and_the_reason_is_told() {
        var tokens = Tokens.of(URI.create(stack.issuer()));

        assertThatThrownBy(() -> tokens.user("nobody"))
                .isInstanceOf(StackException.class)
                .hasMessageStartingWith("Keycloak gives nobody no token (401)");
    }

    @Test
    void a_user_added_by_the_admin_outlives_the_kill_of_keycloak() throws Exception {
        var admin = adminToken(stack.keycloakUrl(), stack.keycloakAdminPassword());
        var added = send(HttpRequest.newBuilder(URI.create(stack.keycloakUrl() + "/admin/realms/clinic/users"))
                .header("Authorization", "Bearer " + admin)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("""
                        {"username": "survivor", "enabled": true, "email": "survivor@clinic.example",
                         "attributes": {"patient_id": ["P-0099"]},
                         "credentials": [{"type": "password", "value": "demo"}]}
                        """)));
        assertThat(added.statusCode()).as(added.body()).isEqualTo(201);

        stack.keycloak().kill();
        stack.keycloak().start();
        stack.keycloak().awaitReady();

        var tokens = Tokens.of(URI.create(stack.issuer()));
        assertThat(claims(tokens.user("survivor")).path("patient_id").asText()).isEqualTo("P-0099");
        assertThat(rolesOf(claims(tokens.user("patient1")))).containsExactly("patient");
    }

    @Test
    void patients_cannot_change_which_patient_they_are() throws Exception {
        var admin = adminToken(stack.keycloakUrl(), stack.keycloakAdminPassword());
        var profile = get(stack.keycloakUrl() + "/admin/realms/clinic/users/profile", admin);

        assertThat(profile.path("attributes").valueStream())
                .filteredOn(attribute -> attribute.path("name").asText().equals("patient_id"))
                .singleElement()
                .satisfies(attribute -> assertThat(
                                attribute.path("permissions").path("edit").valueStream())
                        .extracting(JsonNode::asText)
                        .containsExactly("admin"));
        assertThat(profile.has("unmanagedAttributePolicy")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "calciwatch-portal, http://localhost:8081/login, S256, 200",
        "calciwatch-inbox, http://localhost:18083/inbox, S256, 200",
        "calciwatch-portal, http://localhost.attacker.example/login, S256, 400",
        "calciwatch-inbox, https://attacker.example/, S256, 400",
        "calciwatch-cli, http://localhost:8081/login, S256, 400"
    })
    void the_login_page_is_shown_for_the_pages_addresses_only(
            String client, String redirect, String challenge, int expected) throws Exception {
        assertThat(login(client, redirect, "&code_challenge_method=" + challenge + "&code_challenge=" + "x".repeat(43))
                        .statusCode())
                .isEqualTo(expected);
    }

    @Test
    void a_login_without_pkce_is_sent_back() throws Exception {
        var answer = login("calciwatch-portal", "http://localhost:8081/login", "");

        assertThat(answer.statusCode()).isEqualTo(302);
        assertThat(answer.headers().firstValue("Location").orElseThrow())
                .startsWith("http://localhost:8081/login?error=invalid_request");
    }

    @Test
    void the_secrets_are_readable_by_the_owner_only() throws Exception {
        var directory = home.resolve("data/keycloak");

        assertThat(Files.getPosixFilePermissions(directory)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
        try (var files = Files.find(directory, 2, (file, _) -> file.endsWith("admin-password"))) {
            assertThat(files.toList()).singleElement().satisfies(file -> assertThat(Files.getPosixFilePermissions(file))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------")));
        }
    }

    @Test
    void the_production_realm_has_no_users_and_refuses_the_demo_client(@TempDir Path other) throws Exception {
        var ports = Ports.free();
        var cache = OperatingSystem.buildDirectory().resolve("cache");
        var keycloak = new Keycloak(other.resolve("data"), cache, ports.keycloak(), "clinic-realm.json", PRODUCTION);
        var child = new Child(
                keycloak,
                new ProcessRegistry(Files.createDirectories(other.resolve("run"))),
                other.resolve("log"),
                _ -> {});
        try {
            child.start();
            child.awaitReady();
            var admin = adminToken(keycloak.url(), keycloak.adminPassword());
            var realm = keycloak.url() + "/admin/realms/clinic";

            assertThat(get(realm + "/users", admin)).isEmpty();
            assertThat(get(realm, admin).path("bruteForceProtected").asBoolean())
                    .isTrue();
            var portal =
                    get(realm + "/clients?clientId=calciwatch-portal", admin).get(0);
            assertThat(portal.path("secret").asText()).isEqualTo("a secret of the clinic");
            assertThat(portal.path("redirectUris").valueStream().map(JsonNode::asText))
                    .containsExactly("https://portal.clinic.example/*");
            assertThatThrownBy(() -> Tokens.of(URI.create(keycloak.issuer())).user("patient1"))
                    .isInstanceOf(StackException.class)
                    .hasMessageContaining("invalid_client");
        } finally {
            child.retire();
        }
    }

    @Test
    void the_demo_realm_is_the_production_realm_plus_exactly_the_demo_additions() throws Exception {
        var demo = (ObjectNode) realm("clinic-realm-demo.json");
        assertThat(names(demo.path("users"), "username"))
                .containsExactly(
                        "patient1",
                        "patient2",
                        "clinician1",
                        "clinician2",
                        "admin1",
                        "service-account-calciwatch-portal",
                        "service-account-portal-integration");
        demo.remove("users");
        var clients = (ArrayNode) demo.path("clients");
        assertThat(names(clients, "clientId"))
                .containsExactly("calciwatch-portal", "calciwatch-inbox", "calciwatch-cli", "portal-integration");
        clients.remove(3);
        clients.remove(2);

        var production = (ObjectNode) realm("clinic-realm.json");
        assertThat(names(production.path("users"), "username"))
                .as("nobody can log in; the portal itself asks the assessment service")
                .containsExactly("service-account-calciwatch-portal");
        production.remove("users");
        // "demo" is no good password, so the rule about them is production's; so are the one address of each page and
        // the
        // address Keycloak tells of a logout, which depend on the ports.
        production.remove("passwordPolicy");
        production.put("displayName", demo.path("displayName").asText());
        for (var client : production.path("clients")) {
            var changed = (ObjectNode) client;
            assertThat(changed.path("secret").asText()).isEqualTo("${CALCIWATCH_OIDC_PORTAL_SECRET}");
            changed.put("secret", Keycloak.DEMO_PAGES_SECRET);
            changed.putArray("redirectUris").add("http://localhost:*").add("http://127.0.0.1:*");
            ((ObjectNode) changed.path("attributes"))
                    .remove(List.of("backchannel.logout.url", "backchannel.logout.session.required"));
        }
        assertThat(demo).isEqualTo(production);
    }

    private JsonNode realm(String file) throws IOException {
        try (var resource = Keycloak.class.getResourceAsStream("/keycloak/" + file)) {
            return json.readTree(resource);
        }
    }

    private static List<String> names(JsonNode list, String field) {
        return list.valueStream().map(item -> item.path(field).asText()).toList();
    }

    private JsonNode claims(String token) throws IOException {
        return json.readTree(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]));
    }

    /** Ours: Keycloak gives every account some of its own. */
    private static List<String> rolesOf(JsonNode token) {
        return token.path("realm_access")
                .path("roles")
                .valueStream()
                .map(JsonNode::asText)
                .filter(ROLES::contains)
                .toList();
    }

    private String adminToken(String keycloak, String password) throws IOException, InterruptedException {
        var answer = send(HttpRequest.newBuilder(URI.create(keycloak + "/realms/master/protocol/openid-connect/token"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "grant_type=password&client_id=admin-cli&username=admin&password=" + password)));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return json.readTree(answer.body()).path("access_token").asText();
    }

    private JsonNode get(String url, String token) throws IOException, InterruptedException {
        return json.readTree(send(HttpRequest.newBuilder(URI.create(url)).header("Authorization", "Bearer " + token))
                .body());
    }

    private HttpResponse<String> login(String client, String redirect, String more)
            throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(
                URI.create(stack.issuer() + "/protocol/openid-connect/auth?response_type=code&scope=openid&client_id="
                        + client + "&redirect_uri=" + URLEncoder.encode(redirect, StandardCharsets.UTF_8) + more)));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
