package org.calciwatch.intake.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.calciwatch.intake.Api.fhir;
import static org.calciwatch.intake.Assessments.assessed;
import static org.calciwatch.intake.Responses.completed;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.math.BigDecimal;
import org.calciwatch.intake.PagesByToken;
import org.calciwatch.stack.Login;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(PagesByToken.class)
class HistoryPageTest {

    /** patient2 of the demo realm. */
    private static final String PATIENT = "P-0002";

    @BeforeEach
    void nothingBefore() {
        fhir().delete("/fhir/Patient/" + PATIENT).then().statusCode(202);
    }

    private static void magnesium(String entered, String unit, String canonical, String drawn) {
        assessed(
                completed(PATIENT).quantity("mg", entered, unit).item("mg_date", "{'valueDate': '" + drawn + "'}"),
                PATIENT,
                data -> data.putObject("profile")
                        .set(
                                "mg",
                                data.objectNode()
                                        .put("value", new BigDecimal(canonical))
                                        .put("unit", "mg/dL")));
    }

    private static String page(String path) {
        var answer = Login.as("patient2").header("Accept-Language", "en").get(path);
        answer.then().statusCode(200);
        return answer.asString().replaceAll(">\\s+<", "><");
    }

    @Test
    void values_stand_in_the_order_of_their_dates_as_chart_and_as_table() {
        magnesium("1.9", "mg/dL", "1.9", "2026-02-10");
        magnesium("0.62", "mmol/L", "1.51", "2025-08-01");
        magnesium("0.62", "mmol/L", "1.51", "2025-08-01");
        magnesium("2", "mg/dL", "2", "2025-11");
        assertThat(page("/results/history"))
                .containsSubsequence(
                        ">Magnesium</h2>",
                        "Usual range: 1.7 mg/dL to 2.6 mg/dL",
                        "role=\"img\" aria-label=\"Chart of Magnesium over time",
                        "<rect x=\"52\"",
                        "<polyline points=\"52.0,",
                        "<tbody>",
                        "<th scope=\"row\">August 1, 2025</th><td>1.51 mg/dL</td><td>0.62 mmol/L</td>",
                        "<th scope=\"row\">November 2025</th><td>2 mg/dL</td><td>2 mg/dL</td>",
                        "<th scope=\"row\">February 10, 2026</th><td>1.9 mg/dL</td><td>1.9 mg/dL</td>",
                        "</table>")
                .doesNotContain("Vitamin D (25");
        assertThat(page("/results/history").split("August 1, 2025</th>", -1))
                .as("the same report twice is one value")
                .hasSize(2);
        assertThat(page("/results/history?_language=es"))
                .contains("Rango habitual: de 1,7 mg/dL a 2,6 mg/dL", "<td>1,51 mg/dL</td><td>0,62 mmol/L</td>")
                .contains("1 de agosto de 2025");
    }

    @Test
    void a_value_without_a_date_counts_for_the_day_of_the_answers_and_one_value_is_enough() {
        assessed(completed(PATIENT).quantity("mg", "0.62", "mmol/L"), PATIENT, ObjectNode::size);
        assertThat(page("/results/history"))
                .containsPattern(
                        "<th scope=\"row\">[A-Z][a-z]+ \\d+, 20\\d\\d</th><td>1.51 mg/dL</td><td>0.62 mmol/L</td>")
                .contains("cx=\"172.0\"");
    }

    @Test
    void without_test_results_the_page_says_so() {
        assertThat(page("/results/history")).contains("There are no test results of yours to show yet.");
    }

    @Test
    void who_is_no_patient_has_no_history() {
        Login.as("clinician1").get("/results/history").then().statusCode(403);
        Login.asNobody().get("/results/history").then().statusCode(401);
    }
}
