package org.calciwatch.notification.webhook;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.calciwatch.events.Severity.CLINICIAN_REVIEW;
import static org.calciwatch.notification.AssessmentMother.assessment;
import static org.calciwatch.notification.AssessmentMother.event;
import static org.calciwatch.notification.AssessmentMother.rule;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.uuid.Generators;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.sql.DataSource;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.Event;
import org.calciwatch.events.EventType;
import org.calciwatch.events.FlagChanged;
import org.calciwatch.events.PatientErased;
import org.calciwatch.events.consume.EventHandler;
import org.calciwatch.notification.Clinic;
import org.calciwatch.privacy.Retention;
import org.calciwatch.stack.LocalStackResource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two endpoints on a real HTTP server that answers as each test wants: {@code ehr}, and {@code chat} beside it. */
@QuarkusTest
@QuarkusTestResource(
        value = LocalStackResource.class,
        initArgs = @ResourceArg(name = "database", value = "notification"))
@QuarkusTestResource(value = WebhookTest.TwoEndpoints.class, restrictToAnnotatedClass = true)
class WebhookTest {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final byte[] SECRET = "a secret of the test, long enough".getBytes(StandardCharsets.UTF_8);

    /** Names the port where the test lets a server listen. */
    public static class TwoEndpoints implements QuarkusTestResourceLifecycleManager {
        @Override
        public Map<String, String> start() {
            try (var socket = new ServerSocket(0)) {
                var base = "http://127.0.0.1:" + socket.getLocalPort();
                var secret = "whsec_" + Base64.getEncoder().encodeToString(SECRET);
                return Map.of(
                        "calciwatch.test.webhooks.port",
                        String.valueOf(socket.getLocalPort()),
                        "calciwatch.webhooks.ehr.url",
                        base + "/ehr",
                        "calciwatch.webhooks.ehr.secret",
                        secret,
                        "calciwatch.webhooks.chat.url",
                        base + "/chat",
                        "calciwatch.webhooks.chat.secret",
                        secret,
                        "calciwatch.mail.first-retry",
                        "100ms",
                        "calciwatch.mail.longest-retry",
                        "1s");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void stop() {
            // holds nothing
        }
    }

    /** How an endpoint answers. */
    @FunctionalInterface
    private interface Script {
        void answer(HttpExchange exchange, Received message) throws IOException, InterruptedException;
    }

    private record Received(
            String path, String contentType, String id, String timestamp, String signature, String body) {

        boolean isAbout(String flag) {
            return body.contains(flag);
        }
    }

    @Inject
    EventHandler<AssessmentCompleted> assess;

    @Inject
    EventHandler<PatientErased> erase;

    @Inject
    Retention retention;

    @Inject
    Clinic clinic;

    @Inject
    DataSource database;

    @Inject
    ObjectMapper json;

    // Every test run with another profile checks this injection point too.
    @ConfigProperty(name = "calciwatch.test.webhooks.port", defaultValue = "0")
    int port;

    private final String patient = "P-" + UUID.randomUUID();
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile Script ehr = (exchange, message) -> exchange.sendResponseHeaders(204, -1);
    private volatile Script chat = (exchange, message) -> exchange.sendResponseHeaders(204, -1);
    private HttpServer server;
    private ExecutorService threads;

    @BeforeEach
    void listen() throws IOException {
        threads = Executors.newVirtualThreadPerTaskExecutor();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.setExecutor(threads);
        server.createContext("/ehr", exchange -> take(exchange, ehr));
        server.createContext("/chat", exchange -> take(exchange, chat));
        server.start();
    }

    private void take(HttpExchange exchange, Script script) throws IOException {
        try (exchange) {
            var headers = exchange.getRequestHeaders();
            var message = new Received(
                    exchange.getRequestURI().getPath(),
                    headers.getFirst("content-type"),
                    headers.getFirst("webhook-id"),
                    headers.getFirst("webhook-timestamp"),
                    headers.getFirst("webhook-signature"),
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            received.add(message);
            script.answer(exchange, message);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @AfterEach
    void close() {
        over.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    @Test
    void every_change_is_told_to_every_endpoint_signed_and_with_its_place_in_the_history()
            throws IOException, GeneralSecurityException {
        var flag = openFlag();
        awaitStatus(flag, "ehr", "SENT");
        given().noContentType().post("/flags/" + flag + "/acknowledge").then().statusCode(200);
        await().atMost(SOON)
                .until(() -> of(flag, "/ehr").size() == 2 && of(flag, "/chat").size() == 2);

        for (var message : of(flag, "/ehr")) {
            assertThat(message.contentType()).isEqualTo("application/cloudevents+json");
            assertThat(message.signature()).isEqualTo("v1," + hmac(message));
            assertThat(Instant.ofEpochSecond(Long.parseLong(message.timestamp())))
                    .isBetween(Instant.now().minusSeconds(300), Instant.now().plusSeconds(5));
        }
        var first = json.readTree(of(flag, "/ehr").getFirst().body());
        assertThat(first.path("specversion").asText()).isEqualTo("1.0");
        assertThat(first.path("id").asText())
                .isEqualTo(of(flag, "/ehr").getFirst().id());
        assertThat(first.path("type").asText()).isEqualTo("org.calciwatch.flag.changed.v1");
        assertThat(first.path("source").asText()).isEqualTo("/notification-service");
        assertThat(first.path("datacontenttype").asText()).isEqualTo("application/json");
        assertThat(first.path("sequence").asText()).isEqualTo("0000000001");
        var second = json.readTree(of(flag, "/ehr").getLast().body());
        assertThat(second.path("sequence").asText()).isEqualTo("0000000002");
        assertThat(second.path("data").path("action").asText()).isEqualTo("acknowledged");
        assertThat(of(flag, "/chat").stream().map(Received::id))
                .containsExactlyInAnyOrderElementsOf(
                        of(flag, "/ehr").stream().map(Received::id).toList());
        await().atMost(SOON).untilAsserted(() -> assertThat(clinic.flagChangesOf(patient))
                .containsExactly(
                        json.treeToValue(first.path("data"), FlagChanged.class),
                        json.treeToValue(second.path("data"), FlagChanged.class)));
    }

    @Test
    void a_message_that_fails_is_sent_again_the_same_and_redirects_are_not_followed() {
        ehr = (exchange, message) -> {
            switch (of(flagOf(message), "/ehr").size()) {
                case 1 -> exchange.sendResponseHeaders(500, -1);
                case 2 -> {
                    exchange.getResponseHeaders().add("Location", "/chat?redirected");
                    exchange.sendResponseHeaders(307, -1);
                }
                default -> exchange.sendResponseHeaders(200, -1);
            }
        };
        var flag = openFlag();
        awaitStatus(flag, "ehr", "SENT");
        awaitStatus(flag, "chat", "SENT");

        assertThat(of(flag, "/ehr")).hasSize(3);
        assertThat(of(flag, "/ehr").stream().map(Received::id).distinct()).hasSize(1);
        assertThat(of(flag, "/ehr").stream().map(Received::body).distinct()).hasSize(1);
        assertThat(of(flag, "/chat")).hasSize(1);
        assertThat(delivery(flag, "ehr").getInt("attempts")).isEqualTo(3);
        assertThat(delivery(flag, "ehr").getString("lastAnswer")).isEqualTo("HTTP 200");
    }

    @Test
    void an_endpoint_that_is_gone_is_given_up_at_once_until_an_admin_has_it_tried_again() {
        ehr = (exchange, message) -> exchange.sendResponseHeaders(410, -1);
        var flag = openFlag();
        awaitStatus(flag, "ehr", "FAILED");
        assertThat(delivery(flag, "ehr").getInt("attempts")).isEqualTo(1);
        var retry = "/webhooks/deliveries/" + delivery(flag, "ehr").getString("id") + "/retry";

        ehr = (exchange, message) -> exchange.sendResponseHeaders(200, -1);
        given().post(retry).then().statusCode(200).body("status", equalTo("PENDING"));

        awaitStatus(flag, "ehr", "SENT");
        given().post(retry).then().statusCode(409).contentType("application/problem+json");
    }

    @Test
    void an_endpoint_that_does_not_answer_holds_up_neither_others_nor_mails() {
        ehr = (exchange, message) -> over.await();
        var first = openFlag();
        await().atMost(SOON).until(() -> !of(first, "/ehr").isEmpty());

        awaitStatus(first, "chat", "SENT");
        await().atMost(SOON)
                .until(
                        () -> given().get("/deliveries?flag=" + first)
                                .jsonPath()
                                .getList("items.status"),
                        List.of("SENT")::equals);
        assertThat(delivery(first, "ehr").getString("status")).isEqualTo("PENDING");

        await().atMost(SOON).until(() -> "no answer within 10 s"
                .equals(delivery(first, "ehr").getString("lastAnswer")));
        ehr = (exchange, message) -> exchange.sendResponseHeaders(200, -1);
        awaitStatus(first, "ehr", "SENT");
    }

    @Test
    void an_answer_without_end_is_not_read() {
        ehr = (exchange, message) -> {
            exchange.sendResponseHeaders(200, 0);
            var endless = exchange.getResponseBody();
            while (over.getCount() > 0) {
                endless.write(new byte[8192]);
            }
        };
        var flag = openFlag();

        awaitStatus(flag, "ehr", "SENT");
    }

    @Test
    void what_was_told_is_in_the_export_and_goes_with_the_erased_patient() throws SQLException {
        var found = assessment(patient, rule("mg-low", CLINICIAN_REVIEW));
        assess.handle(event(found));
        var flag = flagId();
        awaitStatus(flag, "ehr", "SENT");
        awaitStatus(flag, "chat", "SENT");
        var told = given().urlEncodingEnabled(false)
                .get("/fhir/Patient/" + patient + "/$everything")
                .jsonPath()
                .getList("entry.resource.findAll { it.resourceType == 'Communication' }.recipient.display.flatten()");
        assertThat(told).contains("webhook ehr", "webhook chat");

        var data = new PatientErased(patient, UUID.randomUUID(), Instant.now(), List.of(found.submissionId()));
        erase.handle(new Event<>(
                Generators.timeBasedEpochGenerator().generate(),
                EventType.PATIENT_ERASED,
                patient,
                data.erasedAt(),
                data));

        assertThat(count("SELECT count(*) FROM webhook_delivery WHERE patient_id = '" + patient + "'"))
                .isZero();
    }

    @Test
    void what_is_stored_is_sealed_and_goes_after_a_year() throws SQLException {
        var flag = openFlag();
        awaitStatus(flag, "ehr", "SENT");
        var rows = " FROM webhook_delivery WHERE flag_id = '" + flag + "'";
        assertThat(count("SELECT count(*)" + rows + " AND position('" + patient + "'::bytea IN body) > 0"))
                .isZero();

        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.executeUpdate("UPDATE webhook_delivery SET created_at = now() - interval '366 days'"
                    + " WHERE flag_id = '" + flag + "'");
        }
        retention.purge();

        assertThat(count("SELECT count(*)" + rows)).isZero();
    }

    @Test
    void bad_parameters_are_answered_with_what_is_right() {
        given().get("/webhooks/deliveries?status=x")
                .then()
                .statusCode(400)
                .body("detail", containsString("PENDING, SENT, FAILED"));
        given().get("/webhooks/deliveries?cursor=x").then().statusCode(400).body("detail", containsString("UUID"));
        given().get("/webhooks/deliveries?limit=0").then().statusCode(400).body("detail", containsString("200"));
        given().post("/webhooks/deliveries/" + UUID.randomUUID() + "/retry")
                .then()
                .statusCode(404);
    }

    private String openFlag() {
        assess.handle(event(assessment(patient, rule("mg-low", CLINICIAN_REVIEW))));
        return flagId();
    }

    private String flagId() {
        return given().get("/flags?patient=" + patient).jsonPath().getString("items[0].id");
    }

    private String flagOf(Received message) {
        return JsonPath.from(message.body()).getString("data.flagId");
    }

    private List<Received> of(String flag, String path) {
        return received.stream()
                .filter(message -> message.path().equals(path) && message.isAbout(flag))
                .toList();
    }

    private static JsonPath delivery(String flag, String endpoint) {
        return given().get("/webhooks/deliveries?limit=200")
                .jsonPath()
                .setRootPath("items.find { it.flagId == '" + flag + "' && it.endpoint == '" + endpoint + "' }");
    }

    private static void awaitStatus(String flag, String endpoint, String status) {
        await().atMost(SOON).until(() -> status.equals(delivery(flag, endpoint).getString("status")));
    }

    private int count(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getInt(1);
        }
    }

    private static String hmac(Received message) throws GeneralSecurityException {
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET, "HmacSHA256"));
        var signed = message.id() + "." + message.timestamp() + "." + message.body();
        return Base64.getEncoder().encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
    }
}
