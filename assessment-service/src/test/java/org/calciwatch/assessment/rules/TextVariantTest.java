package org.calciwatch.assessment.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.calciwatch.assessment.rules.BundledPack.PACK;

import java.math.BigDecimal;
import org.calciwatch.assessment.profile.Answers;
import org.calciwatch.assessment.profile.ItemList;
import org.calciwatch.assessment.profile.Profile;
import org.calciwatch.assessment.rules.Evaluation.Fired;
import org.junit.jupiter.api.Test;

/** Who reads which words (knowledge base, section 2.3); the fruit, salt and calcium texts are in the conflict matrix. */
class TextVariantTest {

    private static final String CAUTION =
            "If you have ever been told you have a kidney or heart problem, ask before you make this change.";

    @Test
    void magnesium_food_comes_with_a_caution_while_kidneys_or_potassium_are_unknown() {
        assertThat(patientText(healthy(), "mg-diet-low")).doesNotContain(CAUTION);
        assertThat(patientText(healthy().quantity("potassium", null, null), "mg-diet-low"))
                .contains(CAUTION);
        assertThat(patientText(healthy().unsure(ItemList.CONDITIONS, "kidney_transplant"), "mg-diet-low"))
                .contains(CAUTION);
        assertThat(patientText(healthy().choice("ckd_reported", "yes_unknown_stage"), "mg-diet-low"))
                .contains(CAUTION);
    }

    @Test
    void more_fluid_comes_with_a_caution_while_the_kidneys_are_unknown() {
        assertThat(patientText(healthy(), "low-fluid")).doesNotContain(CAUTION);
        assertThat(patientText(healthy().quantity("potassium", null, null), "low-fluid"))
                .doesNotContain(CAUTION);
        assertThat(patientText(healthy().unsure(ItemList.CONDITIONS, "kidney_transplant"), "low-fluid"))
                .contains(CAUTION);
        assertThat(patientText(healthy().choice("ckd_reported", "yes_unknown_stage"), "low-fluid"))
                .contains(CAUTION);
    }

    @Test
    void nobody_is_told_of_kidney_disease_on_one_egfr_alone() {
        var oneValue = "people whose kidneys may be working less well";
        var known = "people with kidney disease";

        assertThat(patientText(lowEgfr(), "phosphate-high-ckd"))
                .contains(oneValue)
                .doesNotContain(known);
        assertThat(patientText(lowEgfr(), "ckd-mbd-labs-missing")).contains(oneValue);
        assertThat(patientText(lowEgfr().unsure(ItemList.CONDITIONS, "dialysis"), "phosphate-high-ckd"))
                .contains(oneValue);
        assertThat(patientText(lowEgfr().choice("ckd_reported", "G1"), "phosphate-high-ckd"))
                .contains(known);
        assertThat(patientText(lowEgfr().choice("ckd_reported", "yes_unknown_stage"), "phosphate-high-ckd"))
                .contains(known);
        assertThat(patientText(lowEgfr().yes(ItemList.CONDITIONS, "dialysis"), "phosphate-high-ckd"))
                .contains(known);
        assertThat(patientText(lowEgfr().yes(ItemList.CONDITIONS, "kidney_transplant"), "phosphate-high-ckd"))
                .contains(known);
    }

    @Test
    void the_clinician_reads_which_mineral_tests_are_missing() {
        assertThat(fired(lowEgfr(), "ckd-mbd-labs-missing").clinicianMessage())
                .endsWith("Calcium is missing. PTH is missing.");
    }

    @Test
    void severe_flank_pain_shows_the_emergency_list_while_danger_signs_are_unknown() {
        var list =
                "Call your local emergency number now, or go to the emergency room, if any of these is true for you:";
        var pain = healthy().yes(ItemList.SYMPTOMS, "flank_pain");

        assertThat(patientText(pain, "renal-colic")).doesNotContain(list);
        assertThat(patientText(pain.unsure(ItemList.SYMPTOMS, "fever_chills"), "renal-colic"))
                .contains(list);
    }

    private static Answers.Builder healthy() {
        return Answers.builder()
                .age(60)
                .choice("sex_for_egfr", "male")
                .choice("ckd_reported", "none")
                .choice("mg_diet", "low")
                .quantity("creatinine", new BigDecimal("0.9"), "mg/dL")
                .quantity("potassium", new BigDecimal("4.2"), "mmol/L")
                .quantity("fluid_intake", new BigDecimal("1"), "L/d")
                .none(ItemList.CONDITIONS)
                .none(ItemList.SYMPTOMS);
    }

    private static Answers.Builder lowEgfr() {
        return Answers.builder()
                .none(ItemList.CONDITIONS)
                .choice("ckd_reported", "none")
                .quantity("egfr_reported", new BigDecimal("45"), "mL/min/{1.73_m2}")
                .quantity("phosphate", new BigDecimal("6"), "mg/dL");
    }

    private static String patientText(Answers.Builder answers, String ruleId) {
        return fired(answers, ruleId).patientMessage();
    }

    private static Fired fired(Answers.Builder answers, String ruleId) {
        return PACK.evaluate(Profile.of(answers.build())).fired().stream()
                .filter(each -> each.ruleId().equals(ruleId))
                .findFirst()
                .orElseThrow();
    }
}
