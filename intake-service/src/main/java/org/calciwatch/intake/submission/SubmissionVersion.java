package org.calciwatch.intake.submission;

import jakarta.persistence.Embeddable;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.time.Instant;
import java.util.UUID;
import org.calciwatch.crypto.SealedText;
import org.hibernate.annotations.Immutable;

/** One version of a questionnaire response, kept for good. */
@Entity
@Immutable
@Table(name = "submission_version")
class SubmissionVersion {

    /** @param version counted from 1 */
    @Embeddable
    record Key(UUID submissionId, int version) implements Serializable {}

    /** Where a version stands among all, by the time it was stored. */
    record Place(Instant storedAt, UUID submissionId, int version) {
        /** Before everything that was stored at this time or later. */
        static Place before(Instant time) {
            return new Place(time, new UUID(0, 0), 0);
        }
    }

    Place place() {
        return new Place(storedAt, key.submissionId(), key.version());
    }

    @EmbeddedId
    Key key = new Key(new UUID(0, 0), 0);

    Instant storedAt = Instant.EPOCH;

    private SealedText resource;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected SubmissionVersion() {}

    SubmissionVersion(Key key, Instant storedAt, String resource) {
        this.key = key;
        this.storedAt = storedAt;
        this.resource = SealedText.of(context(), resource);
    }

    /** The FHIR resource as it is served, with id and meta. */
    String resource() {
        return resource.open(context());
    }

    private String context() {
        return SubmissionRepository.RESOURCE.context(key.submissionId(), key.version());
    }
}
