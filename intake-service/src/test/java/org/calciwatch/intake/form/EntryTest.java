package org.calciwatch.intake.form;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.ws.rs.core.MultivaluedHashMap;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import org.calciwatch.intake.fhir.FhirJson;
import org.calciwatch.intake.form.Field.Problem;
import org.calciwatch.intake.questionnaire.Answers;
import org.calciwatch.intake.questionnaire.Questionnaire;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EntryTest {
    private static final Questionnaire QUESTIONNAIRE = new Questionnaire(new FhirJson());

    private final Form form = new Form(QUESTIONNAIRE);

    /** What was typed on a page, as name and value in turn. */
    private Entry typed(String page, boolean isComplete, String... fields) {
        var sent = new MultivaluedHashMap<String, String>();
        for (int i = 0; i < fields.length; i += 2) {
            sent.add(fields[i], fields[i + 1]);
        }
        var labs = Answers.of(
                new FhirJson()
                        .readOwn(
                                "{\"item\": [{\"linkId\": \"add_labs\", \"answer\": [{\"valueCoding\": {\"code\": \"all\"}}]}]}"));
        return Entry.read(form.page("en", page).orElseThrow(), labs, sent, "en", isComplete);
    }

    private static Field field(Entry entry, String linkId) {
        return Entry.flat(entry.fields()).stream()
                .filter(field -> field.id().equals(linkId))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_result_with_its_unit_and_date_becomes_an_answer() {
        var entry = typed("phosphate", true, "mg", "0.62", "mg.unit", "mmol/L", "mg_date", "2026-03-01");
        assertThat(entry.isRight()).isTrue();
        assertThat(entry.isInDoubt()).isFalse();
        assertThat(entry.answers().get("mg"))
                .hasToString(
                        "[{\"value\":0.62,\"unit\":\"mmol/L\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"mmol/L\"}]");
        assertThat(entry.answers().get("mg_date")).hasToString("[\"2026-03-01\"]");
        assertThat(entry.answers().get("phosphate")).isEmpty();
    }

    @Test
    void a_date_without_its_result_is_asked_about() {
        var entry = typed("phosphate", false, "mg", "", "mg_date", "2026-03-01");
        assertThat(field(entry, "mg").error()).contains(Problem.NO_RESULT);
        assertThat(typed("phosphate", true, "mg", "", "mg_date", "").isRight()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
                    0.62,     -,       NO_UNIT
                    0.62,     furlong, NO_UNIT
                    <5,       mg/dL,   BOUND
                    '1,234',  mg/dL,   AMBIGUOUS
                    many,     mg/dL,   NOT_A_NUMBER
                    """)
    void an_entry_that_is_not_clear_is_not_saved(String number, String unit, Problem problem) {
        var entry = typed("phosphate", true, "mg", number, "mg.unit", unit == null ? "" : unit);
        assertThat(field(entry, "mg").error()).contains(problem);
        assertThat(field(entry, "mg").typed()).isEqualTo(number);
        assertThat(entry.answers()).doesNotContainKey("mg");
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
                    ca_total, 2.4,    mg/dL,  mmol/L
                    ca_total, 9.5,    mmol/L, mg/dL
                    albumin,  40,     g/dL,   g/L
                    vitd25,   2500,   ng/mL,  nmol/L
                    ca_total, 1000,   mg/dL,  -
                    """)
    void a_number_that_cannot_be_is_asked_about_again_with_the_unit_it_may_have(
            String lab, String number, String unit, String other) {
        var entry = typed("vitd25", true, lab, number, lab + ".unit", unit);
        assertThat(entry.isRight()).isTrue();
        assertThat(entry.isInDoubt()).isTrue();
        assertThat(field(entry, lab).doubt().orElseThrow().otherUnit()).isEqualTo(other);
        assertThat(entry.answers().get(lab)).as("saved all the same").hasSize(1);
    }

    @Test
    void it_is_accepted_once_the_patient_is_sure_of_this_very_number() {
        assertThat(typed("vitd25", true, "ca_total", "2.4", "ca_total.unit", "mg/dL", "ca_total.sure", "2.4 mg/dL")
                        .isInDoubt())
                .isFalse();
        assertThat(typed("vitd25", true, "ca_total", "2.5", "ca_total.unit", "mg/dL", "ca_total.sure", "2.4 mg/dL")
                        .isInDoubt())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({"4,false", "30,false", "3.99,true", "30.01,true"})
    void the_limits_themselves_are_plausible(String number, boolean isInDoubt) {
        assertThat(typed("vitd25", true, "ca_total", number, "ca_total.unit", "mg/dL")
                        .isInDoubt())
                .isEqualTo(isInDoubt);
    }

    @Test
    void nothing_ticked_is_not_taken_for_none() {
        var entry = typed("symptoms", true);
        assertThat(field(entry, "symptoms").error()).contains(Problem.NO_CHOICE);
        assertThat(typed("symptoms", false).isRight()).as("whoever skips it").isTrue();
        assertThat(typed("symptoms", true, "symptoms_unsure", "fainting").isRight())
                .isTrue();
        assertThat(typed("symptoms", true, "symptoms", "none").isRight()).isTrue();
    }

    @Test
    void none_beside_something_is_told_and_the_graver_half_is_kept() {
        var entry = typed("symptoms", false, "symptoms", "none", "symptoms", "chest_pain");
        assertThat(field(entry, "symptoms").error()).contains(Problem.NONE_AND_OTHERS);
        assertThat(entry.answers().get("symptoms"))
                .extracting(answer -> answer.get("code").asText())
                .containsExactly("chest_pain");
        var unsure = typed("symptoms", true, "symptoms", "none", "symptoms_unsure", "stroke_signs");
        assertThat(field(unsure, "symptoms").error()).contains(Problem.NONE_AND_OTHERS);
        assertThat(unsure.answers().get("symptoms")).isEmpty();
        assertThat(unsure.answers().get("symptoms_unsure")).hasSize(1);
    }

    @Test
    void a_code_that_is_not_offered_is_no_answer() {
        var entry = typed("symptoms", false, "symptoms", "<script>", "symptoms", "fainting");
        assertThat(field(entry, "symptoms").chosen()).containsExactly("fainting");
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
                    17,   OUT_OF_RANGE
                    121,  OUT_OF_RANGE
                    abc,  NOT_WHOLE
                    -5,   NOT_WHOLE
                    18.5, NOT_WHOLE
                    ,     REQUIRED
                    """)
    void an_age_outside_of_the_questionnaire_is_told(String age, Problem problem) {
        var entry = typed("age_years", true, "age_years", age == null ? "" : age);
        assertThat(field(entry, "age_years").error()).isEqualTo(Optional.of(problem));
        assertThat(field(typed("age_years", true, "age_years", "18"), "age_years")
                        .error())
                .isEmpty();
    }

    @Test
    void a_date_must_be_one_and_past() {
        var next = LocalDate.now(ZoneOffset.UTC).plusDays(2).toString();
        for (var date : Map.of(
                        "2026-02-30", Problem.NOT_A_DATE, "1.3.2026", Problem.NOT_A_DATE, next, Problem.IN_THE_FUTURE)
                .entrySet()) {
            assertThat(field(typed("phosphate", true, "mg_date", date.getKey()), "mg_date")
                            .error())
                    .contains(date.getValue());
        }
        assertThat(typed("phosphate", true, "mg", "2", "mg.unit", "mg/dL", "mg_date", "2026-03")
                        .isRight())
                .isTrue();
        assertThat(typed("phosphate", true, "mg", "2", "mg.unit", "mg/dL", "mg_date", "2025")
                        .isRight())
                .isTrue();
    }

    @Test
    void units_that_are_the_same_for_people_are_offered_once() {
        var units = field(typed("vitd_dose", false), "vitd_dose").units();
        assertThat(units.values()).doesNotHaveDuplicates().contains("IU per day");
    }

    @Test
    void a_number_is_shown_as_it_is_written_in_the_language_of_the_page() {
        var answers = Answers.of(new FhirJson().readOwn("""
                {"item": [{"linkId": "mg", "answer": [{"valueQuantity": {"value": 0.62, "code": "mmol/L"}}]}]}"""));
        var page = form.page("es", "phosphate").orElseThrow();
        var mg = Entry.saved(page, answers, "es").stream()
                .filter(field -> field.id().equals("mg"))
                .findFirst()
                .orElseThrow();
        assertThat(mg.typed()).isEqualTo("0,62");
        assertThat(mg.usual()).contains("1,7–2,6 mg/dL").contains("0,70–1,07 mmol/L");
    }
}
