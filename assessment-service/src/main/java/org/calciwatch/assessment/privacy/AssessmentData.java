package org.calciwatch.assessment.privacy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Produces;
import jakarta.transaction.Transactional;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.calciwatch.assessment.detectedissue.DetectedIssues;
import org.calciwatch.assessment.stored.StoredAssessment;
import org.calciwatch.assessment.stored.StoredAssessments;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.PatientErased;
import org.calciwatch.privacy.Documents;
import org.calciwatch.privacy.Expiring;
import org.calciwatch.privacy.PatientData;
import org.calciwatch.privacy.RetentionConfig;

/** A patient's assessments, with the answers they rest on: whole as documents, their findings also as DetectedIssue. */
@ApplicationScoped
class AssessmentData implements PatientData {

    private final StoredAssessments assessments;
    private final DetectedIssues issues;
    private final Documents documents;
    private final ObjectMapper json;

    AssessmentData(StoredAssessments assessments, DetectedIssues issues, Documents documents, ObjectMapper json) {
        this.assessments = assessments;
        this.issues = issues;
        this.documents = documents;
        this.json = json;
    }

    @Override
    @Transactional
    public List<ObjectNode> export(String patientId) {
        var resources = new ArrayList<ObjectNode>();
        for (var stored : assessments.of(patientId)) {
            var assessment = read(stored);
            resources.add(documents.document(
                    assessment.id().toString(),
                    patientId,
                    assessment.assessedAt(),
                    "Assessment of QuestionnaireResponse/" + assessment.submissionId() + ", version "
                            + assessment.submissionVersion() + ", and the answers as they were assessed",
                    contents(stored)));
            resources.addAll(issues.resources(assessment));
        }
        return resources;
    }

    private static Documents.Content[] contents(StoredAssessment stored) {
        var contents = new ArrayList<Documents.Content>();
        contents.add(new Documents.Content("application/json", stored.data().getBytes(StandardCharsets.UTF_8)));
        var response = stored.response();
        if (response != null) {
            contents.add(new Documents.Content("application/fhir+json", response.getBytes(StandardCharsets.UTF_8)));
        }
        return contents.toArray(Documents.Content[]::new);
    }

    private AssessmentCompleted read(StoredAssessment stored) {
        try {
            return json.readValue(stored.data(), AssessmentCompleted.class);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    @Transactional(Transactional.TxType.MANDATORY)
    public void erase(PatientErased erased) {
        assessments.deleteOf(
                erased.patientId(),
                assessments.submissionsOf(erased.patientId()).stream()
                        .filter(erased::covers)
                        .toList());
    }

    @Produces
    @Dependent
    Expiring expiring(RetentionConfig periods) {
        return new Expiring("assessments", periods.clinicalRecords(), assessments::purge);
    }
}
