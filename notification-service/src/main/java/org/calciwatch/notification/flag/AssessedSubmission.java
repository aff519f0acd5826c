package org.calciwatch.notification.flag;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.calciwatch.crypto.SealedText;
import org.calciwatch.events.AssessmentCompleted;
import org.hibernate.annotations.DynamicUpdate;
import org.jspecify.annotations.Nullable;

/**
 * What the latest version of a submission was found to say, whether or not it needs a clinician. An assessment of an
 * earlier version that arrives late changes nothing.
 */
@Entity
@DynamicUpdate // an update of something else must not undo a re-sealing that came between
@Table(name = "assessed_submission")
public class AssessedSubmission {

    @Id
    @Column(name = "submission_id")
    private String submissionId;

    @Column(name = "patient_id")
    private String patientId;

    private int version;

    /** When this first was noted, for its retention. */
    @Column(name = "noted_at")
    private Instant notedAt;

    // Null in what was noted before assessments were kept.
    @Column(name = "assessed_at")
    private @Nullable Instant assessedAt;

    private @Nullable SealedText assessment;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected AssessedSubmission() {}

    AssessedSubmission(AssessmentCompleted assessment, String json, Instant at) {
        this.submissionId = assessment.submissionId();
        this.patientId = assessment.patientId();
        this.notedAt = at;
        take(assessment, json);
    }

    /** Another assessment of the submission, of this version or a later one. */
    final void take(AssessmentCompleted newer, String json) {
        version = newer.submissionVersion();
        assessedAt = newer.assessedAt();
        assessment = SealedText.of(FlagRepository.ASSESSED.context(submissionId), json);
    }

    /** Of which submission. */
    public String submissionId() {
        return submissionId;
    }

    /** Whether the other assessment of this submission is of a later version, or a later one of the same. */
    boolean isOutdatedBy(AssessmentCompleted other) {
        if (version != other.submissionVersion()) {
            return version < other.submissionVersion();
        }
        // The database keeps microseconds.
        return assessedAt == null
                || other.assessedAt().truncatedTo(ChronoUnit.MICROS).isAfter(assessedAt);
    }

    /** The assessment's JSON as it came. */
    public Optional<String> assessment() {
        return Optional.ofNullable(assessment).map(text -> text.open(FlagRepository.ASSESSED.context(submissionId)));
    }
}
