package org.calciwatch.notification.overview;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
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
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.calciwatch.events.AssessmentCompleted.Fired;
import org.calciwatch.notification.PagesByToken;
import org.calciwatch.notification.TestClock;
import org.calciwatch.notification.flag.FlagRepository;
import org.calciwatch.notification.flag.Flags;
import org.calciwatch.notification.overview.Statistics.Attention;
import org.calciwatch.notification.overview.Statistics.Line;
import org.calciwatch.notification.overview.Statistics.Rule;
import org.calciwatch.stack.LocalStackResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each test looks from a time on at which nothing of the others happened. */
@QuarkusTest
@TestProfile(PagesByToken.class)
@QuarkusTestResource(
        value = LocalStackResource.class,
        initArgs = @ResourceArg(name = "database", value = "notification"))
class OverviewTest {

    @Inject
    Flags flags;

    @Inject
    FlagRepository flagRepository;

    @Inject
    Statistics statistics;

    @Inject
    TestClock clock;

    @AfterEach
    void back_to_real_time() {
        clock.reset();
    }

    @Test
    void half_of_the_flags_and_nine_of_ten_are_acknowledged_within_what_it_says() {
        var since = afterAllOtherFlags();
        var ids = IntStream.rangeClosed(1, 11)
                .mapToObj(i -> flagWith(rule("mg-low", CLINICIAN_REVIEW)))
                .toList();
        flagWith(rule("ca-high-severe", URGENT_SAME_DAY));
        for (var id : ids.subList(0, 10)) {
            clock.advance(Duration.ofMinutes(10));
            post(id, "acknowledge", "{}");
        }

        var attention = attentionSince(since);

        assertThat(attention).extracting(Attention::severity).containsExactly(URGENT_SAME_DAY, CLINICIAN_REVIEW);
        assertThat(attention).extracting(Attention::flags).containsExactly(1L, 11L);
        assertThat(attention).extracting(Attention::waiting).containsExactly(1L, 1L);
        assertThat(attention.getFirst().median()).isNull();
        assertThat(attention.getLast().median()).isBetween(Duration.ofMinutes(60), Duration.ofMinutes(61));
        assertThat(attention.getLast().percentile90()).isBetween(Duration.ofMinutes(100), Duration.ofMinutes(101));
    }

    @Test
    void flags_that_are_ignored_make_the_times_longer_and_not_shorter() {
        var since = afterAllOtherFlags();
        var seen = flagWith(rule("mg-low", CLINICIAN_REVIEW));
        flagWith(rule("mg-low", CLINICIAN_REVIEW));
        flagWith(rule("mg-low", CLINICIAN_REVIEW));
        clock.advance(Duration.ofMinutes(1));
        post(seen, "acknowledge", "{}");

        var attention = attentionSince(since);

        assertThat(attention).extracting(Attention::waiting).containsExactly(2L);
        assertThat(attention.getFirst().median()).isNull();
        assertThat(attention.getFirst().percentile90()).isNull();
    }

    @Test
    void a_raised_flag_that_nobody_has_seen_since_waits_again() {
        var since = afterAllOtherFlags();
        var patient = "P-" + UUID.randomUUID();
        flags.handle(event(assessment(patient, rule("mg-low", CLINICIAN_REVIEW))));
        post(flagOf(patient), "acknowledge", "{}");
        clock.advance(Duration.ofDays(30));
        flags.handle(event(assessment(patient, rule("ca-high-severe", EMERGENCY))));

        assertThat(attentionSince(since).getFirst().waiting()).isEqualTo(1);

        clock.advance(Duration.ofMinutes(7));
        post(flagOf(patient), "acknowledge", "{}");

        assertThat(attentionSince(since).getFirst().waiting()).isZero();
        assertThat(attentionSince(since).getFirst().median()).isBetween(Duration.ofMinutes(7), Duration.ofMinutes(8));
    }

    /** So that what other tests left does not count. */
    private Instant afterAllOtherFlags() {
        var last = QuarkusTransaction.requiringNew().call(() -> flagRepository
                .getEntityManager()
                .createQuery("select max(openedAt) from Flag", Instant.class)
                .getSingleResult());
        if (last != null && last.isAfter(clock.instant())) {
            clock.advance(Duration.between(clock.instant(), last));
        }
        clock.advance(Duration.ofDays(1));
        return clock.instant();
    }

    private List<Attention> attentionSince(Instant since) {
        return QuarkusTransaction.requiringNew().call(() -> statistics.attention(since));
    }

    @Test
    void rules_that_are_most_often_a_false_alarm_come_first() {
        var since = afterAllOtherFlags();
        flagWith(rule("mg-low", CLINICIAN_REVIEW));
        flagWith(rule("mg-low", CLINICIAN_REVIEW));
        post(flagWith(rule("ca-high", CLINICIAN_REVIEW)), "close", "{\"outcome\":\"false-alarm\"}");
        post(flagWith(rule("ca-high", CLINICIAN_REVIEW)), "close", "{\"outcome\":\"treated\"}");

        var rules = QuarkusTransaction.requiringNew().call(() -> statistics.rules(since));

        assertThat(rules)
                .containsExactly(
                        new Rule("ca-high", "Title of ca-high", 2, 2, 1),
                        new Rule("mg-low", "Title of mg-low", 2, 0, 0));
        assertThat(rules.getFirst().falseAlarmPercent()).isEqualTo(50);
        assertThat(QuarkusTransaction.requiringNew().call(() -> statistics.weeks(since, ZoneOffset.UTC)))
                .extracting(Statistics.Week::flags)
                .containsExactly(4L);
    }

    @Test
    void the_page_and_the_file_name_no_patient() {
        var patient = "P-" + UUID.randomUUID();
        flags.handle(event(assessment(patient, rule("mg-low", "=HYPERLINK(\"x\")", CLINICIAN_REVIEW))));

        var page =
                given().get("/inbox/overview").then().statusCode(200).extract().asString();
        var file = given().get("/inbox/overview.csv")
                .then()
                .statusCode(200)
                .header("Content-Disposition", "attachment; filename=\"flags.csv\"")
                .extract()
                .asString();

        assertThat(page).contains("How soon somebody took note").doesNotContain(patient);
        assertThat(file.lines().findFirst())
                .contains("reference,severity,rule,title,clinic,status,opened,acknowledged,closed,outcome");
        assertThat(file).contains("\"'=HYPERLINK(\"\"x\"\")\"").doesNotContain(patient);
    }

    @Test
    void a_cell_that_looks_like_a_formula_is_text_for_the_spreadsheet() {
        var line = new Line("CW-2", CLINICIAN_REVIEW, "r", "a, \"b\"", "+1", "OPEN", clock.instant(), null, null, null);

        var file = CsvFile.of(Stream.of(line)).collect(Collectors.toList());

        assertThat(file).hasSize(2).allMatch(row -> row.endsWith("\r\n"));
        assertThat(List.of(file.getLast().split(",", -1))).contains("'+1", "\"a", " \"\"b\"\"\"");
    }

    private UUID flagWith(Fired rule) {
        var patient = "P-" + UUID.randomUUID();
        flags.handle(event(assessment(patient, rule)));
        return flagOf(patient);
    }

    private static UUID flagOf(String patient) {
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
}
