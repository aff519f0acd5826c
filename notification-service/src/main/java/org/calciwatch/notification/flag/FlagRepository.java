package org.calciwatch.notification.flag;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Parameters;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import org.calciwatch.crypto.SealedColumn;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.Severity;
import org.jspecify.annotations.Nullable;

/** The flags in the database. */
@ApplicationScoped
public class FlagRepository implements PanacheRepositoryBase<Flag, UUID> {

    private static final String SEARCH = "searchText like :q escape '!'";

    @Produces
    static final SealedColumn ASSESSMENT = SealedColumn.of("flag", "assessment", "id");

    @Produces
    static final SealedColumn DECISIVE = SealedColumn.of("flag", "decisive_assessment", "id");

    @Produces
    static final SealedColumn NOTE = SealedColumn.of("flag_history", "note", "flag_id", "position");

    @Produces
    static final SealedColumn ASSESSED = SealedColumn.of("assessed_submission", "assessment", "submission_id");

    /**
     * Keeps what a submission was found to say. The caller holds the patient's lock.
     *
     * @param json the assessment as it is kept
     * @return false when nothing is new about it: this very assessment, a later one of the same version or one of a
     *     later version came before
     */
    boolean keep(AssessmentCompleted assessment, String json, Instant at) {
        var known = getEntityManager().find(AssessedSubmission.class, assessment.submissionId());
        if (known == null) {
            getEntityManager().persist(new AssessedSubmission(assessment, json, at));
            return true;
        }
        if (!known.isOutdatedBy(assessment)) {
            return false;
        }
        known.take(assessment, json);
        return true;
    }

    /** What a patient's submissions were found to say, the oldest first. */
    public List<AssessedSubmission> assessedOf(String patientId) {
        return getEntityManager()
                .createQuery(
                        "from AssessedSubmission where patientId = ?1 order by assessedAt nulls first, submissionId",
                        AssessedSubmission.class)
                .setParameter(1, patientId)
                .getResultList();
    }

    /** The flag that is due longest, locked; those that another transaction holds are passed by. */
    Optional<Flag> nextDue(Instant now) {
        return getSession().createNativeQuery("""
                        select * from flag where due_at <= ?1
                        order by due_at, id limit 1 for update skip locked""", Flag.class).setParameter(1, now).getResultList().stream()
                .findFirst();
    }

    /** When the last digest was made, locked against others; empty while another instance makes one. */
    Optional<Instant> lastDigest() {
        return getSession()
                .createNativeQuery("select made_at from digest for update skip locked", Instant.class)
                .getResultList()
                .stream()
                .findFirst();
    }

    void digestMade(Instant at) {
        getSession()
                .createNativeMutationQuery("update digest set made_at = ?1")
                .setParameter(1, at)
                .executeUpdate();
    }

    /**
     * The flags that a digest tells of, the most severe and longest waiting first: those for review that nobody
     * acknowledged, those acknowledged and not touched since a time, and urgent ones that somebody put off.
     */
    List<WaitingFlag> waiting(Instant acknowledgedBefore) {
        return getSession()
                .createSelectionQuery("""
                        select id, reference, severity, headlineTitle, headlineCategory, clinic, status, openedAt
                        from Flag
                        where status = OPEN and severity = CLINICIAN_REVIEW
                           or status = ACKNOWLEDGED and waitingSince < ?1
                           or status = SNOOZED and severity <> CLINICIAN_REVIEW
                        order by severityRank, openedAt, id""", WaitingFlag.class)
                .setParameter(1, acknowledgedBefore)
                .getResultList();
    }

    /** Has a flag that failed looked at again later, whatever it is. */
    void postpone(UUID id, Instant until, Instant now) {
        update("dueAt = ?1, failedSince = coalesce(failedSince, ?2) where id = ?3", until, now, id);
    }

    /** Has the due times of all open flags worked out anew. */
    void lookAtOpenFlags(Instant now) {
        update("dueAt = ?1 where status = ?2 and dueAt > ?1", now, Flag.Status.OPEN);
    }

    /** The patient's flag that is not closed, locked against others until the transaction ends. */
    Optional<Flag> notClosedOf(String patientId) {
        return find("patientId = ?1 and status <> ?2", patientId, Flag.Status.CLOSED)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .firstResultOptional();
    }

    /** All flags of a patient, the oldest first. */
    List<Flag> of(String patientId) {
        return list("patientId = ?1 order by openedAt, id", patientId);
    }

    /**
     * A patient's flags, the last opened first.
     *
     * @param before only those opened before this one, null at the start
     */
    List<Flag> newestOf(String patientId, @Nullable UUID before, int limit) {
        // Ids are made of the time.
        var flags = before == null
                ? find("patientId = ?1 order by id desc", patientId)
                : find("patientId = ?1 and id < ?2 order by id desc", patientId, before);
        return flags.page(0, limit).list();
    }

    /** All flags of a patient, locked against others until the transaction ends. */
    List<Flag> forErasureOf(String patientId) {
        return find("patientId = ?1 order by openedAt, id", patientId)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .list();
    }

