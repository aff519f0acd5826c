package org.calciwatch.system;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.restassured.RestAssured.given;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our Questionnaire in the National Library of Medicine's form renderer, and what it sends, at our door. */
@ExtendWith({Chromium.class, WholeStack.class})
class LhcFormsTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Clinic clinic;

    @AutoClose
    private final LhcForms lhcForms = new LhcForms();

    LhcFormsTest(Clinic clinic) {
        this.clinic = clinic;
    }

    @BeforeAll
    static void fetch() throws IOException {
        LhcForms.fetch();
    }

    @ParameterizedTest
    @ValueSource(strings = {"en", "es"})
    void what_is_typed_there_arrives_here_and_is_assessed(String language, Visitors visitors) throws IOException {
        var questionnaire = questionnaire(language);
        var form = lhcForms.show(visitors, questionnaire.toString());
        for (var group : questionnaire.get("item")) {
            for (var question : group.get("item")) {
                if (!question.has("enableWhen")) {
                    assertThat(form.question(question.get("linkId").textValue()))
                            .containsText(question.get("text").textValue());
                }
            }
        }

        form.choose("symptoms", option(questionnaire, "symptoms", "none"));
        form.choose("consent", option(questionnaire, "consent", "v1"));
        form.type("age_years", "68");
        assertThat(form.question("pregnancy")).isVisible();
        form.choose("sex_for_egfr", option(questionnaire, "sex_for_egfr", "male"));
        assertThat(form.question("pregnancy")).isHidden();
        form.choose("ckd_reported", option(questionnaire, "ckd_reported", "G3b"));
        form.choose(
                "conditions",
                option(questionnaire, "conditions", "diabetes"),
                option(questionnaire, "conditions", "osteoporosis"));
        form.type("vitd_dose", "50.5", option(questionnaire, "vitd_dose", "ug/d"));
        assertThat(form.question("mg")).isHidden();
        form.choose("add_labs", option(questionnaire, "add_labs", "usual"));
        form.type("vitd25", "180", option(questionnaire, "vitd25", "nmol/L"));
        form.type("mg", "0.62", option(questionnaire, "mg", "mmol/L"));
        form.date("mg_date", "03/01/2026");

        var response = (ObjectNode) JSON.readTree(form.response("filled in"));
        response.putObject("subject").put("reference", "Patient/P-0001");
        String submission = clinic.as("patient1")
                .contentType("application/fhir+json")
                .body(JSON.writeValueAsBytes(response))
                .post(clinic.intake("/fhir/QuestionnaireResponse"))
                .then()
                .statusCode(201)
                .extract()
                .path("id");

        var stored = clinic.as("patient1")
                .get(clinic.intake("/fhir/QuestionnaireResponse/" + submission))
                .asByteArray();
        assertThat(answers(JSON.readTree(stored)))
                .containsOnly(
                        entry("symptoms", List.of("none")),
                        entry("consent", List.of("v1")),
                        entry("age_years", List.of("68")),
                        entry("sex_for_egfr", List.of("male")),
                        entry("ckd_reported", List.of("G3b")),
                        entry("conditions", List.of("diabetes", "osteoporosis")),
                        entry("vitd_dose", List.of("50.5 ug/d")),
                        entry("add_labs", List.of("usual")),
                        entry("vitd25", List.of("180 nmol/L")),
                        entry("mg", List.of("0.62 mmol/L")),
                        entry("mg_date", List.of("2026-03-01")));
        assertThat(clinic.result(submission).getList("review.ruleId")).contains("high-vitd-low-mg-ckd", "mg-low");
    }

    private JsonNode questionnaire(String language) throws IOException {
        return JSON.readTree(given().queryParam("_language", language)
                .get(clinic.intake("/fhir/Questionnaire/calcification-risk"))
                .then()
                .statusCode(200)
                .extract()
                .asByteArray());
    }

    /** The words of an option or a unit. */
    private static String option(JsonNode questionnaire, String linkId, String code) {
        return questionnaire.findParents("linkId").stream()
                .filter(item -> item.get("linkId").textValue().equals(linkId))
                .flatMap(item -> item.findValues("valueCoding").stream())
                .filter(coding -> coding.get("code").textValue().equals(code))
                .map(coding -> coding.get("display").textValue())
                .findFirst()
                .orElseThrow();
    }

    private static Map<String, List<String>> answers(JsonNode response) {
        var answers = new LinkedHashMap<String, List<String>>();
        for (var item : response.findParents("linkId")) {
            for (var answer : item.path("answer")) {
                answers.computeIfAbsent(item.get("linkId").textValue(), _ -> new ArrayList<>())
                        .add(value(answer));
            }
        }
        return answers;
    }

    private static String value(JsonNode answer) {
        var quantity = answer.path("valueQuantity");
        if (quantity.isObject()) {
            return quantity.get("value").asText() + " " + quantity.get("code").textValue();
        }
        var coding = answer.path("valueCoding");
        return coding.isObject()
                ? coding.get("code").textValue()
                : StreamSupport.stream(answer.spliterator(), false)
                        .filter(JsonNode::isValueNode)
                        .findFirst()
                        .orElseThrow()
                        .asText();
    }
}
