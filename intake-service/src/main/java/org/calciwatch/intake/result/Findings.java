package org.calciwatch.intake.result;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.Severity;
import org.calciwatch.intake.questionnaire.Amount;
import org.jspecify.annotations.Nullable;

/**
 * What intake keeps of an assessment: what the patient may read, and no more. What older results lack is empty.
 *
 * @param values the numbers the rules saw, in canonical units, by input key
 */
record Findings(
        Severity severity,
        List<Fired> fired,
        List<Unknown> unknown,
        List<OpenQuestion> openQuestions,
        List<PleaseCheck> pleaseCheck,
        Map<String, Amount> values) {

    Findings {
        openQuestions = orNone(openQuestions);
        pleaseCheck = orNone(pleaseCheck);
        values = orNone(values);
    }

    /**
     * A rule that fired, with its text for the patient.
     *
     * @param category the rule's topic
     * @param translations by language
     * @param because the answers the rule rested on
     */
    record Fired(
            String ruleId,
            String title,
            String category,
            Severity severity,
            String message,
            List<String> references,
            Map<String, Text> translations,
            List<Because> because) {

        Fired {
            category = Objects.requireNonNullElse(category, "");
            translations = orNone(translations);
            because = orNone(because);
        }

        /** The text in this language, or in the pack's own. */
        Text in(String language) {
            return translations.getOrDefault(language, new Text(title, message));
        }
    }

    /**
     * An answer a rule rested on.
     *
     * @param value a number, a choice code, or whether an item of a list applies
     * @param entered the number as it was typed; null for other answers
     */
    record Because(String input, JsonNode value, @Nullable Amount entered) {}

    /** A title and what it says. */
    record Text(String title, String message) {}

    /** A rule that could not be judged. */
    record Unknown(String ruleId, String title, Map<String, String> translations) {

        Unknown {
            translations = orNone(translations);
        }
    }

    /** A test or question, the inputs it supplies, and the rules it would settle alone or with others. */
    record OpenQuestion(
            List<String> inputs,
            String text,
            Map<String, String> translations,
            List<String> settles,
            List<String> helps) {

        OpenQuestion {
            inputs = orNone(inputs);
            translations = orNone(translations);
        }

        /** What it is called in this language, or in the pack's own. */
        String in(String language) {
            return translations.getOrDefault(language, text);
        }
    }

    /** A value the patient should look at again. */
    record PleaseCheck(String detail, Map<String, String> translations) {

        PleaseCheck {
            translations = orNone(translations);
        }
    }

    private static <T> Map<String, T> orNone(@Nullable Map<String, T> map) {
        return map == null ? Map.of() : map;
    }

    private static <T> List<T> orNone(@Nullable List<T> list) {
        return list == null ? List.of() : list;
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
                                question.inputs(),
                                question.text(),
                                question.translations(),
                                question.settles(),
                                question.helps()))
                        .toList(),
                assessment.dataQuality().stream()
                        .map(check -> new PleaseCheck(check.detail(), check.translations()))
                        .toList(),
                values(assessment.profile()));
    }

    private static Map<String, Amount> values(Map<String, JsonNode> profile) {
        var values = new LinkedHashMap<String, Amount>();
        profile.forEach((input, entry) -> {
            if (entry.path("value").isNumber()) {
                values.put(
                        input,
                        new Amount(
                                entry.get("value").decimalValue(),
                                entry.path("unit").textValue()));
            }
        });
        return values;
    }

    private static Fired fired(AssessmentCompleted.Fired fired) {
        var translations = new LinkedHashMap<String, Text>();
        fired.translations()
                .forEach((language, text) -> translations.put(language, new Text(text.title(), text.patientMessage())));
        return new Fired(
                fired.ruleId(),
                fired.title(),
                fired.category(),
                fired.severity(),
                fired.patientMessage(),
                fired.references(),
                translations,
                fired.because().stream().map(Findings::because).toList());
    }

    private static Because because(AssessmentCompleted.Because because) {
        var entered = because.entered();
        return new Because(
                because.input(), because.value(), entered == null ? null : new Amount(entered.value(), entered.unit()));
    }
}
