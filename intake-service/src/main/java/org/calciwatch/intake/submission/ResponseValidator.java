package org.calciwatch.intake.submission;

import static org.calciwatch.intake.submission.Problems.ROOT;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Singleton;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.calciwatch.intake.fhir.FhirJson;
import org.calciwatch.intake.fhir.FhirStructure;
import org.calciwatch.intake.fhir.Issue;
import org.calciwatch.intake.questionnaire.Questionnaire;
import org.jspecify.annotations.Nullable;

/**
 * Checks a QuestionnaireResponse against the questionnaire. Finds every problem, each with its place; says nothing
 * about numbers outside their plausible range, which are accepted (it is what the patient's paper says).
 */
@Singleton
public class ResponseValidator {

    private static final Set<String> PROPERTIES = Set.of(
            "resourceType",
            "id",
            "meta",
            "language",
            "text",
            "contained",
            "extension",
            "identifier",
            "basedOn",
            "partOf",
            "questionnaire",
            "status",
            "subject",
            "encounter",
            "authored",
            "author",
            "source",
            "item");
    private final Questionnaire questionnaire;
    private final FhirJson json;
    private final FhirStructure structure;

    ResponseValidator(Questionnaire questionnaire, FhirJson json, FhirStructure structure) {
        this.questionnaire = questionnaire;
        this.json = json;
        this.structure = structure;
    }

    /**
     * Every problem of a response; none when the list is empty.
     *
     * @param allowed the statuses it may have here
     */
    public List<Issue> problems(ObjectNode response, EnumSet<SubmissionStatus> allowed) {
        var problems = new Problems();
        problems.properties(response, PROPERTIES, ROOT);
        problems.strings(response, ROOT);
        canonical(response, problems);
        var status = status(response, allowed, problems);
        subject(response, problems);
        identifier(response, problems);
        authored(response, problems);
        var items = new ItemCheck(questionnaire, problems);
        items.items(response, ROOT);
        if (status != SubmissionStatus.IN_PROGRESS) {
            items.required();
        }
        // What was reported above HAPI would only report again, less clearly.
        var rest = response.deepCopy().without(problems.reported());
        problems.issues().addAll(structure.problems(json.write(rest)));
        return problems.issues();
    }

    private void canonical(ObjectNode response, Problems problems) {
        var right = "right would be " + questionnaire.url() + ", with or without |" + questionnaire.version();
        var canonical = response.path("questionnaire");
        if (canonical.isMissingNode()) {
            problems.add("required", ROOT, "questionnaire is missing; " + right + ".");
        } else if (!canonical.isTextual()
                || !Set.of(questionnaire.url(), questionnaire.url() + "|" + questionnaire.version())
                        .contains(canonical.textValue())) {
            problems.add("value", ROOT + ".questionnaire", "questionnaire is not the one served here; " + right + ".");
        }
    }

    private static @Nullable SubmissionStatus status(
            ObjectNode response, EnumSet<SubmissionStatus> allowed, Problems problems) {
        var right =
                "right would be " + allowed.stream().map(SubmissionStatus::code).collect(Collectors.joining(" or "));
        var given = response.path("status");
        if (given.isMissingNode()) {
            problems.add("required", ROOT, "status is missing; " + right + ".");
            return null;
        }
        var status =
                given.isTextual() ? SubmissionStatus.find(given.textValue()).orElse(null) : null;
        if (status == null || !allowed.contains(status)) {
            problems.add("not-supported", ROOT + ".status", "The status is not accepted here; " + right + ".");
        }
        return status;
    }

    private static void subject(ObjectNode response, Problems problems) {
        var right = "right would be {\"reference\": \"Patient/<id>\"} with an id of 1 to 64 letters, digits, '-', '.'";
        var subject = response.path("subject");
        if (subject.isMissingNode()) {
            problems.add("required", ROOT, "subject is missing; " + right + ".");
        } else if (!subject.path("reference").isTextual()
                || SubmissionHeader.patientId(subject.get("reference").textValue())
                        .isEmpty()) {
            problems.add("value", ROOT + ".subject.reference", "subject does not name a patient; " + right + ".");
        }
    }

    private static void identifier(ObjectNode response, Problems problems) {
        var identifier = response.path("identifier");
        if (identifier.isMissingNode()) {
            return;
        }
        var place = ROOT + ".identifier";
        if (!identifier.isObject()) {
            problems.add("structure", place, "identifier must be one object with value and, if you like, system.");
            return;
        }
        for (var name : List.of("system", "value")) {
            var part = identifier.path(name);
            if (!part.isMissingNode() && (!part.isTextual() || part.textValue().isBlank())) {
                problems.add("value", place + "." + name, "identifier." + name + " must be a text that is not empty.");
            } else if (part.isTextual() && part.textValue().length() > SubmissionHeader.MAX_IDENTIFIER) {
                problems.add(
                        "too-long",
                        place + "." + name,
                        "identifier." + name + " is longer than " + SubmissionHeader.MAX_IDENTIFIER + " characters.");
            }
        }
    }

    private static void authored(ObjectNode response, Problems problems) {
        var authored = response.path("authored");
        if (!authored.isMissingNode()
                && (!authored.isTextual()
                        || FhirTime.parse(authored.textValue()).isEmpty())) {
            problems.add(
                    "value",
                    ROOT + ".authored",
                    "authored is not a FHIR dateTime; right would be 2026-03-01T09:30:00Z or 2026-03-01.");
        }
    }
}
