package org.calciwatch.intake.result;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.calciwatch.intake.questionnaire.Amount;
import org.calciwatch.intake.questionnaire.Answers;
import org.calciwatch.intake.questionnaire.Question;
import org.calciwatch.intake.questionnaire.Questionnaire;
import org.calciwatch.pages.Localised;

/** Puts answers into words: the questions and choices as the questionnaire has them, the numbers as they were entered. */
@Singleton
public class AnswerWording {

    private final Questionnaire questionnaire;

    AnswerWording(Questionnaire questionnaire) {
        this.questionnaire = questionnaire;
    }

    /** Answers under the heading of their group. */
    record Section(String title, List<Line> lines) {}

    /** A question and its answer. */
    record Line(String question, String answer) {}

    /** All answers, in the order of the questionnaire. */
    List<Section> sections(Answers answers, String language) {
        var localised = new Localised(language);
        return questionnaire.groups(language).stream()
                .map(group -> new Section(
                        group.text(),
                        questions(group)
                                .flatMap(question -> line(question, answers, localised).stream())
                                .toList()))
                .filter(section -> !section.lines().isEmpty())
                .toList();
    }

    /** An answer's text and, behind that of a test, when it was done. */
    private static Optional<Line> line(Question question, Answers answers, Localised localised) {
        if (question.type() == Question.Type.DATE) {
            return Optional.empty();
        }
        var values = answers.of(question.linkId()).stream()
                .map(answer -> value(question, answer, localised))
                .collect(Collectors.joining("; "));
        var date = dateOf(question)
                .flatMap(item -> answers.date(item.linkId()))
                .map(drawn -> " (" + localised.date(drawn) + ")")
                .orElse("");
        return values.isEmpty() ? Optional.empty() : Optional.of(new Line(question.text(), values + date));
    }

    private static String value(Question question, JsonNode value, Localised localised) {
        return switch (question.type()) {
            case GROUP -> "";
            case INTEGER -> value.asText();
            case DATE -> localised.date(value.asText());
            case CHOICE -> question.options().getOrDefault(value.path("code").asText(), "");
            case QUANTITY ->
                amount(
                        new Amount(
                                value.path("value").decimalValue(),
                                value.path("code").textValue()),
                        question,
                        localised);
        };
    }

    /** The answers a finding rests on; what does not apply to the patient is left out. */
    List<Line> because(List<Findings.Because> because, String language) {
        var localised = new Localised(language);
        var lines = new ArrayList<Line>();
        for (var one : because) {
            line(one, language, localised).ifPresent(lines::add);
        }
        return lines;
    }

    private Optional<Line> line(Findings.Because because, String language, Localised localised) {
        if (because.value().isBoolean()) {
            return because.value().booleanValue()
                    ? questions(language)
                            .filter(question ->
                                    question.repeats() && question.options().containsKey(because.input()))
                            .map(list -> new Line(
                                    list.text(), list.options().getOrDefault(because.input(), because.input())))
                            .findFirst()
                    : Optional.empty();
        }
        return questions(language)
                .filter(question -> question.linkId().equals(because.input()))
                .findFirst()
                .map(question -> new Line(question.text(), value(because, question, localised)));
    }

    private static String value(Findings.Because because, Question question, Localised localised) {
        if (because.entered() != null && question.type() == Question.Type.QUANTITY) {
            return amount(because.entered(), question, localised);
        }
        var value = because.value();
        return value.isNumber()
                ? localised.number(value.decimalValue())
                : question.options().getOrDefault(value.asText(), value.asText());
    }

    /** A number with its unit as the question names it. */
    public static String amount(Amount amount, Question question, Localised localised) {
        var code = amount.unit();
        var unit = code == null ? "" : question.options().getOrDefault(code, code);
        return (localised.number(amount.value()) + " " + unit).strip();
    }

    /**
     * The signs of an emergency, all of them, where the answers leave open whether there is one: the list was not
     * answered, or the patient is not sure about one in it.
     */
    List<String> openSigns(Answers answers, String language) {
        var lists = questions(language)
                .filter(question -> !question.emergencies().isEmpty())
                .toList();
        return lists.stream().anyMatch(list -> isOpen(list, answers, language))
                ? lists.stream()
                        .flatMap(list -> list.options().entrySet().stream()
                                .filter(option -> list.emergencies().contains(option.getKey()))
                                .map(Map.Entry::getValue))
                        .toList()
                : List.of();
    }

    /** "Not sure" is a list of its own with the same codes. */
    private boolean isOpen(Question list, Answers answers, String language) {
        return !answers.has(list.linkId())
                || questions(language)
                        .filter(other ->
                                !other.linkId().equals(list.linkId()) && Objects.equals(other.system(), list.system()))
                        .flatMap(other -> answers.codes(other.linkId()).stream())
                        .anyMatch(list.emergencies()::contains);
    }

    /** Whether all of these inputs are test results, which a clinic measures and not the patient. */
    boolean areTests(List<String> inputs) {
        var tests = tests(questionnaire.languages().getFirst()).stream()
                .map(Question::linkId)
                .toList();
        return !inputs.isEmpty() && tests.containsAll(inputs);
    }

    /** The questions for results of tests: numbers with a date of their own. */
    public List<Question> tests(String language) {
        return questions(language)
                .filter(question -> question.type() == Question.Type.QUANTITY
                        && dateOf(question).isPresent())
                .toList();
    }

    /** The question when a test was done; empty for what is no test. */
    public static Optional<Question> dateOf(Question question) {
        return question.items().stream()
                .filter(item -> item.type() == Question.Type.DATE)
                .findFirst();
    }

    private Stream<Question> questions(String language) {
        return questionnaire.groups(language).stream().flatMap(AnswerWording::questions);
    }

    private static Stream<Question> questions(Question parent) {
        return parent.items().stream().flatMap(item -> Stream.concat(Stream.of(item), questions(item)));
    }
}
