package org.calciwatch.assessment.cds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A patient's record as a clinic's system prefetches it. */
final class PatientRecord {

    static final String ID = "P-0001";
    static final String LOINC = "http://loinc.org";
    static final String UCUM = "http://unitsofmeasure.org";
    static final String ICD = "http://hl7.org/fhir/sid/icd-10-cm";
    static final String ATC = "http://www.whocc.no/atc";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final ObjectNode prefetch = JSON.createObjectNode();
    private final ArrayNode entries;

    PatientRecord() {
        this.entries = prefetch.putObject("everything")
                .put("resourceType", "Bundle")
                .put("type", "searchset")
                .putArray("entry");
    }

    PatientRecord patient(String birthDate, String gender) {
        prefetch.putObject("patient")
                .put("resourceType", "Patient")
                .put("id", ID)
                .put("birthDate", birthDate)
                .put("gender", gender);
        return this;
    }

    /** Adds a resource of this patient. */
    ObjectNode add(String type) {
        var resource = entries.addObject().putObject("resource").put("resourceType", type);
        resource.putObject("subject").put("reference", "Patient/" + ID);
        return resource;
    }

    PatientRecord add(JsonNode resource) {
        entries.addObject().set("resource", resource);
        return this;
    }

    ObjectNode observation(String loinc, @Nullable BigDecimal value, @Nullable String unit) {
        var observation = add("Observation").put("status", "final");
        coding(observation.putObject("code"), LOINC, loinc);
        var quantity = observation.putObject("valueQuantity");
        if (value != null) {
            quantity.put("value", value);
        }
        if (unit != null) {
            quantity.put("unit", unit).put("system", UCUM).put("code", unit);
        }
        return observation;
    }

    ObjectNode observation(String loinc, String value, String unit) {
        return observation(loinc, new BigDecimal(value), unit);
    }

    PatientRecord lab(String loinc, String value, String unit) {
        observation(loinc, value, unit);
        return this;
    }

    PatientRecord lab(String loinc, String value, String unit, String effective) {
        observation(loinc, value, unit).put("effectiveDateTime", effective);
        return this;
    }

    ObjectNode condition(@Nullable String system, String code) {
        var condition = add("Condition");
        coding(condition.putObject("code"), system, code);
        status(condition, "clinicalStatus", "active");
        status(condition, "verificationStatus", "confirmed");
        return condition;
    }

    static ObjectNode status(ObjectNode resource, String element, String code) {
        coding(resource.putObject(element), null, code);
        return resource;
    }

    ObjectNode medicine(@Nullable String system, String code) {
        var medicine = add("MedicationStatement").put("status", "active");
        coding(medicine.putObject("medicationCodeableConcept"), system, code);
        return medicine;
    }

    static ObjectNode coding(ObjectNode concept, @Nullable String system, String code) {
        var coding = concept.withArray("coding").addObject().put("code", code);
        if (system != null) {
            coding.put("system", system);
        }
        return concept;
    }

    ObjectNode prefetch() {
        return prefetch;
    }

    /** The body of a call with this record. */
    ObjectNode call() {
        var call = JSON.createObjectNode()
                .put("hook", "patient-view")
                .put("hookInstance", UUID.randomUUID().toString());
        call.putObject("context").put("userId", "Practitioner/7").put("patientId", ID);
        call.set("prefetch", prefetch);
        return call;
    }
}
