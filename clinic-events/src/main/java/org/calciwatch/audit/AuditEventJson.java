package org.calciwatch.audit;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** Audit events as FHIR R4, with the ids of the patients that are not forgotten. */
@ApplicationScoped
class AuditEventJson {

    private static final String TYPE = "http://terminology.hl7.org/CodeSystem/audit-event-type";
    private static final String DICOM = "http://dicom.nema.org/resources/ontology/DCM";
    private static final String INTERACTION = "http://hl7.org/fhir/restful-interaction";
    private static final String ENTITY_TYPE = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
    private static final String ROLE = "http://terminology.hl7.org/CodeSystem/object-role";

    /** FHIR's network-type for an IP address. */
    private static final String IP_ADDRESS = "2";

    private final Pseudonyms pseudonyms;
    private final ObjectMapper json;
    private final String service;

    AuditEventJson(
            Pseudonyms pseudonyms,
            ObjectMapper json,
            @ConfigProperty(name = "quarkus.application.name") String service) {
        this.pseudonyms = pseudonyms;
        this.json = json;
        this.service = service;
    }

    /** The resources, in the order of the events. */
    List<ObjectNode> of(List<AuditEvent> events) {
        var patients = pseudonyms.patients(events.stream()
                .flatMap(event -> Stream.concat(event.patients().stream(), pseudonym(event)))
                .distinct()
                .toList());
        return events.stream().map(event -> of(event, patients)).toList();
    }

    /** Of an agent who is a patient. */
    private static Stream<UUID> pseudonym(AuditEvent event) {
        try {
            return Stream.of(UUID.fromString(event.agent()));
        } catch (IllegalArgumentException e) {
            return Stream.of();
        }
    }

    private ObjectNode of(AuditEvent event, Map<UUID, String> patients) {
        var resource = json.createObjectNode()
                .put("resourceType", "AuditEvent")
                .put("id", event.id().toString());
        var isRequest = event.httpStatus() != null;
        if (isRequest) {
            coding(resource.putObject("type"), TYPE, "rest", "RESTful Operation");
            coding(resource.putArray("subtype").addObject(), INTERACTION, interaction(event), null);
        } else {
            // The only thing a service does with patients' data by itself is to send them to somebody.
            coding(resource.putObject("type"), DICOM, "110106", "Export");
        }
        resource.put("action", event.action())
                .put("recorded", event.recordedAt().toString())
                .put("outcome", Integer.toString(event.outcome()));
        if (isRequest) {
            resource.put("outcomeDesc", "HTTP " + event.httpStatus());
        }
        agent(resource.putArray("agent").addObject(), event, patients);
        var source = resource.putObject("source");
        source.put("site", service);
        source.putObject("observer").put("display", service);
        var entities = resource.putArray("entity");
        for (var pseudonym : event.patients()) {
            var entity = entities.addObject();
            entity.putObject("what").put("reference", reference(pseudonym, patients));
            coding(entity.putObject("type"), ENTITY_TYPE, "1", "Person");
            coding(entity.putObject("role"), ROLE, "1", "Patient");
        }
        for (var reference : event.entities()) {
            var entity = entities.addObject();
            entity.putObject("what").put("reference", reference);
            coding(entity.putObject("type"), ENTITY_TYPE, "2", "System Object");
        }
        what(entities, event);
        return resource;
    }

    private static void what(ArrayNode entities, AuditEvent event) {
        var entity = entities.addObject();
        coding(entity.putObject("type"), ENTITY_TYPE, "2", "System Object");
        entity.put("name", event.what());
        entity.putArray("detail").addObject().put("type", "trace").put("valueString", event.traceId());
    }

    private static void agent(ObjectNode agent, AuditEvent event, Map<UUID, String> patients) {
        for (var role : event.agentRole().split(" ", -1)) {
            if (!role.isEmpty()) {
                agent.withArray("role").addObject().put("text", role);
            }
        }
        var who = agent.putObject("who");
        pseudonym(event)
                .findFirst()
                .ifPresentOrElse(pseudonym -> who.put("reference", reference(pseudonym, patients)), () -> who.put(
                                "display", event.agent())
                        .putObject("identifier")
                        .put("value", event.agent()));
        agent.put("requestor", true);
        if (event.source() != null) {
            agent.putObject("network").put("address", event.source()).put("type", IP_ADDRESS);
        }
    }

    private static String reference(UUID pseudonym, Map<UUID, String> patients) {
        return "Patient/" + patients.getOrDefault(pseudonym, "erased-" + pseudonym);
    }

    /** Code of FHIR's restful-interaction. */
    private static String interaction(AuditEvent event) {
        if (event.what().startsWith("POST") && !event.action().equals("C")) {
            return "operation";
        }
        return switch (event.action()) {
            case "C" -> "create";
            case "R" -> "read";
            case "U" -> "update";
            case "D" -> "delete";
            default -> "search-type";
        };
    }

    private static void coding(ObjectNode concept, String system, String code, @Nullable String display) {
        concept.put("system", system).put("code", code);
        if (display != null) {
            concept.put("display", display);
        }
    }
}
