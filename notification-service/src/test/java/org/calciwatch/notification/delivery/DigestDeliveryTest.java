package org.calciwatch.notification.delivery;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.calciwatch.notification.delivery.MailDesk.ONE;
import static org.calciwatch.notification.delivery.MailDesk.TWO;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.calciwatch.events.Severity;
import org.calciwatch.notification.Clinic;
import org.calciwatch.notification.delivery.Delivery.Status;
import org.calciwatch.stack.LocalStackResource;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(
        value = LocalStackResource.class,
        initArgs = @ResourceArg(name = "database", value = "notification"))
class DigestDeliveryTest {

    private static final Duration SOON = Duration.ofSeconds(60);

    @Inject
    MailDesk desk;

    @Inject
    Deliveries deliveries;

    @Inject
    DeliveryRepository repository;

    @Inject
    Escalations escalations;

    @Inject
    Clinic clinic;

    /** A day of the test's own. */
    private final LocalDate day =
            LocalDate.EPOCH.plusDays(ThreadLocalRandom.current().nextInt(1_000_000));

    @Test
    void everybody_gets_one_digest_a_day_however_often_it_is_asked_for() {
        var flag = desk.openFlag();

        enqueue(ONE, flag);
        enqueue(ONE, flag);
        enqueue(TWO, flag);

        assertThat(digests(flag)).hasSize(2);
        var digest = digests(flag).getFirst();
        await().atMost(SOON).until(() -> clinic.mail(digest.messageId()).isPresent());
        var mail = clinic.mail(digest.messageId()).orElseThrow();
        assertThat(mail.to()).containsExactly(ONE);
        assertThat(mail.subject()).startsWith("[DIGEST] 1 flag to look at, the most severe CLINICIAN REVIEW");
        assertThat(mail.html()).contains("/inbox/" + flag);
        await().atMost(SOON).until(() -> digests(flag).stream().allMatch(sent -> sent.status() == Status.SENT));
        assertThat(given().get("/deliveries?limit=200")
                        .jsonPath()
                        .getString("items.find { it.id == '" + digest.id() + "' }.mentions[0]"))
                .isEqualTo(flag.toString());
    }

    @Test
    void what_digests_tell_of_an_erased_flag_goes_with_it() {
        var erased = desk.openFlag();
        var other = desk.openFlag();
        enqueue(ONE, erased, other);
        enqueue(TWO, other);
        await().atMost(SOON).until(() -> digests(other).stream().allMatch(sent -> sent.status() == Status.SENT));
        var mine = digests(erased).getFirst().id();
        var notSent = enqueueLate(TWO, erased);

        QuarkusTransaction.requiringNew().run(() -> deliveries.forget(erased));

        assertThat(find(notSent)).isEmpty();
        assertThat(find(mine).orElseThrow().isContentRemoved()).isTrue();
        assertThat(find(mine).orElseThrow().flags()).containsExactly(other);
        assertThat(digests(other))
                .filteredOn(digest -> !digest.isContentRemoved())
                .hasSize(1);
        given().post("/deliveries/" + mine + "/retry").then().statusCode(409);
    }

    @Test
    void a_digest_that_reaches_nobody_goes_to_the_fallback_once_and_without_a_mail_for_each_flag() {
        var flags = Stream.generate(desk::openFlag).limit(3).toList();
        var first = flags.getFirst();
        enqueue(ONE, flags.toArray(UUID[]::new));
        await().atMost(SOON).until(() -> digests(first).stream().allMatch(sent -> sent.status() == Status.SENT));
        var failed = digests(first).getFirst();

        comesBack(failed);

        var other = await().atMost(SOON)
                .until(() -> digests(first), found -> found.size() == 2)
                .getLast();
        assertThat(other.step()).isEqualTo(step(day) + "-fallback");
        assertThat(other.flags()).containsExactlyInAnyOrderElementsOf(flags);
        await().atMost(SOON).until(() -> clinic.mail(other.messageId()).isPresent());
        var mail = clinic.mail(other.messageId()).orElseThrow();
        assertThat(mail.to()).isNotEmpty().doesNotContain(ONE);
        assertThat(mail.subject()).startsWith("[DIGEST] 3 flags to look at").endsWith("(others could not be reached)");
        assertThat(mail.text()).startsWith("Those who were to get this could not be reached by mail.");
        assertThat(mail.html())
                .startsWith("<!DOCTYPE html>")
                .contains("<p>Those who were to get this could not be reached by mail.")
                .contains("/inbox/" + first);

        given().post("/deliveries/" + failed.id() + "/retry").then().statusCode(200);
        await().atMost(SOON).until(() -> digests(first).getFirst().status() == Status.SENT);
        comesBack(digests(first).getFirst());
        await().atMost(SOON).until(() -> digests(first).getLast().status() == Status.SENT);
        comesBack(digests(first).getLast());
        assertThat(digests(first)).hasSize(2);
        flags.forEach(flag -> assertThat(escalations.stepsOf(flag)).isEmpty());
    }

