package org.calciwatch.notification.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.calciwatch.notification.AssessmentMother.assessment;
import static org.calciwatch.notification.AssessmentMother.rule;

import io.quarkiverse.resteasy.problem.HttpProblem;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.calciwatch.events.Severity;
import org.calciwatch.notification.delivery.Attempt.Outcome;
import org.calciwatch.notification.delivery.Delivery.Status;
import org.junit.jupiter.api.Test;

class DeliveryTest {

    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
    private static final Duration PAUSE = Duration.ofSeconds(5);
    private static final String ONE = "one@clinic.example";
    private static final String TWO = "two@clinic.example";
    private static final UUID FLAG = UUID.fromString("019a0000-0000-7000-8000-0000000000c1");

    @Test
    void a_mail_has_one_message_id_per_flag_and_step() {
        assertThat(delivery(3).messageId())
                .isEqualTo("<019a0000-0000-7000-8000-0000000000c1.opened@calciwatch.example>");
    }

    @Test
    void a_mail_taken_for_everybody_is_sent() {
        var delivery = delivery(3);

        delivery.attempted(new Smtp.Answer(List.of(ONE, TWO), List.of(), "ok"), PAUSE, NOW);

        assertThat(delivery.status()).isEqualTo(Status.SENT);
        assertThat(delivery.nextAttemptAt()).isNull();
        assertThat(delivery.attempts()).containsExactly(new Attempt(NOW, Outcome.SENT, "ok"));
    }

    @Test
    void a_mail_taken_for_some_is_tried_again_for_the_others_only() {
        var delivery = delivery(3);

        delivery.attempted(new Smtp.Answer(List.of(TWO), List.of(), "450 later"), PAUSE, NOW);
        assertThat(delivery.status()).isEqualTo(Status.PENDING);
        assertThat(delivery.remaining()).containsExactly(ONE);
        assertThat(delivery.nextAttemptAt()).isEqualTo(NOW.plus(PAUSE));

        delivery.attempted(new Smtp.Answer(List.of(ONE), List.of(), "ok"), PAUSE, NOW);
        assertThat(delivery.status()).isEqualTo(Status.SENT);
        assertThat(delivery.attempts()).extracting(Attempt::outcome).containsExactly(Outcome.PARTLY_SENT, Outcome.SENT);
    }

    @Test
    void whoever_is_refused_for_good_is_not_tried_again_and_the_others_are() {
        var delivery = delivery(3);

        delivery.attempted(new Smtp.Answer(List.of(), List.of(ONE), "550, 450"), PAUSE, NOW);
        assertThat(delivery.status()).isEqualTo(Status.PENDING);
        assertThat(delivery.remaining()).containsExactly(TWO);

        delivery.attempted(new Smtp.Answer(List.of(TWO), List.of(), "ok"), PAUSE, NOW);
        assertThat(delivery.status()).isEqualTo(Status.SENT);
        assertThat(delivery.failed()).containsExactly(ONE);
        assertThat(delivery.attempts()).extracting(Attempt::outcome).containsExactly(Outcome.FAILED, Outcome.SENT);
    }

    @Test
    void a_mail_refused_for_good_by_everybody_has_failed_at_once() {
        var delivery = delivery(3);

        delivery.attempted(new Smtp.Answer(List.of(), List.of(ONE, TWO), "550 no such user"), PAUSE, NOW);

        assertThat(delivery.status()).isEqualTo(Status.FAILED);
        assertThat(delivery.nextAttemptAt()).isNull();
        assertThat(delivery.failed()).containsExactly(ONE, TWO);
        assertThat(delivery.attempts()).containsExactly(new Attempt(NOW, Outcome.REFUSED, "550 no such user"));
    }

