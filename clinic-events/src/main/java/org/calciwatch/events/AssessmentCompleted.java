package org.calciwatch.events;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the rules found in one version of a submission. Also the JSON shape of an assessment over HTTP. Lists are in
 * knowledge-base order.
 *
 * <p>Texts are in the pack's first language; {@code translations} hold them in its other languages, by language. What was
 * added after the first release may be absent in older events and is read as empty.
 *
 * @param severity the highest severity among {@code fired}, {@link Severity#NONE} when it is empty
 * @param openQuestions what would settle the unknown rules, by test or question
 * @param outsideReference laboratory values outside their reference range that no fired rule rests on
 * @param staleLabs laboratory values too old to rely on
 * @param profile the normalised values the rules saw, by input key; a missing value is absent
 * @param clinic the clinic the submission belongs to, as in {@link QuestionnaireSubmitted}; null when it is not known
 */
public record AssessmentCompleted(
        UUID id,
        String submissionId,
        int submissionVersion,
        String patientId,
        Instant assessedAt,
        RulePackRef rulePack,
        Severity severity,
        List<Fired> fired,
        List<Suppressed> suppressed,
        List<Unknown> unknown,
        List<OpenQuestion> openQuestions,
        List<DataQuality> dataQuality,
        List<OutsideReference> outsideReference,
        List<StaleLab> staleLabs,
        Map<String, JsonNode> profile,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String clinic) {

    public AssessmentCompleted {
        openQuestions = orNone(openQuestions);
        outsideReference = orNone(outsideReference);
        staleLabs = orNone(staleLabs);
    }

    private static <T> List<T> orNone(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }

    private static <T> Map<String, T> orNone(@Nullable Map<String, T> translations) {
        return translations == null ? Map.of() : translations;
    }

    /** Which rules were applied; {@code digest} is {@code sha256:<hex>} over the pack's files. */
    public record RulePackRef(String id, String version, String digest) {}

    /**
     * A rule whose condition is true and that nothing suppresses.
     *
     * @param mechanism {@code metastatic}, {@code dystrophic} or null where neither clearly applies
     * @param because the answers the rule rested on
     */
    public record Fired(
            String ruleId,
            String title,
            String category,
            Severity severity,
            @Nullable String mechanism,
            List<Because> because,
            String patientMessage,
            String clinicianMessage,
            List<String> references,
            Map<String, PatientText> translations) {

        public Fired {
            translations = orNone(translations);
        }
    }

    /** What a patient reads of a fired rule. */
    public record PatientText(String title, String patientMessage) {}

    /**
     * One answer a rule rested on.
     *
     * @param value a number in {@code unit} after normalisation, or a choice code, or a boolean
     * @param unit UCUM code of the canonical unit; null for choices
     * @param entered what was typed, when that was a number
     * @param reference the range {@code value} is held against; null for all but laboratory values
     */
    public record Because(
            String input,
            String label,
            JsonNode value,
            @Nullable String unit,
            @Nullable Entered entered,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            ReferenceRange reference) {}

    /** The usual range of a laboratory value in its canonical unit, limits included; a missing limit is none. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ReferenceRange(
            @Nullable BigDecimal low, @Nullable BigDecimal high) {}

    /** A number as the patient entered it; {@code unit} is the UCUM code given, null when none was. */
    public record Entered(BigDecimal value, @Nullable String unit) {}

    /** A rule that another rule or fact, named in {@code by}, holds back. */
    public record Suppressed(String ruleId, List<String> by) {}

    /** A rule that could not be judged; {@code missing} names the inputs that would settle it. */
    public record Unknown(String ruleId, String title, List<String> missing, Map<String, String> translations) {

        public Unknown {
            translations = orNone(translations);
        }
    }

    /**
     * A test or question that would settle unknown rules.
     *
     * @param inputs the inputs it supplies
     * @param text what it is called, for example "a magnesium blood test"
     * @param settles rules for which it alone is enough
     * @param helps rules that need it and something else
     */
    public record OpenQuestion(
            List<String> inputs,
            String text,
            Map<String, String> translations,
            List<String> settles,
            List<String> helps) {

        public OpenQuestion {
            translations = orNone(translations);
        }
    }

    /** A "please check" note; {@code input} is null when it concerns several inputs. */
    public record DataQuality(String checkId, @Nullable String input, String detail, Map<String, String> translations) {

        public DataQuality {
            translations = orNone(translations);
        }
    }

    /** A laboratory value outside its reference range; all in the canonical UCUM unit. */
    public record OutsideReference(String input, String label, BigDecimal value, String unit, String reference) {}

    /**
     * A laboratory value that is, or may be, older than {@code months} months.
     *
     * @param drawn when the sample was taken: a day, or a month or year where only so much is known
     */
    public record StaleLab(String input, String label, String drawn, int months) {}
}
