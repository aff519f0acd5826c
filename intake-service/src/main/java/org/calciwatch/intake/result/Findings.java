package org.calciwatch.intake.result;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.Severity;
import org.jspecify.annotations.Nullable;

/** What intake keeps of an assessment: what the patient may read, and no more. What older results lack is empty. */
record Findings(
        Severity severity,
        List<Fired> fired,
        List<Unknown> unknown,
        List<OpenQuestion> openQuestions,
        List<PleaseCheck> pleaseCheck) {

    Findings {
        openQuestions = openQuestions == null ? List.of() : openQuestions;
        pleaseCheck = pleaseCheck == null ? List.of() : pleaseCheck;
    }

    /** A rule that fired, with its text for the patient; {@code translations} by language. */
    record Fired(
            String ruleId,
            String title,
            Severity severity,
            String message,
            List<String> references,
            Map<String, Text> translations) {

        Fired {
            translations = orNone(translations);
        }

        /** The text in this language, or in the pack's own. */
        Text in(String language) {
            return translations.getOrDefault(language, new Text(title, message));
        }
    }

    /** A title and what it says. */
    record Text(String title, String message) {}

    /** A rule that could not be judged. */
    record Unknown(String ruleId, String title, Map<String, String> translations) {

        Unknown {
            translations = orNone(translations);
        }
    }

    /** A test or question, and the rules it would settle alone or with others. */
    record OpenQuestion(String text, Map<String, String> translations, List<String> settles, List<String> helps) {

        OpenQuestion {
            translations = orNone(translations);
        }
    }

    /** A value the patient should look at again. */
    record PleaseCheck(String detail, Map<String, String> translations) {

        PleaseCheck {
            translations = orNone(translations);
        }
    }

    private static <T> Map<String, T> orNone(@Nullable Map<String, T> translations) {
        return translations == null ? Map.of() : translations;
    }

    static Findings of(AssessmentCompleted assessment) {
        return new Findings(
                assessment.severity(),
                assessment.fired().stream().map(Findings::fired).toList(),
                assessment.unknown().stream()
                        .map(unknown -> new Unknown(unknown.ruleId(), unknown.title(), unknown.translations()))
                        .toList(),
                assessment.openQuestions().stream()
                        .map(question -> new OpenQuestion(
                                question.text(), question.translations(), question.settles(), question.helps()))
                        .toList(),
                assessment.dataQuality().stream()
                        .map(check -> new PleaseCheck(check.detail(), check.translations()))
                        .toList());
    }

    private static Fired fired(AssessmentCompleted.Fired fired) {
        var translations = new LinkedHashMap<String, Text>();
        fired.translations()
                .forEach((language, text) -> translations.put(language, new Text(text.title(), text.patientMessage())));
        return new Fired(
                fired.ruleId(),
                fired.title(),
                fired.severity(),
                fired.patientMessage(),
                fired.references(),
                translations);
    }
}
