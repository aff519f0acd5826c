package org.calciwatch.notification.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.calciwatch.notification.AssessmentMother.assessment;
import static org.calciwatch.notification.AssessmentMother.rule;

import io.quarkiverse.resteasy.problem.HttpProblem;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
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

        delivery.attempted(new Smtp.Answer(List.of(ONE, TWO), false, "ok"), PAUSE, NOW);

        assertThat(delivery.status()).isEqualTo(Status.SENT);
        assertThat(delivery.nextAttemptAt()).isNull();
        assertThat(delivery.attempts()).containsExactly(new Attempt(NOW, Outcome.SENT, "ok"));
    }

    @Test
    void a_mail_taken_for_some_is_tried_again_for_the_others_only() {
        var delivery = delivery(3);

        delivery.attempted(new Smtp.Answer(List.of(TWO), false, "450 later"), PAUSE, NOW);
        assertThat(delivery.status()).isEqualTo(Status.PENDING);
        assertThat(delivery.remaining()).containsExactly(ONE);
        assertThat(delivery.nextAttemptAt()).isEqualTo(NOW.plus(PAUSE));

        delivery.attempted(new Smtp.Answer(List.of(ONE), false, "ok"), PAUSE, NOW);
        assertThat(delivery.status()).isEqualTo(Status.SENT);
        assertThat(delivery.attempts()).extracting(Attempt::outcome).containsExactly(Outcome.PARTLY_SENT, Outcome.SENT);
    }

    @Test
    void a_permanent_refusal_is_recorded_as_such_and_tried_again() {
        var delivery = delivery(3);

        delivery.attempted(new Smtp.Answer(List.of(), true, "550 no such user"), PAUSE, NOW);

        assertThat(delivery.status()).isEqualTo(Status.PENDING);
        assertThat(delivery.attempts()).containsExactly(new Attempt(NOW, Outcome.REFUSED, "550 no such user"));
    }

    @Test
    void the_last_attempt_that_fails_makes_the_delivery_failed_until_a_person_has_it_retried() {
        var delivery = delivery(2);
        var failure = new Smtp.Answer(List.of(), false, "refused");

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
        delivery.attempted(new Smtp.Answer(List.of(ONE, TWO), false, "ok"), PAUSE, NOW);

        delivery.attempted(new Smtp.Answer(List.of(), false, "timeout"), PAUSE, NOW);

        assertThat(delivery.status()).isEqualTo(Status.SENT);
    }

    @Test
    void a_sent_mail_cannot_be_retried() {
        var delivery = delivery(1);
        delivery.attempted(new Smtp.Answer(List.of(ONE, TWO), false, "ok"), PAUSE, NOW);

        assertThatExceptionOfType(HttpProblem.class)
                .isThrownBy(() -> delivery.retry(1, NOW))
                .satisfies(problem -> assertThat(problem.getStatusCode()).isEqualTo(409));
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
        var notice = new FlagNotice(
                FLAG,
                "CW-7K3M9Q",
                Severity.CLINICIAN_REVIEW,
                "Low magnesium",
                "opened",
                assessment("P-1", rule("mg-low", Severity.CLINICIAN_REVIEW)));
        return new Delivery(
                UUID.randomUUID(),
                notice,
                "calciwatch.example",
                List.of(ONE, TWO),
                new Mail("subject", "text", "<p>html</p>"),
                attempts,
                "0".repeat(32),
                NOW);
    }
}
