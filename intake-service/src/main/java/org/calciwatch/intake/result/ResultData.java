package org.calciwatch.intake.result;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Produces;
import jakarta.transaction.Transactional;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
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
    private final Submissions submissions;
    private final Documents documents;

    ResultData(ResultRepository results, Submissions submissions, Documents documents) {
        this.results = results;
        this.submissions = submissions;
        this.documents = documents;
    }

    @Override
    @Transactional
    public List<ObjectNode> export(String patientId) {
        return results
                .of(submissions.idsOf(patientId).stream().map(UUID::fromString).toList())
                .stream()
                .map(result -> documents.document(
                        "result-" + result.submissionId,
                        patientId,
                        result.assessedAt,
                        "What the result page of QuestionnaireResponse/" + result.submissionId + ", version "
                                + result.submissionVersion + ", shows",
                        new Documents.Content(
                                "application/json", result.findings().getBytes(StandardCharsets.UTF_8))))
                .toList();
    }

    @Override
    @Transactional(Transactional.TxType.MANDATORY)
    public void erase(PatientErased erased) {
        // Those of the submissions that intake had; it is intake that named them.
        results.delete(erased.listedSubmissions().stream().map(UUID::fromString).toList());
    }

    @Produces
    @Dependent
    Expiring expiring(RetentionConfig periods) {
        return new Expiring("results", periods.clinicalRecords(), results::purge);
    }
}
