package org.calciwatch.intake.submission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.calciwatch.intake.Responses.completed;
import static org.calciwatch.intake.Responses.draft;
import static org.calciwatch.intake.Responses.json;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.calciwatch.intake.Responses;
import org.calciwatch.intake.fhir.FhirJson;
import org.calciwatch.intake.fhir.FhirStructure;
import org.calciwatch.intake.fhir.Issue;
import org.calciwatch.intake.questionnaire.Question;
import org.calciwatch.intake.questionnaire.Questionnaire;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseValidatorTest {

    private static final FhirJson JSON = new FhirJson();
    private static final Questionnaire QUESTIONNAIRE = new Questionnaire(JSON);
    private static final ResponseValidator VALIDATOR = new ResponseValidator(QUESTIONNAIRE, JSON, new FhirStructure());

    /** Each problem as {@code code at place: diagnostics}. */
    private static List<String> problems(Responses response) {
        var allowed = EnumSet.of(SubmissionStatus.IN_PROGRESS, SubmissionStatus.COMPLETED);
        return VALIDATOR.problems(response.build(), allowed).stream()
                .map(ResponseValidatorTest::line)
                .toList();
    }

    private static String line(Issue issue) {
        return issue.code() + " at " + String.valueOf(issue.expression()).replace("QuestionnaireResponse", "") + ": "
                + issue.diagnostics();
    }

    private static void assertOneProblem(Responses response, String beginning, String... words) {
        var problems = problems(response);
        assertThat(problems).hasSize(1);
        assertThat(problems.getFirst()).startsWith(beginning);
        assertThat(words).allSatisfy(word -> assertThat(problems.getFirst()).contains(word));
    }

    @Test
    void consent_and_age_are_all_a_completed_response_needs() {
        assertThat(problems(completed("P-0001"))).isEmpty();
    }

    @Test
    void a_draft_needs_no_answers() {
        assertThat(problems(draft("P-0001"))).isEmpty();
    }

    @Test
    void every_question_takes_every_option_and_every_unit_it_offers() {
        for (var question : QUESTIONNAIRE.questions()) {
            for (var option : question.options().keySet()) {
                var response = draft("P-0001");
                switch (question.type()) {
                    case CHOICE -> response.choice(question.linkId(), option);
                    case QUANTITY -> response.quantity(question.linkId(), "2.0", option);
                    case GROUP, INTEGER, DATE -> throw new AssertionError(question.linkId());
                }
                assertThat(problems(response))
                        .as(question.linkId() + " " + option)
                        .isEmpty();
            }
        }
    }

    @Test
    void items_may_be_flat_or_nested_and_a_date_stands_inside_its_result() {
        assertThat(problems(draft("P-0001").rawItem("""
                                {'linkId': 'g_labs', 'text': 'Labs', 'item': [{'linkId': 'mg', 'answer': [{
                                    'valueQuantity': {'value': 0.62, 'system': 'http://unitsofmeasure.org', 'code': 'mmol/L'},
                                    'item': [{'linkId': 'mg_date', 'answer': [{'valueDate': '2026-02'}]}]}]}]}
                                """).item("pth_date", "{'valueDate': '2026-02-28'}")))
                .isEmpty();
    }

    @Test
    void a_number_outside_its_plausible_range_is_accepted() {
        assertThat(problems(draft("P-0001").quantity("mg", "9000", "mg/dL").quantity("vitd25", "-3", "ng/mL")))
                .isEmpty();
    }

    @Test
    void a_quantity_without_a_number_is_accepted_as_missing() {
        assertThat(problems(draft("P-0001")
                        .item("mg", "{'valueQuantity': {'unit': 'mg/dL'}}")
                        .item("pth", "{'valueQuantity': {'system': 'http://unitsofmeasure.org', 'code': 'pg/mL'}}")))
                .isEmpty();
    }

    @Test
    void a_question_that_does_not_apply_may_be_answered() {
        assertThat(problems(draft("P-0001")
                        .choice("sex_for_egfr", "male")
                        .choice("pregnancy", "yes")
                        .choice("vitk_type", "none")
                        .quantity("vitk_dose", "100", "ug/d")))
                .isEmpty();
    }

    @Test
    void a_coding_may_carry_the_right_system_and_a_display() {
        assertThat(problems(draft("P-0001")
                        .item(
                                "smoking",
                                "{'valueCoding': {'system': 'https://calciwatch.org/fhir/CodeSystem/smoking',"
                                        + " 'code': 'never', 'display': 'Never'}}")))
                .isEmpty();
    }

    @Test
    void missing_required_answers_are_each_reported() {
        assertThat(problems(draft("P-0001").with("status", "completed")))
                .hasSize(2)
                .anySatisfy(problem -> assertThat(problem).startsWith("required at : consent is required"))
                .anySatisfy(problem -> assertThat(problem).startsWith("required at : age_years is required"));
    }

    @Test
    void an_unknown_linkId_is_refused_with_its_place() {
        assertOneProblem(
                completed("P-0001").rawItem("{'linkId': 'g_labs', 'item': [{'linkId': 'magnesium'}]}"),
                "not-found at .item[2].item[0].linkId: ",
                "GET /fhir/Questionnaire/calcification-risk");
    }

    @Test
    void a_value_of_another_type_is_refused() {
        assertOneProblem(
                completed("P-0001").item("mg", "{'valueString': '0.62'}"),
                "value at .item[2].answer[0].value: ",
                "another type",
                "valueQuantity");
    }

    @ParameterizedTest
    @ValueSource(strings = {"'68'", "68.0", "true", "{}"})
    void an_age_that_is_not_a_whole_number_is_refused(String age) {
        assertOneProblem(
                completed("P-0001").again("age_years", "{'valueInteger': " + age + "}"),
                "value at .item[1].answer[0].value: ",
                "whole JSON number");
    }

    @ParameterizedTest
    @ValueSource(strings = {"17", "121", "0", "-1", "99999999999999999999"})
    void an_age_outside_18_to_120_is_refused_with_the_reason(String age) {
        assertOneProblem(
                completed("P-0001").again("age_years", "{'valueInteger': " + age + "}"),
                "business-rule at .item[1].answer[0].value: ",
                "from 18 to 120");
    }

    @ParameterizedTest
    @ValueSource(strings = {"18", "120"})
    void the_first_and_last_age_are_accepted(String age) {
        assertThat(problems(completed("P-0001").again("age_years", "{'valueInteger': " + age + "}")))
                .isEmpty();
    }

    @Test
    void a_draft_is_refused_for_an_age_out_of_range_too() {
        assertOneProblem(draft("P-0001").item("age_years", "{'valueInteger': 17}"), "business-rule at .item[0]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mg/L", "MG/DL", "mmol/l", ""})
    void a_unit_that_is_not_offered_is_refused_and_the_offered_ones_are_named(String unit) {
        assertOneProblem(
                completed("P-0001").quantity("mg", "0.62", unit),
                "code-invalid at .item[2].answer[0].value.code: ",
                "mg/dL, mmol/L, meq/L");
    }

    @Test
    void a_number_without_unit_is_refused() {
        assertOneProblem(
                completed("P-0001").item("mg", "{'valueQuantity': {'value': 0.62}}"),
                "code-invalid at .item[2].answer[0].value: ",
                "no unit code");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "'system': 'http://example.org', ", "'system': 7, "})
    void a_unit_of_another_system_is_refused(String system) {
        assertThat(problems(completed("P-0001")
                        .item("mg", "{'valueQuantity': {" + system + "'value': 0.62, 'code': 'mmol/L'}}")))
                .singleElement()
                .asString()
                .startsWith("code-invalid at .item[2].answer[0].value")
                .contains("http://unitsofmeasure.org");
    }

    @Test
    void a_comparator_is_refused() {
        assertOneProblem(
                completed("P-0001")
                        .item(
                                "mg",
                                "{'valueQuantity': {'value': 0.62, 'comparator': '<', 'code': 'mmol/L',"
                                        + " 'system': 'http://unitsofmeasure.org'}}"),
                "not-supported at .item[2].answer[0].value.comparator");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1E400000000", "1E-400000000", "1E101"})
    void a_number_that_nobody_could_write_out_is_refused(String number) {
        assertOneProblem(
                completed("P-0001").quantity("mg", number, "mg/dL"), "value at .item[2].answer[0].value.value");
    }

    @Test
    void a_number_as_text_is_refused() {
        assertOneProblem(
                completed("P-0001")
                        .item(
                                "mg",
                                "{'valueQuantity': {'value': '0.62', 'code': 'mmol/L',"
                                        + " 'system': 'http://unitsofmeasure.org'}}"),
                "value at .item[2].answer[0].value.value",
                "JSON number");
    }

    @Test
    void a_code_that_is_not_offered_is_refused_and_the_offered_ones_are_named() {
        assertOneProblem(
                completed("P-0001").choice("smoking", "sometimes"),
                "code-invalid at .item[2].answer[0].value.code: ",
                "is not one of smoking",
                "current, former, never");
    }

    @Test
    void a_code_of_another_system_is_refused() {
        assertOneProblem(
                completed("P-0001").item("smoking", "{'valueCoding': {'system': 'http://loinc.org', 'code': 'never'}}"),
                "code-invalid at .item[2].answer[0].value.system",
                "https://calciwatch.org/fhir/CodeSystem/smoking");
    }

    @Test
    void a_coding_without_code_is_refused() {
        assertOneProblem(
                completed("P-0001").item("smoking", "{'valueCoding': {'display': 'Never'}}"),
                "required at .item[2].answer[0].value");
    }

    @Test
    void an_older_consent_text_is_refused_once_and_not_called_missing_too() {
        assertOneProblem(
                completed("P-0001").again("consent", "{'valueCoding': {'code': 'v0'}}"),
                "code-invalid at .item[1].answer[0].value.code: ",
                "v1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"conditions", "medicines", "symptoms"})
    void none_together_with_another_code_is_refused(String list) {
        var other =
                switch (list) {
                    case "conditions" -> "diabetes";
                    case "medicines" -> "vka";
                    default -> "seizure";
                };
        assertOneProblem(completed("P-0001").choice(list, "none", other), "invariant at .item[2].answer: ", "'none'");
    }

    @Test
    void several_answers_to_a_question_that_takes_one_are_refused() {
        assertOneProblem(
                completed("P-0001").choice("smoking", "never", "former"),
                "invariant at .item[2].answer: ",
                "one answer");
    }

    @Test
    void several_values_in_one_answer_are_refused() {
        assertOneProblem(
                completed("P-0001").item("smoking", "{'valueCoding': {'code': 'never'}, 'valueString': 'never'}"),
                "structure at .item[2].answer[0].value",
                "several values");
    }

    @Test
    void the_same_linkId_twice_is_refused_wherever_it_stands() {
        assertOneProblem(
                completed("P-0001")
                        .choice("smoking", "never")
                        .rawItem("{'linkId': 'g_lifestyle', 'item': [{'linkId': 'smoking', 'answer': [{'valueCoding':"
                                + " {'code': 'current'}}]}]}"),
                "duplicate at .item[3].item[0].linkId",
                "QuestionnaireResponse.item[2]");
    }

    @Test
    void a_group_has_no_answers() {
        assertOneProblem(
                completed("P-0001").item("g_labs", "{'valueString': 'x'}"), "structure at .item[2].answer", "group");
    }

    @Test
    void items_beside_an_answer_are_refused() {
        assertOneProblem(completed("P-0001").rawItem("""
                                {'linkId': 'inr', 'answer': [{'valueQuantity':
                                    {'value': 2, 'system': 'http://unitsofmeasure.org', 'code': '{INR}'}}],
                                 'item': [{'linkId': 'inr_date', 'answer': [{'valueDate': '2026-01-01'}]}]}
                                """), "invariant at .item[2].item", "qrs-1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"2026-02-30", "2026-13", "26-01-01", "2026-01-01T00:00:00Z", "yesterday"})
    void a_date_that_is_none_is_refused(String date) {
        assertOneProblem(
                completed("P-0001").item("mg_date", "{'valueDate': '" + date + "'}"),
                "value at .item[2].answer[0].value",
                "mg_date");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'answer': [{'valueString': 'x'}]}",
                "{'linkId': 7}",
                "{'linkId': 'mg', 'answer': []}",
                "{'linkId': 'mg', 'answer': {}}",
                "{'linkId': 'mg', 'answer': [{}]}",
                "{'linkId': 'mg', 'answer': [null]}",
                "{'linkId': 'mg', 'answer': [{'valueQuantity': {}}]}",
                "{'linkId': 'mg', 'answer': [{'valueQuantity': 5}]}",
                "{'linkId': 'mg', 'item': []}",
                "{'linkId': 'mg', 'text': null}",
                "{'linkId': 'mg', 'anwser': [1]}",
                "{'linkId': 'mg', 'text': 7}",
                "{'linkId': 'mg', 'modifierExtension': [{'url': 'http://example.org', 'valueBoolean': true}]}"
            })
    void an_item_of_the_wrong_shape_is_refused(String item) {
        assertThat(problems(completed("P-0001").rawItem(item))).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"amended", "entered-in-error", "stopped", "finished", ""})
    void any_other_status_is_refused_when_creating(String status) {
        assertOneProblem(
                completed("P-0001").with("status", status), "not-supported at .status", "in-progress or completed");
    }

    @Test
    void an_update_may_be_amended() {
        var amended = completed("P-0001").with("status", "amended").build();
        assertThat(VALIDATOR.problems(amended, EnumSet.allOf(SubmissionStatus.class)))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://calciwatch.org/fhir/Questionnaire/other",
                "https://calciwatch.org/fhir/Questionnaire/calcification-risk|0.9",
                "calcification-risk"
            })
    void another_questionnaire_is_refused(String canonical) {
        assertOneProblem(
                completed("P-0001").with("questionnaire", canonical),
                "value at .questionnaire",
                "https://calciwatch.org/fhir/Questionnaire/calcification-risk");
    }

    @Test
    void the_questionnaire_may_be_named_with_its_version() {
        assertThat(problems(
                        completed("P-0001").with("questionnaire", QUESTIONNAIRE.url() + "|" + QUESTIONNAIRE.version())))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Patient/",
                "Practitioner/1",
                "P-0001",
                "Patient/a b",
                "Patient/a/b",
                "urn:uuid:1",
                "Patient/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            })
    void a_subject_that_is_no_patient_is_refused(String reference) {
        assertOneProblem(
                completed("P-0001").with("subject", json("{'reference': '" + reference + "'}")),
                "value at .subject.reference",
                "Patient/<id>");
    }

    @Test
    void a_full_url_of_a_patient_is_accepted() {
        assertThat(problems(completed("P-0001")
                        .with("subject", json("{'reference': 'https://ehr.example/fhir/Patient/P-0001'}"))))
                .isEmpty();
    }

    @Test
    void missing_top_level_elements_are_each_reported() {
        assertThat(problems(completed("P-0001")
                        .without("questionnaire")
                        .without("subject")
                        .without("status")))
                .hasSize(3)
                .allSatisfy(problem -> assertThat(problem).startsWith("required at : "));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"yesterday", "2026-02-30", "2026-03-01T09:30", "2026-03-01T09:30:00", "2026-03-01T25:00:00Z"})
    void an_authored_that_is_no_dateTime_is_refused(String authored) {
        assertOneProblem(completed("P-0001").with("authored", authored), "value at .authored");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[{'value': 'a'}]", "'a'", "{'value': ''}", "{'value': 7}", "{'system': 7, 'value': 'a'}"})
    void an_identifier_of_the_wrong_shape_is_refused(String identifier) {
        assertThat(problems(completed("P-0001")
                        .with("identifier", json("{'x': " + identifier + "}").get("x"))))
                .singleElement()
                .asString()
                .contains(" at .identifier");
    }

    @Test
    void elements_the_questionnaire_does_not_care_for_must_be_fhir_too() {
        assertOneProblem(completed("P-0001").with("source", "me"), "structure at : ", "source");
        assertOneProblem(completed("P-0001").with("colour", "red"), "structure at : ", "questionnaire", "status");
        assertOneProblem(
                completed("P-0001")
                        .with(
                                "extension",
                                json("{'x': [{'url': 'u', 'valueDate': 'never'}]}")
                                        .get("x")),
                "structure at : ");
        assertOneProblem(completed("P-0001").with("implicitRules", "http://example.org"), "not-supported at : ");
    }

    @Test
    void control_characters_and_broken_unicode_are_refused() {
        assertOneProblem(
                completed("P-0001").with("text", json("{'status': 'generated', 'div': '\\u0000'}")),
                "value at .text.div");
        assertOneProblem(completed("P-0001").identifier("\ud800"), "value at .identifier.value");
    }

    @Test
    void every_problem_is_reported_at_once() {
        var problems = problems(draft("P-0001")
                .with("status", "completed")
                .with("authored", "yesterday")
                .with("colour", "red")
                .item("age_years", "{'valueInteger': 17}")
                .quantity("mg", "1", "mg/L")
                .choice("smoking", "sometimes")
                .item("weight", "{'valueInteger': 70}"));
        assertThat(problems)
                .hasSize(7)
                .anySatisfy(problem -> assertThat(problem).startsWith("required at : consent"))
                .anySatisfy(problem -> assertThat(problem).contains(".authored"))
                .anySatisfy(problem -> assertThat(problem).contains("does not have here"))
                .anySatisfy(problem -> assertThat(problem).contains(".item[0].answer[0].value"))
                .anySatisfy(problem -> assertThat(problem).contains(".item[1].answer[0].value.code"))
                .anySatisfy(problem -> assertThat(problem).contains(".item[2].answer[0].value.code"))
                .anySatisfy(problem -> assertThat(problem).contains(".item[3].linkId"));
    }

    @Test
    void a_long_text_is_not_echoed() {
        var secret = "I feel terrible since Tuesday and my neighbour Jane Doe says so too";
        assertThat(problems(completed("P-0001").choice("smoking", secret)))
                .singleElement()
                .asString()
                .doesNotContain("Jane");
    }

    @Test
    void the_answer_types_are_those_of_fhir() {
        assertThat(Arrays.stream(Question.Type.values()).map(Question.Type::property))
                .containsExactly("", "valueInteger", "valueQuantity", "valueCoding", "valueDate");
    }
}
