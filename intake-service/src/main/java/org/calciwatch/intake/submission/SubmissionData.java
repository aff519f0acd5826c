package org.calciwatch.intake.submission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Produces;
import jakarta.transaction.Transactional;
import java.util.ArrayList;
import java.util.List;
import org.calciwatch.events.PatientErased;
import org.calciwatch.intake.fhir.FhirJson;
import org.calciwatch.privacy.Expiring;
import org.calciwatch.privacy.PatientData;
import org.calciwatch.privacy.RetentionConfig;

/** The patient, and what the patient answered, with all versions. */
@ApplicationScoped
class SubmissionData implements PatientData {

    private final SubmissionRepository repository;
    private final FhirJson json;

    SubmissionData(SubmissionRepository repository, FhirJson json) {
        this.repository = repository;
        this.json = json;
    }

    @Override
    @Transactional
    public List<ObjectNode> export(String patientId) {
        var resources = new ArrayList<ObjectNode>();
        // More than the id is not known of anybody.
        resources.add(json.object().put("resourceType", "Patient").put("id", patientId));
        repository.versionsOf(patientId).forEach(version -> resources.add(json.readOwn(version.resource())));
        return resources;
    }

    @Override
    @Transactional(Transactional.TxType.MANDATORY)
    public void erase(PatientErased erased) {
        repository.deleteWithVersions(repository.idsOf(erased.patientId()).stream()
                .filter(id -> erased.covers(id.toString()))
                .toList());
    }

    @Produces
    @Dependent
    Expiring drafts(RetentionConfig periods) {
        return new Expiring("drafts", periods.drafts(), (before, limit) -> repository.purge(true, before, limit));
    }

    @Produces
    @Dependent
    Expiring submissions(RetentionConfig periods) {
        return new Expiring(
                "submissions", periods.clinicalRecords(), (before, limit) -> repository.purge(false, before, limit));
    }
}
