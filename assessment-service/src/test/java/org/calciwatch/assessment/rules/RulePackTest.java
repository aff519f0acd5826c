package org.calciwatch.assessment.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.calciwatch.assessment.rules.BundledPack.PACK;

import java.io.IOException;
import java.math.BigDecimal;
import java.util.List;
import org.calciwatch.assessment.profile.Answers;
import org.calciwatch.assessment.profile.Inputs.Reference;
import org.calciwatch.assessment.profile.ItemList;
import org.calciwatch.assessment.profile.Profile;
import org.calciwatch.assessment.rules.Evaluation.Because;
import org.calciwatch.assessment.rules.Evaluation.DataQuality;
import org.calciwatch.assessment.rules.Evaluation.Entered;
import org.calciwatch.assessment.rules.Evaluation.Fired;
import org.calciwatch.assessment.rules.Evaluation.ProfileEntry;
import org.calciwatch.assessment.rules.Evaluation.Unknown;
import org.junit.jupiter.api.Test;

class RulePackTest {

    @Test
    void the_headline_rule_says_why_with_values_as_entered_and_as_normalised() throws IOException {
        var fired = fired(published("C01"), "high-vitd-low-mg-ckd");

        assertThat(fired.title()).isEqualTo("High vitamin D with low magnesium in kidney disease");
        assertThat(fired.severity()).isEqualTo(Severity.CLINICIAN_REVIEW);
        assertThat(fired.mechanism()).isEqualTo("metastatic");
        assertThat(fired.references())
                .hasSize(9)
                .first()
                .asString()
                .startsWith("[1] KDIGO. Clinical practice guideline");
        assertThat(fired.because())
                .containsExactly(
                        new Because("ckd_reported", "Kidney disease, as reported", "G3b", null, null, null),
                        new Because(
                                "creatinine",
                                "Creatinine",
                                new BigDecimal("1.5000"),
                                "mg/dL",
                                new Entered(new BigDecimal("1.5"), "mg/dL"),
                                reference("0.5", "1.1")),
                        new Because("age_years", "Age", new BigDecimal("68"), "a", null, null),
                        new Because("sex_for_egfr", "Sex used for eGFR", "female", null, null, null),
                        new Because(
                                "vitd25",
                                "25-hydroxyvitamin D",
                                new BigDecimal("72.0"),
                                "ng/mL",
                                new Entered(new BigDecimal("180"), "nmol/L"),
                                reference("20", "50")),
                        new Because(
                                "mg",
                                "Magnesium",
                                new BigDecimal("1.51"),
                                "mg/dL",
                                new Entered(new BigDecimal("0.62"), "mmol/L"),
                                reference("1.7", "2.6")));
    }

    @Test
    void the_profile_of_a_result_shows_derived_values_with_their_source() throws IOException {
        var result = published("C01");

        assertThat(result.profile())
                .containsEntry(
                        "mg", new ProfileEntry(new BigDecimal("1.51"), "mg/dL", null, null, reference("1.7", "2.6")))
                .containsEntry("ca_adjusted", new ProfileEntry(new BigDecimal("9.42"), "mg/dL", null, null, null))
                .containsEntry(
                        "egfr",
                        new ProfileEntry(new BigDecimal("38"), "mL/min/{1.73_m2}", "G3b", "CKD-EPI 2021", null));
    }

    @Test
    void a_missing_magnesium_result_is_unknown_and_asks_for_the_test() throws IOException {
        assertThat(published("C02").unknown())
                .extracting(Unknown::ruleId, Unknown::missing)
                .contains(tuple("high-vitd-low-mg-ckd", List.of("mg")))
                .allSatisfy(unknown -> assertThat(unknown.toList().get(1)).isEqualTo(List.of("mg")));
    }

    @Test
    void an_empty_questionnaire_asks_for_one_lab_where_one_settles_the_rule() {
        var result = PACK.evaluate(Profile.of(
                Answers.builder().age(60).choice("sex_for_egfr", "male").build()));

        assertThat(result.severity()).isEqualTo(Severity.NONE);
        assertThat(result.fired()).isEmpty();
        assertThat(result.unknown())
                .extracting(Unknown::ruleId, Unknown::missing)
                .contains(
                        tuple("mg-unmeasured-at-risk", List.of("mg")),
                        tuple("ca-high-severe", List.of("ca_total")),
                        tuple("egfr-very-low-new", List.of("creatinine")),
                        tuple("sodium-high", List.of("sodium_intake")),
                        tuple("fluid-limit-first", List.of("dialysis", "heart_failure", "fluid_limit_told")));
    }

    @Test
    void a_number_of_a_thousand_million_digits_is_listed_in_its_short_form() {
        var result = PACK.evaluate(Profile.of(Answers.builder()
                .quantity("mg", new BigDecimal("1e999999999"), "mg/dL")
                .build()));

        assertThat(result.dataQuality())
                .extracting(DataQuality::detail)
                .singleElement()
                .asString()
                .contains("Magnesium 1E+999999999 mg/dL");
    }

