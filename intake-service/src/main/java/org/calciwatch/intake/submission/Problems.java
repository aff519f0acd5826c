package org.calciwatch.intake.submission;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.calciwatch.intake.fhir.Issue;

/**
 * The problems found in one response so far, and the checks that hold for any JSON object of FHIR. What a client sent is
 * never quoted, not even names that are not known: error bodies end up in logs and tickets, and it may be an answer.
 */
final class Problems {

    /** FHIRPath of the whole response. */
    static final String ROOT = "QuestionnaireResponse";

    /** Plain strings, which HAPI also takes as numbers; the narrative of a resource is the only other {@code text}. */
    private static final Set<String> STRINGS =
            Set.of("id", "language", "definition", "text", "unit", "display", "version");

    /** FHIR lets an extension change the meaning of what it stands in; we could not honour that. */
    private static final Set<String> MODIFIERS = Set.of("modifierExtension", "implicitRules");

    /** The properties that are named in the place of a text that no FHIR string may hold. */
    private static final Set<String> NAMES = Set.of(
            "item",
            "answer",
            "linkId",
            "text",
            "div",
            "definition",
            "unit",
            "code",
            "system",
            "display",
            "identifier",
            "subject",
            "author",
            "source",
            "reference",
            "status",
            "authored",
            "questionnaire",
            "id");

    private final List<Issue> issues = new ArrayList<>();
    private final Set<String> reported = new HashSet<>();

    List<Issue> issues() {
        return issues;
    }

    /** Top-level properties with a problem somewhere in them. */
    Set<String> reported() {
        return reported;
    }

    /**
     * Notes a problem.
     *
     * @param code code of the FHIR value set issue-type
     * @param place FHIRPath
     */
    void add(String code, String place, String diagnostics) {
        issues.add(Issue.error(code, diagnostics, place));
        if (place.startsWith(ROOT + ".")) {
            reported.add(place.substring(ROOT.length() + 1).split("[.\\[]", 2)[0]);
        }
    }

    /** True when something inside this place was found wrong. */
    boolean isAnyIn(String place) {
        return issues.stream()
                .anyMatch(issue ->
                        issue.expression() != null && issue.expression().startsWith(place + "."));
    }

    /** Notes properties that FHIR does not know here, that are null, or that would change the meaning of the answers. */
    void properties(JsonNode object, Set<String> known, String place) {
        for (var property : object.properties()) {
            var name = property.getKey();
            var count = issues.size();
            if (MODIFIERS.contains(name)) {
                add("not-supported", place, name + " would change the meaning of the answers; leave it out.");
            } else if (!known.contains(name.startsWith("_") ? name.substring(1) : name)) {
                add(
                        "structure",
                        place,
                        "There is a property that FHIR R4 does not have here; it has "
                                + String.join(", ", new TreeSet<>(known)) + ".");
            } else if (property.getValue().isNull()) {
                add("structure", place, name + " is null; leave it out when it has no value.");
            } else if (STRINGS.contains(name)
                    && !property.getValue().isTextual()
                    && !(name.equals("text") && place.equals(ROOT))) {
                add("structure", place + "." + name, name + " must be a text.");
            }
            if (place.equals(ROOT) && issues.size() > count) {
                reported.add(name);
            }
        }
    }

    /** What no FHIR string may hold, anywhere: control characters and halves of surrogate pairs. */
    void strings(JsonNode node, String place) {
        if (node.isTextual() && !isClean(node.textValue())) {
            add("value", place, "A text holds control characters or broken Unicode.");
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                strings(node.get(i), place + "[" + i + "]");
            }
        } else {
            for (var property : node.properties()) {
                var name = property.getKey();
                strings(property.getValue(), place + "." + pathName(name));
            }
        }
    }

    private static boolean isClean(String text) {
        return text.codePoints()
                .allMatch(c -> c == '\t' || c == '\n' || c == '\r' || (c >= ' ' && (c < 0xD800 || c > 0xDFFF)));
    }

    /** The property in FHIRPath; one that is not known is any of the children. */
    private static String pathName(String name) {
        if (name.startsWith("value")) {
            return "value";
        }
        return NAMES.contains(name) ? name : "children()";
    }
}
