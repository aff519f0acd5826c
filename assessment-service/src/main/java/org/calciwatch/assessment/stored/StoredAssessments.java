package org.calciwatch.assessment.stored;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Parameters;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.calciwatch.crypto.SealedColumn;
import org.calciwatch.crypto.Vault;
import org.jspecify.annotations.Nullable;

/** The assessments in the database. */
@ApplicationScoped
public class StoredAssessments implements PanacheRepositoryBase<StoredAssessment, UUID> {

    @Produces
    static final SealedColumn DATA = SealedColumn.of("assessment", "data", "id");

    @Produces
    static final SealedColumn RESPONSE = SealedColumn.of("assessment", "response", "id");

    private final Vault vault;

    StoredAssessments(Vault vault) {
        this.vault = vault;
    }

    /** Newest first. Ids are UUIDv7, so their order is the order of time. */
    List<StoredAssessment> find(
            @Nullable String submission, @Nullable String patient, @Nullable UUID before, int limit) {
        var conditions = new ArrayList<String>();
        var parameters = new Parameters();
        if (submission != null) {
            conditions.add("submissionId = :submission");
            parameters.and("submission", submission);
        }
        if (patient != null) {
            conditions.add("patientId = :patient");
            parameters.and("patient", patient);
        }
        if (before != null) {
            conditions.add("id < :before");
            parameters.and("before", before);
        }
        var where = conditions.isEmpty() ? "" : String.join(" and ", conditions);
        return find(where + " order by id desc", parameters).page(0, limit).list();
    }

    /** The one assessment of a version of a submission. */
    Optional<StoredAssessment> of(String submission, int version) {
        return find("submissionId = ?1 and submissionVersion = ?2", submission, version)
                .singleResultOptional();
    }

    /** All assessments of a patient, the oldest first. */
    public List<StoredAssessment> of(String patient) {
        return list("patientId = ?1 order by id", patient);
    }

    /** The ids of the submissions of a patient that were assessed. */
    public List<String> submissionsOf(String patient) {
        return getSession()
                .createQuery("select distinct submissionId from StoredAssessment where patientId = ?1", String.class)
                .setParameter(1, patient)
                .getResultList();
    }

    /** Removes a patient's assessments of these submissions. */
    public void deleteOf(String patient, List<String> submissions) {
        delete("patientId = ?1 and submissionId in ?2", patient, submissions);
    }

    /**
     * Removes assessments made before a time.
     *
     * @return assessments removed
     */
    public int purge(Instant before, int limit) {
        return getSession()
                .createNativeMutationQuery("""
                        delete from assessment where id in (
                            select id from assessment where assessed_at < ?1 order by id limit ?2)""")
                .setParameter(1, before)
                .setParameter(2, limit)
                .executeUpdate();
    }

    /** The assessment of what a patient submitted last. */
    public Optional<StoredAssessment> newestOf(String patient) {
        return find("patientId = ?1 order by coalesce(submittedAt, assessedAt) desc, id desc", patient)
                .firstResultOptional();
    }

    /**
     * The answers of an assessed submission.
     *
     * @param response the QuestionnaireResponse; null where the assessment is older than the keeping of answers
     * @param submittedAt null together with {@code response}
     */
    public record Answered(
            String patientId,
            UUID assessmentId,
            String submissionId,
            @Nullable String response,
            @Nullable Instant submittedAt) {}

    /**
     * What each patient submitted last, by patient id, in a transaction of its own.
     *
     * @param after only patients behind this one
     * @param upTo only patients up to and with this one
     */
    @Transactional
    public List<Answered> newestOfEachPatient(@Nullable String after, @Nullable String upTo, int limit) {
        var conditions = new ArrayList<>(List.of("true"));
        if (after != null) {
            conditions.add("patient_id > :after");
        }
        if (upTo != null) {
            conditions.add("patient_id <= :upTo");
        }
        // By the time of submission: a dead letter that was replayed is assessed after what was submitted later.
        var query = getSession()
                .createNativeQuery("""
                        select distinct on (patient_id) patient_id, id, submission_id, response, submitted_at
                        from assessment
                        where %s
                        order by patient_id, coalesce(submitted_at, assessed_at) desc, id desc
                        limit :limit""".formatted(String.join(" and ", conditions)), Object[].class)
                .addScalar("patient_id", String.class)
                .addScalar("id", UUID.class)
                .addScalar("submission_id", String.class)
                .addScalar("response", byte[].class)
                .addScalar("submitted_at", Instant.class)
                .setParameter("limit", limit);
        if (after != null) {
            query.setParameter("after", after);
        }
        if (upTo != null) {
            query.setParameter("upTo", upTo);
        }
        return query.getResultStream()
                .map(row -> new Answered(
                        (String) row[0],
                        (UUID) row[1],
                        (String) row[2],
                        response((UUID) row[1], (byte[]) row[3]),
                        (Instant) row[4]))
                .toList();
    }

    private @Nullable String response(UUID id, byte @Nullable [] sealed) {
        return sealed == null ? null : vault.open(RESPONSE.context(id), sealed);
    }
}
