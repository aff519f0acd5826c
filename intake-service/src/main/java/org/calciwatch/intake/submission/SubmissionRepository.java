package org.calciwatch.intake.submission;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.calciwatch.intake.submission.SubmissionHeader.Identifier;

/** Submissions and their versions in the database. */
@ApplicationScoped
class SubmissionRepository implements PanacheRepositoryBase<Submission, UUID> {

    private final EntityManager entities;

    SubmissionRepository(EntityManager entities) {
        this.entities = entities;
    }

    /**
     * Gives a submission, which need not be stored yet, an identifier. Waits for a transaction that is just giving it
     * to another one.
     *
     * @return false when the identifier belongs to another submission
     */
    boolean claim(Identifier identifier, UUID id) {
        // Not "insert and catch": a failed insert would break the PostgreSQL transaction it stands in.
        var claimed = entities.createNativeQuery("""
                        INSERT INTO submission_identifier (system, value, submission_id)
                        VALUES (:system, :value, :id)
                        ON CONFLICT DO NOTHING
                        """)
                .setParameter("system", identifier.system())
                .setParameter("value", identifier.value())
                .setParameter("id", id)
                .executeUpdate();
        return claimed == 1 || ownerOf(identifier).equals(id);
    }

    /** The submission that an identifier belongs to, which somebody must have claimed. */
    UUID ownerOf(Identifier identifier) {
        return (UUID) entities.createNativeQuery(
                        "SELECT submission_id FROM submission_identifier WHERE system = :system AND value = :value",
                        UUID.class)
                .setParameter("system", identifier.system())
                .setParameter("value", identifier.value())
                .getSingleResult();
    }

    /**
     * Moves a submission on by one version if it still has the expected one.
     *
     * @return false when another change came first
     */
    boolean advance(UUID id, int expectedVersion, SubmissionStatus status, SubmissionHeader header) {
        var authored = header.authored();
        return entities.createQuery("""
                                update Submission
                                set version = version + 1, status = :status, authoredFrom = :from, authoredTo = :to
                                where id = :id and version = :expected
                                """)
                        .setParameter("id", id)
                        .setParameter("expected", expectedVersion)
                        .setParameter("status", status)
                        .setParameter("from", authored == null ? null : authored.from())
                        .setParameter("to", authored == null ? null : authored.to())
                        .executeUpdate()
                == 1;
    }

    void keep(SubmissionVersion version) {
        entities.persist(version);
    }

    Optional<SubmissionVersion> version(UUID id, int version) {
        return Optional.ofNullable(entities.find(SubmissionVersion.class, new SubmissionVersion.Key(id, version)));
    }

    Optional<SubmissionVersion> latest(UUID id) {
        return findByIdOptional(id).flatMap(submission -> version(id, submission.version));
    }

    long count(SubmissionSearch search) {
        return count("from Submission s where " + search.where(), search.parameters());
    }

    /** The newest versions of those found, newest submission first, at most {@code limit}. */
    List<SubmissionVersion> list(SubmissionSearch search, int limit) {
        var query = entities.createQuery(
                "select v from SubmissionVersion v join Submission s"
                        + " on s.id = v.key.submissionId and s.version = v.key.version where "
                        + search.whereAfterCursor() + " order by s.id desc",
                SubmissionVersion.class);
        search.parameters().forEach(query::setParameter);
        search.cursorParameter().ifPresent(cursor -> query.setParameter("cursor", cursor));
        return query.setMaxResults(limit).getResultList();
    }

    /** The newest versions of a patient's completed submissions, newest submission first. */
    List<SubmissionVersion> completedOf(String patientId, int limit) {
        return entities.createQuery("""
                        select v from SubmissionVersion v join Submission s
                        on s.id = v.key.submissionId and s.version = v.key.version
                        where s.patientId = :patient and s.status <> :draft order by s.id desc""", SubmissionVersion.class)
                .setParameter("patient", patientId)
                .setParameter("draft", SubmissionStatus.IN_PROGRESS)
                .setMaxResults(limit)
                .getResultList();
    }
}
