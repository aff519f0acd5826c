package org.calciwatch.notification.delivery;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.calciwatch.notification.delivery.MailDesk.ONE;
import static org.calciwatch.notification.delivery.MailDesk.TWO;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import javax.sql.DataSource;
import org.calciwatch.stack.LocalStackResource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The mail server takes mails for some, not for others, later, slowly, or breaks off. */
@QuarkusTest
@QuarkusTestResource(
        value = LocalStackResource.class,
        initArgs = @ResourceArg(name = "database", value = "notification"))
@QuarkusTestResource(value = RefusalTest.OwnServer.class, restrictToAnnotatedClass = true)
class RefusalTest {

    private static final Duration SOON = Duration.ofSeconds(60);

    /** Sends mail to a port where the test's own server listens. */
    public static class OwnServer implements QuarkusTestResourceLifecycleManager {
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
                        "calciwatch.mail.longest-retry", "100ms",
                        // none of these tests is about giving up, however slow the machine is
                        "calciwatch.mail.attempts", "10000",
                        "quarkus.otel.traces.sampler.arg", "1");
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
    MailDesk desk;

    @Inject
    Escalations escalations;

    @Inject
    DeliveryRepository repository;

    @Inject
    Deliveries deliveries;

    @Inject
    SentMails mails;

    @Inject
    Smtp smtp;

    @Inject
    DataSource database;

    @Inject
    OpenTelemetry telemetry;

    @Inject
    RecordedSpans spans;

    @ConfigProperty(name = "calciwatch.mail.smtp.port")
    int port;

    private ScriptedSmtp server;
    private UUID flag;

