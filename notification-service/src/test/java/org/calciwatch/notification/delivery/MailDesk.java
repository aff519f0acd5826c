package org.calciwatch.notification.delivery;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;

import io.restassured.path.json.JsonPath;
import jakarta.inject.Singleton;
import jakarta.transaction.Transactional;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.Severity;
import org.calciwatch.events.consume.EventHandler;
import org.calciwatch.notification.AssessmentMother;

/** Makes flags and mails about them for tests, and looks what became of them. */
@Singleton
class MailDesk {

    static final String ONE = "one@clinic.example";
    static final String TWO = "two@clinic.example";

    private static final Duration SOON = Duration.ofSeconds(60);

    private final EventHandler<AssessmentCompleted> handler;
    private final Deliveries deliveries;

    MailDesk(EventHandler<AssessmentCompleted> handler, Deliveries deliveries) {
        this.handler = handler;
        this.deliveries = deliveries;
    }

    /** A new flag, of which its own mail tells whom the clinic says. */
    UUID openFlag() {
        var patient = "P-" + UUID.randomUUID();
        handler.handle(AssessmentMother.event(
                AssessmentMother.assessment(patient, AssessmentMother.rule("mg-low", Severity.CLINICIAN_REVIEW))));
        return UUID.fromString(
                given().get("/flags?patient=" + patient).jsonPath().getString("items[0].id"));
    }

    /** A mail about a step of a flag, at once. */
    void tell(UUID flagId, String step, String... recipients) {
        tell(flagId, step, Instant.EPOCH, recipients);
    }

    @Transactional
    void tell(UUID flagId, String step, Instant notBefore, String... recipients) {
        deliveries.enqueue(new FlagNotice(
                flagId,
                "CW-7K3M9Q",
                Severity.CLINICIAN_REVIEW,
                "Low magnesium",
                step,
                Occasion.ESCALATED,
                AssessmentMother.assessment("P-1", AssessmentMother.rule("mg-low", Severity.CLINICIAN_REVIEW)),
                null,
                List.of(recipients),
                notBefore));
    }

    JsonPath delivery(UUID flagId, String step) {
        return given().get("/deliveries?flag=" + flagId)
                .jsonPath()
                .setRootPath("items.find { it.step == '" + step + "' }");
    }

    JsonPath awaitStatus(UUID flagId, String step, String status) {
        return await().atMost(SOON)
                .until(() -> delivery(flagId, step), found -> status.equals(found.getString("status")));
    }

    JsonPath awaitAttempts(UUID flagId, String step, int number) {
        return await().atMost(SOON)
                .until(
                        () -> delivery(flagId, step),
                        found -> found.getList("attempts").size() >= number);
    }
}
