package org.calciwatch.privacy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Knows something about patients that belongs in an answer to {@code $everything}. */
public interface PatientExport {

    /**
     * All that is known of a patient, as FHIR R4 resources; empty when that is nothing.
     *
     * @throws ExportIncomplete when it cannot be told at the moment; an incomplete export must never look complete
     */
    List<ObjectNode> export(String patientId);
}