    @BeforeEach
    void start() throws IOException {
        server = new ScriptedSmtp(port);
        flag = desk.openFlag();
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void a_mail_that_could_not_go_out_goes_out_when_the_server_is_back() throws IOException {
        server.close();
        desk.tell(flag, "escalation-1", ONE);
        var waiting = desk.awaitAttempts(flag, "escalation-1", 1);
        assertThat(waiting.getString("status")).isEqualTo("PENDING");
        assertThat(waiting.getString("attempts[0].detail")).contains("ConnectException");
        given().get("/q/health/ready").then().statusCode(200);

        server = new ScriptedSmtp(port);

        var sent = desk.awaitStatus(flag, "escalation-1", "SENT");
        assertThat(sent.getList("attempts.outcome")).startsWith("FAILED").endsWith("SENT");
        assertThat(server.taken())
                .filteredOn(mail -> mail.header("Message-ID").contains(sent.getString("messageId")))
                .hasSize(1);
    }

    @Test
    void sending_a_mail_is_a_part_of_the_trace_that_led_to_it() {
        var cause = telemetry.getTracer("test").spanBuilder("a new flag").startSpan();
        try (var _ = cause.makeCurrent()) {
            desk.tell(flag, "escalation-1", ONE);
        } finally {
            cause.end();
        }

        var sent = await().atMost(SOON)
                .until(() -> spans.of(cause.getSpanContext().getTraceId(), "send mail"), found -> !found.isEmpty());
        assertThat(sent).singleElement().returns(cause.getSpanContext().getSpanId(), SpanData::getParentSpanId);
    }

    @Test
    void who_is_greylisted_gets_the_mail_later() {
        server.refuse(ONE, "451 4.7.1 greylisted");
        desk.tell(flag, "escalation-1", ONE);
        desk.awaitAttempts(flag, "escalation-1", 2);
        assertThat(server.taken()).noneMatch(mail -> mail.recipient().equals(ONE));

        server.take(ONE);

        var sent = desk.awaitStatus(flag, "escalation-1", "SENT");
        assertThat(sent.getList("failed")).isEmpty();
        assertThat(sent.getList("attempts.outcome"))
                .startsWith("FAILED", "FAILED")
                .endsWith("SENT");
        assertThat(sent.getString("attempts[0].detail")).contains("451 4.7.1");
        assertThat(escalations.stepsOf(flag)).isEmpty();
    }

    @Test
    void one_of_two_refused_for_good_is_shown_and_tried_no_more_until_somebody_asks_for_it() {
        server.refuse(ONE, "550 5.1.1 no such user");

        desk.tell(flag, "escalation-1", ONE, TWO);

        var sent = desk.awaitStatus(flag, "escalation-1", "SENT");
        assertThat(sent.getList("failed")).containsExactly(ONE);
        assertThat(sent.getList("attempts.outcome")).containsExactly("PARTLY_SENT");
        assertThat(escalations.stepsOf(flag)).isEmpty();

        server.take(ONE);
        var retry = "/deliveries/" + sent.getString("id") + "/retry";
        given().post(retry).then().statusCode(200);
        assertThat(desk.awaitStatus(flag, "escalation-1", "SENT").getList("failed"))
                .isEmpty();
        assertThat(server.taken())
                .filteredOn(mail -> mail.header("Message-ID").contains(sent.getString("messageId")))
                .extracting(ScriptedSmtp.Taken::recipient)
                .containsExactly(TWO, ONE);
        given().post(retry).then().statusCode(409);
    }

    @Test
    void a_mail_that_all_refuse_for_good_has_failed_at_once_and_others_can_be_told() {
        server.refuse(ONE, "550 5.1.1 no such user");
        server.refuse(TWO, "552 5.2.2 mailbox full");

        desk.tell(flag, "escalation-1", ONE, TWO);

        var failed = desk.awaitStatus(flag, "escalation-1", "FAILED");
        assertThat(failed.getList("attempts.outcome")).containsExactly("REFUSED");
        assertThat(failed.getList("failed")).containsExactly(ONE, TWO);
        assertThat(escalations.stepsOf(flag)).contains("escalation-1").doesNotHaveDuplicates();
    }

    @Test
    void a_connection_that_breaks_off_in_the_middle_of_a_mail_costs_only_time() {
        server.hangUpInTheMail(ONE);
        desk.tell(flag, "escalation-1", ONE, TWO);
        desk.awaitAttempts(flag, "escalation-1", 1);

        server.take(ONE);

        var sent = desk.awaitStatus(flag, "escalation-1", "SENT");
        assertThat(sent.getList("failed")).isEmpty();
        assertThat(server.taken())
                .filteredOn(mail -> mail.header("Message-ID").contains(sent.getString("messageId")))
                .extracting(ScriptedSmtp.Taken::recipient)
                .containsExactlyInAnyOrder(TWO, ONE);
    }

    @Test
    void a_server_that_stalls_at_some_mails_does_not_hold_up_the_others() {
        server.stallOn(ONE);
        for (int i = 1; i <= 8; i++) {
            desk.tell(flag, "escalation-" + i, ONE);
        }

        desk.tell(flag, "escalation-9", TWO);

        desk.awaitStatus(flag, "escalation-9", "SENT");
        for (int i = 1; i <= 8; i++) {
            assertThat(desk.delivery(flag, "escalation-" + i).getList("attempts"))
                    .as("those that stall are still waited for")
                    .isEmpty();
        }
    }

    @Test
    void a_mail_that_waits_when_somebody_has_seen_to_the_flag_is_withdrawn_and_mails_of_other_flags_are_not() {
        var other = desk.openFlag();
        server.refuse(ONE, "451 4.7.1 greylisted");
        desk.tell(flag, "escalation-1", ONE);
        desk.tell(flag, "escalation-2", ONE, TWO);
        desk.tell(other, "escalation-1", ONE);
        desk.awaitAttempts(flag, "escalation-1", 1);
        desk.awaitAttempts(flag, "escalation-2", 1);

        withdraw(flag);

        var withdrawn = desk.awaitStatus(flag, "escalation-1", "WITHDRAWN");
        desk.awaitStatus(flag, "escalation-2", "SENT");
        given().post("/deliveries/" + withdrawn.getString("id") + "/retry")
                .then()
                .statusCode(409);
        assertThat(mails.of(flag)).extracting(SentMails.Sent::kind).doesNotHaveDuplicates();
        server.take(ONE);
        desk.awaitStatus(other, "escalation-1", "SENT");
        assertThat(server.taken())
                .filteredOn(mail -> mail.header("Message-ID").toString().contains(flag + ".escalation"))
                .extracting(ScriptedSmtp.Taken::recipient)
                .containsExactly(TWO);
        assertThat(escalations.stepsOf(flag)).isEmpty();
    }

    @Test
    void a_mail_that_is_being_sent_when_it_is_withdrawn_is_not_tried_again_and_nobody_else_is_told() {
        server.stallOn(ONE);
        desk.tell(flag, "escalation-1", ONE);
        await().atMost(SOON).until(() -> QuarkusTransaction.requiringNew().call(() -> repository.of(flag).stream()
                .anyMatch(mail -> mail.step().equals("escalation-1") && mail.isClaimed(Instant.now()))));

        withdraw(flag);
        assertThat(desk.delivery(flag, "escalation-1").getString("status")).isEqualTo("PENDING");

        var ended = desk.awaitStatus(flag, "escalation-1", "WITHDRAWN");
        assertThat(ended.getList("attempts.outcome")).containsExactly("FAILED");
        assertThat(escalations.stepsOf(flag)).isEmpty();
    }

    @Test
    void a_mail_whose_sender_died_after_it_was_withdrawn_goes_to_nobody() throws SQLException {
        desk.tell(flag, "escalation-1", Instant.now().plus(Duration.ofHours(1)), ONE);
        var id = UUID.fromString(desk.delivery(flag, "escalation-1").getString("id"));
        change(id, "locked_until = now() + interval '1 minute'");
        withdraw(flag);

        change(id, "next_attempt_at = now(), locked_until = now() - interval '1 second'");

        var ended = desk.awaitStatus(flag, "escalation-1", "WITHDRAWN");
        assertThat(ended.getList("attempts")).isEmpty();
    }

    /** Both change the mail and the flag; in different orders each would wait for the other. */
    @Test
    void withdrawing_a_mail_and_recording_that_it_reaches_nobody_do_not_block_each_other()
            throws SQLException, ExecutionException, InterruptedException {
        desk.tell(flag, "escalation-1", Instant.now().plus(Duration.ofHours(1)), ONE);
        var id = UUID.fromString(desk.delivery(flag, "escalation-1").getString("id"));
        try (var other = Executors.newVirtualThreadPerTaskExecutor()) {
            var recording = QuarkusTransaction.requiringNew().call(() -> {
                repository.lockFlagOf(id);
                var waits = other.submit(() ->
                        deliveries.record(id, new Smtp.Answer(List.of(), List.of(ONE), "550 5.1.1 no such user")));
                await().atMost(SOON).until(this::somebodyWaitsForALock);
                deliveries.withdraw(flag);
                return waits;
            });
            recording.get();
        }

        assertThat(desk.delivery(flag, "escalation-1").getString("status")).isEqualTo("WITHDRAWN");
        assertThat(escalations.stepsOf(flag)).isEmpty();
    }

    private boolean somebodyWaitsForALock() throws SQLException {
        try (var connection = database.getConnection();
                var query = connection.prepareStatement(
                        "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%for no key update%'");
                var rows = query.executeQuery()) {
            return rows.next();
        }
    }

    private void withdraw(UUID flag) {
        QuarkusTransaction.requiringNew().run(() -> deliveries.withdraw(flag));
    }

    /** What a process leaves behind that was killed between the server's answer and its record. */
    @Test
    void a_mail_sent_by_a_process_that_died_before_recording_it_comes_again_under_the_same_message_id()
            throws SQLException {
        desk.tell(flag, "escalation-1", Instant.now().plus(Duration.ofHours(1)), ONE);
        var id = UUID.fromString(desk.delivery(flag, "escalation-1").getString("id"));
        change(id, "next_attempt_at = now(), locked_until = now() + interval '1 minute'");
        assertThat(smtp.send(outgoing(id)).accepted()).containsExactly(ONE);

        change(id, "locked_until = now() - interval '1 second'");

        desk.awaitStatus(flag, "escalation-1", "SENT");
        await().atMost(SOON).untilAsserted(() -> assertThat(server.taken())
                .filteredOn(
                        mail -> mail.header("Message-ID").contains("<" + flag + ".escalation-1@calciwatch.example>"))
                .hasSize(2));
    }

    private Outgoing outgoing(UUID id) {
        return QuarkusTransaction.requiringNew().call(() -> Outgoing.of(repository.findById(id)));
    }

    private void change(UUID id, String what) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.executeUpdate("UPDATE delivery SET " + what + " WHERE id = '" + id + "'");
        }
    }
}
