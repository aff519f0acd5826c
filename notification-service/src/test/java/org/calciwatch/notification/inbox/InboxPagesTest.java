package org.calciwatch.notification.inbox;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.calciwatch.notification.AssessmentMother.ASSESSED_AT;
import static org.calciwatch.notification.AssessmentMother.assessment;
import static org.calciwatch.notification.AssessmentMother.event;
import static org.calciwatch.notification.AssessmentMother.rule;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import io.restassured.config.RedirectConfig;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.text.PDFTextStripper;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.Severity;
import org.calciwatch.notification.PagesByToken;
import org.calciwatch.notification.flag.Flags;
import org.calciwatch.stack.LocalStackResource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@TestProfile(PagesByToken.class)
@QuarkusTestResource(
        value = LocalStackResource.class,
        initArgs = @ResourceArg(name = "database", value = "notification"))
class InboxPagesTest {

    private static final Pattern ROW = Pattern.compile("<li id=\"flag-([^\"]+)\"");
    private static final Pattern SEEN = Pattern.compile("name=\"seen\" value=\"(\\d+)\"");
    private static final Pattern STATE = Pattern.compile("hx-get=\"([^\"]+)\"");
    private static final Pattern NEXT = Pattern.compile("<a href=\"(/inbox\\?[^\"]*cursor=[^\"]+)\"");

    /** 16 bytes, as the forms' tokens have. */
    private static final String CSRF = "AAAAAAAAAAAAAAAAAAAAAA";

    @Inject
    Flags flags;

    private final String tag = "tag" + UUID.randomUUID().toString().replace("-", "");
    private final String patient = "P-" + UUID.randomUUID();

    @Test
    void the_worklist_shows_the_most_severe_first_and_among_those_what_waits_longest() {
        var review = open(newPatient(), Severity.CLINICIAN_REVIEW);
        var urgent = open(newPatient(), Severity.URGENT_SAME_DAY);
        var later = open(newPatient(), Severity.URGENT_SAME_DAY);
        var emergency = open(newPatient(), Severity.EMERGENCY);

        assertThat(rows("q=" + tag)).containsExactly(emergency, urgent, later, review);
    }

    @Test
    void filters_show_what_they_say_and_snoozed_and_closed_flags_on_request_only() {
        var open = open(newPatient(), Severity.EMERGENCY);
        var mine = open(newPatient(), Severity.CLINICIAN_REVIEW);
        done(mine, "assign", Map.of("me", "true"));
        var snoozed = open(newPatient(), Severity.CLINICIAN_REVIEW);
        done(snoozed, "snooze", Map.of("until", "hour"));
        var closed = open(newPatient(), Severity.CLINICIAN_REVIEW);
        done(closed, "close", Map.of("outcome", "treated"));

        assertThat(rows("q=" + tag)).containsExactly(open, mine);
        assertThat(rows("q=" + tag + "&status=SNOOZED")).containsExactly(snoozed);
        assertThat(rows("q=" + tag + "&status=SNOOZED&status=CLOSED")).containsExactlyInAnyOrder(snoozed, closed);
        assertThat(rows("q=" + tag + "&severity=EMERGENCY")).containsExactly(open);
        assertThat(rows("q=" + tag + "&mine=true")).containsExactly(mine);
        assertThat(rows("q=" + tag + "&category=magnesium")).containsExactly(open, mine);
        assertThat(rows("q=" + tag + "&category=other")).isEmpty();
        assertThat(rows("q=" + tag + "&status=NONSENSE&severity=&cursor=x")).containsExactly(open, mine);
    }

    @Test
    void a_long_worklist_has_pages_that_together_show_each_flag_once() {
        var all = new LinkedHashSet<String>();
        for (int i = 0; i < 53; i++) {
            all.add(open(newPatient(), i % 2 == 0 ? Severity.CLINICIAN_REVIEW : Severity.URGENT_SAME_DAY));
        }
        var first = page("/inbox?q=" + tag);
        var next = NEXT.matcher(first);
        assertThat(next.find()).isTrue();
        var second = page(next.group(1).replace("&amp;", "&"));

        var shown = new ArrayList<>(idsIn(first));
        shown.addAll(idsIn(second));
        assertThat(idsIn(first)).hasSize(50);
        assertThat(shown).containsExactlyInAnyOrderElementsOf(all);
        assertThat(second).doesNotContain("Next page");
    }

