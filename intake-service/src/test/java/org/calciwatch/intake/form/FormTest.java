package org.calciwatch.intake.form;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.calciwatch.intake.fhir.FhirJson;
import org.calciwatch.intake.questionnaire.Amount;
import org.calciwatch.intake.questionnaire.Answers;
import org.calciwatch.intake.questionnaire.Question;
import org.calciwatch.intake.questionnaire.Questionnaire;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FormTest {
    private static final FhirJson JSON = new FhirJson();
    private static final Questionnaire QUESTIONNAIRE = new Questionnaire(JSON);
    private static final Answers NOTHING = new Answers(Map.of());

    private final Form form = new Form(QUESTIONNAIRE);

    private static Answers chosen(String... answers) {
        var values = new HashMap<String, List<JsonNode>>();
        for (int i = 0; i < answers.length; i += 2) {
            values.put(answers[i], List.of(JsonNodeFactory.instance.objectNode().put("code", answers[i + 1])));
        }
        return new Answers(values);
    }

    private static Answers measured(Answers before, String linkId, String number, String unit) {
        return before.with(Map.of(
                linkId,
                List.of(JsonNodeFactory.instance
                        .objectNode()
                        .put("value", new BigDecimal(number))
                        .put("code", unit))));
    }

    private List<String> asked(Answers answers) {
        return form.pages("en", answers).stream()
                .flatMap(page -> page.asked(answers).stream())
                .map(Question::linkId)
                .toList();
    }

    @Test
    void every_question_of_the_resource_stands_on_exactly_one_page() {
        var all = QUESTIONNAIRE.questions().stream()
                .filter(question -> question.type() != Question.Type.GROUP
                        && !question.linkId().endsWith("_date"))
                .map(Question::linkId)
                .toList();
        assertThat(asked(chosen("add_labs", "all", "sex_for_egfr", "female", "vitk_type", "K2")))
                .filteredOn(linkId -> !linkId.endsWith("_date"))
                .containsExactlyElementsOf(all);
    }

    @Test
    void signs_of_an_emergency_come_first_and_are_named_on_every_page() {
        assertThat(form.pages("en", NOTHING).getFirst().id()).isEqualTo("symptoms");
        assertThat(form.emergencies("en"))
                .hasSize(7)
                .contains("Chest pain", "Seizure (fit)", "Heavy bleeding, or bleeding that does not stop");
        assertThat(form.emergencies("es")).hasSize(7).contains("Convulsión (ataque)");
    }

    @Test
    void men_are_not_asked_about_pregnancy_and_all_others_are() {
        assertThat(asked(chosen("sex_for_egfr", "male"))).doesNotContain("pregnancy");
        assertThat(asked(chosen("sex_for_egfr", "female"))).contains("pregnancy");
        assertThat(asked(NOTHING)).contains("pregnancy");
    }

    @Test
    void whoever_has_no_results_is_asked_for_none() {
        assertThat(asked(chosen("add_labs", "none"))).doesNotContain("vitd25", "pth", "vitd25_date");
        assertThat(asked(NOTHING)).contains("add_labs").doesNotContain("vitd25");
        assertThat(asked(chosen("add_labs", "usual"))).contains("vitd25", "mg", "mg_date");
    }

    @ParameterizedTest
    @CsvSource({"10.6,mg/dL,true", "10.5,mg/dL,false", "2.63,mmol/L,true", "2.62,mmol/L,false", "5.3,meq/L,true"})
    void pth_is_asked_for_when_calcium_is_high(String number, String unit, boolean isAsked) {
        var answers = measured(chosen("add_labs", "usual"), "ca_total", number, unit);
        assertThat(asked(answers).contains("pth")).isEqualTo(isAsked);
    }

    @Test
    void pth_is_asked_for_when_all_results_are_to_be_added() {
        assertThat(asked(chosen("add_labs", "usual"))).doesNotContain("pth");
        assertThat(asked(chosen("add_labs", "all"))).contains("pth");
    }

    @Test
    void an_answer_never_vanishes_with_its_question() {
        var answers = measured(chosen("add_labs", "none"), "potassium", "7.2", "mmol/L");
        assertThat(asked(answers)).contains("potassium").doesNotContain("mg");
        assertThat(asked(measured(NOTHING, "ca_total", "9.5", "mg/dL")))
                .as("from a system that does not know our conditions")
                .contains("ca_total");
    }

    @Test
    void answers_are_the_same_however_they_are_written() {
        var english = measured(chosen("smoking", "never"), "mg", "2", "mg/dL");
        var again = measured(chosen("smoking", "never"), "mg", "2.00", "mg/dL");
        assertThat(english.sameAs(again)).isTrue();
        assertThat(english.sameAs(measured(english, "mg", "2", "mmol/L"))).isFalse();
        assertThat(english.sameAs(measured(english, "mg", "2.1", "mg/dL"))).isFalse();
        assertThat(english.sameAs(chosen("smoking", "never"))).isFalse();
        assertThat(english.sameAs(measured(chosen("smoking", "former"), "mg", "2", "mg/dL")))
                .isFalse();
    }

    @Test
    void a_question_that_depends_on_another_comes_on_a_later_page() {
        var pages = form.pages("en", chosen("add_labs", "all"));
        for (int i = 0; i < pages.size(); i++) {
            var here = pages.get(i).questions().stream().map(Question::linkId).toList();
            assertThat(pages.get(i).questions())
                    .allSatisfy(question -> assertThat(question.enableWhen().conditions())
                            .noneMatch(condition -> here.contains(condition.question())));
            assertThat(here).hasSizeLessThanOrEqualTo(5);
        }
    }

    @Test
    void one_goes_on_after_the_last_page_with_an_answer() {
        assertThat(form.resume("en", NOTHING).orElseThrow().id()).isEqualTo("symptoms");
        assertThat(form.resume("en", chosen("symptoms", "none")).orElseThrow().id())
                .isEqualTo("consent");
        assertThat(form.resume("en", chosen("add_labs", "none"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"en", "es"})
    void a_response_written_and_read_again_is_the_same(String language) {
        var answers = measured(chosen("symptoms", "none", "add_labs", "all"), "mg", "0.62", "mmol/L");
        var response = JSON.object();
        answers.writeTo(response.putArray("item"), QUESTIONNAIRE.questions());
        assertThat(Answers.of(response)).isEqualTo(answers);
        assertThat(form.pages(language, answers)).isNotEmpty();
    }

    @Test
    void nested_answers_are_read_too() {
        var response = JSON.readOwn("""
                {"item": [{"linkId": "g_labs", "item": [{"linkId": "mg", "answer": [
                  {"valueQuantity": {"value": 1.7, "code": "mg/dL"},
                   "item": [{"linkId": "mg_date", "answer": [{"valueDate": "2026-03-01"}]}]}]}]}]}
                """);
        var answers = Answers.of(response);
        assertThat(answers.amount("mg")).contains(new Amount(new BigDecimal("1.7"), "mg/dL"));
        assertThat(answers.of("mg_date").getFirst().asText()).isEqualTo("2026-03-01");
    }
}
