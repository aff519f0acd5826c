package org.calciwatch.intake.history;

import jakarta.inject.Singleton;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.calciwatch.intake.questionnaire.Amount;
import org.calciwatch.intake.questionnaire.Answers;
import org.calciwatch.intake.questionnaire.Question;
import org.calciwatch.intake.result.AnswerWording;
import org.calciwatch.intake.submission.Submissions.Completed;
import org.calciwatch.pages.Chart;
import org.calciwatch.pages.Localised;
import org.jspecify.annotations.Nullable;

/** Puts the test results of several submissions in the order of time. */
@Singleton
class Histories {

    private final AnswerWording wording;

    Histories(AnswerWording wording) {
        this.wording = wording;
    }

    private record Taken(
            LocalDate day,
            String dayText,
            BigDecimal value,
            @Nullable String unit,
            String entered) {}

    /**
     * One series for each test with a value, in the order of the questionnaire.
     *
     * @param completed the newest first
     * @param values by submission, the numbers in canonical units by input key
     */
    List<Series> of(List<Completed> completed, Map<UUID, Map<String, Amount>> values, String language) {
        var localised = new Localised(language);
        var all = new ArrayList<Series>();
        for (var test : wording.tests(language)) {
            var taken = taken(test, completed.reversed(), values, localised);
            if (!taken.isEmpty()) {
                all.add(series(test, taken, localised));
            }
        }
        return all;
    }

    private static List<Taken> taken(
            Question test, List<Completed> oldestFirst, Map<UUID, Map<String, Amount>> values, Localised localised) {
        var taken = new ArrayList<Taken>();
        for (var submission : oldestFirst) {
            var amount = values.getOrDefault(submission.id(), Map.of()).get(test.linkId());
            if (amount != null) {
                taken.add(taken(test, submission, amount, localised));
            }
        }
        taken.sort(Comparator.comparing(Taken::day));
        // Who sends the questionnaire again copies the same laboratory report.
        return taken.stream().distinct().toList();
    }

    private static Taken taken(Question test, Completed submission, Amount amount, Localised localised) {
        var answers = Answers.of(submission.response());
        var drawn = AnswerWording.dateOf(test).flatMap(date -> answers.date(date.linkId()));
        return new Taken(
                drawn.map(Localised::firstDay).orElse(submission.day()),
                drawn.map(localised::date).orElseGet(() -> localised.day(submission.day())),
                amount.value(),
                amount.unit(),
                answers.amount(test.linkId())
                        .map(entered -> AnswerWording.amount(entered, test, localised))
                        .orElse(""));
    }

    private static Series series(Question test, List<Taken> taken, Localised localised) {
        // The rules compare in one unit; should a new version of them have changed it, only its values are comparable.
        var unit = taken.getLast().unit();
        var comparable =
                taken.stream().filter(one -> Objects.equals(one.unit(), unit)).toList();
        var usual = Question.in(unit == null ? "" : unit, test.usual()).orElse(null);
        var points = comparable.stream()
                .map(one -> new Chart.Point(one.day(), one.dayText(), one.value(), localised.number(one.value())))
                .toList();
        return new Series(
                test.text(),
                usual == null
                        ? null
                        : new Series.Usual(
                                text(usual.low(), test, unit, localised), text(usual.high(), test, unit, localised)),
                Chart.of(points, usual == null ? null : new Chart.Range(usual.low(), usual.high()), localised),
                taken.stream()
                        .map(one -> new Series.Row(
                                one.dayText(),
                                AnswerWording.amount(new Amount(one.value(), one.unit()), test, localised),
                                one.entered()))
                        .toList());
    }

    private static String text(@Nullable BigDecimal limit, Question test, @Nullable String unit, Localised localised) {
        return limit == null ? "" : AnswerWording.amount(new Amount(limit, unit), test, localised);
    }
}