    @Test
    void an_empty_list_says_what_it_leaves_out() {
        assertThat(page("/inbox?q=" + tag))
                .contains("No flag matches.", "Flags that are snoozed or closed are shown only when")
                .contains("Show all that wait");
    }

    @Test
    void an_open_page_is_told_of_new_flags_and_of_nothing_while_there_is_nothing_new() {
        open(newPatient(), Severity.CLINICIAN_REVIEW);
        var asks = STATE.matcher(page("/inbox?q=" + tag));
        assertThat(asks.find()).isTrue();
        var address = asks.group(1).replace("&amp;", "&");
        var added = open(newPatient(), Severity.EMERGENCY);

        var told = given().urlEncodingEnabled(false).get(address);

        assertThat(told.statusCode()).isEqualTo(200);
        assertThat(idsIn(told.asString())).hasSize(2).startsWith(added);
        assertThat(told.asString()).startsWith("<section id=\"flags\"").doesNotContain("<html");
        var again = STATE.matcher(told.asString());
        assertThat(again.find()).isTrue();
        given().urlEncodingEnabled(false)
                .get(again.group(1).replace("&amp;", "&"))
                .then()
                .statusCode(204);
    }

    @Test
    void the_page_of_a_flag_shows_everything_a_clinician_decides_on() {
        var id = open(patient, Severity.URGENT_SAME_DAY);

        assertThat(page("/inbox/" + id).replaceAll("\\s+", " "))
                .contains(patient, "Urgent, same day", "Clinician message of " + tag, "Reference of " + tag)
                .contains("<bdi>1.51 mg/dL</bdi></strong> · As entered: <bdi>0.62 mmol/L</bdi>")
                .contains("Reference range: 1.7 – 2.6 mg/dL")
                .contains("<bdi lang=\"en\">Dialysis</bdi>: <strong>no</strong>")
                .contains("Total calcium without albumin", "151 U/L", "40-130", "drawn 2024-11-30, more than 12 months")
                .contains("Could not be judged (this does not mean that everything is fine)")
                .contains("Your answer on how much you drink", "Fluids may be low for stone prevention")
                .contains("calcification-risk 1.0.0, sha256:", "First mail", "All times are those of UTC.");
    }

    @Test
    void what_made_a_flag_urgent_stays_on_its_page_when_later_answers_are_milder() {
        var id = open(patient, Severity.EMERGENCY);
        flags.handle(event(assessment(patient, rule("mg-low", "Milder finding", Severity.CLINICIAN_REVIEW))));

        var page = page("/inbox/" + id);

        assertThat(page.indexOf("What made this urgency necessary"))
                .isPositive()
                .isLessThan(page.indexOf("Clinician message of " + tag));
        assertThat(page.indexOf("Findings in the latest answers"))
                .isGreaterThan(page.indexOf("Clinician message of " + tag))
                .isLessThan(page.indexOf(">Milder finding</bdi>"));
        assertThat(page).contains("it may just not have been measured");
        given().get("/flags/" + id)
                .then()
                .body("assessment.severity", equalTo("CLINICIAN_REVIEW"))
                .body("decisiveAssessment.severity", equalTo("EMERGENCY"));
    }

    @Test
    void an_urgent_flag_says_that_it_comes_back_within_a_day() {
        assertThat(page("/inbox/" + open(newPatient(), Severity.EMERGENCY)))
                .contains("comes back after 24 hours at the latest")
                .doesNotContain("value=\"monday\"");
        assertThat(page("/inbox/" + open(newPatient(), Severity.CLINICIAN_REVIEW)))
                .contains("value=\"monday\"")
                .doesNotContain("comes back after 24 hours");
    }

