package org.calciwatch.intake.submission;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.calciwatch.intake.fhir.FhirJson;
import org.calciwatch.intake.fhir.FhirStructure;
import org.calciwatch.intake.fhir.Issue;
import org.calciwatch.intake.questionnaire.Question;
import org.calciwatch.intake.questionnaire.Questionnaire;
import org.jspecify.annotations.Nullable;

/**
 * Checks a QuestionnaireResponse against the questionnaire. Finds every problem, each with its place; says nothing
 * about numbers outside their plausible range, which are accepted (it is what the patient's paper says).
 */
@Singleton
public class ResponseValidator {

    /** Ages the knowledge base covers (section 1.1). */
    static final int MIN_AGE = 18;

    static final int MAX_AGE = 120;

    private static final String ROOT = "QuestionnaireResponse";
    private static final String NONE = "none";
    private static final String AGE = "age_years";

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
    private static final Set<String> ITEM_PROPERTIES =
            Set.of("id", "extension", "linkId", "definition", "text", "answer", "item");
    private static final Set<String> ANSWER_PROPERTIES = Set.of("id", "extension", "item");
    private static final Set<String> QUANTITY_PROPERTIES =
            Set.of("id", "extension", "value", "comparator", "unit", "system", "code");
    private static final Set<String> CODING_PROPERTIES =
            Set.of("id", "extension", "system", "version", "code", "display", "userSelected");

    /** Plain strings, which HAPI also takes as numbers; the narrative of a resource is the only other {@code text}. */
    private static final Set<String> STRINGS =
            Set.of("id", "language", "definition", "text", "unit", "display", "version");

