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
import org.calciwatch.crypto.SealedColumn;
import org.calciwatch.events.AssessmentCompleted;

/** The flags in the database. */
@ApplicationScoped
class FlagRepository implements PanacheRepositoryBase<Flag, UUID> {

    @Produces
    static final SealedColumn ASSESSMENT = SealedColumn.of("flag", "assessment", "id");

    @Produces
    static final SealedColumn NOTE = SealedColumn.of("flag_history", "note", "flag_id", "position");

    /**
     * Notes that this version of the submission was assessed.
     *
     * @return false when a later version was assessed before
     */
    boolean isLatestVersion(AssessmentCompleted assessment) {
        return getSession()
                        .createNativeMutationQuery("""
                                insert into assessed_submission (submission_id, patient_id, version)
                                values (?1, ?2, ?3)
                                on conflict (submission_id) do update set version = excluded.version
                                where assessed_submission.version <= excluded.version""")
                        .setParameter(1, assessment.submissionId())
                        .setParameter(2, assessment.patientId())
                        .setParameter(3, assessment.submissionVersion())
                        .executeUpdate()
                == 1;
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

    /** All flags of a patient, locked against others until the transaction ends. */
    List<Flag> forErasureOf(String patientId) {
        return find("patientId = ?1 order by openedAt, id", patientId)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .list();
    }

    /** The submissions of a patient of which an assessment came. */
    List<String> assessedSubmissionsOf(String patientId) {
        return getSession()
                .createNativeQuery("select submission_id from assessed_submission where patient_id = ?1", String.class)
                .setParameter(1, patientId)
                .getResultList();
    }

    /** Forgets that an assessment of these submissions came. */
    void forgetAssessed(List<String> submissionIds) {
        getSession()
                .createNativeMutationQuery("delete from assessed_submission where submission_id = any (?1)")
                .setParameter(1, submissionIds.toArray(String[]::new))
                .executeUpdate();
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
            conditions.add("locate(:q, searchText) > 0");
            values.and("q", query.q().toLowerCase(Locale.ROOT));
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