    @Test
    void a_flag_goes_from_open_to_closed_by_the_forms_of_its_page() {
        var id = open(patient, Severity.CLINICIAN_REVIEW);

        done(id, "acknowledge", Map.of("note", "I call today"));
        status(id).body("status", equalTo("ACKNOWLEDGED")).body("history[-1].note", equalTo("I call today"));
        done(id, "assign", Map.of("assignee", "clinician2", "note", "please take over"));
        status(id).body("assignee", equalTo("clinician2"));
        done(id, "snooze", Map.of("until", "monday"));
        status(id).body("status", equalTo("SNOOZED"));
        done(id, "close", Map.of("outcome", "contacted", "note", "all well"));
        status(id).body("status", equalTo("CLOSED")).body("history[-1].note", equalTo("contacted: all well"));

        assertThat(page("/inbox/" + id)).contains("Patient contacted").doesNotContain("<form method=\"post\"");
    }

    @Test
    void what_another_did_meanwhile_is_told_and_not_overwritten_and_the_note_stays() {
        var id = open(patient, Severity.CLINICIAN_REVIEW);
        var seen = seen(id);
        given().contentType("application/json")
                .body("{\"outcome\":\"treated\",\"note\":\"seen in the ward\"}")
                .post("/flags/" + id + "/close")
                .then()
                .statusCode(200);

        send(id, "acknowledge", seen, Map.of("note", "my <b>words</b>"))
                .statusCode(409)
                .body(containsString("Somebody changed this flag after you opened it."))
                .body(containsString("treated: seen in the ward"))
                .body(containsString("my &lt;b&gt;words&lt;/b&gt;"));
        status(id).body("status", equalTo("CLOSED")).body("history.size()", equalTo(2));
    }

    @Test
    void what_the_status_does_not_allow_is_said_in_words() {
        var id = open(patient, Severity.CLINICIAN_REVIEW);
        done(id, "acknowledge", Map.of());

        send(id, "acknowledge", seen(id), Map.of("note", "again"))
                .statusCode(409)
                .body(containsString("The status that this flag has now does not allow it."))
                .body(containsString("again"));
        status(id).body("history.size()", equalTo(2));
    }

    @ParameterizedTest
    @CsvSource({
        "close, outcome, , Choose how it ended.",
        "close, outcome, gone, Choose how it ended.",
        "assign, assignee, , Enter the user name of a colleague",
        "snooze, at, , Choose a time in the future",
        "snooze, at, 2020-01-01T08:00, Choose a time in the future",
        "snooze, at, 2099-01-01T08:00, Choose a time in the future",
        "snooze, at, +999999999-12-31T23:59, Choose a time in the future",
        "snooze, at, tomorrow, Choose a time in the future"
    })
    void what_cannot_be_done_is_said_and_what_was_typed_stays(
            String form, String field, @Nullable String value, String right) {
        var id = open(patient, Severity.CLINICIAN_REVIEW);

        send(id, form, seen(id), Map.of(field, value == null ? "" : value, "note", "typed before"))
                .statusCode(422)
                .body(containsString(right))
                .body(containsString("typed before"));
        status(id).body("status", equalTo("OPEN")).body("history.size()", equalTo(1));
    }

    @Test
    void a_note_is_counted_as_browsers_count_and_one_too_long_is_refused_with_its_words() {
        var id = open(patient, Severity.CLINICIAN_REVIEW);

        send(id, "acknowledge", seen(id), Map.of("note", "n".repeat(2001)))
                .statusCode(422)
                .body(containsString("it may have 2000 characters"));
        send(id, "acknowledge", seen(id), Map.of("note", "n".repeat(1000) + "\r\n" + "n".repeat(999)))
                .statusCode(303);
        var other = open(patient + "-2", Severity.CLINICIAN_REVIEW);
        // Each takes twelve characters on the way.
        send(other, "acknowledge", seen(other), Map.of("note", "\ud83e\uddb4".repeat(1000)))
                .statusCode(303);
    }

