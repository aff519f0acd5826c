package org.calciwatch.intake.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.calciwatch.intake.Api.fhir;
import static org.calciwatch.intake.Api.newPatient;
import static org.calciwatch.intake.Api.stored;
import static org.calciwatch.intake.Assessments.PATIENCE;
import static org.calciwatch.intake.Assessments.assessed;
import static org.calciwatch.intake.Responses.completed;
import static org.calciwatch.intake.Responses.draft;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.text.PDFTextStripper;
import org.awaitility.Awaitility;
import org.calciwatch.intake.Assessments;
import org.calciwatch.intake.PagesByToken;
import org.calciwatch.intake.Responses;
import org.calciwatch.stack.Login;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(PagesByToken.class)
class ResultPagesTest {

    /** patient1 of the demo realm. */
    private static final String PATIENT = "P-0001";

    private static final String DISCLAIMER = "It does not find or rule out any disease";
    private static final Pattern INLINE = Pattern.compile(
            "<style|\\sstyle=|\\son[a-z]+=|<script(?![^>]*\\ssrc=)|javascript:", Pattern.CASE_INSENSITIVE);

    @Inject
    ResultRepository repository;

    private static Response open(String path) {
        return Login.as("patient1").header("Accept-Language", "en").get(path);
    }

    private static String page(String path) {
        var answer = open(path);
        answer.then().statusCode(200);
        return answer.asString();
    }

    private static void onlyRule(ObjectNode data, String ruleId, String category, String severity) {
        var fired = data.withArray("fired");
        while (fired.size() > 1) {
            fired.remove(1);
        }
        ((ObjectNode) fired.get(0))
                .put("ruleId", ruleId)
                .put("category", category)
                .put("severity", severity);
        data.put("severity", severity);
    }

    private static void asIs(ObjectNode data) {
        // the golden assessment without a change
    }