    @Test
    void whoever_is_left_after_the_last_attempt_is_given_up_but_not_those_reached() {
        var delivery = delivery(1);

        delivery.attempted(new Smtp.Answer(List.of(TWO), List.of(), "450"), PAUSE, NOW);

        assertThat(delivery.status()).isEqualTo(Status.SENT);
        assertThat(delivery.failed()).containsExactly(ONE);
        assertThat(delivery.attempts()).extracting(Attempt::outcome).containsExactly(Outcome.PARTLY_SENT);
    }

    @Test
    void a_retry_is_for_those_the_mail_did_not_reach() {
        var delivery = delivery(3);
        delivery.attempted(new Smtp.Answer(List.of(TWO), List.of(ONE), "550"), PAUSE, NOW);

        delivery.retry(3, NOW);

        assertThat(delivery.status()).isEqualTo(Status.PENDING);
        assertThat(delivery.remaining()).containsExactly(ONE);
        delivery.attempted(new Smtp.Answer(List.of(), List.of(ONE), "550"), PAUSE, NOW);
        assertThat(delivery.status()).isEqualTo(Status.SENT);
    }

    @Test
    void a_mail_that_comes_back_from_everybody_has_failed() {
        var delivery = delivery(3);
        delivery.attempted(new Smtp.Answer(List.of(ONE, TWO), List.of(), "ok"), PAUSE, NOW);

        assertThat(delivery.bounced(ONE, "5.1.1", NOW)).isTrue();
        assertThat(delivery.bounced(ONE, "5.1.1", NOW)).isFalse();
        assertThat(delivery.bounced("somebody@else.example", "5.1.1", NOW)).isFalse();
        assertThat(delivery.status()).isEqualTo(Status.SENT);
        assertThat(delivery.bounced(TWO, "5.2.2", NOW)).isTrue();

        assertThat(delivery.status()).isEqualTo(Status.FAILED);
        assertThat(delivery.failed()).containsExactly(ONE, TWO);
        assertThat(delivery.attempts())
                .extracting(Attempt::outcome)
                .containsExactly(Outcome.SENT, Outcome.BOUNCED, Outcome.BOUNCED);
    }

    @Test
    void a_recipient_who_sends_the_mail_back_is_not_tried_again_while_others_are() {
        var delivery = delivery(3);
        delivery.attempted(new Smtp.Answer(List.of(ONE), List.of(), "450"), PAUSE, NOW);

        delivery.bounced(ONE, "5.1.1", NOW);

        assertThat(delivery.status()).isEqualTo(Status.PENDING);
        assertThat(delivery.nextAttemptAt()).isEqualTo(NOW.plus(PAUSE));
        assertThat(delivery.remaining()).containsExactly(TWO);
    }

    @Test
    void a_mail_waits_for_the_time_that_the_notice_says() {
        assertThat(delivery(3, "opened", NOW.minusSeconds(1)).nextAttemptAt()).isEqualTo(NOW);
        assertThat(delivery(3, "opened", NOW.plusSeconds(1)).nextAttemptAt()).isEqualTo(NOW.plusSeconds(1));
    }

    @Test
    void later_mails_about_a_flag_answer_to_the_first() {
        assertThat(delivery(3).inReplyTo()).isEmpty();
        assertThat(delivery(3, "escalation-2", NOW).inReplyTo())
                .contains(delivery(3).messageId());
    }

    @Test
    void nobody_is_left_out_when_the_time_of_an_attempt_is_over_before_the_end() {
        var delivery = delivery(3);
        assertThat(Outgoing.of(delivery).remaining()).containsExactly(ONE, TWO);

        delivery.attempted(new Smtp.Answer(List.of(), List.of(), "too slow"), PAUSE, NOW);

        assertThat(Outgoing.of(delivery).remaining()).containsExactly(TWO, ONE);
    }