    @Test
    void the_link_of_the_mail_asks_first_and_says_when_somebody_was_faster() {
        var id = open(patient, Severity.EMERGENCY);

        assertThat(page("/inbox/" + id + "/acknowledge"))
                .contains("Acknowledge this flag?", "Emergency", "action=\"/inbox/" + id + "/acknowledge\"");
        status(id).body("status", equalTo("OPEN")).body("history.size()", equalTo(1));

        done(id, "acknowledge", Map.of());
        assertThat(page("/inbox/" + id + "/acknowledge"))
                .contains("Already acknowledged by staff at ", "; it stays open until it is closed.")
                .contains("<a href=\"/inbox/" + id + "\">")
                .doesNotContain("Nothing to do", "<form");

        done(id, "close", Map.of("outcome", "treated"));
        assertThat(page("/inbox/" + id + "/acknowledge"))
                .contains("<h1>Already closed</h1>", "Closed</strong>: <bdi>staff</bdi>")
                .doesNotContain("stays open", "<form");
    }

    @Test
    void a_spanish_page_says_which_words_are_english_and_shows_no_names_from_the_code() {
        var id = open(patient, Severity.CLINICIAN_REVIEW);
        done(id, "acknowledge", Map.of("note", "CLINICIAN_REVIEW as I typed it"));
        flags.handle(event(assessment(patient, rule(tag, Severity.EMERGENCY))));

        var page = given().header("Accept-Language", "es").get("/inbox/" + id).asString();

        assertThat(page)
                .contains("Más grave", "CLINICIAN_REVIEW as I typed it")
                .contains("<p lang=\"en\">severity clinician review -&gt; emergency; reopened from acknowledged")
                .containsPattern("<h1><bdi lang=\"en\">[^<]+</bdi></h1>")
                .containsPattern("<h3><bdi lang=\"en\">[^<]+</bdi></h3>");
        assertThat(page.replace("CLINICIAN_REVIEW as I typed it", "").replace("sev-EMERGENCY", ""))
                .doesNotContain("CLINICIAN_REVIEW", "EMERGENCY", "ACKNOWLEDGED");
    }

    @Test
    void the_course_of_a_value_is_drawn_over_the_submissions_and_stands_in_a_table() {
        var first =
                assessment(patient, UUID.randomUUID().toString(), 1, ASSESSED_AT, rule(tag, Severity.CLINICIAN_REVIEW));
        var second = assessment(
                patient,
                UUID.randomUUID().toString(),
                1,
                ASSESSED_AT.plus(Duration.ofDays(90)),
                rule(tag, Severity.CLINICIAN_REVIEW));
        flags.handle(event(withProfile(first, "1.4")));
        flags.handle(event(withProfile(second, "1.9")));

        var page = page("/inbox/" + idOf(patient)).replaceAll("\\s+", " ");

        assertThat(page)
                .contains("Magnesium: values over time", "<polyline points", "Reference range: 1.7 – 2.6 mg/dL")
                .contains("<td>March 1, 2026</td><td>1.4 mg/dL</td>", "<td>May 30, 2026</td><td>1.9 mg/dL</td>")
                .contains("What the newest assessment changed");
    }

    private static AssessmentCompleted withProfile(AssessmentCompleted one, String magnesium) {
        var entry = JsonNodeFactory.instance
                .objectNode()
                .put("label", "Magnesium")
                .put("value", new BigDecimal(magnesium))
                .put("unit", "mg/dL");
        entry.putObject("reference").put("low", new BigDecimal("1.7")).put("high", new BigDecimal("2.6"));
        return new AssessmentCompleted(
                one.id(),
                one.submissionId(),
                one.submissionVersion(),
                one.patientId(),
                one.assessedAt(),
                one.rulePack(),
                one.severity(),
                one.fired(),
                one.suppressed(),
                one.unknown(),
                one.openQuestions(),
                one.dataQuality(),
                one.outsideReference(),
                one.staleLabs(),
                Map.<String, JsonNode>of("mg", entry),
                one.clinic());
    }

    @Test
    void the_pdf_for_the_chart_holds_what_the_page_says() throws IOException {
        var id = open(patient, Severity.URGENT_SAME_DAY);
        done(id, "acknowledge", Map.of("note", "called"));

        var answer = given().get("/inbox/" + id + "/flag.pdf");

        assertThat(answer.contentType()).startsWith("application/pdf");
        assertThat(textOf(answer.asByteArray()))
                .contains(patient, "Urgent, same day", "Title of " + tag, "1.51 mg/dL", "called", "1.7 – 2.6 mg/dL");
    }

