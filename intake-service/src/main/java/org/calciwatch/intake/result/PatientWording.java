package org.calciwatch.intake.result;

import jakarta.inject.Singleton;
import java.text.MessageFormat;
import java.util.List;
import java.util.Locale;
import org.calciwatch.events.Severity;
import org.calciwatch.intake.portal.SafetyWording;
import org.calciwatch.intake.result.PatientResult.Entry;
import org.calciwatch.intake.result.PatientResult.OpenQuestion;
import org.calciwatch.pages.Languages;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Puts findings into what the patient reads: the rules' own texts, and around them the fixed sentences of
 * {@code safety-wording_<language>.properties}, which are word for word those of the knowledge base.
 */
@Singleton
class PatientWording {

    /** Who shows the patient what is not urgent: this service at once, or the clinic itself after its review. */
    enum Release {
        IMMEDIATE,
        AFTER_REVIEW
    }

    private final SafetyWording wording;
    private final Release release;

    PatientWording(SafetyWording wording, @ConfigProperty(name = "calciwatch.education.release") Release release) {
        this.wording = wording;
        this.release = release;
    }

    /**
     * The result of one version of a submission: emergency first, then the rest by falling severity.
     *
     * @param released whether a clinician has released it
     * @param language one of {@link Languages#all()}
     */
    PatientResult result(
            String submissionId, int submissionVersion, Findings findings, boolean released, String language) {
        var emergency = entries(findings, Severity.EMERGENCY, language);
        var sameDay = entries(findings, Severity.URGENT_SAME_DAY, language);
        var review = entries(findings, Severity.CLINICIAN_REVIEW, language);
        var held = holds(released);
        return new PatientResult(
                held ? "held" : "ready",
                language,
                submissionId,
                submissionVersion,
                held ? null : findings.severity(),
                emergency.isEmpty() ? null : sentence("emergency-block", language),
                emergency,
                sameDay.isEmpty() ? null : sentence("same-day-block", language),
                sameDay,
                held || review.isEmpty() ? null : sentence("review-line", language),
                held ? null : review,
                held ? null : entries(findings, Severity.EDUCATION, language),
                held || !findings.fired().isEmpty() ? null : sentence("nothing-fired", language),
                held ? null : unknown(findings, language),
                held ? null : openQuestions(findings, language),
                held
                        ? null
                        : findings.pleaseCheck().stream()
                                .map(check -> check.translations().getOrDefault(language, check.detail()))
                                .toList(),
                sentence("closing-line", language),
                sentence("disclaimer", language));
    }

    /** Whether all but the urgent is held back. */
    boolean holds(boolean released) {
        return release == Release.AFTER_REVIEW && !released;
    }

    /** Whether results wait for a clinician at all. */
    boolean holdsUntilReleased() {
        return holds(false);
    }

    private static List<Entry> entries(Findings findings, Severity severity, String language) {
        return findings.fired().stream()
                .filter(fired -> fired.severity() == severity)
                .map(fired -> {
                    var text = fired.in(language);
                    return new Entry(fired.ruleId(), text.title(), text.message(), fired.references());
                })
                .toList();
    }

    private List<Entry> unknown(Findings findings, String language) {
        return findings.unknown().stream()
                .map(unknown -> new Entry(
                        unknown.ruleId(),
                        unknown.translations().getOrDefault(language, unknown.title()),
                        wouldHelp(unknown.ruleId(), findings, language),
                        List.of()))
                .toList();
    }

    /** The sentence on a check that could not be made, with the tests and questions that would settle it. */
    private String wouldHelp(String ruleId, Findings findings, String language) {
        var questions = findings.openQuestions().stream()
                .filter(question ->
                        question.settles().contains(ruleId) || question.helps().contains(ruleId))
                .map(question -> question.in(language))
                .toList();
        var what = questions.isEmpty() ? sentence("test-or-question", language) : enumerated(questions, language);
        var sentence = sentence("unknown", language);
        // In English the bracket has an article of its own and begins the sentence.
        return sentence.contains("A [test or question]")
                ? sentence.replace("A [test or question]", capitalised(what))
                : sentence.replace("[test or question]", what);
    }

    /** One, two and three. */
    private String enumerated(List<String> questions, String language) {
        int last = questions.size() - 1;
        return last == 0
                ? questions.getFirst()
                : String.join(", ", questions.subList(0, last)) + sentence("and", language) + questions.get(last);
    }

    private List<OpenQuestion> openQuestions(Findings findings, String language) {
        return findings.openQuestions().stream()
                .map(question -> {
                    var rules = question.settles().isEmpty() ? question.helps() : question.settles();
                    var does = sentence(question.settles().isEmpty() ? "helps" : "settles", language);
                    var format = new MessageFormat(does, Locale.forLanguageTag(language));
                    return new OpenQuestion(
                            format.format(new Object[] {capitalised(question.in(language)), rules.size()}), rules);
                })
                .toList();
    }

    private static String capitalised(String text) {
        return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    private String sentence(String key, String language) {
        return wording.sentence(key, language);
    }
}
