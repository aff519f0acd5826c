package org.calciwatch.intake;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.StrictErrorHandler;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.util.List;
import java.util.UUID;
import org.calciwatch.audit.Action;
import org.calciwatch.audit.AuditLog;
import org.calciwatch.privacy.PatientData;
import org.hl7.fhir.r4.model.AuditEvent;
import org.junit.jupiter.api.Test;

@QuarkusTest
class AuditEventFhirTest {

    @Inject
    AuditLog log;

    @Inject
    @Any
    Instance<PatientData> parts;

    @Test
    void what_is_recorded_about_a_patient_is_exported_as_fhir_r4_that_a_strict_parser_takes() {
        var patient = "P-" + UUID.randomUUID();
        log.record(Action.EXECUTE, "mail sent", List.of(patient), List.of("Flag/1", "Communication/2"));
        var parser = FhirContext.forR4Cached().newJsonParser().setParserErrorHandler(new StrictErrorHandler());
        var events = parts.stream()
                .flatMap(part -> part.export(patient).stream())
                .map(resource -> parser.parseResource(resource.toString()))
                .filter(AuditEvent.class::isInstance)
                .map(AuditEvent.class::cast)
                .toList();
        assertThat(events).singleElement().satisfies(event -> {
            assertThat(event.getAction()).isEqualTo(AuditEvent.AuditEventAction.E);
            assertThat(event.getOutcome()).isEqualTo(AuditEvent.AuditEventOutcome._0);
            assertThat(event.getRecorded()).isNotNull();
            assertThat(event.getType().getCode()).isEqualTo("110106");
            assertThat(event.getAgentFirstRep().getWho().getDisplay()).isEqualTo("intake-service");
            assertThat(event.getSource().getObserver().getDisplay()).isEqualTo("intake-service");
            assertThat(event.getEntity())
                    .extracting(entity -> entity.getWhat().getReference())
                    .containsExactly("Patient/" + patient, "Flag/1", "Communication/2", null);
            assertThat(event.getEntity().getLast().getName()).isEqualTo("mail sent");
        });
    }
}
