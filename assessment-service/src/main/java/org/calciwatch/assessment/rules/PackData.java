package org.calciwatch.assessment.rules;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The content of {@code rules.yaml} and {@code references.yaml}, as bound from the files. Texts are keyed by language;
 * those for patients are there in every language, those for clinicians in the first. */
record PackData(
        String id,
        String version,
        List<String> languages,
        Map<String, String> closingLine,
        List<RuleData> rules,
        List<CheckData> dataQuality,
        StaleAfterMonths staleAfterMonths,
        Map<String, InputText> inputs) {

    PackData {
        need(id, "id");
        need(version, "version");
        need(languages, "languages");
        need(closingLine, "closing_line");
        need(rules, "rules");
        need(dataQuality, "data_quality");
        need(staleAfterMonths, "stale_after_months");
        need(inputs, "inputs");
        if (languages.isEmpty()) {
            throw new IllegalArgumentException("languages must name at least one language");
        }
    }

    /** The language of clinicians, and of patients who chose no other. */
    String language() {
        return languages.getFirst();
    }

    /** The languages patient texts are translated to. */
    List<String> otherLanguages() {
        return languages.subList(1, languages.size());
    }

    /** The text in the first language. */
    String text(Map<String, String> texts) {
        return in(texts, language());
    }

    static String in(Map<String, String> texts, String language) {
        return texts.getOrDefault(language, "");
    }

    /** The text in the other languages. */
    Map<String, String> translations(Map<String, String> texts) {
        var translations = new LinkedHashMap<String, String>();
        otherLanguages().forEach(language -> translations.put(language, in(texts, language)));
        return Collections.unmodifiableMap(translations);
    }

    InputText input(String key) {
        return Objects.requireNonNull(inputs.get(key), key);
    }

    /** Jackson passes null for what a file lacks. */
    private static void need(@Nullable Object value, String field) {
        Objects.requireNonNull(value, () -> field + " is missing");
    }

    record RuleData(
            String id,
            Map<String, String> title,
            String category,
            Severity severity,
            @Nullable String mechanism,
            @Nullable List<String> suppressedBy,
            List<Integer> references,
            Map<String, String> patient,
            Map<String, String> clinician,
            @Nullable List<Variant> variants) {

        RuleData {
            need(id, "id");
            need(title, "title");
            need(category, "category");
            need(severity, "severity");
            need(references, "references");
            need(patient, "patient");
            need(clinician, "clinician");
        }

        List<Suppressor> suppressors(Set<String> ruleIds) {
            return suppressedBy == null
                    ? List.of()
                    : suppressedBy.stream()
                            .map(name -> new Suppressor(
                                    name, ruleIds.contains(name) ? name : "suppresses %s: %s".formatted(id, name)))
                            .toList();
        }

        List<Variant> variantsOrNone() {
            return variants == null ? List.of() : variants;
        }
    }

    /**
     * @param name what the result calls it: a rule id, or the words after the colon of its definition
     * @param definition the definition that must be true
     */
    record Suppressor(String name, String definition) {}

    /** A change of the text when a definition is true: exactly one of {@code instead}, {@code add}, {@code replace}. */
    record Variant(
            String when,
            Audience audience,
            @Nullable Map<String, String> instead,
            @Nullable Map<String, String> add,
            @Nullable Map<String, String> replace,
            @Nullable Map<String, String> by) {

        Variant {
            need(when, "when");
            need(audience, "audience");
        }

        String apply(String text, String language) {
            if (instead != null) {
                return in(instead, language);
            }
            if (add != null) {
                return text + " " + in(add, language);
            }
            if (replace != null) {
                return text.replace(in(replace, language), by == null ? "" : in(by, language))
                        .replace("  ", " ")
                        .strip();
            }
            return text;
        }
    }

    enum Audience {
        PATIENT,
        CLINICIAN
    }

    record CheckData(String id, @Nullable String input, Map<String, String> detail) {
        CheckData {
            need(id, "id of a data-quality check");
            need(detail, "detail of " + id);
        }
    }

    /**
     * When a laboratory value is too old to rely on.
     *
     * @param usually months
     * @param exception the definition that, when true, sets a limit of its own
     * @param exceptionally months
     */
    record StaleAfterMonths(int usually, String exception, int exceptionally) {
        StaleAfterMonths {
            need(exception, "stale_after_months.exception");
        }
    }

    /** What an input is called and what would supply it. */
    record InputText(Map<String, String> name, Map<String, String> suppliedBy) {
        InputText {
            need(name, "name");
            need(suppliedBy, "supplied_by");
        }
    }

    record References(Map<Integer, String> references) {
        References {
            need(references, "references");
        }
    }
}
