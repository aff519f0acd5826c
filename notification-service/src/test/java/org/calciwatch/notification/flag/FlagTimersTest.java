package org.calciwatch.notification.flag;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.calciwatch.events.Severity.CLINICIAN_REVIEW;
import static org.calciwatch.events.Severity.EMERGENCY;
import static org.calciwatch.events.Severity.URGENT_SAME_DAY;
import static org.calciwatch.notification.AssessmentMother.assessment;
import static org.calciwatch.notification.AssessmentMother.event;
import static org.calciwatch.notification.AssessmentMother.rule;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.calciwatch.events.AssessmentCompleted.Fired;
import org.calciwatch.notification.Clinic;
import org.calciwatch.notification.TestClock;
import org.calciwatch.notification.delivery.Undeliverable;
import org.calciwatch.stack.LocalStackResource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.health.HealthCheckResponse.Status;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a flag does when nobody does anything. */
@QuarkusTest
@QuarkusTestResource(
        value = LocalStackResource.class,
        initArgs = @ResourceArg(name = "database", value = "notification"))
class FlagTimersTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    @Inject
    Flags flags;

    @Inject
    FlagRepository repository;

    @Inject
    Clinic clinic;

    @Inject
    TestClock clock;

    @Inject
    Event<Undeliverable> undeliverable;

    @Inject
    DataSource database;

    @ConfigProperty(name = "quarkus.datasource.jdbc.url")
    String url;

    @ConfigProperty(name = "quarkus.flyway.username")
    String owner;

    @ConfigProperty(name = "quarkus.flyway.password")
    String ownerPassword;

    private final String patient = "P-" + UUID.randomUUID();

    @BeforeEach
    void no_digest_is_due() throws SQLException {
        // Tests before may have had one made with the clock set forward.
        asOwner("update digest set made_at = now()");
    }

    @BeforeEach
    void two_steps() {
        route("""
                {"rows":[{"severity":["*"],"category":["*"],"clinic":["*"],"when":"immediately",
                          "recipients":["clinician1@clinic.example"],
                          "escalation":[{"after":"PT30M","recipients":["lead@clinic.example"]},
                                        {"after":"PT15M","recipients":["chief@clinic.example"]}]}],
                 "fallback":["fallback@clinic.example"]}""");
    }

    @AfterEach
    void back_to_real_time() {
        clock.reset();
        two_steps();
    }

    @Test
    void an_ignored_emergency_climbs_to_the_last_step_and_goes_on_there() {
        var id = flagWith(rule("rf-emergency-symptoms", EMERGENCY));
        awaitMailTo(id, "clinician1@clinic.example");

        clock.advance(Duration.ofMinutes(29));
        assertThat(mailsTo(id)).doesNotContain("lead@clinic.example");
        clock.advance(Duration.ofMinutes(2));
        awaitMailTo(id, "lead@clinic.example");
        clock.advance(Duration.ofMinutes(16));
        awaitMailTo(id, "chief@clinic.example");
        clock.advance(Duration.ofHours(4));
        awaitHistory(id, "opened", "escalated", "escalated", "escalated");

        assertThat(clinic.mailsAbout(id)).extracting(Clinic.Received::messageId).doesNotHaveDuplicates();
    }

    @Test
    void once_acknowledged_nothing_climbs_any_more() {
        var id = flagWith(rule("ca-high-severe", URGENT_SAME_DAY));
        clock.advance(Duration.ofMinutes(31));
        awaitMailTo(id, "lead@clinic.example");

        post(id, "acknowledge", "{}");
        clock.advance(Duration.ofHours(10));

        assertDueAfter(id, Duration.ofDays(2));
        assertThat(history(id)).containsExactly("opened", "escalated", "acknowledged");
    }

    @Test
    void a_flag_for_review_does_not_climb_but_stands_in_each_digest_until_it_is_acknowledged() {
        var reader = "reader-" + UUID.randomUUID() + "@clinic.example";
        route("""
                {"rows":[{"recipients":["%s"]}],"fallback":["fallback@clinic.example"]}""".formatted(reader));
        var id = flagWith(rule("mg-low", CLINICIAN_REVIEW));
        assertThat(due(id)).isNull();

        clock.advance(Duration.ofDays(1));
        awaitDigests(reader, 1);
        clock.advance(Duration.ofDays(1));
        awaitDigests(reader, 2);
        post(id, "acknowledge", "{}");
        flagWith("P-" + UUID.randomUUID(), rule("mg-low", CLINICIAN_REVIEW));
        clock.advance(Duration.ofDays(1));
        awaitDigests(reader, 3);

        // The catcher shows the newest first.
        assertThat(digestsTo(reader))
                .extracting(mail -> String.valueOf(mail.text()).contains(reference(id)))
                .containsExactly(false, true, true);
        assertThat(history(id)).containsExactly("opened", "acknowledged");
    }

    @Test
    void a_snoozed_flag_comes_back_with_a_mail() {
        var id = flagWith(rule("mg-low", CLINICIAN_REVIEW));
        post(id, "snooze", "{\"until\":\"" + clock.instant().plus(Duration.ofHours(5)) + "\"}");

        clock.advance(Duration.ofHours(6));

        awaitHistory(id, "opened", "snoozed", "woken");
        assertThat(given().get("/flags/" + id).jsonPath().getString("status")).isEqualTo("OPEN");
        await().atMost(SOON).until(() -> clinic.mailsAbout(id).size() == 2);
    }

    @Test
    void an_urgent_flag_that_was_put_off_climbs_again_from_the_first_step() {
        var id = flagWith(rule("ca-high-severe", URGENT_SAME_DAY));
        clock.advance(Duration.ofMinutes(31));
        awaitMailTo(id, "lead@clinic.example");
        post(id, "snooze", "{\"until\":\"" + clock.instant().plus(Duration.ofHours(1)) + "\"}");

        clock.advance(Duration.ofHours(2));
        awaitHistory(id, "opened", "escalated", "snoozed", "woken");
        clock.advance(Duration.ofMinutes(31));

        awaitHistory(id, "opened", "escalated", "snoozed", "woken", "escalated");
        assertThat(mailsTo(id)).doesNotContain("chief@clinic.example");
    }

    @Test
    void an_acknowledged_flag_that_nobody_closes_is_reminded_of_again_and_again() {
        var id = flagWith(rule("mg-low", CLINICIAN_REVIEW));
        post(id, "acknowledge", "{}");

        clock.advance(Duration.ofDays(3).plusMinutes(1));
        awaitHistory(id, "opened", "acknowledged", "reminded");
        clock.advance(Duration.ofDays(3).plusMinutes(1));
        awaitHistory(id, "opened", "acknowledged", "reminded", "reminded");
        post(id, "close", "{\"outcome\":\"treated\"}");

        assertThat(due(id)).isNull();
    }

    @Test
    void an_urgent_flag_that_was_reminded_of_in_vain_is_told_to_the_next_step_too() {
        var id = flagWith(rule("ca-high-severe", URGENT_SAME_DAY));
        post(id, "acknowledge", "{}");

        clock.advance(Duration.ofDays(3).plusMinutes(1));
        awaitHistory(id, "opened", "acknowledged", "reminded");
        assertThat(mailsTo(id)).doesNotContain("lead@clinic.example");
        clock.advance(Duration.ofDays(3).plusMinutes(1));

        awaitMailTo(id, "lead@clinic.example");
    }

    @Test
    void what_is_not_sent_when_somebody_takes_note_is_not_sent_afterwards() {
        route("""
                {"rows":[{"severity":["*"],"recipients":["clinician1@clinic.example"]}],
                 "fallback":["fallback@clinic.example"],
                 "quietHours":{"from":"00:00","to":"23:59","zone":"UTC"}}""");
        var id = flagWith(rule("mg-low", CLINICIAN_REVIEW));

        post(id, "acknowledge", "{}");
        clock.advance(Duration.ofDays(1));

        await().atMost(SOON)
                .until(
                        () -> given().get("/deliveries?flag=" + id).jsonPath().getList("items.status"),
                        List.of("WITHDRAWN")::equals);
        assertThat(mailsTo(id)).isEmpty();
    }

    @Test
    void another_urgent_finding_is_told_while_the_flag_is_snoozed() {
        var id = flagWith(rule("ca-high-severe", URGENT_SAME_DAY));
        awaitMailTo(id, "clinician1@clinic.example");
        post(id, "snooze", "{\"until\":\"" + clock.instant().plus(Duration.ofHours(5)) + "\"}");

        flags.handle(event(assessment(patient, rule("potassium-urgent", URGENT_SAME_DAY))));

        await().atMost(SOON).until(() -> clinic.mailsAbout(id).size() == 2);
        clock.advance(Duration.ofMinutes(31));
        awaitMailTo(id, "lead@clinic.example");
    }

    @Test
    void findings_that_cannot_be_opened_do_not_stop_an_urgent_flag() throws SQLException {
        var id = flagWith(rule("rf-emergency-symptoms", EMERGENCY));
        awaitMailTo(id, "clinician1@clinic.example");
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.execute("UPDATE flag SET assessment = '\\x0102'::bytea WHERE id = '" + id + "'");
            statement.execute("UPDATE flag_history SET note = '\\x0102'::bytea WHERE flag_id = '" + id + "'");
        }

        try {
            clock.advance(Duration.ofMinutes(31));

            awaitMailTo(id, "lead@clinic.example");
        } finally {
            // Or no list of flags could be read any more.
            QuarkusTransaction.requiringNew().run(() -> repository.deleteById(id));
        }
    }

    @Test
    void a_more_severe_assessment_wakes_everything_again() {
        var id = flagWith(rule("mg-low", CLINICIAN_REVIEW));
        post(id, "acknowledge", "{}");

        flags.handle(event(assessment(patient, rule("rf-emergency-symptoms", EMERGENCY))));
        clock.advance(Duration.ofMinutes(31));

        awaitHistory(id, "opened", "acknowledged", "severity-raised", "escalated");
        awaitMailTo(id, "lead@clinic.example");
    }

    @Test
    void where_a_mail_reaches_nobody_the_next_step_is_told_at_once_and_at_the_end_the_fallback() {
        var id = flagWith(rule("rf-emergency-symptoms", EMERGENCY));

        reachesNobody(id, "opened");
        awaitMailTo(id, "lead@clinic.example");
        reachesNobody(id, "escalation-2");
        awaitMailTo(id, "chief@clinic.example");
        reachesNobody(id, "escalation-4");
        awaitMailTo(id, "fallback@clinic.example");
        reachesNobody(id, "undeliverable-5");

        assertThat(history(id))
                .containsExactly(
                        "opened",
                        "undeliverable",
                        "escalated",
                        "undeliverable",
                        "escalated",
                        "undeliverable",
                        "undeliverable");
        assertThat(due(id)).isNotNull();
    }

    @Test
    void however_many_instances_look_at_once_each_step_is_taken_once() {
        var ids = IntStream.range(0, 10)
                .mapToObj(i -> flagWith("P-" + UUID.randomUUID(), rule("rf-emergency-symptoms", EMERGENCY)))
                .toList();

        clock.advance(Duration.ofMinutes(31));
        try (var instances = Executors.newVirtualThreadPerTaskExecutor()) {
            IntStream.range(0, 8).forEach(i -> instances.execute(this::actOnAllDue));
        }

        ids.forEach(id -> {
            awaitHistory(id, "opened", "escalated");
            assertThat(given().get("/deliveries?flag=" + id).jsonPath().getList("items"))
                    .hasSize(2);
        });
    }

    @Test
    void another_routing_table_counts_for_flags_that_wait_already() {
        var id = flagWith(rule("rf-emergency-symptoms", EMERGENCY));
        route("""
                {"rows":[{"severity":["EMERGENCY"],"recipients":["clinician1@clinic.example"],
                          "escalation":[{"after":"PT1M","recipients":["night@clinic.example"]}]}],
                 "fallback":["fallback@clinic.example"]}""");

        clock.advance(Duration.ofMinutes(2));

        awaitMailTo(id, "night@clinic.example");
    }

    @Test
    void a_flag_that_the_database_does_not_keep_holds_up_no_other_and_is_told_of_until_it_acts() throws SQLException {
        var stuck = flagWith(rule("rf-emergency-symptoms", EMERGENCY));
        refuse(
                "flag",
                "constraint trigger refuse after update on flag deferrable initially deferred",
                "new.id = '" + stuck + "' and new.escalations > 0");
        try {
            clock.advance(Duration.ofMinutes(1));
            var other = flagWith("P-" + UUID.randomUUID(), rule("rf-emergency-symptoms", EMERGENCY));
            clock.advance(Duration.ofMinutes(31));

            awaitMailTo(other, "lead@clinic.example");
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(failedSince(stuck)).isNotNull());
            var first = failedSince(stuck);
            clock.advance(Duration.ofSeconds(61));
            await().atMost(SOON).untilAsserted(() -> assertDueAfter(stuck, Duration.ofSeconds(1)));
            assertThat(failedSince(stuck)).isEqualTo(first);
            assertThat(history(stuck)).containsExactly("opened");
        } finally {
            accept("flag");
        }
        clock.advance(Duration.ofSeconds(61));
        awaitHistory(stuck, "opened", "escalated");
        assertThat(failedSince(stuck)).isNull();
    }

    @Test
    void a_digest_that_fails_for_one_recipient_reaches_the_others_once_and_that_one_when_it_can() throws SQLException {
        var well = "well-" + UUID.randomUUID() + "@clinic.example";
        var failing = "failing-" + UUID.randomUUID() + "@clinic.example";
        route("""
                {"rows":[{"recipients":["%s","%s"]}],"fallback":["fallback@clinic.example"]}""".formatted(failing, well));
        refuse(
                "delivery",
                "trigger refuse before insert on delivery",
                "new.flag_id is null and '" + failing + "' = any(new.recipients)");
        try {
            flagWith(rule("mg-low", CLINICIAN_REVIEW));
            clock.advance(Duration.ofDays(1));

            awaitDigests(well, 1);
            clock.advance(Duration.ofSeconds(61));
            assertThat(digestsTo(failing)).isEmpty();
        } finally {
            accept("delivery");
        }
        clock.advance(Duration.ofSeconds(61));
        awaitDigests(failing, 1);
        assertThat(digestsTo(well)).hasSize(1);
    }

    @Test
    void timers_that_have_not_looked_for_more_than_a_minute_are_not_alive() {
        assertThat(given().get("/q/health/live")
                        .jsonPath()
                        .getString("checks.find{it.name == 'Timers of flags'}.status"))
                .isEqualTo("UP");
        assertThat(FlagTimers.health(Duration.ofSeconds(60)).getStatus()).isEqualTo(Status.UP);
        assertThat(FlagTimers.health(Duration.ofSeconds(61)).getStatus()).isEqualTo(Status.DOWN);
    }

    /** Has the database refuse what fulfils a condition. */
    private void refuse(String table, String trigger, String condition) throws SQLException {
        asOwner("""
                create function refuse_%s() returns trigger language plpgsql as $$
                begin
                    if %s then raise exception 'refused by a test'; end if;
                    return new;
                end $$;
                create %s for each row execute function refuse_%1$s()""".formatted(table, condition, trigger));
    }

    private void accept(String table) throws SQLException {
        asOwner("drop function refuse_" + table + "() cascade");
    }

    private void asOwner(String sql) throws SQLException {
        try (var connection = DriverManager.getConnection(url, owner, ownerPassword);
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private @Nullable Instant failedSince(UUID id) {
        return QuarkusTransaction.requiringNew().call(() -> repository
                .getEntityManager()
                .createQuery("select failedSince from Flag where id = ?1", Instant.class)
                .setParameter(1, id)
                .getSingleResult());
    }

    private List<Clinic.Received> digestsTo(String recipient) {
        return clinic.mails().stream()
                .filter(mail -> String.valueOf(mail.messageId()).startsWith("<digest."))
                .filter(mail -> mail.to().contains(recipient))
                .toList();
    }

    private void actOnAllDue() {
        while (flags.actOnNextDue().isPresent()) {
            // the next one
        }
    }

    private void reachesNobody(UUID id, String step) {
        QuarkusTransaction.requiringNew().run(() -> undeliverable.fire(new Undeliverable(id, step)));
    }

    private static void route(String table) {
        given().contentType("application/json")
                .header("If-Match", given().get("/routing").getHeader("ETag"))
                .body(table)
                .put("/routing")
                .then()
                .statusCode(200);
    }

    private UUID flagWith(Fired rule) {
        return flagWith(patient, rule);
    }

    private UUID flagWith(String patient, Fired rule) {
        flags.handle(event(assessment(patient, rule)));
        return UUID.fromString(
                given().get("/flags?patient=" + patient).jsonPath().getString("items[0].id"));
    }

    private static void post(UUID id, String action, String body) {
        given().contentType("application/json")
                .body(body)
                .post("/flags/" + id + "/" + action)
                .then()
                .statusCode(200);
    }

    private static String reference(UUID id) {
        return given().get("/flags/" + id).jsonPath().getString("reference");
    }

    private static List<String> history(UUID id) {
        return given().get("/flags/" + id).jsonPath().getList("history.action");
    }

    private static void awaitHistory(UUID id, String... actions) {
        await().atMost(SOON).untilAsserted(() -> assertThat(history(id)).containsExactly(actions));
    }

    private Instant due(UUID id) {
        return QuarkusTransaction.requiringNew()
                .call(() -> repository.findById(id).dueAt());
    }

    private void assertDueAfter(UUID id, Duration wait) {
        assertThat(due(id)).isAfter(clock.instant().plus(wait));
    }

    private List<String> mailsTo(UUID id) {
        return clinic.mailsAbout(id).stream()
                .flatMap(mail -> mail.to().stream())
                .toList();
    }

    private void awaitMailTo(UUID id, String recipient) {
        await().atMost(SOON).untilAsserted(() -> assertThat(mailsTo(id)).contains(recipient));
    }

    private void awaitDigests(String recipient, int number) {
        await().atMost(SOON).until(() -> digestsTo(recipient).size() == number);
    }
}
