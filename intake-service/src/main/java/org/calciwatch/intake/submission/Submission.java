package org.calciwatch.intake.submission;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A questionnaire response and its newest version. Changed by {@link SubmissionRepository#advance} only, so that two
 * changes at once cannot both win.
 */
@Entity
@Table(name = "submission")
class Submission {
    @Id
    UUID id = new UUID(0, 0);

    String patientId = "";

    @Enumerated(EnumType.STRING)
    SubmissionStatus status = SubmissionStatus.IN_PROGRESS;

    int version;

    @Nullable
    Instant authoredFrom;

    @Nullable
    Instant authoredTo;

    /** As a machine client named it last; null when none did. */
    @Nullable
    String clinic;

    protected Submission() {}

    /** The first version. */
    Submission(UUID id, SubmissionHeader header, @Nullable ClinicId clinic) {
        this.id = id;
        this.clinic = clinic == null ? null : clinic.value();
        patientId = header.patientId();
        status = header.status();
        version = 1;
        if (header.authored() != null) {
            authoredFrom = header.authored().from();
            authoredTo = header.authored().to();
        }
    }
}