    @Test
    void a_digest_that_reaches_nobody_goes_to_nobody_else_where_another_one_tells_of_its_flags() {
        var flag = desk.openFlag();
        enqueue(ONE, flag);
        enqueue(TWO, flag);
        await().atMost(SOON).until(() -> digests(flag).stream().allMatch(sent -> sent.status() == Status.SENT));

        comesBack(digests(flag).getFirst());
        assertThat(digests(flag)).hasSize(2);

        comesBack(digests(flag).get(1));
        assertThat(digests(flag)).hasSize(3);
    }

    @Test
    void a_digest_whose_time_was_moved_to_later_on_the_day_is_made() {
        var flag = desk.openFlag();
        var evening = day.atTime(18, 30).toInstant(ZoneOffset.UTC);

        enqueue(ONE, flag);
        enqueue(ONE, flag);
        for (int i = 0; i < 2; i++) {
            QuarkusTransaction.requiringNew().run(() -> deliveries.enqueue(notice(ONE, day, evening, flag)));
        }

        assertThat(QuarkusTransaction.requiringNew().call(() -> repository.tellingOf(flag)))
                .filteredOn(delivery -> delivery.flagId() == null)
                .extracting(Delivery::step)
                .containsExactly("digest-" + day + "T0600Z", "digest-" + day + "T1830Z");
    }

    @Test
    void withdrawing_the_mails_about_a_flag_leaves_digests() {
        var flag = desk.openFlag();
        var waiting = enqueueLate(ONE, flag);

        QuarkusTransaction.requiringNew().run(() -> deliveries.withdraw(flag));

        assertThat(find(waiting).orElseThrow().status()).isEqualTo(Status.PENDING);
        assertThat(find(waiting).orElseThrow().isWithdrawn()).isFalse();
    }

    private void comesBack(Delivery digest) {
        var failure = new BounceReport.Failure(Set.copyOf(digest.recipients()), "5.1.1");
        assertThat(deliveries.bounced(new BounceReport(digest.messageId(), List.of(failure))))
                .isTrue();
    }

    /** Its sender has claimed it and does nothing. */
    private UUID enqueueLate(String recipient, UUID flag) {
        var id = new UUID[1];
        QuarkusTransaction.requiringNew().run(() -> {
            deliveries.enqueue(notice(recipient, day.plusDays(1), flag));
            repository.flush();
            var digest = repository
                    .find("flagId is null and step = ?1", step(day.plusDays(1)))
                    .firstResult();
            digest.claim(Instant.now().plus(Duration.ofHours(1)));
            id[0] = digest.id();
        });
        return id[0];
    }

    private void enqueue(String recipient, UUID... flags) {
        QuarkusTransaction.requiringNew().run(() -> deliveries.enqueue(notice(recipient, day, flags)));
    }

    private static DigestNotice notice(String recipient, LocalDate day, UUID... flags) {
        return notice(recipient, day, day.atTime(6, 0).toInstant(ZoneOffset.UTC), flags);
    }

    private static DigestNotice notice(String recipient, LocalDate day, Instant due, UUID... flags) {
        return new DigestNotice(
                recipient,
                day,
                due,
                Arrays.stream(flags)
                        .map(flag -> new DigestEntry(
                                flag,
                                "CW-7K3M9Q",
                                Severity.CLINICIAN_REVIEW,
                                "Low magnesium",
                                "OPEN",
                                Instant.EPOCH,
                                Duration.ofDays(2),
                                DigestEntry.Reason.UNACKNOWLEDGED))
                        .toList());
    }

    private static String step(LocalDate day) {
        return "digest-" + day + "T0600Z";
    }

    /** The digests of the day that name a flag, the first made first. */
    private List<Delivery> digests(UUID flag) {
        return QuarkusTransaction.requiringNew()
                .call(() -> repository.list("flagId is null and step like ?1 order by id", step(day) + "%").stream()
                        .filter(digest -> digest.flags().contains(flag))
                        .toList());
    }

    private Optional<Delivery> find(UUID id) {
        return QuarkusTransaction.requiringNew().call(() -> repository.findByIdOptional(id));
    }
}
