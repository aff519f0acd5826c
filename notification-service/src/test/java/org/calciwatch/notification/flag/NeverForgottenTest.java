package org.calciwatch.notification.flag;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.calciwatch.notification.AssessmentMother.assessment;
import static org.calciwatch.notification.AssessmentMother.event;
import static org.calciwatch.notification.AssessmentMother.rule;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Executors;
import org.calciwatch.events.Severity;
import org.calciwatch.notification.TestClock;
import org.calciwatch.stack.LocalStackResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever happens in whatever order: an urgent flag is acknowledged, or somebody will be told of it. */
@QuarkusTest
@QuarkusTestResource(
        value = LocalStackResource.class,
        initArgs = @ResourceArg(name = "database", value = "notification"))
class NeverForgottenTest {

    private static final List<Severity> SEVERITIES =
            List.of(Severity.EDUCATION, Severity.CLINICIAN_REVIEW, Severity.URGENT_SAME_DAY, Severity.EMERGENCY);

    private static final int STEPS = 60;
    private static final Duration LONGEST_WAIT = Duration.ofHours(4);

    @Inject
    Flags flags;

    @Inject
    FlagRepository repository;

    @Inject
    TestClock clock;

    @AfterEach
    void back_to_real_time() {
        clock.reset();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void after_every_step_each_urgent_flag_is_acknowledged_or_has_an_escalation_ahead(long seed) {
        var random = new Random(seed);
        var patients = List.of("P-" + UUID.randomUUID(), "P-" + UUID.randomUUID());

        for (int step = 0; step < STEPS; step++) {
            var patient = patients.get(random.nextInt(patients.size()));
            var did = anything(patient, random);
            patients.forEach(each -> assertNotForgotten(each, "seed " + seed + ", step " + did));
        }
    }

    private String anything(String patient, Random random) {
        var open = QuarkusTransaction.requiringNew().call(() -> repository.of(patient).stream()
                .filter(flag -> flag.status() != Flag.Status.CLOSED)
                .map(Flag::id)
                .findFirst());
        return switch (random.nextInt(open.isEmpty() ? 3 : 10)) {
            case 0, 1, 2 -> {
                var severity = SEVERITIES.get(random.nextInt(SEVERITIES.size()));
                flags.handle(event(assessment(patient, rule("rule-" + random.nextInt(5), severity))));
                yield "assessment " + severity;
            }
            case 3, 4 -> act(open.orElseThrow(), "acknowledge", "{}");
            case 5 -> act(open.orElseThrow(), "assign", "{\"assignee\":\"clinician2\"}");
            case 6 ->
                act(
                        open.orElseThrow(),
                        "snooze",
                        "{\"until\":\"" + clock.instant().plus(Duration.ofMinutes(1 + random.nextInt(6000))) + "\"}");
            case 7 -> act(open.orElseThrow(), "close", "{\"outcome\":\"other\"}");
            case 8 -> {
                // several instances, of which each may have just been started
                try (var instances = Executors.newVirtualThreadPerTaskExecutor()) {
                    for (int i = 0; i < 3; i++) {
                        instances.execute(this::actOnAllDue);
                    }
                }
                yield "timers";
            }
            default -> {
                clock.advance(Duration.ofMinutes(random.nextInt(300)));
                actOnAllDue();
                yield "time";
            }
        };
    }

    private static String act(UUID id, String action, String body) {
        var status = given().contentType("application/json")
                .body(body)
                .post("/flags/" + id + "/" + action)
                .statusCode();
        assertThat(status).as(action).isIn(200, 409);
        return action;
    }

    private void actOnAllDue() {
        while (flags.actOnNextDue().isPresent()) {
            // the next one
        }
    }

    private void assertNotForgotten(String patient, String occasion) {
        QuarkusTransaction.requiringNew().run(() -> repository.of(patient).stream()
                .filter(Flag::isUrgent)
                .forEach(flag -> {
                    switch (flag.status()) {
                        case OPEN -> {
                            assertThat(flag.dueAt())
                                    .as(occasion)
                                    .isNotNull()
                                    .isBefore(clock.instant().plus(LONGEST_WAIT).plusSeconds(60));
                            assertThat(deliveriesOf(flag)).as(occasion).isPositive();
                        }
                        case SNOOZED -> {
                            // A person put it off, by name and for a day at most.
                            assertThat(flag.acknowledgedAt()).as(occasion).isNotNull();
                            assertThat(flag.dueAt())
                                    .as(occasion)
                                    .isEqualTo(flag.snoozedUntil())
                                    .isBeforeOrEqualTo(clock.instant().plus(Duration.ofHours(24)));
                        }
                        case ACKNOWLEDGED -> {
                            assertThat(flag.acknowledgedAt()).as(occasion).isNotNull();
                            assertThat(flag.dueAt()).as(occasion).isNotNull();
                        }
                        case CLOSED -> assertThat(flag.dueAt()).as(occasion).isNull();
                    }
                }));
    }

    private long deliveriesOf(Flag flag) {
        return repository
                .getEntityManager()
                .createQuery(
                        "select count(*) from Delivery where flagId = ?1 and status in (PENDING, SENT) and withdrawnAt is null",
                        Long.class)
                .setParameter(1, flag.id())
                .getSingleResult();
    }
}
