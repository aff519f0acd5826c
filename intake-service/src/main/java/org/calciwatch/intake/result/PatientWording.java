package org.calciwatch.intake.result;

import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import org.calciwatch.events.Severity;
import org.calciwatch.intake.questionnaire.Question;
import org.calciwatch.intake.questionnaire.Questionnaire;
import org.calciwatch.intake.result.PatientResult.Entry;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Puts findings into what the patient reads: the rules' own texts, and around them the fixed sentences of
 * {@code safety-wording.properties}, which are word for word those of the knowledge base.
 */
@Singleton
class PatientWording {

    private static final String FILE = "/safety-wording.properties";

    /** Who shows the patient what is not urgent: this service at once, or the clinic itself after its review. */
    enum Release {
        IMMEDIATE,
        AFTER_REVIEW
    }

    private final Properties sentences = new Properties();
    private final Questionnaire questionnaire;
    private final String emergencyNumber;
    private final Release release;

    PatientWording(
            Questionnaire questionnaire,
            @ConfigProperty(name = "calciwatch.emergency-number") String emergencyNumber,
            @ConfigProperty(name = "calciwatch.education.release") Release release) {
        this.questionnaire = questionnaire;
        this.emergencyNumber = emergencyNumber;
        this.release = release;
        try (var file = Objects.requireNonNull(PatientWording.class.getResourceAsStream(FILE), FILE)) {
            Reader text = new StringReader(new String(file.readAllBytes(), StandardCharsets.UTF_8));
            sentences.load(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The result of one version of a submission: emergency first, then the rest by falling severity. */
    PatientResult result(String submissionId, int submissionVersion, Findings findings) {
        var emergency = entries(findings, Severity.EMERGENCY);
        var sameDay = entries(findings, Severity.URGENT_SAME_DAY);
        var review = entries(findings, Severity.CLINICIAN_REVIEW);
        var held = release == Release.AFTER_REVIEW;
        return new PatientResult(
                held ? "held" : "ready",
                submissionId,
                submissionVersion,
                held ? null : findings.severity(),
                emergency.isEmpty() ? null : sentence("emergency-block"),
                emergency,
                sameDay.isEmpty() ? null : sentence("same-day-block"),
                sameDay,
                held || review.isEmpty() ? null : sentence("review-line"),
                held ? null : review,
                held ? null : entries(findings, Severity.EDUCATION),
                held || !findings.fired().isEmpty() ? null : sentence("nothing-fired"),
                held ? null : unknown(findings),
                sentence("closing-line"),
                sentence("disclaimer"));
    }

    private static List<Entry> entries(Findings findings, Severity severity) {
        return findings.fired().stream()
                .filter(fired -> fired.severity() == severity)
                .map(fired -> new Entry(fired.ruleId(), fired.title(), fired.message(), fired.references()))
                .toList();
    }

    private List<Entry> unknown(Findings findings) {
        return findings.unknown().stream()
                .map(unknown -> new Entry(
                        unknown.ruleId(),
                        unknown.title(),
                        sentence("unknown").replace("[test or question]", whatWouldHelp(unknown.missing())),
                        List.of()))
                .toList();
    }

    /** The results and answers that would settle a rule, in the words of the questionnaire. */
    private String whatWouldHelp(List<String> missing) {
        var labs = new ArrayList<String>();
        var questions = new ArrayList<String>();
        for (var input : missing) {
            var label = questionnaire.label(input);
            if (label.isPresent()) {
                (isLab(input) ? labs : questions).add("“" + label.get() + "”");
            }
        }
        var helps = new ArrayList<String>();
        if (!labs.isEmpty()) {
            helps.add("test result for " + String.join(", ", labs));
        }
        if (!questions.isEmpty()) {
            helps.add("clear answer to " + String.join(", ", questions));
        }
        return helps.isEmpty() ? "test or question" : String.join(", or a ", helps);
    }

    /** A laboratory value is what has a date of its own. */
    private boolean isLab(String input) {
        var date = questionnaire.find(input + "_date");
        return date != null && date.type() == Question.Type.DATE;
    }

    private String sentence(String key) {
        return Objects.requireNonNull(sentences.getProperty(key), key)
                .replace("[local emergency number]", emergencyNumber);
    }
}