    /** FHIR lets an extension change the meaning of what it stands in; we could not honour that. */
    private static final Set<String> MODIFIERS = Set.of("modifierExtension", "implicitRules");

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
        var check = new Check();
        check.resource(response, allowed);
        // What was reported above HAPI would only report again, less clearly.
        var rest = response.deepCopy().without(check.reported);
        check.issues.addAll(structure.problems(json.write(rest)));
        return check.issues;
    }

    /** One run over one response. */
    private final class Check {
        private final List<Issue> issues = new ArrayList<>();
        private final Map<String, String> placeOf = new HashMap<>();
        private final Map<String, List<String>> answered = new HashMap<>();
        /** Top-level properties with a problem somewhere in them. */
        private final Set<String> reported = new HashSet<>();

        private void problem(String code, String place, String diagnostics) {
            issues.add(Issue.error(code, diagnostics, place));
            if (place.startsWith(ROOT + ".")) {
                reported.add(place.substring(ROOT.length() + 1).split("[.\\[]", 2)[0]);
            }
        }

        void resource(ObjectNode response, EnumSet<SubmissionStatus> allowed) {
            properties(response, PROPERTIES::contains, ROOT);
            strings(response, ROOT);
            canonical(response);
            var status = status(response, allowed);
            subject(response);
            identifier(response);
            authored(response);
            items(response, ROOT);
            if (status != SubmissionStatus.IN_PROGRESS) {
                required();
            }
        }

        private void canonical(ObjectNode response) {
            var right = "right would be " + questionnaire.url() + ", with or without |" + questionnaire.version();
            var canonical = response.path("questionnaire");
            if (canonical.isMissingNode()) {
                problem("required", ROOT, "questionnaire is missing; " + right + ".");
            } else if (!canonical.isTextual()
                    || !Set.of(questionnaire.url(), questionnaire.url() + "|" + questionnaire.version())
                            .contains(canonical.textValue())) {
                problem("value", ROOT + ".questionnaire", "questionnaire is not the one served here; " + right + ".");
            }
        }

        private @Nullable SubmissionStatus status(ObjectNode response, EnumSet<SubmissionStatus> allowed) {
            var right = "right would be "
                    + allowed.stream().map(SubmissionStatus::code).collect(Collectors.joining(" or "));
            var given = response.path("status");
            if (given.isMissingNode()) {
                problem("required", ROOT, "status is missing; " + right + ".");
                return null;
            }
            var status =
                    given.isTextual() ? SubmissionStatus.find(given.textValue()).orElse(null) : null;
            if (status == null || !allowed.contains(status)) {
                problem(
                        "not-supported",
                        ROOT + ".status",
                        "status " + brief(given) + " is not accepted here; " + right + ".");
            }
            return status;
        }

        private void subject(ObjectNode response) {
            var right =
                    "right would be {\"reference\": \"Patient/<id>\"} with an id of 1 to 64 letters, digits, '-', '.'";
            var subject = response.path("subject");
            if (subject.isMissingNode()) {
                problem("required", ROOT, "subject is missing; " + right + ".");
            } else if (!subject.path("reference").isTextual()
                    || SubmissionHeader.patientId(subject.get("reference").textValue())
                            .isEmpty()) {
                problem("value", ROOT + ".subject.reference", "subject does not name a patient; " + right + ".");
            }
        }

        private void identifier(ObjectNode response) {
            var identifier = response.path("identifier");
            if (identifier.isMissingNode()) {
                return;
            }
            var place = ROOT + ".identifier";
            if (!identifier.isObject()) {
                problem("structure", place, "identifier must be one object with value and, if you like, system.");
                return;
            }
            for (var name : List.of("system", "value")) {
                var part = identifier.path(name);
                if (!part.isMissingNode()
                        && (!part.isTextual() || part.textValue().isBlank())) {
                    problem("value", place + "." + name, "identifier." + name + " must be a text that is not empty.");
                } else if (part.isTextual() && part.textValue().length() > SubmissionHeader.MAX_IDENTIFIER) {
                    problem(
                            "too-long",
                            place + "." + name,
                            "identifier." + name + " is longer than " + SubmissionHeader.MAX_IDENTIFIER
                                    + " characters.");
                }
            }
        }

        private void authored(ObjectNode response) {
            var authored = response.path("authored");
            if (!authored.isMissingNode()
                    && (!authored.isTextual()
                            || FhirTime.parse(authored.textValue()).isEmpty())) {
                problem(
                        "value",
                        ROOT + ".authored",
                        "authored is not a FHIR dateTime; right would be 2026-03-01T09:30:00Z or 2026-03-01.");
            }
        }

        private void items(JsonNode parent, String place) {
            var items = parent.path("item");
            if (items.isMissingNode()) {
                return;
            }
            if (!isFilledArray(items, place + ".item", "item")) {
                return;
            }
            for (int i = 0; i < items.size(); i++) {
                item(items.get(i), place + ".item[" + i + "]");
            }
        }

        private boolean isFilledArray(JsonNode node, String place, String name) {
            if (!node.isArray()) {
                problem("structure", place, name + " must be an array.");
                return false;
            }
            if (node.isEmpty()) {
                problem("structure", place, name + " is empty; leave it out when there is nothing in it.");
                return false;
            }
            return true;
        }

        private void item(JsonNode item, String place) {
            if (!item.isObject()) {
                problem("structure", place, "An item must be an object.");
                return;
            }
            properties(item, ITEM_PROPERTIES::contains, place);
            var linkId = item.path("linkId");
            if (linkId.isMissingNode()) {
                problem("required", place, "The item has no linkId.");
            } else if (!linkId.isTextual()) {
                problem("structure", place + ".linkId", "linkId must be a text.");
            } else {
                knownItem(item, linkId.textValue(), place);
                return;
            }
            items(item, place);
        }

        private void knownItem(JsonNode item, String linkId, String place) {
            var question = questionnaire.find(linkId);
            if (question == null) {
                problem(
                        "not-found",
                        place + ".linkId",
                        "There is no question " + brief(item.get("linkId"))
                                + " in the questionnaire; its linkIds are those of GET "
                                + "/fhir/Questionnaire/calcification-risk.");
                items(item, place);
                return;
            }
            var first = placeOf.putIfAbsent(linkId, place);
            if (first != null) {
                problem("duplicate", place + ".linkId", linkId + " was already given at " + first + "; give it once.");
            }
            var answers = item.path("answer");
            if (!answers.isMissingNode()) {
                if (question.type() == Question.Type.GROUP) {
                    problem("structure", place + ".answer", linkId + " is a group; only its questions have answers.");
                } else if (isFilledArray(answers, place + ".answer", "answer")) {
                    answers(question, answers, place);
                }
                if (item.has("item")) {
                    problem(
                            "invariant",
                            place + ".item",
                            "An item with an answer holds its nested items inside the answer (qrs-1).");
                }
            }
            items(item, place);
        }

        private void answers(Question question, JsonNode answers, String place) {
            if (answers.size() > 1 && !question.repeats()) {
                problem(
                        "invariant",
                        place + ".answer",
                        question.linkId() + " takes one answer; " + answers.size() + " were given.");
            }
            for (int i = 0; i < answers.size(); i++) {
                var answer = answers.get(i);
                var answerPlace = place + ".answer[" + i + "]";
                if (answer.isObject()) {
                    answer(question, answer, answerPlace);
                    items(answer, answerPlace);
                } else {
                    problem("structure", answerPlace, "An answer must be an object.");
                }
            }
            var codes = answered.getOrDefault(question.linkId(), List.of());
            if (question.repeats() && codes.contains(NONE) && codes.stream().anyMatch(code -> !code.equals(NONE))) {
                problem(
                        "invariant",
                        place + ".answer",
                        question.linkId() + " has 'none' together with another code; give one or the other.");
            }
        }

        private void answer(Question question, JsonNode answer, String place) {
            var values = new ArrayList<String>();
            answer.fieldNames().forEachRemaining(name -> {
                if (name.startsWith("value")) {
                    values.add(name);
                }
            });
            properties(answer, name -> ANSWER_PROPERTIES.contains(name) || name.startsWith("value"), place);
            var right = "right would be one " + question.type().property();
            if (values.isEmpty()) {
                if (!answer.has("item") && !answer.has("extension")) {
                    problem("required", place, "The answer to " + question.linkId() + " has no value; " + right + ".");
                }
            } else if (values.size() > 1) {
                problem(
                        "structure",
                        place + ".value",
                        "The answer to " + question.linkId() + " has several values (" + names(values) + "); " + right
                                + ".");
            } else if (!values.getFirst().equals(question.type().property())) {
                problem(
                        "value",
                        place + ".value",
                        question.linkId() + " was answered with " + names(values) + "; " + right + ".");
            } else {
                value(question, answer.get(values.getFirst()), place + ".value");
            }
        }

        private void value(Question question, JsonNode value, String place) {
            switch (question.type()) {
                case INTEGER -> integer(question, value, place);
                case QUANTITY -> quantity(question, value, place);
                case CHOICE -> choice(question, value, place);
                case DATE -> date(question, value, place);
                case GROUP -> throw new IllegalStateException("a group has no answers");
            }
        }

        private void integer(Question question, JsonNode value, String place) {
            if (!value.isIntegralNumber()) {
                problem("value", place, question.linkId() + " must be a whole JSON number, without quotes or point.");
                return;
            }
            answered(question, value.asText());
            if (question.linkId().equals(AGE)
                    && (!value.canConvertToInt() || value.intValue() < MIN_AGE || value.intValue() > MAX_AGE)) {
                problem(
                        "business-rule",
                        place,
                        "age_years must be from " + MIN_AGE + " to " + MAX_AGE
                                + ": the checks are made for adults of these ages only.");
            }
        }

        private void date(Question question, JsonNode value, String place) {
            if (!value.isTextual() || FhirTime.parseDate(value.textValue()).isEmpty()) {
                problem(
                        "value",
                        place,
                        question.linkId() + " is not a FHIR date; right would be 2026-03-01, 2026-03 or 2026.");
            }
        }

        private void choice(Question question, JsonNode value, String place) {
            if (!isObject(question, value, place)) {
                return;
            }
            properties(value, CODING_PROPERTIES::contains, place);
            var system = value.path("system");
            if (!system.isMissingNode() && !system.asText().equals(question.system())) {
                problem(
                        "code-invalid",
                        place + ".system",
                        "The system of " + question.linkId() + " is not the right one; leave it out or give "
                                + question.system() + ".");
            }
            var code = value.path("code");
            if (code.isMissingNode()) {
                problem("required", place, "The answer to " + question.linkId() + " has no code; " + offered(question));
            } else if (!code.isTextual() || !question.options().containsKey(code.textValue())) {
                problem(
                        "code-invalid",
                        place + ".code",
                        question.linkId() + " does not offer " + brief(code) + "; " + offered(question));
            } else {
                answered(question, code.textValue());
            }
        }

        private void quantity(Question question, JsonNode value, String place) {
            if (!isObject(question, value, place)) {
                return;
            }
            properties(value, QUANTITY_PROPERTIES::contains, place);
            var number = value.path("value");
            if (!number.isMissingNode() && !number.isNumber()) {
                problem("value", place + ".value", question.linkId() + " must have a JSON number as value.");
            } else if (number.isNumber() && !isWritable(number)) {
                problem("value", place + ".value", question.linkId() + " has a number of more than 100 digits.");
            }
            if (value.has("comparator")) {
                problem(
                        "not-supported",
                        place + ".comparator",
                        question.linkId() + " has a comparator; a result like '< 5' cannot be judged, leave it out.");
            }
            var system = value.path("system");
            var code = value.path("code");
            if (code.isMissingNode()) {
                // A quantity without a number is missing, whatever its unit.
                if (!number.isMissingNode()) {
                    problem("code-invalid", place, question.linkId() + " has no unit code; " + offered(question));
                }
            } else if (!code.isTextual() || !question.options().containsKey(code.textValue())) {
                problem(
                        "code-invalid",
                        place + ".code",
                        "The unit " + brief(code) + " is not offered for " + question.linkId() + "; "
                                + offered(question));
            }
            if (system.isMissingNode()
                    ? !code.isMissingNode()
                    : !system.asText().equals(question.system())) {
                problem(
                        "code-invalid",
                        system.isMissingNode() ? place : place + ".system",
                        "The unit's system of " + question.linkId() + " must be " + question.system() + " (qty-3).");
            }
        }

        private boolean isObject(Question question, JsonNode value, String place) {
            if (value.isObject() && !value.isEmpty()) {
                return true;
            }
            problem("value", place, question.linkId() + " must have an object that is not empty as its value.");
            return false;
        }

        private void answered(Question question, String value) {
            answered.computeIfAbsent(question.linkId(), linkId -> new ArrayList<>())
                    .add(value);
        }

        private void required() {
            for (var question : questionnaire.questions()) {
                var place = placeOf.get(question.linkId());
                if (question.required() && !answered.containsKey(question.linkId()) && !isBrokenAt(place)) {
                    problem(
                            "required",
                            place == null ? ROOT : place,
                            question.linkId() + " is required in a completed response: \"" + question.text() + "\"");
                }
            }
        }

        /** An answer that is there but wrong was reported as wrong; it is not missing as well. */
        private boolean isBrokenAt(@Nullable String place) {
            return place != null
                    && issues.stream()
                            .anyMatch(issue -> issue.expression() != null
                                    && issue.expression().startsWith(place + "."));
        }

        private void properties(JsonNode object, Predicate<String> known, String place) {
            for (var property : object.properties()) {
                var name = property.getKey();
                var count = issues.size();
                if (MODIFIERS.contains(name)) {
                    problem("not-supported", place, name + " would change the meaning of the answers; leave it out.");
                } else if (!known.test(name.startsWith("_") ? name.substring(1) : name)) {
                    problem("structure", place, "FHIR R4 has no property " + brief(name) + " here.");
                } else if (property.getValue().isNull()) {
                    problem("structure", place, name + " is null; leave it out when it has no value.");
                } else if (STRINGS.contains(name)
                        && !property.getValue().isTextual()
                        && !(name.equals("text") && place.equals(ROOT))) {
                    problem("structure", place + "." + name, name + " must be a text.");
                }
                if (place.equals(ROOT) && issues.size() > count) {
                    reported.add(name);
                }
            }
        }

        /** What no FHIR string may hold, anywhere: control characters and halves of surrogate pairs. */
        private void strings(JsonNode node, String place) {
            if (node.isTextual() && !isClean(node.textValue())) {
                problem("value", place, "A text holds control characters or broken Unicode.");
            } else if (node.isArray()) {
                for (int i = 0; i < node.size(); i++) {
                    strings(node.get(i), place + "[" + i + "]");
                }
            } else {
                for (var property : node.properties()) {
                    var name = property.getKey();
                    strings(property.getValue(), place + "." + (name.startsWith("value") ? "value" : name));
                }
            }
        }
    }

    private static boolean isClean(String text) {
        return text.codePoints()
                .allMatch(c -> c == '\t' || c == '\n' || c == '\r' || (c >= ' ' && (c < 0xD800 || c > 0xDFFF)));
    }

    /** Keeps out numbers like 1E400000000, which would fill the memory of whoever writes them out. */
    private static boolean isWritable(JsonNode number) {
        var value = number.decimalValue();
        return Math.abs((long) value.scale()) <= 100 && value.precision() <= 100;
    }

    private static String offered(Question question) {
        return "offered are " + String.join(", ", question.options().keySet()) + ".";
    }

    private static String names(List<String> names) {
        return names.stream().map(ResponseValidator::brief).collect(Collectors.joining(", "));
    }

    private static String brief(JsonNode given) {
        return given.isTextual() ? brief(given.textValue()) : "of the JSON type " + given.getNodeType();
    }

    /** Enough of what was given to recognise it; never a whole free text. */
    private static String brief(String given) {
        var cleaned = given.codePoints()
                .limit(40)
                .mapToObj(c -> c >= ' ' && (c < 0xD800 || c > 0xDFFF) ? Character.toString(c) : "?")
                .collect(Collectors.joining());
        return "'" + cleaned + (given.codePointCount(0, given.length()) > 40 ? "…" : "") + "'";
    }
}
