package org.calciwatch.intake.result;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.calciwatch.intake.questionnaire.Amount;
import org.calciwatch.intake.questionnaire.Answers;
import org.calciwatch.intake.questionnaire.Question;
import org.calciwatch.intake.questionnaire.Questionnaire;

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
                localised.amount(
                        new Amount(
                                value.path("value").decimalValue(),
                                value.path("code").textValue()),
                        question);
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
            return localised.amount(because.entered(), question);
        }
        var value = because.value();
        return value.isNumber()
                ? localised.number(value.decimalValue())
                : question.options().getOrDefault(value.asText(), value.asText());
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
