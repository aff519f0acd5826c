package org.calciwatch.intake.result;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.calciwatch.crypto.SealedColumn;
import org.calciwatch.crypto.Vault;

/** The newest assessment of each submission in the database. */
@ApplicationScoped
class ResultRepository implements PanacheRepositoryBase<StoredResult, UUID> {

    @Produces
    static final SealedColumn FINDINGS = SealedColumn.of("result", "findings", "submission_id");

    private final EntityManager entities;
    private final Vault vault;

    ResultRepository(EntityManager entities, Vault vault) {
        this.entities = entities;
        this.vault = vault;
    }

    /** The results of these submissions. */
    List<StoredResult> of(List<UUID> submissionIds) {
        return list("submissionId in ?1 order by submissionId", submissionIds);
    }

    /** Removes the results of these submissions. */
    void delete(List<UUID> submissionIds) {
        delete("submissionId in ?1", submissionIds);
    }

    /**
     * Removes results whose submission is gone, of assessments made before a time.
     *
     * @return results removed
     */
    int purge(Instant before, int limit) {
        return entities.createNativeQuery("""
                        DELETE FROM result WHERE submission_id IN (
                            SELECT submission_id FROM result
                            WHERE assessed_at < :before
                              AND NOT EXISTS (SELECT 1 FROM submission WHERE id = result.submission_id)
                            LIMIT :limit)""")
                .setParameter("before", before)
                .setParameter("limit", limit)
                .executeUpdate();
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
                .setParameter("findings", vault.seal(FINDINGS.context(submissionId), findings))
                .executeUpdate();
    }
}
