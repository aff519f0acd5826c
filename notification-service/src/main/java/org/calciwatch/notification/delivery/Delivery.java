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
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.calciwatch.crypto.SealedText;
import org.hibernate.annotations.BatchSize;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;

/**
 * One mail, about one step of a flag or a digest of several flags, and what became of it. The mail is stored as it is
 * sent, so that every attempt sends the very same one under the same Message-ID.
 */
@Entity
@Table(name = "delivery")
public class Delivery {

    /** Where a delivery is in its life. */
    public enum Status {
        /** Waits for its next attempt. */
        PENDING,
        /** The mail server took the mail for somebody, and there is nobody left to try. */
        SENT,
        /** Nobody can be reached; waits for a person. */
        FAILED,
        /** Somebody had seen to the flag before the mail went out to anybody. Stored as {@link #SENT} with a time. */
        WITHDRAWN
    }

    /** At the end of the step of a digest that others get, as those it was for cannot be reached. */
    static final String FALLBACK = "-fallback";

    @Id
    private UUID id;

    /** Null for digests and for mails about the service itself. */
    @Column(name = "flag_id")
    private @Nullable UUID flagId;

    /** The flags that a digest names; changed only by {@link DeliveryRepository#forget}. */
    @JdbcTypeCode(SqlTypes.ARRAY)
    @Column(updatable = false)
    private List<UUID> mentions;

    private String step;

    @Column(name = "message_id")
    private String messageId;

    @JdbcTypeCode(SqlTypes.ARRAY)
    private List<String> recipients;

    /** Recipients for whom the mail server has taken the mail. */
    @JdbcTypeCode(SqlTypes.ARRAY)
    private List<String> reached = new ArrayList<>();

    /** Recipients whom the mail will not reach: refused for good, given up, or bounced. */
    @JdbcTypeCode(SqlTypes.ARRAY)
    private List<String> failed = new ArrayList<>();

    // Null once their retention period is over. Never changed otherwise: an update of something else must not undo a
    // re-sealing that came between.
    @Column(updatable = false)
    private @Nullable SealedText subject;

    @Column(name = "body_text", updatable = false)
    private @Nullable SealedText text;

    @Column(name = "body_html", updatable = false)
    private @Nullable SealedText html;

    /** Never {@link Status#WITHDRAWN}, which the version before could not read; {@link #status()} tells. */
    @Enumerated(EnumType.STRING)
    private Status status;

    /** Since then nobody else is to get the mail; null for most. */
    @Column(name = "withdrawn_at")
    private @Nullable Instant withdrawnAt;

    @Column(name = "created_at")
    private Instant createdAt;

    @Column(name = "next_attempt_at")
    private @Nullable Instant nextAttemptAt;

    @Column(name = "attempts_left")
    private int attemptsLeft;

    /** Until then the delivery belongs to the sender that claimed it. */
    @Column(name = "locked_until")
    private @Nullable Instant lockedUntil;

    /** For the version before, which knows nothing of {@link #traceParent}. */
    @Column(name = "trace_id")
    private String traceId;

    /** What led to the mail; null where the version before wrote it. */
    @Column(name = "trace_parent")
    private @Nullable String traceParent;

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

    private Delivery(
            UUID id,
            @Nullable UUID flagId,
            List<UUID> mentions,
            String step,
            String messageId,
            List<String> recipients,
            Mail mail,
            int attempts,
            String traceParent,
            Instant at,
            Instant notBefore) {
        this.id = id;
        this.flagId = flagId;
        this.mentions = mentions;
        this.step = step;
        this.messageId = messageId;
        this.recipients = recipients;
        this.subject = SealedText.of(DeliveryRepository.SUBJECT.context(id), mail.subject());
        this.text = SealedText.of(DeliveryRepository.TEXT.context(id), mail.text());
        this.html = SealedText.of(DeliveryRepository.HTML.context(id), mail.html());
        this.status = Status.PENDING;
        this.createdAt = at;
        this.nextAttemptAt = notBefore.isAfter(at) ? notBefore : at;
        this.attemptsLeft = attempts;
        this.traceId = StoredTrace.id(traceParent);
        this.traceParent = traceParent;
    }

