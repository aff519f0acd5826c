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
     * Stores a new submission unless one with its identifier exists. Waits for a transaction that is just storing one.
     *
     * @return false when the identifier is taken
     */
    boolean insert(UUID id, SubmissionHeader header) {
        var identifier = header.identifier();
        var authored = header.authored();
        return entities.createQuery("""
                                insert into Submission (id, patientId, status, version, authoredFrom, authoredTo,
                                                        identifierSystem, identifierValue)
                                values (:id, :patient, :status, 1, :from, :to, :system, :value)
                                on conflict (identifierSystem, identifierValue) do nothing
                                """)
                        .setParameter("id", id)
                        .setParameter("patient", header.patientId())
                        .setParameter("status", header.status())
                        .setParameter("from", authored == null ? null : authored.from())
                        .setParameter("to", authored == null ? null : authored.to())
                        .setParameter("system", identifier == null ? null : identifier.system())
                        .setParameter("value", identifier == null ? null : identifier.value())
                        .executeUpdate()
                == 1;
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

    Optional<Submission> findByIdentifier(Identifier identifier) {
        return find("identifierSystem = ?1 and identifierValue = ?2", identifier.system(), identifier.value())
                .firstResultOptional();
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
}
