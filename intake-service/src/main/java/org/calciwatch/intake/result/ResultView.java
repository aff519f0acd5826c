package org.calciwatch.intake.result;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.calciwatch.intake.questionnaire.Answers;
import org.calciwatch.intake.result.AnswerWording.Line;
import org.calciwatch.intake.result.AnswerWording.Section;
import org.calciwatch.intake.submission.Submissions.Completed;
import org.calciwatch.pages.Localised;
import org.jspecify.annotations.Nullable;

/**
 * A result as pages and the PDF show it.
 *
 * @param result the texts
 * @param day of the answers, in words
 * @param review findings for the clinician, by topic
 * @param education what is good to know, by topic
 * @param references of all findings, each once
 * @param openTests what blood and urine tests are called that would settle something
 * @param signs of an emergency, to call for help at once; none where the answers tell of each whether it is there
 * @param answers what the patient answered
 */
record ResultView(
        PatientResult result,
        String day,
        List<Finding> emergency,
        List<Finding> sameDay,
        List<Group> review,
        List<Group> education,
        List<String> references,
        List<String> openTests,
        List<String> signs,
        List<Section> answers) {

    /** A finding with the answers it rests on. */
    record Finding(String title, String message, List<Line> because) {}

    /** Findings on one topic. */
    record Group(Topic topic, List<Picture> pictures, List<Finding> findings) {}

    static ResultView of(Results.State.Ready ready, Completed submission, AnswerWording wording) {
        var result = ready.result();
        var language = result.language();
        var shown = Stream.of(result.emergency(), result.sameDay(), result.review(), result.education())
                .filter(Objects::nonNull)
                .flatMap(List::stream)
                .toList();
        var findings = ready.findings().fired().stream()
                .collect(Collectors.toMap(Findings.Fired::ruleId, fired -> fired, (one, _) -> one));
        var page = new Page(findings, wording, language);
        var answers = Answers.of(submission.response());
        return new ResultView(
                result,
                new Localised(language).day(submission.day()),
                page.findings(result.emergency()),
                page.findings(result.sameDay()),
                page.groups(result.review()),
                page.groups(result.education()),
                shown.stream()
                        .flatMap(entry -> entry.references().stream())
                        .distinct()
                        .toList(),
                result.openQuestions() == null
                        ? List.of()
                        : ready.findings().openQuestions().stream()
                                .filter(question -> wording.areTests(question.inputs()))
                                .map(question -> question.in(language))
                                .toList(),
                wording.openSigns(answers, language),
                wording.sections(answers, language));
    }

    /** Whether it begins with an emergency, and all else is closed. */
    public boolean hasEmergency() {
        return !emergency.isEmpty();
    }

    /** Whether the clinic holds the rest back. */
    public boolean held() {
        return result.status().equals("held");
    }

    /** The titles of all findings shown, once each. */
    public Set<String> titles() {
        var titles = new LinkedHashSet<String>();
        Stream.of(
                        emergency.stream(),
                        sameDay.stream(),
                        Stream.concat(review.stream(), education.stream()).flatMap(group -> group.findings().stream()))
                .flatMap(findings -> findings)
                .forEach(finding -> titles.add(finding.title()));
        return titles;
    }

    /** Shows each picture once. */
    private static final class Page {
        private final Map<String, Findings.Fired> fired;
        private final AnswerWording wording;
        private final String language;
        private final Set<Picture> shown = EnumSet.noneOf(Picture.class);

        Page(Map<String, Findings.Fired> fired, AnswerWording wording, String language) {
            this.fired = fired;
            this.wording = wording;
            this.language = language;
        }

        List<Finding> findings(List<PatientResult.Entry> entries) {
            return entries.stream().map(this::finding).toList();
        }

        private Finding finding(PatientResult.Entry entry) {
            return new Finding(
                    entry.title(), entry.message(), wording.because(rule(entry).because(), language));
        }

        private Findings.Fired rule(PatientResult.Entry entry) {
            return Objects.requireNonNull(fired.get(entry.ruleId()), entry.ruleId());
        }

        /** By topic, the topic of the first finding first. */
        List<Group> groups(@Nullable List<PatientResult.Entry> entries) {
            var byTopic = new LinkedHashMap<Topic, List<PatientResult.Entry>>();
            for (var entry : entries == null ? List.<PatientResult.Entry>of() : entries) {
                byTopic.computeIfAbsent(Topic.of(rule(entry).category()), _ -> new ArrayList<>())
                        .add(entry);
            }
            return byTopic.entrySet().stream()
                    .map(group -> new Group(group.getKey(), pictures(group.getValue()), findings(group.getValue())))
                    .toList();
        }

        private List<Picture> pictures(List<PatientResult.Entry> entries) {
            return entries.stream()
                    .flatMap(entry -> Picture.of(entry.ruleId()).stream())
                    .filter(shown::add)
                    .toList();
        }
    }
}
