package org.calciwatch.assessment.cds;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The resources of a prefetch, found by their type wherever they stand. */
final class Prefetch {

    private static final Set<String> USED = Set.of(
            "Patient", "Observation", "Condition", "MedicationStatement", "MedicationRequest", "QuestionnaireResponse");
    private static final String MEDICATION = "Medication";

    private final Map<String, Set<JsonNode>> byType = new HashMap<>();
    private final Map<String, JsonNode> byReference = new HashMap<>();
    private final JsonNode prefetch;
    private final NotUsed notUsed;
    private final String patientId;

    /**
     * @param patientId whose resources these are; those of others are not used
     * @param notUsed takes what is none of the types that are used
     */
    Prefetch(JsonNode prefetch, String patientId, NotUsed notUsed) {
        this.prefetch = prefetch;
        this.notUsed = notUsed;
        this.patientId = patientId;
        prefetch.properties().forEach(entry -> collect(entry.getValue(), entry.getKey()));
        byType.values().forEach(resources -> resources.removeIf(this::isSomebodyElses));
    }

    private void collect(JsonNode node, String key) {
        if (node.isNull()) {
            return;
        }
        if (node.isArray()) {
            node.forEach(element -> collect(element, key));
            return;
        }
        var type = node.path("resourceType").textValue();
        if (type == null) {
            notUsed.add("'" + key + "'", "Not a FHIR resource");
        } else if (type.equals("Bundle")) {
            bundle(node, key);
        } else if (USED.contains(type)) {
            byType.computeIfAbsent(type, ignored -> new LinkedHashSet<>()).add(node);
        } else if (type.equals("OperationOutcome") && isFailure(node, key)) {
            notUsed.attend("'" + key + "' could not be fetched by the record system.");
        } else if (!type.equals(MEDICATION)) {
            notUsed.add(type, "A type of resource that no rule uses");
        }
        if (type != null && node.path("id").isTextual()) {
            byReference.put(type + "/" + node.path("id").textValue(), node);
        }
    }

    /** In place of the resources it is one; among them only when it says so. */
    private boolean isFailure(JsonNode outcome, String key) {
        for (var issue : outcome.path("issue")) {
            if (Set.of("error", "fatal").contains(Fhir.text(issue, "severity"))) {
                return true;
            }
        }
        return Fhir.text(prefetch.path(key), "resourceType").equals("OperationOutcome");
    }

    private void bundle(JsonNode bundle, String key) {
        for (var entry : bundle.path("entry")) {
            var resource = entry.path("resource");
            if (entry.path("fullUrl").isTextual()) {
                byReference.put(entry.path("fullUrl").textValue(), resource);
            }
            if (!resource.isMissingNode()) {
                collect(resource, key);
            }
        }
        for (var link : bundle.path("link")) {
            if (link.path("relation").asText().equals("next")) {
                notUsed.add("'" + key + "'", "Only the first page was sent; there is more in the record");
            }
        }
    }

    private boolean isSomebodyElses(JsonNode resource) {
        var type = resource.path("resourceType").asText();
        if (type.equals("Patient")) {
            return resource.path("id").isTextual() && other(resource.path("id").asText(), type);
        }
        var reference = resource.path("subject").path("reference").asText("");
        var target = byReference.get(reference);
        if (target != null
                && target.path("resourceType").asText().equals("Patient")
                && target.path("id").isTextual()) {
            return other(target.path("id").asText(), type);
        }
        var subject = Fhir.reference(reference);
        return subject.isPresent()
                && other(subject.get().type().equals("Patient") ? subject.get().id() : reference, type);
    }

    private boolean other(String subject, String type) {
        if (subject.equals(patientId)) {
            return false;
        }
        // Neither who it is nor what it says: it is nobody's business here.
        notUsed.add(type, "About someone else than the patient of this request");
        return true;
    }

    /** True when there is nothing that could be judged. */
    boolean isEmpty() {
        return byType.values().stream().allMatch(Set::isEmpty);
    }

    /** All resources of a type, in the order in which they were sent. */
    List<JsonNode> all(String type) {
        return new ArrayList<>(byType.getOrDefault(type, Set.of()));
    }

    /** The Medication a resource refers to, contained or sent beside it. */
    Optional<JsonNode> medication(JsonNode resource, String reference) {
        if (reference.startsWith("#")) {
            for (var contained : resource.path("contained")) {
                if (reference.equals("#" + contained.path("id").asText())) {
                    return Optional.of(contained);
                }
            }
            return Optional.empty();
        }
        return Optional.ofNullable(byReference.get(reference))
                .or(() -> Fhir.reference(reference).map(target -> byReference.get(target.type() + "/" + target.id())))
                .filter(target -> target.path("resourceType").asText().equals(MEDICATION));
    }
}