    /** Forgets what a patient's submissions were found to say. */
    void forgetAssessed(String patientId, Predicate<String> submissionIds) {
        for (var assessed : assessedOf(patientId)) {
            if (submissionIds.test(assessed.submissionId())) {
                getEntityManager().remove(assessed);
            }
        }
    }

    /**
     * Removes flags that were closed before a time, with their history and mails. Others never go.
     *
     * @return flags removed
     */
    int purge(Instant before, int limit) {
        return getSession()
                .createNativeMutationQuery("""
                        delete from flag where id in (
                            select id from flag where status = 'CLOSED' and updated_at < ?1 order by id limit ?2)""")
                .setParameter(1, before)
                .setParameter(2, limit)
                .executeUpdate();
    }

    /**
     * Removes what was noted before a time of submissions that no flag rests on.
     *
     * @return notes removed
     */
    int purgeAssessed(Instant before, int limit) {
        return getSession()
                .createNativeMutationQuery("""
                        delete from assessed_submission where submission_id in (
                            select submission_id from assessed_submission noted
                            where noted_at < ?1 and not exists (
                                select 1 from flag
                                where flag.patient_id = noted.patient_id
                                  and noted.submission_id = any (flag.submission_ids))
                            limit ?2)""")
                .setParameter(1, before)
                .setParameter(2, limit)
                .executeUpdate();
    }

    /** A flag, locked against others until the transaction ends. */
    Optional<Flag> forChange(UUID id) {
        return findByIdOptional(id, LockModeType.PESSIMISTIC_WRITE);
    }

    boolean isTaken(String reference) {
        return count("reference", reference) > 0;
    }

    /** Flags for somebody at work, as {@link Worklist} sorts them. */
    public List<Flag> worklist(Worklist wanted, int limit) {
        var conditions = new ArrayList<>(List.of("status in (:statuses)"));
        var values = Parameters.with("statuses", wanted.statuses());
        if (!wanted.statuses().contains(Flag.Status.CLOSED)) {
            // The index of the worklist is of these only.
            conditions.add("status <> CLOSED");
        }
        if (!wanted.severities().isEmpty()) {
            conditions.add("severity in (:severities)");
            values.and("severities", wanted.severities());
        }
        if (wanted.assignee() != null) {
            conditions.add("lower(assignee) = lower(:assignee)");
            values.and("assignee", wanted.assignee());
        }
        if (wanted.category() != null) {
            conditions.add("headlineCategory = :category");
            values.and("category", wanted.category());
        }
        if (wanted.q() != null) {
            conditions.add("(patientId = :patient or " + SEARCH + ")");
            values.and("patient", wanted.q()).and("q", pattern(wanted.q()));
        }
        if (wanted.after() != null) {
            conditions.add("(severityRank, openedAt, id) > (:rank, :openedAt, :id)");
            values.and("rank", wanted.after().severityRank())
                    .and("openedAt", wanted.after().openedAt())
                    .and("id", wanted.after().id());
        }
        return find(String.join(" and ", conditions) + " order by severityRank, openedAt, id", values)
                .page(0, limit)
                .list();
    }

    /** How many flags are not closed, by severity and status. */
    public List<WaitingCount> waitingCounts() {
        return getSession().createSelectionQuery("""
                        select severity, status, count(*) from Flag where status <> CLOSED
                        group by severity, status""", WaitingCount.class).getResultList();
    }

    /**
     * How many flags wait.
     *
     * @param flags at least 1
     */
    public record WaitingCount(Severity severity, Flag.Status status, long flags) {}

    /** The flag that was opened last. */
    public Optional<UUID> newest() {
        return getSession()
                .createSelectionQuery("select id from Flag order by id desc", UUID.class)
                .setMaxResults(1)
                .uniqueResultOptional();
    }

    /** The categories of the headlines of all flags that are not closed, in order. */
    public List<String> waitingCategories() {
        return getSession().createSelectionQuery("""
                        select distinct headlineCategory from Flag where status <> CLOSED and headlineCategory <> ''
                        order by headlineCategory""", String.class).getResultList();
    }

    private static String pattern(String q) {
        return "%" + q.toLowerCase(Locale.ROOT).replaceAll("[!%_]", "!$0") + "%";
    }

    /** Flags the query asks for, newest first. */
    List<Flag> list(FlagQuery query, int limit) {
        var conditions = new ArrayList<>(List.of("1 = 1"));
        var values = new Parameters();
        if (!query.statuses().isEmpty()) {
            conditions.add("status in (:statuses)");
            values.and("statuses", query.statuses());
        }
        if (!query.severities().isEmpty()) {
            conditions.add("severity in (:severities)");
            values.and("severities", query.severities());
        }
        if (query.patient() != null) {
            conditions.add("patientId = :patient");
            values.and("patient", query.patient());
        }
        if (query.q() != null) {
            conditions.add(SEARCH);
            values.and("q", pattern(query.q()));
        }
        if (query.after() != null) {
            conditions.add("(openedAt < :openedAt or (openedAt = :openedAt and id < :id))");
            values.and("openedAt", query.after().openedAt())
                    .and("id", query.after().id());
        }
        return find(String.join(" and ", conditions) + " order by openedAt desc, id desc", values)
                .page(0, limit)
                .list();
    }
}
