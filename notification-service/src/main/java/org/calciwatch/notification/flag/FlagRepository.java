package org.calciwatch.notification.flag;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Parameters;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.calciwatch.events.AssessmentCompleted;

/** The flags in the database. */
@ApplicationScoped
class FlagRepository implements PanacheRepositoryBase<Flag, UUID> {

    /**
     * Lets one transaction at a time decide about a patient's flags, in all instances, until it ends. There may be no
     * flag yet, hence no row to lock.
     */
    void lockPatient(String patientId) {
        getSession()
                .createNativeQuery("select cast(pg_advisory_xact_lock(hashtextextended(?1, 0)) as text)", String.class)
                .setParameter(1, patientId)
                .getSingleResult();
    }

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