    @Test
    void a_digest_has_one_message_id_per_recipient_and_time_and_belongs_to_no_conversation() {
        var digest = digest(ONE);

        assertThat(digest.messageId())
                .matches("<digest\\.2026-03-01T0600Z\\.[0-9a-f]{12}@calciwatch\\.example>")
                .isEqualTo(digest(ONE.toUpperCase(Locale.ROOT)).messageId())
                .isNotEqualTo(digest(ONE, Instant.parse("2026-03-01T16:30:00Z")).messageId())
                .isNotEqualTo(digest(TWO).messageId());
        assertThat(digest.inReplyTo()).isEmpty();
        assertThat(digest.flagId()).isNull();
        assertThat(digest.flags()).containsExactly(FLAG);
    }

    @Test
    void the_last_attempt_that_fails_makes_the_delivery_failed_until_a_person_has_it_retried() {
        var delivery = delivery(2);
        var failure = new Smtp.Answer(List.of(), List.of(), "refused");

        delivery.attempted(failure, PAUSE, NOW);
        delivery.attempted(failure, PAUSE, NOW);
        assertThat(delivery.status()).isEqualTo(Status.FAILED);
        assertThat(delivery.nextAttemptAt()).isNull();

        delivery.retry(2, NOW);
        assertThat(delivery.status()).isEqualTo(Status.PENDING);
        assertThat(delivery.nextAttemptAt()).isEqualTo(NOW);
        delivery.attempted(failure, PAUSE, NOW);
        assertThat(delivery.status()).isEqualTo(Status.PENDING);
        assertThat(delivery.attempts()).hasSize(3);
    }

    @Test
    void a_sent_mail_stays_sent_whatever_a_late_attempt_reports() {
        var delivery = delivery(1);
        delivery.attempted(new Smtp.Answer(List.of(ONE, TWO), List.of(), "ok"), PAUSE, NOW);

        delivery.attempted(new Smtp.Answer(List.of(), List.of(), "timeout"), PAUSE, NOW);

        assertThat(delivery.status()).isEqualTo(Status.SENT);
    }

    @Test
    void a_sent_mail_cannot_be_retried() {
        var delivery = delivery(1);
        delivery.attempted(new Smtp.Answer(List.of(ONE, TWO), List.of(), "ok"), PAUSE, NOW);

        assertThatExceptionOfType(HttpProblem.class)
                .isThrownBy(() -> delivery.retry(1, NOW))
                .satisfies(problem -> assertThat(problem.getStatusCode()).isEqualTo(409));
    }

    @Test
    void a_mail_that_is_withdrawn_in_time_goes_to_nobody() {
        var delivery = delivery(3);

        assertThat(delivery.withdraw(NOW)).isTrue();

        assertThat(delivery.status()).isEqualTo(Status.WITHDRAWN);
        assertThat(delivery.nextAttemptAt()).isNull();
        assertThat(delivery.remaining()).isEmpty();
        assertThat(Communications.of(delivery, "P-1").get("status").textValue()).isEqualTo("not-done");
        assertThatExceptionOfType(HttpProblem.class)
                .isThrownBy(() -> delivery.retry(1, NOW))
                .satisfies(problem -> assertThat(problem.getStatusCode()).isEqualTo(409));
    }

    @Test
    void a_mail_that_some_have_when_it_is_withdrawn_is_sent_and_goes_to_nobody_else() {
        var delivery = delivery(3);
        delivery.attempted(new Smtp.Answer(List.of(TWO), List.of(), "450 later"), PAUSE, NOW);

        delivery.withdraw(NOW);

        assertThat(delivery.status()).isEqualTo(Status.SENT);
        assertThat(delivery.remaining()).isEmpty();
        assertThat(delivery.reached()).containsExactly(TWO);
        assertThat(delivery.failed()).isEmpty();
        delivery.bounced(TWO, "5.1.1", NOW);
        assertThat(delivery.status()).as("nobody else has to be told").isEqualTo(Status.WITHDRAWN);
    }

