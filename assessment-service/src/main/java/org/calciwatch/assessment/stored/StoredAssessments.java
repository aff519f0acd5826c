package org.calciwatch.assessment.stored;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Parameters;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The assessments in the database. */
@ApplicationScoped
public class StoredAssessments implements PanacheRepositoryBase<StoredAssessment, UUID> {

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
                .addScalar("response", String.class)
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
                        (String) row[0], (UUID) row[1], (String) row[2], (String) row[3], (Instant) row[4]))
                .toList();
    }
}
