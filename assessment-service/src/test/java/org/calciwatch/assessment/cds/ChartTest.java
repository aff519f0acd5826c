package org.calciwatch.assessment.cds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.calciwatch.assessment.cds.PatientRecord.ATC;
import static org.calciwatch.assessment.cds.PatientRecord.ICD;
import static org.calciwatch.assessment.cds.PatientRecord.status;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import org.calciwatch.assessment.Responses;
import org.calciwatch.assessment.profile.Answers;
import org.calciwatch.assessment.profile.Answers.Drawn;
import org.calciwatch.assessment.profile.Answers.Entered;
import org.calciwatch.assessment.profile.Inputs;
import org.calciwatch.assessment.profile.ItemList;
import org.calciwatch.assessment.profile.Profile;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChartTest {

    private static final ClinicalCodes CODES = new ClinicalCodes();
    private static final LocalDate TODAY = LocalDate.of(2026, 11, 22);
    private static final String K = "2823-3";

    private final PatientRecord patient = new PatientRecord();
    private final NotUsed notUsed = new NotUsed();

    private Chart chart() {
        return new Chart(new Prefetch(patient.prefetch(), PatientRecord.ID, notUsed), CODES, notUsed, TODAY);
    }

    private Answers read() {
        return chart().readings().getFirst().answers();
    }

    private @Nullable Boolean item(String key) {
        return Profile.of(read()).item(Inputs.item(key).orElseThrow());
    }

    private List<@Nullable Entered> quantities(String key) {
        return new Chart(new Prefetch(patient.prefetch(), PatientRecord.ID, new NotUsed()), CODES, new NotUsed(), TODAY)
                .readings().stream()
                        .<@Nullable Entered>map(
                                reading -> reading.answers().quantities().get(key))
                        .distinct()
                        .toList();
    }

    private static Entered entered(String value, String unit) {
        return new Entered(new BigDecimal(value), unit);
    }

    @ParameterizedTest
    @CsvSource({
        "1960-11-22, 66",
        "1960-11-23, 65",
        "1960-10,    66",
        "1960-11,    66",
        "1960,       66",
        "2015,       11",
        "2027-01-01, -1",
        "nonsense,   "
    })
    void the_age_is_taken_from_a_birth_date_that_leaves_no_doubt(String birthDate, @Nullable Integer age) {
        patient.patient(birthDate, "other");
        assertThat(read().ageYears()).isEqualTo(age);
        assertThat(read().choices()).isEmpty();
    }

    @Test
    void the_gender_stands_in_for_the_sex_used_for_egfr_unless_the_questionnaire_says() {
        patient.patient("1960-01-01", "female");
        assertThat(read().choices()).containsEntry("sex_for_egfr", "female");
        patient.add(Responses.empty().choice("sex_for_egfr", "unsure").json());
        assertThat(read().choices()).containsEntry("sex_for_egfr", "female");
        assertThat(chart().notes()).anyMatch(note -> note.startsWith("Sex used for eGFR"));
    }

    @Test
    void the_newest_result_counts_and_brings_its_date() {
        patient.lab(K, "4.0", "mmol/L", "2026-11-01T23:30:00-05:00")
                .lab(K, "4.5", "mmol/L", "2026-11-02T00:00:00Z")
                .lab(K, "6.9", "mmol/L", "2025-11-02")
                .lab(K, "7.9", "mmol/L");
        assertThat(read().quantities()).containsEntry("potassium", entered("4.0", "mmol/L"));
        assertThat(read().drawn())
                .containsEntry("potassium", new Drawn(LocalDate.of(2026, 11, 1), LocalDate.of(2026, 11, 2)));
        assertThat(notUsed.lines())
                .singleElement()
                .asString()
                .startsWith("There is a newer result: ")
                .contains("4.5 mmol/L", "6.9 mmol/L")
                .doesNotContain("7.9 mmol/L");
        assertThat(quantities("potassium")).containsExactly(entered("4.0", "mmol/L"), entered("7.9", "mmol/L"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"effectiveInstant", "issued"})
    void other_times_of_a_result_count_too(String element) {
        patient.observation(K, "4.0", "mmol/L").put(element, "2026-11-01T10:00:00Z");
        assertThat(read().drawn()).containsKey("potassium");
    }

    @Test
    void the_end_of_a_period_is_the_time_of_a_collection() {
        patient.observation("3167-4", "1.5", "L/d")
                .putObject("effectivePeriod")
                .put("start", "2026-10-31")
                .put("end", "2026-11-01");
        assertThat(read().drawn())
                .containsEntry("urine_volume", Drawn.parse("2026-11-01").orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(strings = {"final", "amended", "corrected", "preliminary"})
    void a_result_that_is_there_counts(String status) {
        patient.observation(K, "4.0", "mmol/L").put("status", status);
        assertThat(read().quantities()).containsKey("potassium");
        assertThat(notUsed.isEmpty()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"entered-in-error", "cancelled", "registered", "unknown"})
    void a_result_that_is_none_is_reported_and_not_used(String status) {
        patient.observation(K, "4.0", "mmol/L").put("status", status);
        assertThat(read().quantities()).isEmpty();
        assertThat(notUsed.lines()).containsExactly("Status of the result: " + status + ": Observation LOINC 2823-3");
    }

    @Test
    void a_loinc_code_in_any_position_is_found() {
        var observation = patient.observation("99999-9", "4.0", "mmol/L");
        PatientRecord.coding((ObjectNode) observation.get("code"), "http://example.org/lab", "KALI");
        PatientRecord.coding((ObjectNode) observation.get("code"), PatientRecord.LOINC, K);
        assertThat(read().quantities()).containsKey("potassium");
    }

    @Test
    void codes_of_two_tests_on_one_result_are_not_believed() {
        var observation = patient.observation(K, "4.0", "mmol/L");
        PatientRecord.coding((ObjectNode) observation.get("code"), PatientRecord.LOINC, "2601-3");
        assertThat(read().quantities()).isEmpty();
        assertThat(notUsed.size()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"http://loinc.org, 8867-4", "http://example.org/lab, 2823-3", ", 2823-3"})
    void a_code_or_system_we_do_not_know_is_reported(@Nullable String system, String code) {
        var observation = patient.add("Observation").put("status", "final");
        PatientRecord.coding(observation.putObject("code"), system, code);
        observation.putObject("valueQuantity").put("value", 7).put("unit", "mmol/L");
        assertThat(read().quantities()).isEmpty();
        assertThat(notUsed.lines()).singleElement().asString().contains(code);
    }

    @Test
    void without_a_code_the_unit_as_written_is_taken() {
        var observation = patient.add("Observation").put("status", "final");
        PatientRecord.coding(observation.putObject("code"), PatientRecord.LOINC, K);
        observation.putObject("valueQuantity").put("value", 4).put("unit", "mmol/L");
        assertThat(read().quantities()).containsEntry("potassium", entered("4", "mmol/L"));
    }

    @Test
    void a_unit_of_another_system_is_passed_on_as_unknown() {
        var observation = patient.observation(K, "4.0", "mmol/L");
        observation.withObject("valueQuantity").put("system", "http://example.org/units");
        assertThat(Profile.of(read()).unusable("potassium")).isPresent();
    }

    @Test
    void a_comparator_is_reported_and_leaves_the_older_number() {
        patient.lab(K, "4.0", "mmol/L", "2026-01-01");
        patient.observation(K, "10", "mmol/L")
                .put("effectiveDateTime", "2026-11-01")
                .withObject("valueQuantity")
                .put("comparator", ">");
        assertThat(read().quantities()).containsEntry("potassium", entered("4.0", "mmol/L"));
        assertThat(notUsed.attention()).singleElement().asString().contains("&gt;10 mmol/L");
        assertThat(notUsed.isEmpty()).isTrue();
    }

    @Test
    void a_result_that_says_why_it_has_no_value_leaves_the_older_one() {
        patient.lab(K, "6.0", "mmol/L", "2026-01-01");
        var absent = patient.add("Observation").put("status", "final").put("effectiveDateTime", "2026-11-01");
        PatientRecord.coding(absent.putObject("code"), PatientRecord.LOINC, K);
        status(absent, "dataAbsentReason", "error");
        assertThat(read().quantities()).containsEntry("potassium", entered("6.0", "mmol/L"));
        assertThat(notUsed.lines()).containsExactly("A result without a number: Observation LOINC 2823-3");
    }

    @Test
    void a_number_of_absurd_size_is_never_written_out() {
        patient.observation(K, new BigDecimal("1e999999999"), "mmol/L");
        patient.observation("2601-3", new BigDecimal("1e-999999999"), "mmol/L");
        assertThat(Profile.of(read()).unusable()).hasSize(2);
        assertThat(chart().readings()).hasSize(1);
    }

    @Test
    void corrected_calcium_is_total_calcium_without_albumin() {
        patient.lab("29265-6", "2.9", "mmol/L").lab("1751-7", "30", "g/L");
        assertThat(read().quantities())
                .containsOnlyKeys("ca_total")
                .containsEntry("ca_total", entered("2.9", "mmol/L"));
        assertThat(chart().notes()).anyMatch(note -> note.contains("2.9 mmol/L") && note.contains("left out"));
    }

    @Test
    void corrected_calcium_stands_beside_total_calcium_of_no_later_day() {
        patient.lab("29265-6", "2.9", "mmol/L").lab("2000-8", "2.5", "mmol/L").lab("1751-7", "30", "g/L");
        assertThat(read().quantities()).containsEntry("ca_total", entered("2.5", "mmol/L"));
        assertThat(read().quantities()).containsKey("albumin");
        assertThat(chart().notes()).anyMatch(note -> note.contains("2.9 mmol/L") && note.contains("left out"));
        var corrected = chart().readings().getLast();
        assertThat(corrected.corrected()).isTrue();
        assertThat(corrected.answers().quantities())
                .containsOnlyKeys("ca_total")
                .containsEntry("ca_total", entered("2.9", "mmol/L"));
    }

    @Test
    void corrected_calcium_of_a_later_day_is_not_hidden_by_an_old_total_calcium() {
        patient.lab("29265-6", "3.6", "mmol/L", "2026-11-20").lab("2000-8", "2.3", "mmol/L", "2024-11-20");
        assertThat(read().quantities()).containsEntry("ca_total", entered("3.6", "mmol/L"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"33914-3", "62238-1"})
    void egfr_by_an_older_equation_is_shown_but_never_a_value(String loinc) {
        patient.lab(loinc, "12", "mL/min/{1.73_m2}");
        assertThat(read().quantities()).isEmpty();
        assertThat(notUsed.lines()).singleElement().asString().contains("For display only", loinc, "12 mL/min");
    }

    @ParameterizedTest
    @CsvSource({
        "Z99.2, dialysis",
        "Z94.0, kidney_transplant",
        "N20.0, kidney_stones",
        "N200, kidney_stones",
        "E21.0, phpt",
        "E20.9, hypoparathyroidism",
        "D86.0, granulomatous",
        "A17.1, granulomatous",
        "M81.0, osteoporosis",
        "I50.22, heart_failure",
        "E11.9, diabetes",
        "D57.1, sickle_cell",
        "C50.911, malignancy",
        "I25.10, atherosclerosis",
        "I25.84, vasc_valve_calc"
    })
    void an_icd_code_ticks_its_item_and_no_other_item_becomes_false(String code, String key) {
        patient.condition(ICD, code);
        var profile = Profile.of(read());
        for (var item : Inputs.ITEMS) {
            if (item.key().equals(key)) {
                assertThat(profile.item(item)).isTrue();
            } else {
                assertThat(profile.item(item)).as(item.key()).isNotEqualTo(false);
            }
        }
        assertThat(notUsed.isEmpty()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"D57.3", "E20.1", "I10", "C", "Z", "N18"})
    void an_icd_code_that_does_not_map_without_doubt_is_reported(String code) {
        patient.condition(ICD, code);
        assertThat(read().lists()).isEmpty();
        assertThat(notUsed.lines()).singleElement().asString().contains("ICD-10-CM " + code);
    }

    @Test
    void our_own_codes_count_with_our_system_or_without_one() {
        patient.condition("https://calciwatch.org/fhir/CodeSystem/condition", "granulomatous");
        patient.condition(null, "dialysis");
        patient.condition("http://example.org", "diabetes");
        patient.medicine(null, "vka");
        patient.medicine("https://calciwatch.org/fhir/CodeSystem/medicine", "loop");
        assertThat(item("granulomatous")).isTrue();
        assertThat(item("dialysis")).isTrue();
        assertThat(item("diabetes")).isNull();
        assertThat(item("vka")).isTrue();
        assertThat(item("loop")).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "N18.1, G1",
        "N18.2, G2",
        "N18.3, G3",
        "N18.30, G3",
        "N18.31, G3a",
        "N18.32, G3b",
        "N18.4, G4",
        "N18.5, G5",
        "N18.6, G5",
        "N18.9, yes_unknown_stage"
    })
    void a_stage_of_kidney_disease_answers_the_question_about_it(String code, String stage) {
        patient.condition(ICD, code);
        assertThat(read().choices()).containsEntry("ckd_reported", stage);
    }

    @Test
    void of_several_stages_the_most_severe_counts_whoever_says_it() {
        patient.condition(ICD, "N18.32");
        patient.condition(null, "G2");
        patient.condition(ICD, "N18.9");
        assertThat(read().choices()).containsEntry("ckd_reported", "G3b");
        patient.add(Responses.empty().choice("ckd_reported", "G5").json());
        assertThat(read().choices()).containsEntry("ckd_reported", "G5");
    }

    @Test
    void the_record_says_yes_where_the_questionnaire_says_no() {
        patient.condition(ICD, "N18.4");
        patient.condition(ICD, "D86.9");
        patient.add(Responses.empty()
                .choice("ckd_reported", "none")
                .choice("conditions", "none")
                .json());
        assertThat(read().choices()).containsEntry("ckd_reported", "G4");
        assertThat(item("granulomatous")).isTrue();
        assertThat(item("diabetes")).isFalse();
        assertThat(chart().notes()).hasSize(2);
    }

    @Test
    void a_refuted_condition_counts_as_no_where_the_code_is_all_the_item_means() {
        status(patient.condition(ICD, "Z99.2"), "verificationStatus", "refuted");
        status(patient.condition(null, "diabetes"), "verificationStatus", "refuted");
        assertThat(item("dialysis")).isFalse();
        assertThat(item("diabetes")).isFalse();
        assertThat(item("osteoporosis")).isNull();
        assertThat(notUsed.isEmpty()).isTrue();
    }

    @Test
    void a_refuted_form_of_a_condition_leaves_the_others_open() {
        status(patient.condition(ICD, "C50.9"), "verificationStatus", "refuted");
        assertThat(item("malignancy")).isNull();
        assertThat(notUsed.lines()).singleElement().asString().startsWith("Refuted");
    }

    @Test
    void a_refuted_condition_that_another_source_has_is_there() {
        status(patient.condition(ICD, "E21.0"), "verificationStatus", "refuted");
        patient.add(Responses.empty().choice("conditions", "phpt").json());
        assertThat(item("phpt")).isTrue();
        assertThat(chart().notes()).singleElement().asString().contains("Both count");
    }

    @ParameterizedTest
    @ValueSource(strings = {"unconfirmed", "provisional", "differential", "entered-in-error"})
    void a_condition_that_is_not_confirmed_stays_open_and_is_reported(String verification) {
        status(patient.condition(ICD, "E21.0"), "verificationStatus", verification);
        assertThat(item("phpt")).isNull();
        assertThat(notUsed.size()).isGreaterThan(0);
    }

    @ParameterizedTest
    @CsvSource({
        "E21.0, phpt, ",
        "I50.9, heart_failure, ",
        "N20.0, kidney_stones, true",
        "C18.9, malignancy, true",
        "I21.9, atherosclerosis, true",
        "Z94.0, kidney_transplant, true"
    })
    void a_condition_that_is_over_counts_only_where_the_past_is_asked_about(
            String code, String key, @Nullable Boolean answer) {
        status(patient.condition(ICD, code), "clinicalStatus", "resolved");
        assertThat(item(key)).isEqualTo(answer);
        assertThat(notUsed.isEmpty()).isEqualTo(answer != null);
    }

    @ParameterizedTest
    @CsvSource({
        "B01AA03, vka",
        "B01AF02, doac",
        "B01AE07, doac",
        "C03AA03, thiazide",
        "C03CA01, loop",
        "C01AA05, digoxin",
        "N05AN01, lithium",
        "V03AE07, ca_binder",
        "A11CC04, active_vitd",
        "H05BX01, calcimimetic",
        "M05BX04, denosumab",
        "M05BA04, bisphosphonate_oral",
        "L04AD02, mg_waster",
        "A02AA04, mg_laxative_antacid",
        "H03AA01, levothyroxine",
        "J01MA02, chelating_antibiotic",
        "C10AC01, fat_binder",
        "A06AG01, sodium_phosphate",
        "C09AA05, raas_nsaid",
        "M01AE01, raas_nsaid"
    })
    void an_atc_code_ticks_its_item(String code, String key) {
        patient.medicine(ATC, code);
        assertThat(item(key)).isTrue();
        assertThat(item("broad_antibiotic")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"M05BA06", "M05BA08", "M01AX05", "A12AA04", "A11CC05"})
    void an_atc_code_that_does_not_map_without_doubt_is_reported(String code) {
        patient.medicine(ATC, code);
        assertThat(read().lists()).isEmpty();
        assertThat(notUsed.lines()).singleElement().asString().contains("ATC " + code);
    }

    @ParameterizedTest
    @ValueSource(strings = {"completed", "stopped", "entered-in-error", "not-taken", "on-hold", "unknown"})
    void a_medicine_that_is_not_current_stays_open_and_is_reported(String status) {
        patient.medicine(ATC, "B01AA03").put("status", status);
        assertThat(item("vka")).isNull();
        assertThat(notUsed.size()).isGreaterThan(0);
    }

    @ParameterizedTest
    @CsvSource({"2025-11-22, true", "2025-11-23, ", "2025, ", "2024, true", ", "})
    void a_proton_pump_inhibitor_counts_when_it_has_been_taken_for_a_year(
            @Nullable String start, @Nullable Boolean answer) {
        var medicine = patient.medicine(ATC, "A02BC01");
        if (start != null) {
            medicine.putObject("effectivePeriod").put("start", start);
        }
        assertThat(item("ppi_long")).isEqualTo(answer);
        assertThat(notUsed.isEmpty()).isEqualTo(answer != null);
    }

    @Test
    void a_medication_is_found_beside_or_inside_the_statement() {
        PatientRecord.coding(patient.add("Medication").put("id", "m1").putObject("code"), ATC, "B01AA03");
        patient.add("MedicationStatement")
                .put("status", "active")
                .putObject("medicationReference")
                .put("reference", "https://ehr.example/fhir/Medication/m1");
        var statement = patient.add("MedicationStatement").put("status", "active");
        PatientRecord.coding(
                statement
                        .putArray("contained")
                        .addObject()
                        .put("resourceType", "Medication")
                        .put("id", "m2")
                        .putObject("code"),
                ATC,
                "C01AA05");
        statement.putObject("medicationReference").put("reference", "#m2");
        assertThat(item("vka")).isTrue();
        assertThat(item("digoxin")).isTrue();
        assertThat(notUsed.isEmpty()).isTrue();
    }

    @Test
    void a_medication_that_was_not_sent_is_reported() {
        patient.add("MedicationStatement")
                .put("status", "active")
                .putObject("medicationReference")
                .put("reference", "Medication/secret-id");
        assertThat(read().lists()).isEmpty();
        assertThat(notUsed.lines())
                .singleElement()
                .asString()
                .startsWith("The medication it refers to was not sent")
                .doesNotContain("secret-id");
    }

    @Test
    void a_request_not_to_take_a_medicine_is_no_medicine() {
        PatientRecord.coding(
                patient.add("MedicationRequest")
                        .put("status", "active")
                        .put("intent", "order")
                        .put("doNotPerform", true)
                        .putObject("medicationCodeableConcept"),
                ATC,
                "B01AA03");
        assertThat(item("vka")).isNull();
    }

    @Test
    void results_replace_those_of_the_questionnaire_unless_it_has_a_later_date() {
        patient.lab(K, "4.0", "mmol/L", "2026-05-01").lab("2601-3", "0.8", "mmol/L", "2026-05-01");
        var response = Responses.empty()
                .quantity("potassium", "4.4", "mmol/L")
                .quantity("mg", "0.5", "mmol/L")
                .quantity("phosphate", "1.1", "mmol/L");
        response.answerTo("mg_date").put("valueDate", "2026-06-01");
        response.answerTo("potassium_date").put("valueDate", "2026-04-01");
        patient.add(response.json());
        assertThat(read().quantities())
                .containsEntry("potassium", entered("4.0", "mmol/L"))
                .containsEntry("mg", entered("0.5", "mmol/L"))
                .containsKey("phosphate");
        assertThat(chart().readings()).hasSize(1);
        assertThat(notUsed.lines()).anyMatch(line -> line.startsWith("The questionnaire has a later result"));
    }

    @Test
    void values_of_which_neither_is_known_to_be_newer_are_both_judged() {
        patient.lab(K, "4.0", "mmol/L", "2026-05-01");
        patient.add(Responses.empty().quantity("potassium", "6.6", "mmol/L").json());
        assertThat(chart().readings())
                .extracting(reading -> reading.answers().quantities().get("potassium"))
                .containsExactly(entered("4.0", "mmol/L"), entered("6.6", "mmol/L"));
    }

    @Test
    void one_result_in_two_units_is_no_conflict() {
        patient.lab("19123-9", "1.51", "mg/dL", "2026-05-01").lab("2601-3", "0.62", "mmol/L", "2026-05-01");
        patient.add(Responses.empty().quantity("mg", "1.510", "mg/dL").json());
        assertThat(chart().readings()).hasSize(1);
        assertThat(chart().notes()).isEmpty();
    }

    @Test
    void of_many_results_that_differ_each_is_judged_up_to_a_limit_that_is_reported() {
        for (int i = 0; i < 20; i++) {
            patient.lab(K, String.valueOf(30 + i) + "e-1", "mmol/L", "2026-05-01");
        }
        assertThat(chart().readings()).hasSize(20);
        assertThat(notUsed.attention()).isEmpty();
        for (int i = 0; i < 300; i++) {
            patient.lab("2601-3", String.valueOf(50 + i) + "e-2", "mmol/L", "2026-05-01");
        }
        assertThat(chart().readings()).hasSize(256);
        assertThat(notUsed.attention()).hasSize(2).first().asString().contains("Magnesium, Potassium");
    }

    @Test
    void the_newest_questionnaire_of_ours_is_the_base() {
        patient.add(Responses.empty().age(50).json().put("authored", "2026-01-01"));
        patient.add(Responses.empty().age(51).json().put("authored", "2026-06-01T10:00:00Z"));
        patient.add(
                Responses.empty().age(52).json().put("authored", "2026-07-01").put("status", "in-progress"));
        patient.add(
                Responses.empty().age(53).json().put("authored", "2026-08-01").put("questionnaire", "http://other|1"));
        assertThat(read().ageYears()).isEqualTo(51);
        assertThat(chart().answered()).contains(LocalDate.of(2026, 6, 1));
        assertThat(notUsed.size()).isGreaterThanOrEqualTo(3);
    }

    @Test
    void a_questionnaire_that_cannot_be_read_is_reported_and_the_rest_is_used() {
        patient.lab(K, "4.0", "mmol/L");
        patient.add(Responses.empty().choice("conditions", "measles").json());
        assertThat(read().quantities()).containsKey("potassium");
        assertThat(notUsed.attention()).hasSize(2).first().asString().contains("measles");
    }

    @Test
    void what_is_about_somebody_else_is_not_used_and_not_shown() {
        patient.lab(K, "4.0", "mmol/L");
        patient.observation("2601-3", "0.3", "mmol/L").withObject("subject").put("reference", "Patient/P-0002");
        patient.prefetch()
                .putObject("other")
                .put("resourceType", "Patient")
                .put("id", "P-0002")
                .put("birthDate", "1950-01-01");
        assertThat(read().quantities()).containsOnlyKeys("potassium");
        assertThat(read().ageYears()).isNull();
        assertThat(notUsed.lines()).allMatch(line -> !line.contains("P-0002") && !line.contains("0.3"));
        assertThat(notUsed.size()).isGreaterThanOrEqualTo(2);
    }

    @Test
    void resources_are_found_in_bundles_within_bundles_under_any_name() {
        var inner = patient.prefetch().putObject("whatever").put("resourceType", "Bundle");
        var resource = inner.putArray("entry")
                .addObject()
                .putObject("resource")
                .put("resourceType", "Bundle")
                .putArray("entry")
                .addObject()
                .putObject("resource")
                .put("resourceType", "Observation")
                .put("status", "final");
        PatientRecord.coding(resource.putObject("code"), PatientRecord.LOINC, K);
        resource.putObject("valueQuantity").put("value", 4).put("code", "mmol/L");
        patient.prefetch().putNull("nothing");
        assertThat(read().quantities()).containsKey("potassium");
    }

    @Test
    void what_is_no_resource_a_strange_resource_and_a_cut_off_list_are_reported() {
        patient.prefetch().put("text", "hello");
        patient.add("Encounter");
        patient.prefetch()
                .putObject("cut")
                .put("resourceType", "Bundle")
                .putArray("link")
                .addObject()
                .put("relation", "next");
        read();
        assertThat(notUsed.lines())
                .containsExactlyInAnyOrder(
                        "Not a FHIR resource: 'text'",
                        "A type of resource that no rule uses: Encounter",
                        "Only the first page was sent; there is more in the record: 'cut'");
    }

    @Test
    void symptoms_come_from_the_questionnaire_only() {
        patient.condition(null, "seizure");
        assertThat(read().lists()).doesNotContainKey(ItemList.SYMPTOMS);
        assertThat(notUsed.size()).isEqualTo(1);
    }

    @Test
    void the_laboratorys_own_range_is_kept_for_people() {
        var range = patient.observation(K, "4.0", "mmol/L")
                .putArray("referenceRange")
                .addObject();
        range.putObject("low").put("value", 3.4).put("unit", "mmol/L");
        range.putObject("high").put("value", 5.1);
        assertThat(chart().readings().getFirst().ranges()).containsEntry("potassium", "3.4-5.1 mmol/L");
        assertThat(List.copyOf(chart().readings().getFirst().ranges().keySet())).containsExactly("potassium");
    }

    @Test
    void all_combinations_of_few_conflicts_are_readings() {
        patient.lab("2000-8", "9.5", "mg/dL").lab(K, "4.0", "mmol/L");
        patient.add(Responses.empty()
                .quantity("ca_total", "14.5", "mg/dL")
                .quantity("potassium", "7.0", "mmol/L")
                .json());
        assertThat(chart().readings()).hasSize(4);
        assertThat(chart().notes())
                .hasSize(2)
                .allMatch(note -> note.endsWith("Each counts: findings of either are shown."));
    }

    @Test
    void of_too_many_conflicts_also_what_the_questionnaire_says_is_a_reading_and_it_is_reported() {
        var told = Responses.empty();
        for (var lab : Inputs.LABS.subList(4, 11)) {
            var unit = lab.units().getFirst().code();
            patient.lab(lab.loinc().getFirst(), "10", unit);
            told.quantity(lab.key(), "20", unit);
        }
        patient.add(told.json());
        assertThat(chart().readings()).hasSize(9);
        assertThat(chart().readings().get(1).answers().quantities().values())
                .hasSize(7)
                .allMatch(value -> "20".equals(String.valueOf(value.value())));
        assertThat(notUsed.attention()).first().asString().contains("Too many conflicting entries", "Phosphate");
    }

    @Test
    void a_result_replaces_another_only_when_its_date_proves_it() {
        patient.lab(K, "4.0", "mmol/L", "2026-11-02")
                .lab(K, "4.1", "mmol/L", "2026-11")
                .lab(K, "4.2", "mmol/L", "2026-11-01T08:00:00Z")
                .lab(K, "4.3", "mmol/L", "2026-10");
        assertThat(quantities("potassium"))
                .containsExactlyInAnyOrder(entered("4.0", "mmol/L"), entered("4.1", "mmol/L"));
    }

    @Test
    void a_date_in_the_future_counts_as_none_and_is_noted() {
        patient.lab(K, "4.0", "mmol/L", "2027-11-02").lab(K, "4.1", "mmol/L", "2026-11-01");
        var told = Responses.empty().quantity("potassium", "4.2", "mmol/L");
        told.answerTo("potassium_date").put("valueDate", "2062-06-01");
        patient.add(told.json());
        assertThat(quantities("potassium")).hasSize(3);
        assertThat(chart().notes())
                .filteredOn(note -> note.contains("date in the future"))
                .hasSize(2);
    }

    @Test
    void the_last_event_of_a_timing_is_the_time_of_a_result() {
        patient.observation(K, "4.0", "mmol/L")
                .putObject("effectiveTiming")
                .putArray("event")
                .add("2026-11-01")
                .add("2026-11-03")
                .add("2026-11-02");
        assertThat(read().drawn())
                .containsEntry("potassium", Drawn.parse("2026-11-03").orElseThrow());
    }

    @Test
    void calcium_keeps_the_albumin_of_its_own_day() {
        patient.lab("2000-8", "10", "mg/dL", "2026-11-01T08:00:00Z")
                .lab("1751-7", "2.0", "g/dL", "2026-11-01T08:00:00Z")
                .lab("1751-7", "4.0", "g/dL", "2026-11-10T08:00:00Z");
        assertThat(quantities("albumin")).containsExactly(entered("2.0", "g/dL"));
        read();
        assertThat(notUsed.lines()).singleElement().asString().contains("nearer to the total calcium");
    }

    @Test
    void what_the_questionnaire_denies_and_the_record_has_is_read_both_ways() {
        patient.condition(ICD, "Z99.2");
        patient.condition(ICD, "N18.4");
        patient.add(Responses.empty()
                .choice("conditions", "none")
                .choice("ckd_reported", "none")
                .json());
        var dialysis = Inputs.item("dialysis").orElseThrow();
        assertThat(chart().readings())
                .extracting(reading -> Profile.of(reading.answers()).item(dialysis))
                .containsExactly(true, false);
        assertThat(chart().readings())
                .extracting(reading -> reading.answers().choices().get("ckd_reported"))
                .containsExactly("G4", "none");
    }

    @Test
    void a_status_in_any_coding_counts() {
        var condition = patient.condition(ICD, "E21.0");
        PatientRecord.coding(
                (ObjectNode) condition.get("verificationStatus"), "http://example.org", "entered-in-error");
        var over = patient.condition(ICD, "I50.9");
        PatientRecord.coding((ObjectNode) over.get("clinicalStatus"), "http://example.org", "resolved");
        assertThat(item("phpt")).isNull();
        assertThat(item("heart_failure")).isNull();
    }

    @ParameterizedTest
    @CsvSource({"E11.22, diabetes", "I13.0, heart_failure"})
    void a_code_can_be_a_condition_and_kidney_disease(String code, String key) {
        patient.condition(ICD, code);
        assertThat(item(key)).isTrue();
        assertThat(read().choices()).containsEntry("ckd_reported", "yes_unknown_stage");
    }

    @ParameterizedTest
    @CsvSource({
        "C09BA02, raas_nsaid, thiazide",
        "C09DA01, raas_nsaid, thiazide",
        "C09BX01, raas_nsaid, thiazide",
        "C09DX01, raas_nsaid, thiazide",
        "C09DX03, raas_nsaid, thiazide",
        "V03AE04, ca_binder, mg_laxative_antacid"
    })
    void a_medicine_of_two_substances_ticks_both(String code, String one, String other) {
        patient.medicine(ATC, code);
        assertThat(item(one)).isTrue();
        assertThat(item(other)).isTrue();
    }

    @Test
    void one_bad_answer_leaves_the_others_and_what_it_may_have_meant_unknown() {
        patient.add(Responses.empty()
                .choice("symptoms", "chest_pain")
                .choice("conditions", "diabetes")
                .choice("conditions", "measles")
                .choice("no_such_question", "yes")
                .json());
        assertThat(item("chest_pain")).isTrue();
        assertThat(item("seizure")).isFalse();
        assertThat(item("diabetes")).isTrue();
        assertThat(item("phpt")).isNull();
        assertThat(notUsed.attention())
                .hasSize(2)
                .anyMatch(line -> line.contains("measles"))
                .anyMatch(line -> line.contains("question"));
    }

    @Test
    void an_older_questionnaire_stands_in_for_one_that_cannot_be_read() {
        patient.add(Responses.empty().age(50).json().put("authored", "2026-01-01"));
        patient.add(Responses.empty().json().put("authored", "2026-06-01").put("item", "broken"));
        assertThat(read().ageYears()).isEqualTo(50);
        assertThat(notUsed.attention()).anyMatch(line -> line.contains("nothing in it can be read"));
    }

    @Test
    void ages_that_contradict_each_other_both_count() {
        patient.patient("1960-01-01", "female").add(Responses.empty().age(50).json());
        assertThat(chart().readings())
                .extracting(reading -> reading.answers().ageYears())
                .containsExactly(66, 50);
        assertThat(chart().notes()).anyMatch(note -> note.startsWith("Age: "));
    }

    @Test
    void a_birth_date_in_part_gives_both_ages_and_one_that_cannot_be_read_is_reported() {
        patient.patient("1960", "female");
        assertThat(chart().readings())
                .extracting(reading -> reading.answers().ageYears())
                .containsExactly(66, 65);
        patient.patient("soon", "female");
        chart();
        assertThat(notUsed.attention()).singleElement().asString().contains("birth date");
    }

    @Test
    void what_could_not_be_fetched_is_reported() {
        patient.prefetch().putObject("observations").put("resourceType", "OperationOutcome");
        read();
        assertThat(notUsed.attention()).containsExactly("'observations' could not be fetched by the record system.");
    }

    @Test
    void a_part_of_a_panel_is_a_result_of_its_own() {
        var panel = patient.add("Observation").put("status", "final").put("effectiveDateTime", "2026-11-01");
        PatientRecord.coding(panel.putObject("code"), PatientRecord.LOINC, "24326-1");
        var parts = panel.putArray("component");
        var known = parts.addObject();
        PatientRecord.coding(known.putObject("code"), PatientRecord.LOINC, K);
        known.putObject("valueQuantity").put("value", 7).put("code", "mmol/L");
        PatientRecord.coding(parts.addObject().putObject("code"), PatientRecord.LOINC, "2951-2");
        assertThat(read().quantities()).containsEntry("potassium", entered("7", "mmol/L"));
        assertThat(read().drawn()).containsKey("potassium");
        assertThat(notUsed.lines()).singleElement().asString().contains("2951-2");
    }
}
