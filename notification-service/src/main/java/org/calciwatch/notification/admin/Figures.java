package org.calciwatch.notification.admin;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.calciwatch.events.Severity;
import org.calciwatch.notification.delivery.Delivery;
import org.hibernate.Session;
import org.hibernate.query.NativeQuery;
import org.jspecify.annotations.Nullable;

/**
 * How routing, mails, webhooks and timers of this service stand. Nothing in here tells of a patient or of a single flag.
 * What is asked for on each look at the page is found by indexes that hold only what is
 * not done, so that it takes no longer with the years.
 */
@ApplicationScoped
class Figures {

    /** Timers look every few seconds; what waits longer than this after it was due is stuck. */
    private static final Duration STUCK = Duration.ofMinutes(10);

    private static final int MOST = 50;

    private static final Duration LATELY = Duration.ofHours(24);

    /** How long flags that no row of the routing table was for are told of. */
    private static final Duration UNROUTED = Duration.ofDays(30);

    /**
     * Deliveries by state.
     *
     * @param sentLately of the last 24 hours
     * @param partly sent, but not to every recipient
     * @param withdrawnLately of the last 24 hours; somebody had seen to the flag before the mail went out to anybody
     */
    record Mails(long pending, long sentLately, long failed, long partly, long withdrawnLately) {}

    /**
     * What endpoints were to be told of and were not.
     *
     * @param oldest when the oldest that waits was made; null where none waits
     */
    record Hooks(long pending, long failed, @Nullable Instant oldest) {}

    /**
     * What waits longer than it should.
     *
     * @param since when the oldest was due; null where there is none
     */
    record Waiting(long number, @Nullable Instant since) {}

    /**
     * A mail that did not reach everybody.
     *
     * @param kind its step without the number, such as {@code escalation}; {@code digest} for those that tell of several
     * @param failed the recipients it did not reach, with commas between
     * @param isKept false where its words were removed or it was withdrawn, so that it cannot be sent again
     */
    record Unreached(UUID id, String kind, Delivery.Status status, Instant createdAt, String failed, boolean isKept) {}

    /**
     * Flags that no row of the routing table was for.
     *
     * @param category of their headline; empty when it is not known
     * @param clinic null when it is not known
     * @param last when the last of them was opened
     */
    record Unrouted(
            Severity severity, String category, @Nullable String clinic, long flags, Instant last) {}

    /** As in {@link Delivery#status()}. */
    private static final String SHOWN_STATUS =
            "case when status = 'SENT' and withdrawn_at is not null and reached = '{}' then 'WITHDRAWN' else status end";

    private final EntityManager database;

    Figures(EntityManager database) {
        this.database = database;
    }

    Mails mails(Instant now) {
        var row = query("""
                        select (select count(*) from delivery where status = 'PENDING'),
                               count(*) filter (where shown = 'SENT'),
                               (select count(*) from delivery where status = 'FAILED'),
                               (select count(*) from delivery where status = 'SENT' and cardinality(failed) > 0),
                               count(*) filter (where shown = 'WITHDRAWN')
                        from (select %s as shown from delivery where status = 'SENT' and created_at >= :lately)""".formatted(SHOWN_STATUS))
                .setParameter("lately", now.minus(LATELY))
                .getSingleResult();
        return new Mails((Long) row[0], (Long) row[1], (Long) row[2], (Long) row[3], (Long) row[4]);
    }

    /** The mails that did not reach everybody, the last made first, at most 50. */
    List<Unreached> unreached() {
        return query("""
                        select id, case when flag_id is null then 'digest' else regexp_replace(step, '-[0-9]+$', '') end,
                               %s, created_at, array_to_string(failed, ', '), subject is not null and withdrawn_at is null
                        from delivery where status = 'FAILED' or cardinality(failed) > 0
                        order by id desc""".formatted(SHOWN_STATUS))
                .setMaxResults(MOST)
                .getResultStream()
                .map(row -> new Unreached(
                        (UUID) row[0],
                        (String) row[1],
                        Delivery.Status.valueOf((String) row[2]),
                        (Instant) row[3],
                        (String) row[4],
                        (Boolean) row[5]))
                .toList();
    }

    /** The flags of the last 30 days that no row of the routing table was for, by what a row could be for. */
    List<Unrouted> unrouted(Instant now) {
        return query("""
                        select severity, headline_category, clinic, count(*), max(opened_at)
                        from flag where routed_by_fallback and opened_at >= :since
                        group by severity, headline_category, clinic
                        order by min(severity_rank), max(opened_at) desc""")
                .setParameter("since", now.minus(UNROUTED))
                .getResultStream()
                .map(row -> new Unrouted(
                        Severity.valueOf((String) row[0]), (String) row[1], (String) row[2], (Long) row[3], (Instant)
                                row[4]))
                .toList();
    }

    /** Flags whose escalation, wake-up or reminder is overdue. */
    Waiting overdueFlags(Instant now) {
        return waiting("select count(*), min(due_at) from flag where due_at < :before", now);
    }

    /** Mails whose attempt is overdue. */
    Waiting overdueMails(Instant now) {
        return waiting("""
                select count(*), min(next_attempt_at) from delivery
                where status = 'PENDING' and next_attempt_at < :before""", now);
    }

    /** Mails that were tried, and still wait to be taken by the mail server ten minutes after they were made. */
    Waiting failingMails(Instant now) {
        return waiting("""
                select count(*), min(created_at) from delivery
                where status = 'PENDING' and created_at < :before
                  and exists (select 1 from delivery_attempt where delivery_id = delivery.id)""", now);
    }

    /**
     * Flags that failed to do what was due. As they are tried again a minute later, {@link #overdueFlags} has none of
     * them.
     */
    Waiting failingFlags() {
        var row = query("select count(*), min(failed_since) from flag where failed_since is not null")
                .getSingleResult();
        return new Waiting((Long) row[0], (Instant) row[1]);
    }

    Hooks webhooks() {
        var row = query("""
                        select count(*) filter (where status = 'PENDING'), count(*) filter (where status = 'FAILED'),
                               min(created_at) filter (where status = 'PENDING')
                        from webhook_delivery where status <> 'SENT'""").getSingleResult();
        return new Hooks((Long) row[0], (Long) row[1], (Instant) row[2]);
    }

    private Waiting waiting(String sql, Instant now) {
        var row = query(sql).setParameter("before", now.minus(STUCK)).getSingleResult();
        return new Waiting((Long) row[0], (Instant) row[1]);
    }

    private NativeQuery<Object[]> query(String sql) {
        return database.unwrap(Session.class).createNativeQuery(sql, Object[].class);
    }
}
