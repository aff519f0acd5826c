package org.calciwatch.intake.result;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Produces;
import jakarta.transaction.Transactional;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.calciwatch.events.PatientErased;
import org.calciwatch.intake.submission.Submissions;
import org.calciwatch.privacy.Documents;
import org.calciwatch.privacy.Expiring;
import org.calciwatch.privacy.PatientData;
import org.calciwatch.privacy.RetentionConfig;

/** What the patient's result pages rest on. */
@ApplicationScoped
class ResultData implements PatientData {

    private final ResultRepository results;
    private final ReleaseRepository releases;
    private final Submissions submissions;
    private final Documents documents;

    ResultData(ResultRepository results, ReleaseRepository releases, Submissions submissions, Documents documents) {
        this.results = results;
        this.releases = releases;
        this.submissions = submissions;
        this.documents = documents;
    }

    @Override
    @Transactional
    public List<ObjectNode> export(String patientId) {
        var ids = submissions.idsOf(patientId).stream().map(UUID::fromString).toList();
        return Stream.concat(
                        results.of(ids).stream().map(result -> document(result, patientId)),
                        releases.of(ids).stream().map(release -> document(release, patientId)))
                .toList();
    }

    private ObjectNode document(StoredResult result, String patientId) {
        return documents.document(
                "result-" + result.submissionId,
                patientId,
                result.assessedAt,
                "What the result page of QuestionnaireResponse/" + result.submissionId + ", version "
                        + result.submissionVersion + ", shows",
                new Documents.Content("application/json", result.findings().getBytes(StandardCharsets.UTF_8)));
    }

    private ObjectNode document(ResultRelease release, String patientId) {
        var key = release.key;
        return documents.document(
                "release-" + key.submissionId() + "-" + key.assessedAt().toEpochMilli(),
                patientId,
                release.releasedAt,
                "A clinician has let the patient read the result of QuestionnaireResponse/" + key.submissionId()
                        + ", version " + key.submissionVersion(),
                new Documents.Content("text/plain", release.releasedBy.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    @Transactional(Transactional.TxType.MANDATORY)
    public void erase(PatientErased erased) {
        // Those of the submissions that intake had; it is intake that named them. Their releases go with them.
        results.delete(erased.listedSubmissions().stream().map(UUID::fromString).toList());
    }

    @Produces
    @Dependent
    Expiring expiring(RetentionConfig periods) {
        return new Expiring("results", periods.clinicalRecords(), results::purge);
    }
}
