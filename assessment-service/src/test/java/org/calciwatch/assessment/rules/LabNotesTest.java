package org.calciwatch.assessment.rules;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.calciwatch.assessment.rules.BundledPack.PACK;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.Map;
import java.util.Objects;
import org.calciwatch.assessment.profile.Answers;
import org.calciwatch.assessment.profile.Answers.Drawn;
import org.calciwatch.assessment.profile.ItemList;
import org.calciwatch.assessment.profile.Profile;
import org.calciwatch.assessment.rules.Evaluation.DataQuality;
import org.calciwatch.assessment.rules.Evaluation.Fired;
import org.calciwatch.assessment.rules.Evaluation.OutsideReference;
import org.calciwatch.assessment.rules.Evaluation.ProfileEntry;
import org.calciwatch.assessment.rules.Evaluation.StaleLab;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clinicians are told of laboratory values beside the rules: outside their range, too old, of different days. */
class LabNotesTest {

    private static final LocalDate TODAY = LocalDate.parse("2026-06-15");

    private static Answers.Builder patient() {
        return Answers.builder().age(60).choice("sex_for_egfr", "female").asOf(TODAY);
    }

    private static Evaluation judge(Answers.Builder answers) {
        return PACK.evaluate(Profile.of(answers.build()));
    }

    private static Answers.Builder drawn(Answers.Builder answers, String key, String date) {
        return answers.drawn(key, Drawn.parse(date).orElseThrow());
    }

