package org.calciwatch.intake.result;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.calciwatch.crypto.SealedText;

/** The newest assessment of a submission. Written by {@link ResultRepository}'s statement only. */
@Entity
@Table(name = "result")
class StoredResult {
    @Id
    UUID submissionId = new UUID(0, 0);

    int submissionVersion;

    Instant assessedAt = Instant.EPOCH;

    private SealedText findings;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected StoredResult() {}

    /** {@link Findings} as JSON. */
    String findings() {
        return findings.open(ResultRepository.FINDINGS.context(submissionId));
    }
}