    /** A mail about a step of a flag. */
    static Delivery of(
            UUID id, FlagNotice notice, String domain, Mail mail, int attempts, String traceParent, Instant at) {
        return new Delivery(
                id,
                notice.flagId(),
                List.of(),
                notice.step(),
                messageId(notice.flagId() + "." + notice.step(), domain),
                notice.recipients(),
                mail,
                attempts,
                traceParent,
                at,
                notice.notBefore());
    }

    /** A digest, to be sent at once. */
    static Delivery of(
            UUID id, DigestNotice notice, String domain, Mail mail, int attempts, String traceParent, Instant at) {
        return new Delivery(
                id,
                null,
                notice.entries().stream().map(DigestEntry::flagId).distinct().toList(),
                notice.step(),
                messageId(notice.stableId(), domain),
                List.of(notice.recipient()),
                mail,
                attempts,
                traceParent,
                at,
                at);
    }

    /** A mail about the service itself, to be sent at once. */
    static Delivery aboutNoFlag(
            UUID id, String step, String messageId, List<String> recipients, Mail mail, int attempts, Instant at) {
        return new Delivery(id, null, List.of(), step, messageId, recipients, mail, attempts, "", at, at);
    }

    /** A digest that reached nobody, once more for others. */
    static Delivery of(UUID id, Delivery digest, List<String> recipients, Mail mail, int attempts, Instant at) {
        return new Delivery(
                id,
                null,
                digest.mentions,
                digest.step + FALLBACK,
                digest.messageId.replace("@", FALLBACK + "@"),
                recipients,
                mail,
                attempts,
                digest.traceParent(),
                at,
                at);
    }

    static String messageId(String stableId, String domain) {
        return "<" + stableId + "@" + domain + ">";
    }

    /** Keeps the delivery from other senders until a time, however this one ends. */
    void claim(Instant until) {
        lockedUntil = until;
    }

    /** True while a sender is at it. */
    boolean isClaimed(Instant now) {
        return lockedUntil != null && lockedUntil.isAfter(now);
    }

    /**
     * Keeps the mail from whoever has not got it yet. While a sender is at it, that may be too late for some; what the
     * sender reports then ends it.
     *
     * @return true when it is over now
     */
    boolean withdraw(Instant at) {
        if (status != Status.PENDING) {
            return false;
        }
        withdrawnAt = at;
        return !isClaimed(at) && endWithdrawn();
    }

    /**
     * Ends a delivery that was withdrawn while a sender was at it who never reported.
     *
     * @return true when it was one
     */
    boolean endWithdrawn() {
        if (withdrawnAt == null) {
            return false;
        }
        lockedUntil = null;
        settle(null);
        return true;
    }

    /** True when nobody else is to get the mail. */
    boolean isWithdrawn() {
        return withdrawnAt != null;
    }

    /**
     * Records an attempt. A mail that went out stays out, whatever happened to the delivery meanwhile. Whoever is left
     * after the last attempt allowed is given up.
     *
     * @param retryIn pause before those who are left are tried again
     */
    void attempted(Smtp.Answer answer, Duration retryIn, Instant at) {
        var before = left();
        reached = union(reached, answer.accepted());
        failed = union(failed, answer.refused());
        failed.removeAll(reached);
        lockedUntil = null;
        attempts.add(new Attempt(at, outcomeOf(answer, before), answer.detail()));
        switch (status) {
            case PENDING -> {
                attemptsLeft--;
                if (attemptsLeft <= 0) {
                    failed = union(failed, remaining());
                }
                settle(at.plus(retryIn));
            }
            // Another sender finished it after this one's claim had run out.
            case SENT, FAILED, WITHDRAWN -> settle(at);
        }
    }

