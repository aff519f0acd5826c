package org.calciwatch.assessment.cds;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.calciwatch.assessment.profile.Profile;
import org.calciwatch.assessment.rules.Evaluation;
import org.calciwatch.assessment.rules.Evaluation.Fired;
import org.calciwatch.assessment.rules.Evaluation.OpenQuestion;
import org.calciwatch.assessment.rules.Rule;
import org.calciwatch.assessment.rules.RulePack;
import org.calciwatch.assessment.rules.Severity;

/**
 * What all readings of a chart say together: a finding of any of them is one, whatever another reading says; education is
 * what all of them give.
 *
 * @param all the union of what fired and of the notes on the data; unknown is what is so in the first reading and fired in
 *     none
 * @param judged the first reading in which each rule fired, by rule
 */
record Findings(Evaluation all, Map<String, Judged> judged) {

    private static final String ALBUMIN_MISSING = "dq-albumin-missing";

    /** A reading and what the rules say of it. */
    record Judged(Readings.Reading reading, Evaluation evaluation) {}

    /** Judges all readings; the first is the base. */
    static Findings of(RulePack pack, List<Readings.Reading> readings) {
        var all = readings.stream()
                .map(reading -> new Judged(reading, pack.evaluate(Profile.of(reading.answers()))))
                .toList();
        var judged = new LinkedHashMap<String, Judged>();
        var fired = new LinkedHashMap<String, Fired>();
        for (var each : all) {
            for (var rule : each.evaluation().fired()) {
                judged.putIfAbsent(rule.ruleId(), each);
                fired.putIfAbsent(rule.ruleId(), rule);
            }
        }
        var base = all.getFirst().evaluation();
        return new Findings(
                new Evaluation(
                        all.stream()
                                .map(each -> each.evaluation().severity())
                                .max(Comparable::compareTo)
                                .orElseThrow(),
                        pack.rules().stream()
                                .map(Rule::id)
                                .filter(fired::containsKey)
                                .map(id -> Objects.requireNonNull(fired.get(id)))
                                .filter(rule -> rule.severity() != Severity.EDUCATION || isEverywhere(rule, all))
                                .toList(),
                        base.suppressed().stream()
                                .filter(rule -> !fired.containsKey(rule.ruleId()))
                                .toList(),
                        base.unknown().stream()
                                .filter(rule -> !fired.containsKey(rule.ruleId()))
                                .toList(),
                        open(base.openQuestions(), fired.keySet()),
                        union(all, Findings::dataQuality),
                        union(all, each -> each.evaluation().outsideReference()),
                        union(all, each -> each.evaluation().staleLabs()),
                        base.profile()),
                judged);
    }

    /** Advice that one reading gives and another holds back, such as vitamin K with a blood thinner, is not given. */
    private static boolean isEverywhere(Fired advice, List<Judged> all) {
        return all.stream().allMatch(each -> each.evaluation().fired().stream()
                .anyMatch(rule -> rule.ruleId().equals(advice.ruleId())));
    }

    /** The reading in which a rule fired. */
    Judged judgedOf(Fired rule) {
        return Objects.requireNonNull(judged.get(rule.ruleId()));
    }

    /** Calcium that is corrected already needs no albumin. */
    private static List<Evaluation.DataQuality> dataQuality(Judged each) {
        return each.evaluation().dataQuality().stream()
                .filter(note -> !(each.reading().corrected() && note.checkId().equals(ALBUMIN_MISSING)))
                .toList();
    }

    private static <T> List<T> union(List<Judged> all, Function<Judged, List<T>> part) {
        return List.copyOf(new LinkedHashSet<>(
                all.stream().map(part).flatMap(Collection::stream).toList()));
    }

    private static List<OpenQuestion> open(List<OpenQuestion> questions, Set<String> fired) {
        var open = new ArrayList<OpenQuestion>();
        for (var question : questions) {
            var settles = without(question.settles(), fired);
            var helps = without(question.helps(), fired);
            if (!settles.isEmpty() || !helps.isEmpty()) {
                open.add(new OpenQuestion(question.inputs(), question.text(), question.translations(), settles, helps));
            }
        }
        return open;
    }

    private static List<String> without(List<String> rules, Set<String> fired) {
        return rules.stream().filter(rule -> !fired.contains(rule)).toList();
    }
}
