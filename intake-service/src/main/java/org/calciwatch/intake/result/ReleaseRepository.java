package org.calciwatch.intake.result;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Tuple;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** What clinicians have released, and what waits for it, in the database. */
@ApplicationScoped
class ReleaseRepository {

    private static final String RELEASED = "exists (select 1 from ResultRelease l"
            + " where l.key.submissionId = r.submissionId and l.key.submissionVersion = r.submissionVersion"
            + " and l.key.assessedAt = r.assessedAt)";

    private final EntityManager entities;

    ReleaseRepository(EntityManager entities) {
        this.entities = entities;
    }

    /** A result that waits, and whose it is. */
    record Waiting(StoredResult result, String patientId) {}

    /** Of these submissions, those whose result is released as it is stored now. */
    Set<UUID> releasedOf(List<UUID> submissionIds) {
        return Set.copyOf(entities.createQuery(
                        "select r.submissionId from StoredResult r where r.submissionId in :ids and " + RELEASED,
                        UUID.class)
                .setParameter("ids", submissionIds)
                .getResultList());
    }

    /** The results of newest versions that wait, the oldest first, after this one. */
    List<Waiting> waiting(Instant afterAssessedAt, UUID afterId, int limit) {
        return entities.createQuery("""
                        select r, s.patientId
                        from StoredResult r join Submission s
                            on s.id = r.submissionId and s.version = r.submissionVersion
                        where (r.assessedAt > :at or (r.assessedAt = :at and r.submissionId > :id)) and not %s
                        order by r.assessedAt, r.submissionId""".formatted(RELEASED), Tuple.class)
                .setParameter("at", afterAssessedAt)
                .setParameter("id", afterId)
                .setMaxResults(limit)
                .getResultStream()
                .map(row -> new Waiting(row.get(0, StoredResult.class), row.get(1, String.class)))
                .toList();
    }

    /** All releases of results of these submissions, the first ones first. */
    List<ResultRelease> of(List<UUID> submissionIds) {
        return entities.createQuery(
                        "from ResultRelease where key.submissionId in :ids order by releasedAt", ResultRelease.class)
                .setParameter("ids", submissionIds)
                .getResultList();
    }

    /**
     * Releases one assessment of one version.
     *
     * @return false when it was released before, or is not the one that is stored any more
     */
    boolean release(UUID submissionId, int version, Instant assessedAt, String by, Instant at) {
        // The row must be there while this one comes: its erasure takes both.
        return entities.createNativeQuery("""
                                INSERT INTO result_release
                                    (submission_id, submission_version, assessed_at, released_by, released_at)
                                SELECT submission_id, submission_version, assessed_at, :by, :at FROM result
                                WHERE submission_id = :id AND submission_version = :version AND assessed_at = :assessed
                                FOR SHARE
                                ON CONFLICT DO NOTHING""")
                        .setParameter("id", submissionId)
                        .setParameter("version", version)
                        .setParameter("assessed", assessedAt)
                        .setParameter("by", by)
                        .setParameter("at", at)
                        .executeUpdate()
                == 1;
    }
}
