package org.calciwatch.assessment.stored;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonValue;
import jakarta.persistence.Basic;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.calciwatch.crypto.SealedText;
import org.calciwatch.events.AssessmentCompleted;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.Nullable;

/** An assessment as it was made; never changed afterwards. */
@Entity
@Immutable
@Table(name = "assessment")
public class StoredAssessment {

    @Id
    UUID id;

    @Column(name = "submission_id")
    String submissionId;

    @Column(name = "submission_version")
    int submissionVersion;

    @Column(name = "patient_id")
    String patientId;

    @Column(name = "assessed_at")
    Instant assessedAt;

    private SealedText data;

    /** The QuestionnaireResponse that was assessed, exactly as it came; null in rows older than the column. */
    @Basic(fetch = FetchType.LAZY)
    private @Nullable SealedText response;

    @Column(name = "submitted_at")
    @Nullable
    Instant submittedAt;

    @SuppressWarnings("NullAway.Init") // Hibernate fills the fields
    StoredAssessment() {}

    StoredAssessment(AssessmentCompleted assessment, String data, String response, Instant submittedAt) {
        this.id = assessment.id();
        this.submissionId = assessment.submissionId();
        this.submissionVersion = assessment.submissionVersion();
        this.patientId = assessment.patientId();
        this.assessedAt = assessment.assessedAt();
        this.data = SealedText.of(StoredAssessments.DATA.context(id), data);
        this.response = SealedText.of(StoredAssessments.RESPONSE.context(id), response);
        this.submittedAt = submittedAt;
    }

    /** The whole assessment in the shape of {@link AssessmentCompleted}. */
    @JsonValue
    @JsonRawValue
    public String data() {
        return data.open(StoredAssessments.DATA.context(id));
    }

    /** The QuestionnaireResponse that was assessed; null where the assessment is older than the keeping of answers. */
    public @Nullable String response() {
        return response == null ? null : response.open(StoredAssessments.RESPONSE.context(id));
    }
}
