package org.calciwatch.intake.submission;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.calciwatch.crypto.SealedColumn;
import org.calciwatch.intake.submission.SubmissionHeader.Identifier;
import org.jspecify.annotations.Nullable;

/** Submissions and their versions in the database. */
@ApplicationScoped
class SubmissionRepository implements PanacheRepositoryBase<Submission, UUID> {

    @Produces
    static final SealedColumn RESOURCE = SealedColumn.of("submission_version", "resource", "submission_id", "version");

    private final EntityManager entities;

    SubmissionRepository(EntityManager entities) {
        this.entities = entities;
    }

    /**
     * Gives a submission, which need not be stored yet, an identifier. Waits for a transaction that is just giving it
     * to another one.
     *
     * @return the submission that has it now, which is another one when the identifier was taken
     */
    UUID claim(Identifier identifier, UUID id) {
        while (true) {
            if (insert(identifier, id)) {
                return id;
            }
            var owner = ownerOf(identifier);
            if (owner.isPresent()) {
                return owner.get();
            }
            // It went with an erased patient in this moment, so it is free.
        }
    }

    private boolean insert(Identifier identifier, UUID id) {
        // Not "insert and catch": a failed insert would break the PostgreSQL transaction it stands in.
        return entities.createNativeQuery("""
                        INSERT INTO submission_identifier (system, value, submission_id)
                        VALUES (:system, :value, :id)
                        ON CONFLICT DO NOTHING
                        """)
                        .setParameter("system", identifier.system())
                        .setParameter("value", identifier.value())
                        .setParameter("id", id)
                        .executeUpdate()
                == 1;
    }

    private Optional<UUID> ownerOf(Identifier identifier) {
        return Optional.ofNullable((UUID) entities.createNativeQuery(
                        "SELECT submission_id FROM submission_identifier WHERE system = :system AND value = :value",
                        UUID.class)
                .setParameter("system", identifier.system())
                .setParameter("value", identifier.value())
                .getSingleResultOrNull());
    }

    /**
     * Moves a submission on by one version if it still has the expected one.
     *
     * @param clinic the clinic it belongs to from now on; null for none
     * @return false when another change came first
     */
    boolean advance(
            UUID id, int expectedVersion, SubmissionStatus status, SubmissionHeader header, @Nullable String clinic) {
        var authored = header.authored();
        return entities.createQuery("""
                                update Submission
                                set version = version + 1, status = :status, clinic = :clinic,
                                authoredFrom = :from, authoredTo = :to
                                where id = :id and version = :expected
                                """)
                        .setParameter("id", id)
                        .setParameter("expected", expectedVersion)
                        .setParameter("status", status)
                        .setParameter("clinic", clinic)
                        .setParameter("from", authored == null ? null : authored.from())
                        .setParameter("to", authored == null ? null : authored.to())
                        .executeUpdate()
                == 1;
    }

    /** The submissions of a patient, drafts included, the oldest first. */
    List<UUID> idsOf(String patientId) {
        return entities.createQuery("select id from Submission where patientId = :patient order by id", UUID.class)
                .setParameter("patient", patientId)
                .getResultList();
    }

    /** All versions of all submissions of a patient, the oldest first. */
    List<SubmissionVersion> versionsOf(String patientId) {
        return entities.createQuery(
                        "select v from SubmissionVersion v join Submission s on s.id = v.key.submissionId"
                                + " where s.patientId = :patient order by v.key.submissionId, v.key.version",
                        SubmissionVersion.class)
                .setParameter("patient", patientId)
                .getResultList();
    }

    /** Removes submissions with their versions and identifiers. */
    void deleteWithVersions(List<UUID> ids) {
        if (ids.isEmpty()) {
            return;
        }
        for (var table : List.of("submission_identifier", "submission_version")) {
            entities.createNativeQuery("DELETE FROM " + table + " WHERE submission_id IN (:ids)")
                    .setParameter("ids", ids)
                    .executeUpdate();
        }
        entities.createQuery("delete from Submission where id in (:ids)")
                .setParameter("ids", ids)
                .executeUpdate();
    }

    /**
     * Removes what was stored last before a time. What somebody is just changing stays.
     *
     * @param drafts drafts or what is completed
     * @return submissions removed
     */
    int purge(boolean drafts, Instant before, int limit) {
        @SuppressWarnings("unchecked") // as the second parameter says
        List<UUID> old = entities.createNativeQuery("""
                        SELECT id FROM submission s
                        WHERE (status = 'IN_PROGRESS') = :drafts AND (
                            SELECT stored_at FROM submission_version v
                            WHERE v.submission_id = s.id AND v.version = s.version) < :before
                        ORDER BY id LIMIT :limit FOR UPDATE OF s SKIP LOCKED""", UUID.class)
                .setParameter("drafts", drafts)
                .setParameter("before", before)
                .setParameter("limit", limit)
                .getResultList();
        deleteWithVersions(old);
        return old.size();
    }

    /** The versions stored after this place, drafts included, in the order they were stored. */
    List<SubmissionVersion> after(SubmissionVersion.Place place, int limit) {
        return entities.createQuery("""
                        from SubmissionVersion
                        where storedAt > :at or storedAt = :at and (key.submissionId > :id
                          or key.submissionId = :id and key.version > :version)
                        order by storedAt, key.submissionId, key.version""", SubmissionVersion.class)
                .setParameter("at", place.storedAt())
                .setParameter("id", place.submissionId())
                .setParameter("version", place.version())
                .setMaxResults(limit)
                .getResultList();
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

    /** Whose submissions these are. */
    List<String> patientsOf(List<UUID> ids) {
        return entities.createQuery("select distinct s.patientId from Submission s where s.id in :ids", String.class)
                .setParameter("ids", ids)
                .getResultList();
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

    /** The newest versions of a patient's drafts, newest draft first. */
    List<SubmissionVersion> draftsOf(String patientId, int limit) {
        return entities.createQuery("""
                        select v from SubmissionVersion v join Submission s
                        on s.id = v.key.submissionId and s.version = v.key.version
                        where s.patientId = :patient and s.status = :draft order by s.id desc""", SubmissionVersion.class)
                .setParameter("patient", patientId)
                .setParameter("draft", SubmissionStatus.IN_PROGRESS)
                .setMaxResults(limit)
                .getResultList();
    }
}
