package org.calciwatch.notification.delivery;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.calciwatch.events.Severity.CLINICIAN_REVIEW;
import static org.calciwatch.notification.AssessmentMother.assessment;
import static org.calciwatch.notification.AssessmentMother.event;
import static org.calciwatch.notification.AssessmentMother.rule;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.consume.EventHandler;
import org.calciwatch.stack.LocalStackResource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** The mail server is away when a flag opens. */
@QuarkusTest
@QuarkusTestResource(
        value = LocalStackResource.class,
        initArgs = @ResourceArg(name = "database", value = "notification"))
@QuarkusTestResource(value = MailOutageTest.NobodyListens.class, restrictToAnnotatedClass = true)
class MailOutageTest {

    private static final Duration SOON = Duration.ofSeconds(60);

    /** Sends mail to a port where the test lets a server listen when it wants to. */
    public static class NobodyListens implements QuarkusTestResourceLifecycleManager {
        @Override
        public int order() {
            return 10; // after the local stack, whose mail port this one replaces
        }

        @Override
        public Map<String, String> start() {
            try (var socket = new ServerSocket(0)) {
                return Map.of(
                        "calciwatch.mail.smtp.port", String.valueOf(socket.getLocalPort()),
                        "calciwatch.mail.first-retry", "100ms",
                        "calciwatch.mail.attempts", "2");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void stop() {
            // holds nothing
        }
    }

    @Inject
    EventHandler<AssessmentCompleted> handler;

    @Inject
    DataSource database;

    @ConfigProperty(name = "calciwatch.mail.smtp.port")
    int port;

    @Test
    void a_mail_that_failed_too_often_waits_visibly_until_somebody_has_it_retried() throws IOException {
        var flagId = openFlag();
        awaitAttempts(flagId, 2);
        assertThat(delivery(flagId).getString("status")).isEqualTo("FAILED");
        given().get("/q/metrics")
                .then()
                .body(matchesPattern("(?s).*calciwatch_deliveries\\{status=\"failed\"} [1-9].*"));
        var retry = "/deliveries/" + delivery(flagId).getString("id") + "/retry";

        try (var server = new ScriptedSmtp(port)) {
            given().post(retry).then().statusCode(200);
            awaitAttempts(flagId, 3);

            assertThat(server.taken())
                    .filteredOn(mail -> mail.header("Message-ID").contains(messageId(flagId)))
                    .hasSize(1);
        }
        assertThat(delivery(flagId).getString("status")).isEqualTo("SENT");
        given().post(retry).then().statusCode(409).contentType("application/problem+json");
    }

    @Test
    void a_mail_that_cannot_be_opened_is_set_aside_and_the_others_go_out() throws IOException, SQLException {
        var broken = openFlag();
        awaitAttempts(broken, 2);
        exchangeSubjectAndText(broken);
        var retry = "/deliveries/" + delivery(broken).getString("id") + "/retry";
        given().post(retry).then().statusCode(200).body("subject", equalTo("(cannot be opened)"));
        awaitAttempts(broken, 4);

        try (var _ = new ScriptedSmtp(port)) {
            var whole = openFlag();
            await().atMost(SOON).until(() -> delivery(whole).getString("status").equals("SENT"));
            assertThat(delivery(broken).getString("status")).isEqualTo("FAILED");
            assertThat(delivery(broken).getString("attempts[3].detail")).isEqualTo("the stored mail cannot be opened");
            given().get("/q/metrics").then().body(containsString("calciwatch_delivery_unreadable_total 2.0"));

            exchangeSubjectAndText(broken);
            given().post(retry).then().statusCode(200);
            await().atMost(SOON)
                    .until(() -> delivery(broken).getString("status").equals("SENT"));
        }
    }

    /** What is sealed is good for its own place only. */
    private void exchangeSubjectAndText(UUID flagId) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.executeUpdate(
                    "UPDATE delivery SET subject = body_text, body_text = subject WHERE step = 'opened' AND flag_id = '"
                            + flagId + "'");
        }
    }

    @Test
    void bad_parameters_are_answered_with_what_is_right() {
        given().get("/deliveries?flag=x").then().statusCode(400).body("detail", containsString("UUID"));
        given().get("/deliveries?cursor=x").then().statusCode(400).body("detail", containsString("UUID"));
        given().get("/deliveries?limit=-1").then().statusCode(400).body("detail", containsString("200"));
        given().post("/deliveries/" + UUID.randomUUID() + "/retry").then().statusCode(404);
    }

    private UUID openFlag() {
        var patient = "P-" + UUID.randomUUID();
        handler.handle(event(assessment(patient, rule("mg-low", CLINICIAN_REVIEW))));
        return UUID.fromString(
                given().get("/flags?patient=" + patient).jsonPath().getString("items[0].id"));
    }

    /** The flag's first mail; there may be one to others, who are told in its place. */
    private static JsonPath delivery(UUID flagId) {
        return given().get("/deliveries?flag=" + flagId).jsonPath().setRootPath("items.find { it.step == 'opened' }");
    }

    private static String messageId(UUID flagId) {
        return "<" + flagId + ".opened@calciwatch.example>";
    }

    private static void awaitAttempts(UUID flagId, int number) {
        await().atMost(SOON).until(() -> delivery(flagId).getList("attempts").size() == number);
    }
}
