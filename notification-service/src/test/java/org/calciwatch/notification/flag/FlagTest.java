package org.calciwatch.notification.flag;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.calciwatch.events.Severity.CLINICIAN_REVIEW;
import static org.calciwatch.events.Severity.EDUCATION;
import static org.calciwatch.events.Severity.EMERGENCY;
import static org.calciwatch.events.Severity.URGENT_SAME_DAY;
import static org.calciwatch.notification.AssessmentMother.ASSESSED_AT;
import static org.calciwatch.notification.AssessmentMother.assessment;
import static org.calciwatch.notification.AssessmentMother.rule;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.notification.flag.Flag.Outcome;
import org.calciwatch.notification.flag.Flag.Status;
import org.calciwatch.notification.flag.HistoryEntry.Action;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FlagTest {

    private static final Instant OPENED = Instant.parse("2026-03-01T10:00:00Z");
    private static final Instant LATER = OPENED.plus(Duration.ofHours(1));
    private static final Instant TOMORROW = OPENED.plus(Duration.ofDays(1));

    @Test
    void a_new_flag_is_open_and_led_by_the_first_rule_of_the_highest_severity() {
        var flag = flag(
                rule("vitd-level-above-50", EDUCATION),
                rule("mg-low", CLINICIAN_REVIEW),
                rule("ca-high-severe", URGENT_SAME_DAY),
                rule("potassium-urgent", URGENT_SAME_DAY));

        assertThat(flag.status()).isEqualTo(Status.OPEN);
        assertThat(flag.severity()).isEqualTo(URGENT_SAME_DAY);
        assertThat(flag.headlineRuleId()).isEqualTo("ca-high-severe");
        assertThat(flag.headlineTitle()).isEqualTo("Title of ca-high-severe");
        assertThat(flag.ruleIds())
                .containsExactly("vitd-level-above-50", "mg-low", "ca-high-severe", "potassium-urgent");
        assertThat(flag.history().getLast().action()).isEqualTo(Action.OPENED);
        assertThat(flag.history().getLast().by()).isEqualTo("system");
    }

    @ParameterizedTest
    @EnumSource(
            value = Status.class,
            names = {"OPEN", "SNOOZED"})
    void an_open_or_snoozed_flag_can_be_acknowledged(Status before) {
        var flag = flagThatIs(before);

        flag.acknowledge("clinician1", "called", LATER);

        assertThat(flag.status()).isEqualTo(Status.ACKNOWLEDGED);
        assertThat(flag.snoozedUntil()).isNull();
        assertThat(flag.updatedAt()).isEqualTo(LATER);
        assertThat(flag.history().getLast())
                .isEqualTo(new Flag.Change(LATER, "clinician1", Action.ACKNOWLEDGED, "called"));
    }

    @ParameterizedTest
    @EnumSource(
            value = Status.class,
            names = {"ACKNOWLEDGED", "CLOSED"})
    void an_acknowledged_or_closed_flag_cannot_be_acknowledged(Status before) {
        var flag = flagThatIs(before);

        assertRefused(flag, () -> flag.acknowledge("clinician1", null, LATER));
    }

    @ParameterizedTest
    @EnumSource(value = Status.class, mode = EnumSource.Mode.EXCLUDE, names = "CLOSED")
    void assigning_keeps_the_status_and_replaces_the_assignee(Status before) {
        var flag = flagThatIs(before);

        flag.assign("clinician1", "clinician2", null, LATER);
        flag.assign("clinician2", "clinician2", "mine", LATER);

        assertThat(flag.status()).isEqualTo(before);
        assertThat(flag.assignee()).isEqualTo("clinician2");
        assertThat(flag.history().getLast())
                .isEqualTo(new Flag.Change(LATER, "clinician2", Action.ASSIGNED, "to clinician2: mine"));
    }

    @Test
    void a_closed_flag_cannot_be_assigned() {
        var flag = flagThatIs(Status.CLOSED);

        assertRefused(flag, () -> flag.assign("clinician1", "clinician1", null, LATER));
    }

    @ParameterizedTest
    @EnumSource(value = Status.class, mode = EnumSource.Mode.EXCLUDE, names = "CLOSED")
    void a_flag_that_is_not_closed_can_be_snoozed_until_another_time(Status before) {
        var flag = flagThatIs(before);
        var until = TOMORROW.plusSeconds(60);

        flag.snooze(until, "clinician1", null, LATER);

        assertThat(flag.status()).isEqualTo(Status.SNOOZED);
        assertThat(flag.snoozedUntil()).isEqualTo(until);
        assertThat(flag.history().getLast())
                .isEqualTo(new Flag.Change(LATER, "clinician1", Action.SNOOZED, "until 2026-03-02T10:01:00Z"));
    }

    @Test
    void a_closed_flag_cannot_be_snoozed() {
        var flag = flagThatIs(Status.CLOSED);

        assertRefused(flag, () -> flag.snooze(TOMORROW, "clinician1", null, LATER));
    }

    @ParameterizedTest
    @EnumSource(value = Status.class, mode = EnumSource.Mode.EXCLUDE, names = "CLOSED")
    void a_flag_that_is_not_closed_can_be_closed(Status before) {
        var flag = flagThatIs(before);

        flag.close(Outcome.FALSE_ALARM, "clinician1", "typing error", LATER);

        assertThat(flag.status()).isEqualTo(Status.CLOSED);
        assertThat(flag.outcome()).isEqualTo(Outcome.FALSE_ALARM);
        assertThat(flag.snoozedUntil()).isNull();
        assertThat(flag.history().getLast())
                .isEqualTo(new Flag.Change(LATER, "clinician1", Action.CLOSED, "false-alarm: typing error"));
    }

    @Test
    void a_closed_flag_cannot_be_closed_again() {
        var flag = flagThatIs(Status.CLOSED);

        assertRefused(flag, () -> flag.close(Outcome.TREATED, "clinician1", null, LATER));
    }

    @ParameterizedTest
    @EnumSource(value = Status.class, mode = EnumSource.Mode.EXCLUDE, names = "CLOSED")
    void a_more_severe_assessment_raises_the_severity_and_opens_the_flag_again(Status before) {
        var flag = flagThatIs(before);
        var newer = assessment("P-1", rule("mg-low", CLINICIAN_REVIEW), rule("rf-emergency-symptoms", EMERGENCY));

        flag.reassess(newer, "{}", LATER);

        assertThat(flag.status()).isEqualTo(Status.OPEN);
        assertThat(flag.severity()).isEqualTo(EMERGENCY);
        assertThat(flag.severityRaises()).isEqualTo(1);
        assertThat(flag.snoozedUntil()).isNull();
        assertThat(flag.headlineRuleId()).isEqualTo("rf-emergency-symptoms");
        assertThat(flag.assessmentId()).isEqualTo(newer.id());
        assertThat(flag.history().getLast().action()).isEqualTo(Action.SEVERITY_RAISED);
        assertThat(flag.history().getLast().note())
                .contains("severity CLINICIAN_REVIEW -> EMERGENCY")
                .contains("rules added: rf-emergency-symptoms");
    }

    @ParameterizedTest
    @EnumSource(value = Status.class, mode = EnumSource.Mode.EXCLUDE, names = "CLOSED")
    void an_assessment_of_the_same_severity_updates_the_flag_and_keeps_its_status(Status before) {
        var flag = flagThatIs(before);
        var newer = assessment("P-1", rule("ca-high", CLINICIAN_REVIEW));

        flag.reassess(newer, "{}", LATER);

        assertThat(flag.status()).isEqualTo(before);
        assertThat(flag.headlineRuleId()).isEqualTo("ca-high");
        assertThat(flag.ruleIds()).containsExactly("ca-high");
        assertThat(flag.history().getLast().action()).isEqualTo(Action.UPDATED);
        assertThat(flag.history().getLast().note())
                .isEqualTo("severity CLINICIAN_REVIEW as before; rules added: ca-high; rules removed: mg-low");
    }

    @Test
    void a_less_severe_assessment_never_lowers_the_severity_nor_takes_the_headline() {
        var flag = flag(rule("rf-emergency-symptoms", EMERGENCY));
        var newer = assessment("P-1", rule("mg-low", CLINICIAN_REVIEW));

        flag.reassess(newer, "{}", LATER);

        assertThat(flag.severity()).isEqualTo(EMERGENCY);
        assertThat(flag.headlineRuleId()).isEqualTo("rf-emergency-symptoms");
        assertThat(flag.assessmentId()).isEqualTo(newer.id());
        assertThat(flag.history().getLast().action()).isEqualTo(Action.UPDATED);
        assertThat(flag.history().getLast().note())
                .contains("the newer assessment is CLINICIAN_REVIEW; the flag stays EMERGENCY");
    }

    @Test
    void what_set_the_severity_is_kept_until_something_as_severe_takes_its_place() {
        var flag = new Flag(
                UUID.randomUUID(),
                "CW-7K3M9Q",
                assessment("P-1", rule("rf-emergency-symptoms", EMERGENCY)),
                "emergency",
                OPENED);
        assertThat(flag.decisiveAssessment()).isEmpty();

        flag.reassess(assessment("P-1", rule("mg-low", CLINICIAN_REVIEW)), "milder", LATER);
        flag.reassess(assessment("P-1", rule("ca-high-severe", URGENT_SAME_DAY)), "still milder", LATER);

        assertThat(flag.decisiveAssessment()).contains("emergency");
        assertThat(flag.assessment()).isEqualTo("still milder");

        flag.reassess(assessment("P-1", rule("rf-confusion", EMERGENCY)), "another emergency", LATER);

        assertThat(flag.decisiveAssessment()).isEmpty();
        assertThat(flag.assessment()).isEqualTo("another emergency");
    }

    @Test
    void an_urgent_flag_comes_back_after_a_day_whatever_was_asked_for() {
        var flag = flag(rule("ca-high-severe", URGENT_SAME_DAY));

        flag.snooze(LATER.plus(Duration.ofDays(30)), "clinician1", "on leave", LATER);

        assertThat(flag.snoozedUntil()).isEqualTo(LATER.plus(Duration.ofHours(24)));
        assertThat(flag.acknowledgedAt()).isEqualTo(LATER);
        assertThat(flag.history().getLast().note())
                .isEqualTo("until 2026-03-02T11:00:00Z, not until 2026-03-31T11:00:00Z, as it is urgent: on leave");
    }

    @Test
    void another_urgent_finding_ends_the_snooze_of_a_flag_and_the_same_one_does_not() {
        var flag = flag(rule("ca-high-severe", URGENT_SAME_DAY));
        flag.snooze(TOMORROW, "clinician1", null, OPENED);

        flag.reassess(assessment("P-1", rule("ca-high-severe", URGENT_SAME_DAY)), "{}", LATER);
        assertThat(flag.status()).isEqualTo(Status.SNOOZED);

        flag.reassess(
                assessment("P-1", rule("ca-high-severe", URGENT_SAME_DAY), rule("potassium-urgent", URGENT_SAME_DAY)),
                "{}",
                LATER);
        assertThat(flag.status()).isEqualTo(Status.OPEN);
        assertThat(flag.acknowledgedAt()).isNull();
        assertThat(flag.history().getLast().note()).endsWith("rules added: potassium-urgent; no longer snoozed");
    }

    @ParameterizedTest
    @EnumSource(value = Status.class, mode = EnumSource.Mode.EXCLUDE, names = "CLOSED")
    void an_assessment_for_education_only_is_noted_and_changes_nothing_else(Status before) {
        var flag = flagThatIs(before);
        var assessmentId = flag.assessmentId();

        flag.reassess(assessment("P-1", rule("low-fluid", EDUCATION)), "{}", LATER);

        assertThat(flag.status()).isEqualTo(before);
        assertThat(flag.assessmentId()).isEqualTo(assessmentId);
        assertThat(flag.ruleIds()).containsExactly("mg-low");
        assertThat(flag.history().getLast().action()).isEqualTo(Action.NOTED);
        assertThat(flag.history().getLast().note())
                .isEqualTo("a newer assessment is EDUCATION; the flag stays CLINICIAN_REVIEW");
    }

    @Test
    void an_earlier_assessment_that_comes_late_is_noted_unless_it_is_more_severe() {
        var flag = flag(rule("mg-low", CLINICIAN_REVIEW));
        var assessmentId = flag.assessmentId();
        var before = ASSESSED_AT.minusSeconds(60);

        flag.reassess(assessment("P-1", "s", 1, before, rule("ca-high", CLINICIAN_REVIEW)), "{}", LATER);
        assertThat(flag.assessmentId()).isEqualTo(assessmentId);
        assertThat(flag.history().getLast().action()).isEqualTo(Action.NOTED);

        flag.reassess(assessment("P-1", "t", 1, before, rule("ca-high-severe", URGENT_SAME_DAY)), "{}", LATER);
        assertThat(flag.severity()).isEqualTo(URGENT_SAME_DAY);
    }

    @Test
    void a_closed_flag_takes_no_further_assessment() {
        var flag = flagThatIs(Status.CLOSED);
        var newer = assessment("P-1", rule("mg-low", CLINICIAN_REVIEW));

        assertRefused(flag, () -> flag.reassess(newer, "{}", LATER));
    }

    private static Flag flag(AssessmentCompleted.Fired... fired) {
        return new Flag(UUID.randomUUID(), "CW-7K3M9Q", assessment("P-1", fired), "{}", OPENED);
    }

    private static Flag flagThatIs(Status status) {
        var flag = flag(rule("mg-low", CLINICIAN_REVIEW));
        switch (status) {
            case OPEN -> assertThat(flag.status()).isEqualTo(Status.OPEN);
            case ACKNOWLEDGED -> flag.acknowledge("clinician1", null, OPENED);
            case SNOOZED -> flag.snooze(TOMORROW, "clinician1", null, OPENED);
            case CLOSED -> flag.close(Outcome.CONTACTED, "clinician1", null, OPENED);
        }
        return flag;
    }

    private static void assertRefused(Flag flag, Runnable action) {
        var status = flag.status();
        var history = flag.history().size();
        assertThatExceptionOfType(ImpossibleTransition.class)
                .isThrownBy(action::run)
                .satisfies(problem -> {
                    assertThat(problem.getStatusCode()).isEqualTo(409);
                    assertThat(problem.getDetail()).contains("CW-7K3M9Q is " + status);
                });
        assertThat(flag.status()).isEqualTo(status);
        assertThat(flag.history()).hasSize(history);
    }
}
