package org.calciwatch.intake.result;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.UUID;

/** The newest assessment of each submission in the database. */
@ApplicationScoped
class ResultRepository implements PanacheRepositoryBase<StoredResult, UUID> {

    private final EntityManager entities;

    ResultRepository(EntityManager entities) {
        this.entities = entities;
    }

    /** Keeps the result of the newest version, and of one version the latest assessment, in whatever order they come. */
    void keepNewest(UUID submissionId, int submissionVersion, Instant assessedAt, String findings) {
        entities.createNativeQuery("""
                        INSERT INTO result (submission_id, submission_version, assessed_at, findings)
                        VALUES (:id, :version, :at, :findings)
                        ON CONFLICT (submission_id) DO UPDATE
                        SET submission_version = EXCLUDED.submission_version, assessed_at = EXCLUDED.assessed_at,
                            findings = EXCLUDED.findings
                        WHERE (result.submission_version, result.assessed_at)
                            < (EXCLUDED.submission_version, EXCLUDED.assessed_at)
                        """)
                .setParameter("id", submissionId)
                .setParameter("version", submissionVersion)
                .setParameter("at", assessedAt)
                .setParameter("findings", findings)
                .executeUpdate();
    }
}
