package org.calciwatch.intake.result;

import jakarta.persistence.Embeddable;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.time.Instant;
import java.util.UUID;
import org.hibernate.annotations.Immutable;

/** That a clinician has let the patient read a result. */
@Entity
@Immutable
@Table(name = "result_release")
class ResultRelease {

    /** One assessment of one version of a submission. */
    @Embeddable
    record Key(UUID submissionId, int submissionVersion, Instant assessedAt) implements Serializable {}

    @EmbeddedId
    Key key = new Key(new UUID(0, 0), 0, Instant.EPOCH);

    String releasedBy = "";

    Instant releasedAt = Instant.EPOCH;

    /** For Hibernate. */
    protected ResultRelease() {}
}