    @Test
    void a_mail_that_is_being_sent_when_it_is_withdrawn_is_not_tried_again_and_does_not_fail() {
        for (var answer : List.of(
                new Smtp.Answer(List.of(), List.of(), "450 later"),
                new Smtp.Answer(List.of(), List.of(ONE, TWO), "550 never"))) {
            var delivery = delivery(3);
            delivery.claim(NOW.plusSeconds(60));

            assertThat(delivery.withdraw(NOW)).isFalse();
            assertThat(delivery.status()).isEqualTo(Status.PENDING);
            delivery.attempted(answer, PAUSE, NOW);

            assertThat(delivery.status()).isEqualTo(Status.WITHDRAWN);
            assertThat(delivery.nextAttemptAt()).isNull();
        }

        var arrived = delivery(3);
        arrived.claim(NOW.plusSeconds(60));
        arrived.withdraw(NOW);
        arrived.attempted(new Smtp.Answer(List.of(ONE, TWO), List.of(), "ok"), PAUSE, NOW);
        assertThat(arrived.status()).isEqualTo(Status.SENT);
        assertThat(arrived.attempts()).extracting(Attempt::outcome).containsExactly(Outcome.SENT);
    }

    @Test
    void what_is_over_cannot_be_withdrawn() {
        var delivery = delivery(1);
        delivery.attempted(new Smtp.Answer(List.of(), List.of(ONE, TWO), "550"), PAUSE, NOW);

        assertThat(delivery.withdraw(NOW)).isFalse();

        assertThat(delivery.status()).isEqualTo(Status.FAILED);
    }

    @Test
    void pauses_double_up_to_the_longest_with_at_most_a_fifth_taken_off() {
        var schedule = new RetrySchedule(Duration.ofSeconds(5), Duration.ofMinutes(5));
        var chance = new Random(1);

        assertThat(IntStream.rangeClosed(1, 9).mapToObj(failures -> schedule.pauseAfter(failures, chance)))
                .zipSatisfy(
                        IntStream.of(5, 10, 20, 40, 80, 160, 300, 300, 300)
                                .mapToObj(Duration::ofSeconds)
                                .toList(),
                        (pause, full) ->
                                assertThat(pause).isBetween(full.multipliedBy(4).dividedBy(5), full));
        assertThat(schedule.pauseAfter(Integer.MAX_VALUE, chance)).isLessThanOrEqualTo(Duration.ofMinutes(5));
    }

    private static Delivery delivery(int attempts) {
        return delivery(attempts, "opened", NOW);
    }

    private static Delivery delivery(int attempts, String step, Instant notBefore) {
        var notice = new FlagNotice(
                FLAG,
                "CW-7K3M9Q",
                Severity.CLINICIAN_REVIEW,
                "Low magnesium",
                step,
                Occasion.OPENED,
                assessment("P-1", rule("mg-low", Severity.CLINICIAN_REVIEW)),
                null,
                List.of(ONE, TWO, ONE),
                notBefore);
        return Delivery.of(
                UUID.randomUUID(),
                notice,
                "calciwatch.example",
                new Mail("subject", "text", "<p>html</p>"),
                attempts,
                "0".repeat(32),
                NOW);
    }

    private static Delivery digest(String recipient) {
        return digest(recipient, Instant.parse("2026-03-01T06:00:00Z"));
    }

    private static Delivery digest(String recipient, Instant due) {
        var entry = new DigestEntry(
                FLAG,
                "CW-7K3M9Q",
                Severity.CLINICIAN_REVIEW,
                "Low magnesium",
                "OPEN",
                NOW,
                Duration.ZERO,
                DigestEntry.Reason.NEW);
        return Delivery.of(
                UUID.randomUUID(),
                new DigestNotice(recipient, LocalDate.parse("2026-03-01"), due, List.of(entry)),
                "calciwatch.example",
                new Mail("subject", "text", "<p>html</p>"),
                3,
                "0".repeat(32),
                NOW);
    }
}
