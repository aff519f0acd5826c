package org.calciwatch.assessment.rules;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.calciwatch.assessment.profile.Answers.Drawn;
import org.calciwatch.assessment.profile.Inputs.Reference;
import org.jspecify.annotations.Nullable;

/**
 * What one rule pack says about one profile. All lists are in knowledge-base order; a rule in none of the first three is
 * false. Texts are in the first language of the pack, their translations beside them by language.
 *
 * @param severity the highest of the fired rules, NONE when nothing fired
 * @param openQuestions what would settle the unknown rules, by test or question
 * @param outsideReference laboratory values outside their reference range that no fired rule rests on
 * @param staleLabs laboratory values too old to rely on
 * @param profile normalised values by input key, plus {@code egfr}, {@code ca_adjusted} and {@code ca_x_phosphate}
 */
public record Evaluation(
        Severity severity,
        List<Fired> fired,
        List<Suppressed> suppressed,
        List<Unknown> unknown,
        List<OpenQuestion> openQuestions,
        List<DataQuality> dataQuality,
        List<OutsideReference> outsideReference,
        List<StaleLab> staleLabs,
        Map<String, ProfileEntry> profile) {

    /**
     * A rule whose condition is true and that nothing suppresses.
     *
     * @param mechanism {@code metastatic} or {@code dystrophic}; null where neither clearly applies
     * @param because the inputs its truth rests on, in reading order of the rule
     * @param patientMessage text variants applied, closing line included
     * @param references full citations
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
            Map<String, PatientText> translations) {}

    /** What a patient reads of a fired rule. */
    public record PatientText(String title, String patientMessage) {}

    /**
     * One input behind a fired rule.
     *
     * @param value BigDecimal for numbers (canonical, rounded), Boolean for list items, String for choices
     * @param unit canonical UCUM unit of a number; as typed when the unit is unknown
     * @param entered number and unit as typed; null for list items and choices
     * @param reference the range of a laboratory value, in the canonical unit; null for all else and for an unknown unit
     */
    public record Because(
            String input,
            String label,
            Object value,
            @Nullable String unit,
            @Nullable Entered entered,
            @Nullable Reference reference) {}

    public record Entered(BigDecimal value, @Nullable String unit) {}

    /** A rule whose condition is true or unknown while at least one of its suppressors is true. */
    public record Suppressed(String ruleId, List<String> by) {}

    /**
     * A rule that cannot be judged.
     *
     * @param missing keys of a smallest set of inputs that would settle it whatever their values; never empty
     * @param translations titles by language
     */
    public record Unknown(String ruleId, String title, List<String> missing, Map<String, String> translations) {}

    /**
     * A test or question that would settle unknown rules.
     *
     * @param inputs the keys it supplies
     * @param text what it is called, for example "a magnesium blood test"
     * @param settles rules for which it alone is enough
     * @param helps rules that need it and something else
     */
    public record OpenQuestion(
            List<String> inputs,
            String text,
            Map<String, String> translations,
            List<String> settles,
            List<String> helps) {}

    /**
     * Something to check before trusting the answers; listed once per check.
     *
     * @param input the (first) input to look at
     */
    public record DataQuality(
            String checkId, @Nullable String input, String detail, Map<String, String> translations) {}

    /** A laboratory value outside its reference range; all in the canonical unit. */
    public record OutsideReference(String input, String label, BigDecimal value, String unit, String reference) {}

    /**
     * A laboratory value that is, or may be, older than it should be.
     *
     * @param months the age it should not exceed
     */
    public record StaleLab(String input, String label, Drawn drawn, int months) {}

    /**
     * A normalised or derived value.
     *
     * @param value BigDecimal for numbers, Boolean for list items, String for choices
     * @param stage GFR category, for eGFR only
     * @param source where it comes from, for eGFR only
     * @param reference the range of a laboratory value as it was answered; null for all else
     */
    public record ProfileEntry(
            Object value,
            @Nullable String unit,
            @Nullable String stage,
            @Nullable String source,
            @Nullable Reference reference) {}
}