    @Test
    void a_rejected_value_is_listed_as_typed() {
        var result = PACK.evaluate(Profile.of(Answers.builder()
                .age(60)
                .quantity("mg", new BigDecimal("50"), "mmol/L")
                .quantity("potassium", new BigDecimal("4"), "furlong")
                .build()));

        assertThat(fired(result, "value-needs-checking").because())
                .containsExactly(
                        new Because(
                                "mg",
                                "Magnesium",
                                new BigDecimal("121.53"),
                                "mg/dL",
                                new Entered(new BigDecimal("50"), "mmol/L"),
                                reference("1.7", "2.6")),
                        new Because(
                                "potassium",
                                "Potassium",
                                new BigDecimal("4"),
                                "furlong",
                                new Entered(new BigDecimal("4"), "furlong"),
                                null));
        assertThat(result.dataQuality())
                .extracting(DataQuality::checkId, DataQuality::input)
                .containsExactly(tuple("dq-rejected-value", "mg"), tuple("dq-unknown-unit", "potassium"));
        assertThat(result.dataQuality().getFirst().detail()).contains("Magnesium 50 mmol/L");
        assertThat(result.profile()).doesNotContainKeys("mg", "potassium");
    }

    @Test
    void an_intake_of_unusable_amount_still_counts_as_taken() {
        var result = PACK.evaluate(Profile.of(Answers.builder()
                .quantity("vitk_dose", new BigDecimal("2"), "tablets")
                .yes(ItemList.MEDICINES, "vka")
                .build()));

        assertThat(fired(result, "vitk-with-vka").because())
                .extracting(Because::input)
                .containsExactly("vka", "vitk_dose");
    }

    @Test
    void results_stand_in_knowledge_base_order() throws IOException {
        var order = PACK.rules().stream().map(Rule::id).toList();
        for (var golden : GoldenCases.of(BundledPack.FILES)) {
            var result = PACK.evaluate(Profile.of(golden.answers()));
            assertThat(result.fired().stream().map(fired -> order.indexOf(fired.ruleId())))
                    .isSorted();
            assertThat(result.unknown().stream().map(unknown -> order.indexOf(unknown.ruleId())))
                    .isSorted();
        }
    }

    @Test
    void suppressed_rules_name_what_suppresses_them() throws IOException {
        assertThat(published("C26").suppressed())
                .containsExactly(
                        new Evaluation.Suppressed("low-fluid", List.of("flank pain", "renal-colic-complicated")),
                        new Evaluation.Suppressed("renal-colic", List.of("renal-colic-complicated")));
    }

    @Test
    void conflicting_egfr_values_both_stand_in_the_clinician_text() {
        var result = PACK.evaluate(Profile.of(Answers.builder()
                .age(55)
                .choice("sex_for_egfr", "female")
                .quantity("creatinine", new BigDecimal("0.9"), "mg/dL")
                .quantity("egfr_reported", new BigDecimal("25"), "mL/min/{1.73_m2}")
                .build()));

        assertThat(fired(result, "egfr-low-review").clinicianMessage())
                .endsWith("Computed eGFR 75, reported eGFR 25 mL/min/1.73 m2: the lower is used.");
        assertThat(fired(result, "egfr-low-review").because())
                .extracting(Because::input)
                .containsExactly("egfr_reported");
    }

    @Test
    void the_clinician_reads_only_the_pattern_that_fits_the_pth() {
        assertThat(pattern("19")).contains("PTH-independent").doesNotContain("PTH-dependent");
        assertThat(pattern("20")).contains("PTH-dependent").doesNotContain("PTH-independent");
    }

    private static String pattern(String pth) {
        var result = PACK.evaluate(Profile.of(Answers.builder()
                .quantity("ca_total", new BigDecimal("11"), "mg/dL")
                .quantity("pth", new BigDecimal(pth), "pg/mL")
                .build()));
        return fired(result, "high-ca-pth-pattern").clinicianMessage();
    }

    @Test
    void the_pack_names_its_version_and_digest() {
        assertThat(PACK.id()).isEqualTo("calcification-risk");
        assertThat(PACK.version()).isEqualTo("1.0.0");
        assertThat(PACK.digest()).matches("sha256:[0-9a-f]{64}");
        assertThat(PACK.rules()).hasSize(59).first().satisfies(rule -> assertThat(rule.condition())
                .isEqualTo("\"CKD_ANY\" and \"VITD_HIGH\" and \"Magnesium\" < \"Magnesium, lower limit\""));
    }

    private static Evaluation published(String id) throws IOException {
        var golden = GoldenCases.of(BundledPack.FILES).stream()
                .filter(each -> each.id().equals(id))
                .findFirst()
                .orElseThrow();
        return PACK.evaluate(Profile.of(golden.answers()));
    }

    private static Reference reference(String low, String high) {
        return new Reference(new BigDecimal(low), new BigDecimal(high), null);
    }

    private static Fired fired(Evaluation result, String ruleId) {
        return result.fired().stream()
                .filter(each -> each.ruleId().equals(ruleId))
                .findFirst()
                .orElseThrow();
    }
}
