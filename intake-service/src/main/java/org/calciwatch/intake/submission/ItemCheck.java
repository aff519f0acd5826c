package org.calciwatch.intake.submission;

import static org.calciwatch.intake.submission.Problems.ROOT;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.calciwatch.intake.questionnaire.Question;
import org.calciwatch.intake.questionnaire.Questionnaire;

/** Checks the items of one response, flat or nested, against the questionnaire. */
final class ItemCheck {

    private static final String NONE = "none";

    private static final Set<String> ITEM_PROPERTIES =
            Set.of("id", "extension", "linkId", "definition", "text", "answer", "item");
    private static final Set<String> ANSWER_PROPERTIES = Set.of(
            "id",
            "extension",
            "item",
            "valueBoolean",
            "valueDecimal",
            "valueInteger",
            "valueDate",
            "valueDateTime",
            "valueTime",
            "valueString",
            "valueUri",
            "valueAttachment",
            "valueCoding",
            "valueQuantity",
            "valueReference");
    private static final Set<String> QUANTITY_PROPERTIES =
            Set.of("id", "extension", "value", "comparator", "unit", "system", "code");
    private static final Set<String> CODING_PROPERTIES =
            Set.of("id", "extension", "system", "version", "code", "display", "userSelected");

    private final Questionnaire questionnaire;
    private final Problems problems;
    private final Map<String, String> placeOf = new HashMap<>();
    private final Map<String, List<String>> answered = new HashMap<>();

    ItemCheck(Questionnaire questionnaire, Problems problems) {
        this.questionnaire = questionnaire;
        this.problems = problems;
    }

