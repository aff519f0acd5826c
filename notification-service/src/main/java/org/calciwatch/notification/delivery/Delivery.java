package org.calciwatch.notification.delivery;

import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.persistence.CollectionTable;
import jakarta.persistence.Column;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.OrderColumn;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.UUID;
import org.calciwatch.crypto.SealedText;
import org.hibernate.annotations.BatchSize;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;

/**
 * One mail about one step of a flag, and what became of it. The mail is stored as it is sent, so that every attempt
 * sends the very same one under the same Message-ID.
 */
@Entity
@Table(name = "delivery")
public class Delivery {

    /** Where a delivery is in its life. */
    public enum Status {
        /** Waits for its next attempt. */
        PENDING,
        /** The mail server took the mail for every recipient. */
        SENT,
        /** All attempts failed; waits for a person. */
        FAILED
    }

    @Id
    private UUID id;

    @Column(name = "flag_id")
    private UUID flagId;

    private String step;

    @Column(name = "message_id")
    private String messageId;

    @JdbcTypeCode(SqlTypes.ARRAY)
    private List<String> recipients;

    /** Recipients for whom the mail server has taken the mail. */
    @JdbcTypeCode(SqlTypes.ARRAY)
    private List<String> reached = new ArrayList<>();

    // Null once their retention period is over. Never changed otherwise: an update of something else must not undo a
    // re-sealing that came between.
    @Column(updatable = false)
    private @Nullable SealedText subject;

    @Column(name = "body_text", updatable = false)
    private @Nullable SealedText text;

    @Column(name = "body_html", updatable = false)
    private @Nullable SealedText html;

    @Enumerated(EnumType.STRING)
    private Status status;

    @Column(name = "created_at")
    private Instant createdAt;

    @Column(name = "next_attempt_at")
    private @Nullable Instant nextAttemptAt;

    @Column(name = "attempts_left")
    private int attemptsLeft;

    /** Until then the delivery belongs to the sender that claimed it. */
    @Column(name = "locked_until")
    private @Nullable Instant lockedUntil;

    /** OpenTelemetry trace of the submission that led to the mail, for the log. */
    @Column(name = "trace_id")
    private String traceId;

    @Version
    private int version;

    @ElementCollection
    @CollectionTable(name = "delivery_attempt", joinColumns = @JoinColumn(name = "delivery_id"))
    @OrderColumn(name = "position")
    @BatchSize(size = 100)
    private List<Attempt> attempts = new ArrayList<>();

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected Delivery() {}

    /** A mail to be sent at once. */
    Delivery(
            UUID id,
            FlagNotice notice,
            String domain,
            List<String> recipients,
            Mail mail,
            int attempts,
            String traceId,
            Instant at) {
        this.id = id;
        this.flagId = notice.flagId();
        this.step = notice.step();
        this.messageId = "<" + notice.flagId() + "." + notice.step() + "@" + domain + ">";
        this.recipients = List.copyOf(recipients);
        this.subject = SealedText.of(DeliveryRepository.SUBJECT.context(id), mail.subject());
        this.text = SealedText.of(DeliveryRepository.TEXT.context(id), mail.text());
        this.html = SealedText.of(DeliveryRepository.HTML.context(id), mail.html());
        this.status = Status.PENDING;
        this.createdAt = at;
        this.nextAttemptAt = at;
        this.attemptsLeft = attempts;
        this.traceId = traceId;
    }

    /** Keeps the delivery from other senders until a time, however this one ends. */
    void claim(Instant until) {
        lockedUntil = until;
    }

    /**
     * Records an attempt. A mail that went out stays out, whatever happened to the delivery meanwhile; the last attempt
     * allowed makes a delivery FAILED.
     *
     * @param retryIn pause before those left without the mail are tried again
     */
    void attempted(Smtp.Answer answer, Duration retryIn, Instant at) {
        var all = new LinkedHashSet<>(reached);
        all.addAll(answer.accepted());
        reached = new ArrayList<>(all);
        lockedUntil = null;
        var outcome = outcomeOf(answer);
        attempts.add(new Attempt(at, outcome, answer.detail()));
        if (outcome == Attempt.Outcome.SENT) {
            status = Status.SENT;
            nextAttemptAt = null;
            return;
        }
        switch (status) {
            case PENDING -> {
                attemptsLeft--;
                if (attemptsLeft > 0) {
                    nextAttemptAt = at.plus(retryIn);
                } else {
                    status = Status.FAILED;
                    nextAttemptAt = null;
                }
            }
            case SENT, FAILED -> {
                // another sender finished it after this one's claim had run out
            }
        }
    }

    private Attempt.Outcome outcomeOf(Smtp.Answer answer) {
        if (remaining().isEmpty()) {
            return Attempt.Outcome.SENT;
        } else if (!answer.accepted().isEmpty()) {
            return Attempt.Outcome.PARTLY_SENT;
        } else {
            return answer.permanent() ? Attempt.Outcome.REFUSED : Attempt.Outcome.FAILED;
        }
    }

    /**
     * Has the mail tried again at once, with a fresh number of attempts.
     *
     * @throws HttpProblem 409 when the mail was sent
     */
    void retry(int attempts, Instant at) {
        switch (status) {
            case PENDING, FAILED -> {
                status = Status.PENDING;
                attemptsLeft = attempts;
                nextAttemptAt = at;
            }
            case SENT ->
                throw HttpProblem.valueOf(
                        Response.Status.CONFLICT,
                        "Delivery " + id + " is SENT; only PENDING and FAILED ones can be retried");
        }
    }

    /** Failed attempts in a row since the delivery was made or a person had it retried. */
    int failuresOf(int allowed) {
        return allowed - attemptsLeft;
    }

    /** Recipients without the mail. */
    List<String> remaining() {
        return recipients.stream()
                .filter(recipient -> !reached.contains(recipient))
                .toList();
    }

    UUID id() {
        return id;
    }

    UUID flagId() {
        return flagId;
    }

    String step() {
        return step;
    }

    String messageId() {
        return messageId;
    }

    List<String> recipients() {
        return recipients;
    }

    String subject() {
        return subject == null ? "" : subject.open(DeliveryRepository.SUBJECT.context(id));
    }

    String text() {
        return text == null ? "" : text.open(DeliveryRepository.TEXT.context(id));
    }

    String html() {
        return html == null ? "" : html.open(DeliveryRepository.HTML.context(id));
    }

    boolean isContentRemoved() {
        return subject == null;
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

    String traceId() {
        return traceId;
    }

    List<Attempt> attempts() {
        return attempts;
    }
}