    /**
     * Records that a mail came back from a recipient.
     *
     * @return true when that is news
     */
    boolean bounced(String recipient, String status, Instant at) {
        if (!recipients.contains(recipient) || failed.contains(recipient)) {
            return false;
        }
        reached.remove(recipient);
        failed = union(failed, List.of(recipient));
        attempts.add(new Attempt(at, Attempt.Outcome.BOUNCED, "came back with " + status));
        settle(nextAttemptAt);
        return true;
    }

    /** Over once nobody is left to try; until then tried again at the time given. What was withdrawn never fails. */
    private void settle(@Nullable Instant next) {
        if (!remaining().isEmpty()) {
            nextAttemptAt = next;
            return;
        }
        status = reached.isEmpty() && !isWithdrawn() ? Status.FAILED : Status.SENT;
        nextAttemptAt = null;
    }

    private static Attempt.Outcome outcomeOf(Smtp.Answer answer, List<String> before) {
        if (!answer.accepted().isEmpty()) {
            return answer.accepted().containsAll(before) ? Attempt.Outcome.SENT : Attempt.Outcome.PARTLY_SENT;
        }
        return !answer.refused().isEmpty() && answer.refused().containsAll(before)
                ? Attempt.Outcome.REFUSED
                : Attempt.Outcome.FAILED;
    }

    private static List<String> union(List<String> one, List<String> other) {
        var all = new LinkedHashSet<>(one);
        all.addAll(other);
        return new ArrayList<>(all);
    }

    /**
     * Has the mail tried again at once for those it did not reach, with a fresh number of attempts.
     *
     * @throws HttpProblem 409 when it reached everybody, was withdrawn, or its words are not kept any more
     */
    void retry(int attempts, Instant at) {
        if (isWithdrawn()) {
            throw HttpProblem.valueOf(
                    Response.Status.CONFLICT,
                    "Delivery " + id + " was withdrawn, as somebody had seen to its flag; see the flag");
        }
        if (isContentRemoved()) {
            throw HttpProblem.valueOf(
                    Response.Status.CONFLICT, "Delivery " + id + " cannot be retried: its words were removed");
        }
        if (reached.containsAll(recipients)) {
            throw HttpProblem.valueOf(
                    Response.Status.CONFLICT,
                    "Delivery " + id + " reached everybody; only one that did not can be retried");
        }
        failed.clear();
        status = Status.PENDING;
        attemptsLeft = attempts;
        nextAttemptAt = at;
    }

    /** Failed attempts in a row since the delivery was made or a person had it retried. */
    int failuresOf(int allowed) {
        return allowed - attemptsLeft;
    }

    /** Recipients without the mail who may still get it. */
    List<String> remaining() {
        return isWithdrawn() ? List.of() : left();
    }

    private List<String> left() {
        return recipients.stream()
                .filter(recipient -> !reached.contains(recipient) && !failed.contains(recipient))
                .toList();
    }

    /** The Message-ID of the flag's first mail, which makes this one part of its conversation. */
    Optional<String> inReplyTo() {
        return flagId == null || step.equals(FlagNotice.OPENED)
                ? Optional.empty()
                : Optional.of(messageId.replace("." + step + "@", "." + FlagNotice.OPENED + "@"));
    }

    UUID id() {
        return id;
    }

    @Nullable
    UUID flagId() {
        return flagId;
    }

    /** The flags it tells of. */
    List<UUID> flags() {
        return flagId == null ? mentions : List.of(flagId);
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

    List<String> reached() {
        return reached;
    }

    List<String> failed() {
        return failed;
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
        return status == Status.SENT && isWithdrawn() && reached.isEmpty() ? Status.WITHDRAWN : status;
    }

    Instant createdAt() {
        return createdAt;
    }

    @Nullable
    Instant nextAttemptAt() {
        return nextAttemptAt;
    }

    String traceParent() {
        return Objects.requireNonNullElse(traceParent, "");
    }

    List<Attempt> attempts() {
        return attempts;
    }
}