    private static Answers.Builder lab(String key, String value, String unit) {
        return patient().quantity(key, new BigDecimal(value), unit);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            alp,          151,  U/L,    40-130
            alp,          39,   U/L,    40-130
            vitd25,       45,   nmol/L, 20-50
            potassium,    5.3,  mmol/L, 3.5-5.0
            phosphate,    1.8,  mg/dL,  2.5-4.5
            inr,          2.4,  {INR},  0.8-1.2 (without a vitamin K antagonist)
            creatinine,   0.4,  mg/dL,  0.5-1.1
            hba1c,        5.7,  %,      <= 5.69 (below 5.7)
            """)
    void a_value_outside_its_range_that_no_fired_rule_rests_on_is_listed(
            String key, String value, String unit, String range) {
        assertThat(judge(lab(key, value, unit)).outsideReference())
                .singleElement()
                .returns(key, OutsideReference::input)
                .returns(range, OutsideReference::reference);
    }

    @Test
    void a_value_on_the_limits_of_its_range_is_not_listed() {
        assertThat(judge(lab("alp", "130", "U/L").quantity("potassium", new BigDecimal("5.0"), "mmol/L"))
                        .outsideReference())
                .isEmpty();
    }

    @Test
    void a_value_that_a_fired_rule_rests_on_is_not_listed_again() {
        var result = judge(lab("mg", "1.5", "mg/dL"));

        assertThat(result.fired()).extracting(Fired::ruleId).contains("mg-low");
        assertThat(result.outsideReference()).isEmpty();
    }

    @Test
    void inr_is_not_judged_by_the_usual_range_on_a_vitamin_k_antagonist() {
        assertThat(judge(lab("inr", "2.4", "{INR}").yes(ItemList.MEDICINES, "vka"))
                        .outsideReference())
                .isEmpty();
    }

    @Test
    void the_urine_goal_of_stone_formers_is_not_applied_to_others() {
        assertThat(judge(lab("urine_volume", "2.0", "L/d").none(ItemList.CONDITIONS))
                        .outsideReference())
                .isEmpty();
    }

    @Test
    void a_laboratory_value_shows_the_range_it_is_held_against() {
        var profile = judge(lab("mg", "0.82", "mmol/L")
                        .quantity("creatinine", new BigDecimal("0.9"), "mg/dL")
                        .quantity("egfr_reported", new BigDecimal("90"), "mL/min/{1.73_m2}")
                        .quantity("hba1c", new BigDecimal("5.0"), "%")
                        .quantity("vitd_dose", new BigDecimal("800"), "[iU]/d"))
                .profile();

        assertThat(profile.keySet().stream().collect(toMap(identity(), key -> limits(profile, key))))
                .containsEntry("mg", "1.7 to 2.6")
                .containsEntry("creatinine", "0.5 to 1.1")
                .containsEntry("egfr_reported", "60 to null")
                .containsEntry("hba1c", "null to 5.69")
                .containsEntry("age_years", "none")
                .containsEntry("egfr", "none")
                .containsEntry("vitd_dose", "none");
    }

    @Test
    void a_range_that_is_not_meant_for_the_patient_is_not_shown() {
        var anticoagulated = judge(lab("inr", "2.4", "{INR}").yes(ItemList.MEDICINES, "vka"));
        var withoutStones = judge(lab("urine_volume", "2.0", "L/d").none(ItemList.CONDITIONS));

        assertThat(limits(anticoagulated.profile(), "inr")).isEqualTo("none");
        assertThat(limits(withoutStones.profile(), "urine_volume")).isEqualTo("none");
    }

    private static String limits(Map<String, ProfileEntry> profile, String key) {
        var range = Objects.requireNonNull(profile.get(key)).reference();
        return range == null ? "none" : range.low() + " to " + range.high();
    }

    @ParameterizedTest
    @CsvSource({"2025-06-14, true", "2025-06-15, false", "2025-06, true", "2025-07, false", "2025, true"})
    void a_result_older_than_twelve_months_is_marked(String date, boolean stale) {
        var notes = judge(drawn(lab("mg", "2.0", "mg/dL"), "mg", date)).staleLabs();

        if (stale) {
            assertThat(notes).singleElement().returns("mg", StaleLab::input).returns(12, StaleLab::months);
        } else {
            assertThat(notes).isEmpty();
        }
    }

    @Test
    void six_months_are_the_limit_in_advanced_kidney_disease() {
        var advanced = drawn(lab("mg", "2.0", "mg/dL"), "mg", "2025-12-14").choice("ckd_reported", "G4");

        assertThat(judge(advanced).staleLabs()).singleElement().returns(6, StaleLab::months);
        assertThat(judge(drawn(lab("mg", "2.0", "mg/dL"), "mg", "2025-12-14")).staleLabs())
                .isEmpty();
    }

    @Test
    void calcium_is_not_adjusted_by_an_albumin_of_another_day() {
        var calcium = drawn(lab("ca_total", "10.0", "mg/dL"), "ca_total", "2026-06-01")
                .quantity("albumin", new BigDecimal("2.5"), "g/dL");

        assertThat(judge(drawn(calcium, "albumin", "2026-06-01")).profile()).containsKey("ca_adjusted");
        var apart = judge(drawn(calcium, "albumin", "2026-06-02"));
        assertThat(apart.profile()).doesNotContainKey("ca_adjusted");
        assertThat(apart.dataQuality())
                .extracting(DataQuality::checkId)
                .contains("dq-calcium-different-days", "dq-albumin-missing");
    }

    @Test
    void a_usual_ionised_calcium_of_another_day_does_not_hide_a_very_low_total_calcium() {
        var calcium = drawn(lab("ca_total", "6.5", "mg/dL"), "ca_total", "2026-06-14")
                .quantity("ca_ion", new BigDecimal("1.20"), "mmol/L");

        assertThat(judge(drawn(calcium, "ca_ion", "2026-02-01")).fired())
                .extracting(Fired::ruleId)
                .contains("ca-very-low");
        assertThat(judge(drawn(calcium, "ca_ion", "2026-06-14")).fired())
                .extracting(Fired::ruleId)
                .doesNotContain("ca-very-low");
    }

    @Test
    void values_without_dates_count_as_drawn_together() {
        var result = judge(lab("ca_total", "10.0", "mg/dL").quantity("albumin", new BigDecimal("2.5"), "g/dL"));

        assertThat(result.profile()).containsKey("ca_adjusted");
        assertThat(result.staleLabs()).isEmpty();
    }

    @Test
    void open_questions_count_the_rules_that_one_test_settles() {
        var result = judge(patient().choice("ckd_reported", "G3b"));

        var magnesium = result.openQuestions().stream()
                .filter(question -> question.inputs().contains("mg"))
                .findFirst()
                .orElseThrow();
        assertThat(magnesium.text()).isEqualTo("a magnesium blood test");
        assertThat(magnesium.translations()).containsEntry("es", "un análisis de magnesio en sangre");
        assertThat(magnesium.settles())
                .contains("mg-low", "mg-very-low", "mg-high", "mg-very-high", "mg-critically-low")
                .doesNotContain("high-vitd-low-mg-ckd");
        assertThat(magnesium.helps()).contains("high-vitd-low-mg-ckd");
    }
}
