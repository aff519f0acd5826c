package org.calciwatch.notification.webhook;

import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.calciwatch.crypto.SealedText;
import org.calciwatch.events.Event;
import org.calciwatch.events.FlagChanged;
import org.jspecify.annotations.Nullable;

/** One change of a flag on its way to one endpoint, stored as it is sent. */
@Entity
@Table(name = "webhook_delivery")
public class WebhookDelivery {

    /** Where it is in its life. */
    public enum Status {
        /** Waits for its next attempt. */
        PENDING,
        /** The endpoint took it. */
        SENT,
        /** Given up; waits for a person. */
        FAILED
    }

    @Id
    private UUID id;

    private String endpoint;

    /** Id of the event, the same for every endpoint and in every attempt. */
    @Column(name = "event_id")
    private UUID eventId;

    @Column(name = "flag_id")
    private UUID flagId;

    @Column(name = "patient_id")
    private String patientId;

    /** Never changed: an update of something else must not undo a re-sealing that came between. */
    @Column(updatable = false)
    private SealedText body;

    @Enumerated(EnumType.STRING)
    private Status status;

    @Column(name = "created_at")
    private Instant createdAt;

    @Column(name = "next_attempt_at")
    private @Nullable Instant nextAttemptAt;

    private int attempts;

    @Column(name = "attempts_left")
    private int attemptsLeft;

    @Column(name = "last_attempt_at")
    private @Nullable Instant lastAttemptAt;

    @Column(name = "last_answer")
    private @Nullable String lastAnswer;

    /** Until then it belongs to the sender that claimed it. */
    @Column(name = "locked_until")
    private @Nullable Instant lockedUntil;

    /** OpenTelemetry trace of what changed the flag, for the log. */
    @Column(name = "trace_id")
    private String traceId;

    @Version
    private int version;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected WebhookDelivery() {}

    /**
     * An event to be sent at once.
     *
     * @param body the message as it is sent
     * @param attempts how often it may be tried
     */
    WebhookDelivery(
            UUID id, String endpoint, Event<FlagChanged> event, String body, int attempts, String traceId, Instant at) {
        this.id = id;
        this.endpoint = endpoint;
        this.eventId = event.id();
        this.flagId = event.data().flagId();
        this.patientId = event.patientId();
        this.body = SealedText.of(WebhookRepository.BODY.context(id), body);
        this.status = Status.PENDING;
        this.createdAt = at;
        this.nextAttemptAt = at;
        this.attemptsLeft = attempts;
        this.traceId = traceId;
    }

    /** Keeps it from other senders until a time, however this one ends. */
    void claim(Instant until) {
        lockedUntil = until;
    }

    /**
     * Records an attempt. What was taken stays taken, whatever happened meanwhile.
     *
     * @param retryIn pause before the next one
     */
    void attempted(Answer answer, Duration retryIn, Instant at) {
        attempts++;
        if (status == Status.SENT) {
            // By another sender, after this one's claim had run out.
            return;
        }
        lastAttemptAt = at;
        lastAnswer = answer.detail();
        lockedUntil = null;
        if (answer.outcome() == Answer.Outcome.TAKEN) {
            settle(Status.SENT);
        } else if (status == Status.PENDING) {
            attemptsLeft--;
            if (answer.outcome() == Answer.Outcome.GONE || attemptsLeft <= 0) {
                settle(Status.FAILED);
            } else {
                nextAttemptAt = at.plus(retryIn);
            }
        }
    }

    private void settle(Status end) {
        status = end;
        nextAttemptAt = null;
    }

    /**
     * Has it tried again at once.
     *
     * @throws HttpProblem 409 when the endpoint took it
     */
    void retry(int allowed, Instant at) {
        if (status == Status.SENT) {
            throw HttpProblem.valueOf(
                    Response.Status.CONFLICT,
                    "Delivery " + id + " was taken by its endpoint; only one that was not can be retried");
        }
        status = Status.PENDING;
        attemptsLeft = allowed;
        nextAttemptAt = at;
    }

    /** Failed attempts in a row since it was made or a person had it retried. */
    int failuresOf(int allowed) {
        return allowed - attemptsLeft;
    }

    UUID id() {
        return id;
    }

    String endpoint() {
        return endpoint;
    }

    UUID eventId() {
        return eventId;
    }

    UUID flagId() {
        return flagId;
    }

    String patientId() {
        return patientId;
    }

    String body() {
        return body.open(WebhookRepository.BODY.context(id));
    }

    Status status() {
        return status;
    }

    Instant createdAt() {
        return createdAt;
    }

    @Nullable
    Instant nextAttemptAt() {
        return nextAttemptAt;
    }

    int attempts() {
        return attempts;
    }

    @Nullable
    Instant lastAttemptAt() {
        return lastAttemptAt;
    }

    @Nullable
    String lastAnswer() {
        return lastAnswer;
    }

    String traceId() {
        return traceId;
    }
}
