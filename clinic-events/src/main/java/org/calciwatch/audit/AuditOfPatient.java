package org.calciwatch.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.UUID;
import org.calciwatch.events.PatientErased;
import org.calciwatch.privacy.PatientData;

/**
 * The audit trail as data on a patient: exported whole, because patients may know who looked; erased by forgetting whom
 * it is about, because the law asks for the trail itself to be kept.
 */
@ApplicationScoped
class AuditOfPatient implements PatientData {

    private final AuditLog log;
    private final AuditEventJson events;
    private final Pseudonyms pseudonyms;

    AuditOfPatient(AuditLog log, AuditEventJson events, Pseudonyms pseudonyms) {
        this.log = log;
        this.events = events;
        this.pseudonyms = pseudonyms;
    }

    @Override
    public List<ObjectNode> export(String patientId) {
        return pseudonyms.find(patientId).map(this::eventsOf).orElse(List.of());
    }

    private List<ObjectNode> eventsOf(UUID own) {
        return events.of(
                log.about(own).stream().map(event -> event.shownTo(own)).toList());
    }

    @Override
    public void erase(PatientErased erased) {
        // The event may come late: who has come back since is somebody new.
        pseudonyms.forget(erased.patientId(), erased.latestBefore());
    }
}
