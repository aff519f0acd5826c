package org.calciwatch.events;

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
 * @param severity the highest severity among {@code fired}, {@link Severity#NONE} when it is empty
 * @param profile the normalised values the rules saw, by input key; a missing value is absent
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
        List<DataQuality> dataQuality,
        Map<String, JsonNode> profile) {

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
            List<String> references) {}

    /**
     * One answer a rule rested on.
     *
     * @param value a number in {@code unit} after normalisation, or a choice code, or a boolean
     * @param unit UCUM code of the canonical unit; null for choices
     * @param entered what was typed, when that was a number
     */
    public record Because(
            String input,
            String label,
            JsonNode value,
            @Nullable String unit,
            @Nullable Entered entered) {}

    /** A number as the patient entered it; {@code unit} is the UCUM code given, null when none was. */
    public record Entered(BigDecimal value, @Nullable String unit) {}

    /** A rule that another rule or fact, named in {@code by}, holds back. */
    public record Suppressed(String ruleId, List<String> by) {}

    /** A rule that could not be judged; {@code missing} names the inputs that would settle it. */
    public record Unknown(String ruleId, String title, List<String> missing) {}

    /** A "please check" note; {@code input} is null when it concerns several inputs. */
    public record DataQuality(String checkId, @Nullable String input, String detail) {}
}