    @Test
    void a_pending_result_is_announced_and_arrives_with_and_without_javascript() {
        var id = stored(completed(PATIENT));
        assertThat(page("/results/" + id))
                .contains("role=\"status\" data-events=\"/results/" + id + "/events\"")
                .contains("src=\"/assets/result.js\"")
                .contains("<noscript><meta http-equiv=\"refresh\" content=\"3\"></noscript>")
                .contains("<a href=\"/results/" + id + "\">");
        Assessments.publish(Assessments.of(id, 1, PATIENT));
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(page("/results/" + id))
                .contains("Results from your answers of"));
    }

    @Test
    void the_waiting_page_is_told_when_its_result_is_there() {
        var id = assessed(PATIENT, ResultPagesTest::asIs);
        var events = Login.as("patient1").accept("text/event-stream").get("/results/" + id + "/events");
        assertThat(events.contentType()).startsWith("text/event-stream");
        assertThat(events.asString()).contains("event: result");
    }

    @Test
    void findings_stand_by_severity_and_topic_with_their_pictures_and_the_numbers_as_entered() {
        var page = page("/results/" + assessed(PATIENT, ResultPagesTest::asIs));
        assertThat(page)
                .containsSubsequence(
                        "Show this to your clinician",
                        "We suggest that you show this page to your clinician.",
                        "<h3>Vitamin D</h3>",
                        "aria-label=\"Drawing: vitamin D opens",
                        "Vitamin D helps the body take in calcium.",
                        "High vitamin D with low magnesium in kidney disease",
                        "<h3>Magnesium</h3>",
                        "Magnesium acts like a brake on calcium.",
                        "Low serum magnesium",
                        "Good to know",
                        "25(OH)D above the 50 ng/mL caution level",
                        "Where calcium should go",
                        "Please check these answers",
                        "What could not be judged",
                        "This does not mean that everything is fine.",
                        "Your answer on how much you drink would settle 1 check.",
                        "Questions for my clinician",
                        "What does this mean for me: “Low serum magnesium”?",
                        "Your answers",
                        "Where this comes from",
                        "KDIGO",
                        "Talk to your clinician before starting high-dose supplements.",
                        DISCLAIMER)
                .contains("Magnesium <strong>0.62 mmol/L</strong>")
                .contains("Vitamin D (25-hydroxyvitamin D) <strong>180 nmol/L</strong>")
                .doesNotContain("1.51")
                .doesNotContain("role=\"alert\"");
        assertThat(page.split("Drawing: vitamin D opens", -1))
                .as("each picture once")
                .hasSize(2);
    }

    @Test
    void an_emergency_stands_alone_and_first_and_all_else_is_closed() {
        var page = page("/results/"
                + assessed(PATIENT, data -> {
                    data.put("severity", "EMERGENCY");
                    ((ObjectNode) data.get("fired").get(2)).put("severity", "EMERGENCY");
                    ((ObjectNode) data.get("fired").get(0)).put("severity", "URGENT_SAME_DAY");
                }));
        var closed = page.indexOf("<details class=\"rest\">");
        var opened = page.lastIndexOf("</details>");
        assertThat(page.substring(0, closed))
                .contains("Call 112 now.")
                .contains("Low serum magnesium")
                .doesNotContain("High vitamin D", "caution level", "Where calcium should go", "<figure");
        assertThat(page.substring(closed, opened))
                .contains("Please call your clinician or an urgent care line today.", "High vitamin D")
                .contains("caution level", "Where calcium should go", "What could not be judged", "Your answers");
        assertThat(page.substring(opened)).contains(DISCLAIMER).doesNotContain("<h2");
        assertThat(page.split("<details class=\"rest\">", -1)).hasSize(2);
    }

    @Test
    void nothing_on_vitamin_k2_stands_beside_the_text_for_people_on_warfarin() {
        assertThat(page("/results/"
                        + assessed(PATIENT, data -> onlyRule(data, "vka-keep-k-steady", "vitamin-K2", "EDUCATION"))))
                .contains("<h3>Vitamin K</h3>")
                .doesNotContain("MGP");
        assertThat(page("/results/"
                        + assessed(PATIENT, data -> onlyRule(data, "k2-mgp-education", "vitamin-K2", "EDUCATION"))))
                .contains("trials of K2 pills have not shown that they slow or shrink deposits");
    }

    @Test
    void magnesium_is_not_praised_where_there_is_too_much_of_it() {
        assertThat(page("/results/"
                        + assessed(PATIENT, data -> onlyRule(data, "mg-high", "magnesium", "CLINICIAN_REVIEW"))))
                .contains("<h3>Magnesium</h3>")
                .doesNotContain("acts like a brake");
    }

    @Test
    void a_rule_of_an_unknown_category_is_shown_all_the_same() {
        assertThat(page("/results/"
                        + assessed(PATIENT, data -> onlyRule(data, "our-own-rule", "our-own", "CLINICIAN_REVIEW"))))
                .contains("<h3>More to look at</h3>", "High vitamin D with low magnesium");
    }

    @Test
    void nothing_fired_is_no_all_clear() {
        assertThat(page("/results/"
                        + assessed(PATIENT, data -> {
                            data.put("severity", "NONE");
                            data.withArray("fired").removeAll();
                        })))
                .contains("This does not mean you have no risk.", "This does not mean that everything is fine.")
                .contains(DISCLAIMER);
    }

    @Test
    void a_spanish_reader_reads_spanish_words_and_decimal_commas() {
        var id = assessed(PATIENT, ResultPagesTest::asIs);
        assertThat(page("/results/" + id + "?_language=es"))
                .contains("<html lang=\"es\">", "<h3>Magnesio</h3>", "Magnesio bajo en la sangre")
                .contains("Magnesio <strong>0,62 mmol/L</strong>", "Adónde debe ir el calcio")
                .contains("Esto no significa que todo esté bien.")
                .doesNotContain("0.62", "Where calcium should go", "Good to know");
    }

    @Test
    void a_result_stored_by_an_earlier_version_is_shown() {
        var id = stored(completed(PATIENT));
        QuarkusTransaction.requiringNew().run(() -> repository.keepNewest(UUID.fromString(id), 1, Instant.now(), """
                {"severity": "EDUCATION", "unknown": [], "fired": [{"ruleId": "mg-diet-low", "title": "Earlier",
                 "severity": "EDUCATION", "message": "An earlier text.", "references": []}]}"""));
        assertThat(page("/results/" + id)).contains("<h3>More to look at</h3>", "An earlier text.");
        open("/results/" + id + "/pdf").then().statusCode(200);
        assertThat(page("/results")).contains("/results/" + id);
        assertThat(page("/results/history")).contains("How your test results moved over time");
    }

    @Test
    void nobody_reads_what_is_not_the_own_result() {
        var others = stored(completed("P-0002"));
        var draft = stored(draft(PATIENT));
        var erasedPatient = newPatient();
        var erased = stored(completed(erasedPatient));
        fhir().delete("/fhir/Patient/" + erasedPatient).then().statusCode(202);
        for (var of : List.of("", "/pdf", "/events")) {
            open("/results/" + others + of).then().statusCode(403);
            open("/results/" + UUID.randomUUID() + of).then().statusCode(404);
            open("/results/none" + of).then().statusCode(404);
            open("/results/" + draft + of).then().statusCode(404);
            open("/results/" + erased + of).then().statusCode(410);
            Login.asNobody().get("/results/" + others + of).then().statusCode(401);
            Login.as("clinician1").get("/results/" + others + of).then().statusCode(403);
        }
    }

    @Test
    void the_list_says_in_plain_words_how_urgent_each_result_is() {
        var pending = stored(completed(PATIENT));
        var review = assessed(PATIENT, ResultPagesTest::asIs);
        var urgent = assessed(PATIENT, data -> onlyRule(data, "mg-very-low", "magnesium", "URGENT_SAME_DAY"));
        var page = page("/results").replaceAll("\\s+", " ");
        assertThat(page)
                .containsPattern(pending + "\">Questionnaire of [^<]+</a><br> Your answers are being looked at</li>")
                .containsPattern(review + "\">Questionnaire of [^<]+</a><br> To show to your clinician</li>")
                .containsPattern(urgent + "\">Questionnaire of [^<]+</a><br> To call your clinician about")
                .contains("href=\"/results/history\"");
    }

    @Test
    void results_of_one_day_can_be_told_apart_in_the_list() {
        stored(completed(PATIENT));
        stored(completed(PATIENT));
        var links = Pattern.compile("<a href=\"/results/[0-9a-f-]{36}\">([^<]+)</a>")
                .matcher(page("/results"))
                .results()
                .map(link -> link.group(1))
                .toList();
        assertThat(links).hasSizeGreaterThan(1).doesNotHaveDuplicates();
    }

    @Test
    void who_may_have_an_emergency_without_knowing_reads_at_the_top_when_to_call() throws IOException {
        var unsure = completed(PATIENT).choice("symptoms", "none").choice("symptoms_unsure", "chest_pain");
        for (var open : List.of(completed(PATIENT), unsure)) {
            var id = resultOf(open);
            assertThat(page("/results/" + id))
                    .containsSubsequence(
                            "<h1>",
                            "Call 112 now if you have any of these",
                            "<li>Chest pain</li>",
                            "<li>Heavy bleeding, or bleeding that does not stop</li>",
                            "Show this to your clinician");
            assertThat(text(open("/results/" + id + "/pdf"))).contains("Call 112 now if you have any of these");
        }
        var clear = completed(PATIENT).choice("symptoms", "palpitations").choice("symptoms_unsure", "low_mood");
        assertThat(page("/results/" + resultOf(clear))).doesNotContain("Call 112 now");
    }

    private static String resultOf(Responses response) {
        var id = stored(response);
        Assessments.publish(Assessments.of(id, 1, PATIENT));
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(page("/results/" + id))
                .contains("Results from your answers of"));
        return id;
    }

    @Test
    void no_page_has_inline_scripts_or_styles() {
        var ready = assessed(PATIENT, ResultPagesTest::asIs);
        var pending = stored(completed(PATIENT));
        for (var path : List.of("/results", "/results/" + ready, "/results/" + pending, "/results/history")) {
            assertThat(INLINE.matcher(page(path)).results().map(found -> found.group()))
                    .as(path)
                    .isEmpty();
        }
        assertThat(INLINE.matcher("<p style=\"color: red\">").find()).isTrue();
    }

    @Test
    void the_pdf_holds_results_answers_with_units_and_questions_for_the_clinician() throws IOException {
        var id = assessed(PATIENT, ResultPagesTest::asIs);
        var answer = open("/results/" + id + "/pdf");
        answer.then().statusCode(200).contentType("application/pdf");
        assertThat(answer.header("Content-Disposition"))
                .matches("inline; filename=\"calciwatch-\\d{4}-\\d\\d-\\d\\d\\.pdf\"");
        try (var pdf = Loader.loadPDF(answer.asByteArray())) {
            assertThat(text(answer))
                    .containsSubsequence(
                            "Calciwatch",
                            "Results from your answers of",
                            "Printed on",
                            "We suggest that you show this page to your clinician.",
                            "Your magnesium is below the usual range.",
                            "This does not mean that everything is fine.",
                            "Questions for my clinician",
                            "What does this mean for me: “Low serum magnesium”?",
                            "My notes",
                            "Your answers",
                            "Magnesium 0.62 mmol/L",
                            "Where this comes from",
                            "Talk to your clinician before starting high-dose supplements.",
                            DISCLAIMER)
                    .doesNotContain(PATIENT);
            assertThat(pdf.getDocumentCatalog().getLanguage()).isEqualTo("en");
            assertThat(pdf.getDocumentCatalog().getMarkInfo().isMarked())
                    .as("tagged")
                    .isTrue();
            assertThat(pdf.getDocumentInformation().getTitle()).startsWith("Calcium result for Calciwatch");
        }
    }

    @Test
    void the_pdf_is_spanish_for_spanish_readers_and_begins_with_an_emergency() throws IOException {
        var id = assessed(PATIENT, data -> onlyRule(data, "mg-critically-low", "red-flag", "EMERGENCY"));
        var answer = open("/results/" + id + "/pdf?_language=es");
        assertThat(text(answer))
                .containsSubsequence(
                        "Emergencia", "Llame ahora al 112.", "Preguntas para mi profesional", "0,62 mmol/L")
                .contains("¿Cuántos años tiene?")
                .doesNotContain("#");
        try (var pdf = Loader.loadPDF(answer.asByteArray())) {
            assertThat(pdf.getDocumentCatalog().getLanguage()).isEqualTo("es");
        }
    }

    @Test
    void the_pdf_of_a_pending_result_leads_to_the_page_that_waits() {
        var id = stored(completed(PATIENT));
        var answer = Login.as("patient1").redirects().follow(false).get("/results/" + id + "/pdf");
        assertThat(answer.statusCode()).isEqualTo(303);
        assertThat(answer.header("Location")).endsWith("/results/" + id);
    }

    private static String text(Response answer) throws IOException {
        try (var pdf = Loader.loadPDF(answer.asByteArray())) {
            return new PDFTextStripper().getText(pdf).replaceAll("\\s+", " ");
        }
    }
}