    @Test
    void the_pages_speak_spanish_to_who_reads_spanish() {
        var id = open(patient, Severity.URGENT_SAME_DAY);
        var spanish = given().header("Accept-Language", "es");

        spanish.get("/inbox?q=" + tag)
                .then()
                .body(containsString("lang=\"es\""))
                .body(containsString("Urgente, hoy mismo"))
                .body(containsString("Buscar y filtrar"));
        given().header("Accept-Language", "es")
                .get("/inbox/" + id)
                .then()
                .body(containsString("Dar acuse de recibo"))
                .body(containsString("1,51 mg/dL"))
                .body(not(containsString("Findings")));
    }

    @Test
    void hostile_text_is_shown_as_text_on_every_page() throws IOException {
        var hostile = tag + " <script>alert(1)</script> \u202Egnp.exe\u202C \uFFFE\u0007 \uD83D\uDE00 {frame} ]]> "
                + "x".repeat(100_000);
        flags.handle(event(assessment(patient, rule(tag, hostile, Severity.CLINICIAN_REVIEW))));
        var id = idOf(patient);
        done(id, "acknowledge", Map.of("note", "<img src=x> \u202E abc"));

        for (var address : List.of("/inbox?q=" + tag, "/inbox/" + id, "/inbox/" + id + "/acknowledge")) {
            assertThat(page(address))
                    .contains("&lt;script&gt;alert(1)&lt;/script&gt;", "{frame}")
                    .doesNotContain("<script>alert", "<img src=x", "\u202E");
        }
        assertThat(textOf(given().get("/inbox/" + id + "/flag.pdf").asByteArray()))
                .contains("<script>alert(1)</script>");
    }

    @Test
    void a_flag_that_does_not_exist_is_said_on_a_page() {
        given().get("/inbox/" + UUID.randomUUID())
                .then()
                .statusCode(404)
                .contentType("text/html")
                .body(containsString("There is no such page"));
    }

    @Test
    void the_clinics_name_leads_to_the_inbox() {
        noRedirect().get("/").then().statusCode(303).header("Location", containsString("/inbox"));
    }

    private static RequestSpecification noRedirect() {
        return given().config(RestAssured.config()
                .redirect(RedirectConfig.redirectConfig().followRedirects(false)));
    }

    private static String newPatient() {
        return "P-" + UUID.randomUUID();
    }

    private String open(String patientId, Severity severity) {
        flags.handle(event(assessment(patientId, rule(tag, severity))));
        return idOf(patientId);
    }

    private static String idOf(String patientId) {
        return given().get("/flags?limit=1&patient=" + patientId).jsonPath().getString("items[0].id");
    }

    private static ValidatableResponse status(String id) {
        return given().get("/flags/" + id).then().statusCode(200);
    }

    private static String page(String address) {
        var page = given().header("Accept-Language", "en")
                .urlEncodingEnabled(false)
                .get(address);
        assertThat(page.statusCode()).as(address).isEqualTo(200);
        return page.asString();
    }

    private static List<String> rows(String query) {
        return idsIn(page("/inbox?" + query));
    }

    private static List<String> idsIn(String page) {
        return ROW.matcher(page).results().map(row -> row.group(1)).toList();
    }

    private static String seen(String id) {
        var seen = SEEN.matcher(page("/inbox/" + id));
        assertThat(seen.find()).isTrue();
        return seen.group(1);
    }

    private static void done(String id, String action, Map<String, String> fields) {
        send(id, action, seen(id), fields).statusCode(303).header("Location", containsString("/inbox/" + id));
    }

    private static ValidatableResponse send(String id, String action, String seen, Map<String, String> fields) {
        return noRedirect()
                .header("Accept-Language", "en")
                .cookie("csrf-token", CSRF)
                .contentType("application/x-www-form-urlencoded; charset=utf-8")
                .formParam("csrf-token", CSRF)
                .formParam("seen", seen)
                .formParams(fields)
                .post("/inbox/" + id + "/" + action)
                .then();
    }

    private static String textOf(byte[] pdf) throws IOException {
        try (var document = Loader.loadPDF(pdf)) {
            return new PDFTextStripper().getText(document);
        }
    }
}
