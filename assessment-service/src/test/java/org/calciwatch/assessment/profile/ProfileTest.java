package org.calciwatch.assessment.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.math.BigDecimal;
import org.calciwatch.assessment.profile.Profile.Reason;
import org.calciwatch.assessment.profile.Profile.Unusable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProfileTest {

    @ParameterizedTest
    @CsvSource({
        "vitd25, 50, nmol/L, 20.0",
        "vitd25, 125, nmol/L, 50.0",
        "vitd25, 250, nmol/L, 100.0",
        "vitd25, 375, nmol/L, 150.0",
        "ca_total, 2.62, mmol/L, 10.50",
        "ca_total, 3.0, mmol/L, 12.02",
        "ca_total, 3.5, mmol/L, 14.03",
        "ca_total, 5.25, meq/L, 10.52",
        "ca_ion, 4.61, mg/dL, 1.15",
        "ca_ion, 2.3, meq/L, 1.15",
        "albumin, 40, g/L, 4.00",
        "phosphate, 1.45, mmol/L, 4.49",
        "phosphate, 1.78, mmol/L, 5.51",
        "mg, 0.70, mmol/L, 1.70",
        "mg, 0.69, mmol/L, 1.68",
        "mg, 1.07, mmol/L, 2.60",
        "mg, 1.85, mmol/L, 4.50",
        "mg, 0.50, mmol/L, 1.22",
        "mg, 1.4, meq/L, 1.70",
        "pth, 13.8, pmol/L, 130",
        "pth, 2.1, pmol/L, 20",
        "creatinine, 88.4, umol/L, 1.0000",
        "creatinine, 132.6, umol/L, 1.5000",
        "hba1c, 48, mmol/mol, 6.54",
        "hba1c, 39, mmol/mol, 5.72",
        "vitd_dose, 100, ug/d, 4000",
        "vitd_dose, 28000, [iU]/wk, 4000",
        "vitd_dose, 28003.5, [iU]/wk, 4001",
        "vitd_dose, 121750, [iU]/mo, 4000",
        "vitd_dose, 700, ug/wk, 4000",
        "ca_supp, 1, mmol/d, 40",
        "mg_supp, 0.35, g/d, 350",
        "vitk_dose, 0.1, mg/d, 100",
        "fluid_intake, 8, [cup_us]/d, 1.89",
        "fluid_intake, 64, [foz_us]/d, 1.89",
        "sodium_intake, 6, g{salt}/d, 2360",
        "fruit_veg, 400, g/d, 5.0",
        "fruit_veg, 34, {servings}/wk, 4.9",
        "activity, 2.5, h/wk, 150",
        "alp, 1, ukat/L, 60",
        "processed_per_week, 1, {servings}/d, 7"
    })
    void a_value_is_converted_and_rounded_half_up_to_its_listed_decimals(
            String key, BigDecimal value, String unit, BigDecimal canonical) {
        assertThat(profile(key, value, unit).quantity(key)).isEqualTo(canonical);
    }

    @ParameterizedTest
    @CsvSource({
        "mg, 1.695, 1.70",
        "mg, 1.6949999999, 1.70",
        "mg, 1.69499, 1.69",
        "vitd25, 50.05, 50.1",
        "vitd25, 50.04, 50.0",
        "potassium, 5.05, 5.1"
    })
    void binary_noise_below_the_ninth_decimal_does_not_move_a_value(
            String key, BigDecimal value, BigDecimal canonical) {
        assertThat(profile(key, value, Inputs.quantity(key).orElseThrow().unit())
                        .quantity(key))
                .isEqualTo(canonical);
    }

    @ParameterizedTest
    @CsvSource({"ca_total, 4, 30", "vitd25, 1, 2000", "mg, 0.3, 30", "potassium, 1.5, 10", "urine_volume, 0, 10"})
    void the_limits_of_the_plausible_range_are_plausible(String key, BigDecimal low, BigDecimal high) {
        var input = Inputs.quantity(key).orElseThrow();
        var step = BigDecimal.ONE.movePointLeft(input.decimals());

        assertThat(profile(key, low, input.unit()).quantity(key)).isNotNull();
        assertThat(profile(key, high, input.unit()).quantity(key)).isNotNull();
        assertThat(profile(key, low.subtract(step), input.unit()).unusable(key))
                .map(Unusable::reason)
                .contains(Reason.OUT_OF_RANGE);
        assertThat(profile(key, high.add(step), input.unit()).unusable(key))
                .map(Unusable::reason)
                .contains(Reason.OUT_OF_RANGE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"MG/DL", "mg/dl", "mg", "", " mg/dL"})
    void a_unit_is_taken_only_exactly_as_listed(String unit) {
        var profile = profile("mg", new BigDecimal("2"), unit);

        assertThat(profile.quantity("mg")).isNull();
        assertThat(profile.unusable("mg")).map(Unusable::reason).contains(Reason.UNKNOWN_UNIT);
    }

    @Test
    void a_missing_unit_is_an_unknown_unit_and_a_missing_number_is_just_missing() {
        var profile = Profile.of(Answers.builder()
                .quantity("mg", new BigDecimal("2"), null)
                .quantity("pth", null, "furlong")
                .quantity("no_such_key", BigDecimal.ONE, "furlong")
                .build());

        assertThat(profile.unusable()).extracting(Unusable::key).containsExactly("mg");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e999999999", "-1e999999999", "1e16", "1e400"})
    void an_astronomical_number_is_rejected_without_being_computed(String number) {
        assertThat(profile("mg", new BigDecimal(number), "mmol/L").unusable("mg"))
                .map(Unusable::reason)
                .contains(Reason.OUT_OF_RANGE);
    }

    @Test
    void a_vanishing_dose_rounds_to_zero() {
        assertThat(profile("vitd_dose", new BigDecimal("1e-999999999"), "ug/d").quantity("vitd_dose"))
                .isEqualTo(BigDecimal.ZERO);
    }

    @Test
    void only_an_unusable_amount_above_zero_counts_as_taken() {
        assertThat(profile("vitd_dose", new BigDecimal("2000000"), "[iU]/d").takenInUnusableAmount("vitd_dose"))
                .isTrue();
        assertThat(profile("vitd_dose", BigDecimal.ZERO, "drops").takenInUnusableAmount("vitd_dose"))
                .isFalse();
        assertThat(profile("vitd_dose", new BigDecimal("-5"), "[iU]/d").takenInUnusableAmount("vitd_dose"))
                .isFalse();
        assertThat(profile("vitd_dose", new BigDecimal("400"), "[iU]/d").takenInUnusableAmount("vitd_dose"))
                .isFalse();
    }

    @Test
    void egfr_is_computed_by_ckd_epi_2021() {
        assertThat(Egfr.ckdEpi2021(new BigDecimal("0.9"), 55, true).value()).isEqualTo(new BigDecimal("75"));
        assertThat(Egfr.ckdEpi2021(new BigDecimal("1.5"), 68, true).value()).isEqualTo(new BigDecimal("38"));
    }

    @ParameterizedTest
    @CsvSource({
        "90, G1", "89, G2", "60, G2", "59, G3a", "45, G3a", "44, G3b", "30, G3b", "29, G4", "15, G4", "14, G5", "1, G5"
    })
    void an_egfr_has_its_stage(BigDecimal egfr, String stage) {
        assertThat(new Egfr(egfr, Egfr.Source.REPORTED).stage()).isEqualTo(stage);
    }

    @Test
    void the_lower_of_computed_and_reported_egfr_is_used() {
        assertThat(kidney("60").egfr()).contains(new Egfr(new BigDecimal("60"), Egfr.Source.REPORTED));
        assertThat(kidney("90").egfr()).contains(new Egfr(new BigDecimal("75"), Egfr.Source.COMPUTED));
    }

    @Test
    void no_egfr_is_used_in_pregnancy() {
        var pregnant = Profile.of(Answers.builder()
                .age(30)
                .choice("sex_for_egfr", "female")
                .choice("pregnancy", "yes")
                .quantity("creatinine", new BigDecimal("0.9"), "mg/dL")
                .quantity("egfr_reported", new BigDecimal("80"), "mL/min/{1.73_m2}")
                .build());

        assertThat(pregnant.egfr()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "30, female, yes, true",
        "30, female, no, false",
        "30, female, not_applicable, false",
        "30, female, unsure, ",
        "30, unsure, unsure, ",
        "55, female, unsure, ",
        "56, female, unsure, false",
        "30, male, unsure, false",
        "30, male, yes, true"
    })
    void an_open_pregnancy_question_counts_as_no_only_for_men_and_above_55(
            int age, String sex, String answer, Boolean pregnant) {
        var profile = Profile.of(Answers.builder()
                .age(age)
                .choice("sex_for_egfr", sex)
                .choice("pregnancy", answer)
                .build());

        assertThat(profile.pregnant()).isEqualTo(pregnant);
    }

    @Test
    void calcium_is_adjusted_for_albumin() {
        var profile = Profile.of(Answers.builder()
                .quantity("ca_total", new BigDecimal("2.35"), "mmol/L")
                .quantity("albumin", new BigDecimal("30"), "g/L")
                .build());

        assertThat(profile.adjustedCalcium()).isEqualTo(new BigDecimal("10.22"));
    }

    @Test
    void answering_one_list_answers_both_and_a_tick_beats_not_sure() {
        var profile = Profile.of(Answers.builder()
                .unsure(ItemList.CONDITIONS, "dialysis", "diabetes")
                .yes(ItemList.CONDITIONS, "diabetes")
                .none(ItemList.SYMPTOMS)
                .build());

        assertThat(profile.item(Inputs.item("dialysis").orElseThrow())).isNull();
        assertThat(profile.item(Inputs.item("diabetes").orElseThrow())).isTrue();
        assertThat(profile.item(Inputs.item("heart_failure").orElseThrow())).isFalse();
        assertThat(profile.item(Inputs.item("seizure").orElseThrow())).isFalse();
        assertThat(profile.item(Inputs.item("vka").orElseThrow())).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 121, 0, -1})
    void an_age_outside_18_to_120_is_refused_with_its_reason(int age) {
        var refused = catchThrowableOfType(
                AnswersRefused.class,
                () -> Profile.of(Answers.builder().age(age).build()));

        assertThat(refused.refusals()).singleElement().satisfies(refusal -> {
            assertThat(refusal.input()).isEqualTo("age_years");
            assertThat(refusal.message()).contains("18 to 120");
        });
    }

    @Test
    void an_item_no_list_offers_is_refused() {
        var refused = catchThrowableOfType(
                AnswersRefused.class,
                () -> Profile.of(Answers.builder()
                        .yes(ItemList.MEDICINES, "seizure")
                        .unsure(ItemList.CONDITIONS, "hiccups")
                        .build()));

        assertThat(refused.refusals()).extracting(Refusal::input).containsExactly("conditions_unsure", "medicines");
    }

    private static Profile kidney(String reported) {
        return Profile.of(Answers.builder()
                .age(55)
                .choice("sex_for_egfr", "female")
                .quantity("creatinine", new BigDecimal("0.9"), "mg/dL")
                .quantity("egfr_reported", new BigDecimal(reported), "mL/min/{1.73_m2}")
                .build());
    }

    private static Profile profile(String key, BigDecimal value, String unit) {
        return Profile.of(Answers.builder().quantity(key, value, unit).build());
    }
}