    /** Checks the items in {@code parent}, a response, an item or an answer. */
    void items(JsonNode parent, String place) {
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
            problems.add("structure", place, name + " must be an array.");
            return false;
        }
        if (node.isEmpty()) {
            problems.add("structure", place, name + " is empty; leave it out when there is nothing in it.");
            return false;
        }
        return true;
    }

    private void item(JsonNode item, String place) {
        if (!item.isObject()) {
            problems.add("structure", place, "An item must be an object.");
            return;
        }
        problems.properties(item, ITEM_PROPERTIES, place);
        var linkId = item.path("linkId");
        if (linkId.isMissingNode()) {
            problems.add("required", place, "The item has no linkId.");
        } else if (!linkId.isTextual()) {
            problems.add("structure", place + ".linkId", "linkId must be a text.");
        } else {
            knownItem(item, linkId.textValue(), place);
            return;
        }
        items(item, place);
    }

    private void knownItem(JsonNode item, String linkId, String place) {
        var question = questionnaire.find(linkId);
        if (question == null) {
            problems.add(
                    "not-found",
                    place + ".linkId",
                    "There is no question with this linkId in the questionnaire; its linkIds are those of GET "
                            + "/fhir/Questionnaire/calcification-risk.");
            items(item, place);
            return;
        }
        var first = placeOf.putIfAbsent(linkId, place);
        if (first != null) {
            problems.add("duplicate", place + ".linkId", linkId + " was already given at " + first + "; give it once.");
        }
        var answers = item.path("answer");
        if (!answers.isMissingNode()) {
            if (question.type() == Question.Type.GROUP) {
                problems.add("structure", place + ".answer", linkId + " is a group; only its questions have answers.");
            } else if (isFilledArray(answers, place + ".answer", "answer")) {
                answers(question, answers, place);
            }
            if (item.has("item")) {
                problems.add(
                        "invariant",
                        place + ".item",
                        "An item with an answer holds its nested items inside the answer (qrs-1).");
            }
        }
        items(item, place);
    }

    private void answers(Question question, JsonNode answers, String place) {
        if (answers.size() > 1 && !question.repeats()) {
            problems.add(
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
                problems.add("structure", answerPlace, "An answer must be an object.");
            }
        }
        var codes = answered.getOrDefault(question.linkId(), List.of());
        if (question.repeats() && codes.contains(NONE) && codes.stream().anyMatch(code -> !code.equals(NONE))) {
            problems.add(
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
        problems.properties(answer, ANSWER_PROPERTIES, place);
        var right = "right would be one " + question.type().property();
        if (values.isEmpty()) {
            if (!answer.has("item") && !answer.has("extension")) {
                problems.add("required", place, "The answer to " + question.linkId() + " has no value; " + right + ".");
            }
        } else if (values.size() > 1) {
            problems.add(
                    "structure",
                    place + ".value",
                    "The answer to " + question.linkId() + " has several values; " + right + ".");
        } else if (!values.getFirst().equals(question.type().property())) {
            problems.add(
                    "value",
                    place + ".value",
                    question.linkId() + " was answered with a value of another type; " + right + ".");
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
            problems.add("value", place, question.linkId() + " must be a whole JSON number, without quotes or point.");
            return;
        }
        answered(question, value.asText());
        var number = value.decimalValue();
        question.range()
                .filter(range -> !range.holds(number))
                .ifPresent(range -> problems.add(
                        "business-rule",
                        place,
                        question.linkId() + " must be from " + range.low() + " to " + range.high()
                                + ": the checks are made for nobody else."));
    }

    private void date(Question question, JsonNode value, String place) {
        if (!value.isTextual() || FhirTime.parseDate(value.textValue()).isEmpty()) {
            problems.add(
                    "value",
                    place,
                    question.linkId() + " is not a FHIR date; right would be 2026-03-01, 2026-03 or 2026.");
        }
    }

    private void choice(Question question, JsonNode value, String place) {
        if (!isObject(question, value, place)) {
            return;
        }
        problems.properties(value, CODING_PROPERTIES, place);
        var system = value.path("system");
        if (!system.isMissingNode() && !system.asText().equals(question.system())) {
            problems.add(
                    "code-invalid",
                    place + ".system",
                    "The system of " + question.linkId() + " is not the right one; leave it out or give "
                            + question.system() + ".");
        }
        var code = value.path("code");
        if (code.isMissingNode()) {
            problems.add(
                    "required", place, "The answer to " + question.linkId() + " has no code; " + offered(question));
        } else if (!code.isTextual() || !question.options().containsKey(code.textValue())) {
            problems.add(
                    "code-invalid",
                    place + ".code",
                    "The code is not one of " + question.linkId() + "; " + offered(question));
        } else {
            answered(question, code.textValue());
        }
    }

    private void quantity(Question question, JsonNode value, String place) {
        if (!isObject(question, value, place)) {
            return;
        }
        problems.properties(value, QUANTITY_PROPERTIES, place);
        var number = value.path("value");
        if (!number.isMissingNode() && !number.isNumber()) {
            problems.add("value", place + ".value", question.linkId() + " must have a JSON number as value.");
        } else if (number.isNumber() && !isWritable(number)) {
            problems.add("value", place + ".value", question.linkId() + " has a number of more than 100 digits.");
        }
        if (value.has("comparator")) {
            problems.add(
                    "not-supported",
                    place + ".comparator",
                    question.linkId() + " has a comparator; a result like '< 5' cannot be judged, leave it out.");
        }
        var system = value.path("system");
        var code = value.path("code");
        if (code.isMissingNode()) {
            // A quantity without a number is missing, whatever its unit.
            if (!number.isMissingNode()) {
                problems.add("code-invalid", place, question.linkId() + " has no unit code; " + offered(question));
            }
        } else if (!code.isTextual() || !question.options().containsKey(code.textValue())) {
            problems.add(
                    "code-invalid",
                    place + ".code",
                    "The unit is not offered for " + question.linkId() + "; " + offered(question));
        }
        if (system.isMissingNode() ? !code.isMissingNode() : !system.asText().equals(question.system())) {
            problems.add(
                    "code-invalid",
                    system.isMissingNode() ? place : place + ".system",
                    "The unit's system of " + question.linkId() + " must be " + question.system() + " (qty-3).");
        }
    }

    private boolean isObject(Question question, JsonNode value, String place) {
        if (value.isObject() && !value.isEmpty()) {
            return true;
        }
        problems.add("value", place, question.linkId() + " must have an object that is not empty as its value.");
        return false;
    }

    private void answered(Question question, String value) {
        answered.computeIfAbsent(question.linkId(), linkId -> new ArrayList<>()).add(value);
    }

    /** After all items: notes what a completed response needs and this one lacks. What is there but wrong is not missing too. */
    void required() {
        for (var question : questionnaire.questions()) {
            var place = placeOf.get(question.linkId());
            if (question.required()
                    && !answered.containsKey(question.linkId())
                    && !(place != null && problems.isAnyIn(place))) {
                problems.add(
                        "required",
                        place == null ? ROOT : place,
                        question.linkId() + " is required in a completed response: \"" + question.text() + "\"");
            }
        }
    }

    /** Keeps out numbers like 1E400000000, which would fill the memory of whoever writes them out. */
    private static boolean isWritable(JsonNode number) {
        var value = number.decimalValue();
        return Math.abs((long) value.scale()) <= 100 && value.precision() <= 100;
    }

    private static String offered(Question question) {
        return "offered are " + String.join(", ", question.options().keySet()) + ".";
    }
}
