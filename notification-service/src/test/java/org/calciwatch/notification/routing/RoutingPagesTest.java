package org.calciwatch.notification.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.calciwatch.events.Severity;
import org.calciwatch.notification.PagesByToken;
import org.calciwatch.stack.LocalStackResource;
import org.calciwatch.stack.Login;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@TestProfile(PagesByToken.class)
@QuarkusTestResource(
        value = LocalStackResource.class,
        initArgs = @ResourceArg(name = "database", value = "notification"))
class RoutingPagesTest {

    /** 16 bytes, as the forms' tokens have. */
    private static final String CSRF = "AAAAAAAAAAAAAAAAAAAAAA";

    private static final List<String> ALL = List.of("CLINICIAN_REVIEW", "URGENT_SAME_DAY", "EMERGENCY");

    @Inject
    Routing routing;

    @ConfigProperty(name = "quarkus.datasource.jdbc.url")
    String url;

    @ConfigProperty(name = "quarkus.flyway.username")
    String owner;

    @ConfigProperty(name = "quarkus.flyway.password")
    String ownerPassword;

    @BeforeEach
    @AfterEach
    void no_table_is_stored() throws SQLException {
        try (var connection = DriverManager.getConnection(url, owner, ownerPassword);
                var statement = connection.createStatement()) {
            statement.execute("""
                    ALTER TABLE routing_table DISABLE TRIGGER append_only;
                    DELETE FROM routing_table;
                    ALTER TABLE routing_table ENABLE TRIGGER append_only""");
        }
    }

    @Test
    void admins_see_the_page_to_change_it_and_clinicians_the_one_to_read() {
        Login.as("admin1").get("/admin/routing").then().statusCode(200).contentType("text/html");
        Login.as("clinician1").get("/admin/routing").then().statusCode(403);
        Login.as("clinician1").get("/inbox/routing").then().statusCode(200).body(containsString("Who hears of what"));
        Login.as("patient1").get("/inbox/routing").then().statusCode(403);
        for (var other : List.of("patient1", "clinician1")) {
            post(other, "/save", table()).statusCode(403);
            post(other, "", table()).statusCode(403);
        }
        Login.asNobody().get("/admin/routing").then().statusCode(401);
        assertThat(routing.inForce().version()).isZero();
    }

    @Test
    void a_forged_form_changes_nothing() {
        Login.as("admin1")
                .formParams(table())
                .post("/admin/routing/save")
                .then()
                .statusCode(400);
        assertThat(routing.inForce().version()).isZero();
    }

    @Test
    void what_is_saved_is_in_force_shown_again_and_in_the_audit_trail() {
        var recordedBefore = recorded();
        var form = table();
        form.put("row-0-severity", List.of("EMERGENCY"));
        form.put("row-0-category", "kidney\nred-flag");
        form.put("row-0-recipients", "oncall:night, kidney@clinic.example");
        form.put(
                "row-0-escalation", "30 min: lead@clinic.example\n1 h 30 min: lead@clinic.example head@clinic.example");
        row(form, 1, "all@clinic.example");
        form.put("row-1-when", "digest");
        form.put("quiet-from", "20:00");
        form.put("quiet-to", "07:00");
        form.put("quiet-zone", "Europe/Berlin");
        form.put("oncall-0-name", "night");
        form.put("oncall-0-zone", "Europe/Berlin");
        form.put(
                "oncall-0-shifts",
                "Mon-Fri 19:00-07:00: night@clinic.example\nSat Sun 00:00-00:00: end@clinic.example");

        post("/save", form).statusCode(303).header("Location", endsWith("/admin/routing?saved=true"));

        var route = routing.route(Severity.EMERGENCY, "red-flag", "north");
        assertThat(route.recipients(Instant.parse("2026-11-23T20:00:00Z")))
                .containsExactly("night@clinic.example", "kidney@clinic.example");
        assertThat(route.escalation(2).after()).hasMinutes(90);
        assertThat(routing.route(Severity.CLINICIAN_REVIEW, "kidney", null).waitsForDigest(Severity.CLINICIAN_REVIEW))
                .isTrue();
        assertThat(page("?saved=true"))
                .contains("Saved. It is in force", "changed by admin1")
                .contains(">kidney\nred-flag</textarea>")
                .contains(
                        ">30 min: lead@clinic.example\n1 h 30 min: lead@clinic.example, head@clinic.example</textarea>")
                .contains(
                        ">Mon-Fri 19:00-07:00: night@clinic.example\nSat Sun 00:00-00:00: end@clinic.example</textarea>");
        assertThat(Login.as("clinician1").get("/inbox/routing").asString())
                .contains("kidney\nred-flag", "20:00–07:00 Europe/Berlin", "07:00 Europe/Berlin");
        assertThat(recorded()).isEqualTo(recordedBefore + 1);
    }

    /** How often a table that is the first one was stored by this page, by the audit trail. */
    private static int recorded() {
        return Login.as("admin1")
                .get("/fhir/AuditEvent?agent=admin1&_count=200")
                .jsonPath()
                .getInt("entry.resource.findAll { it.action == 'U' && it.outcome == '0'"
                        + " && it.entity*.name.contains('POST /admin/routing/save')"
                        + " && it.entity*.what*.reference.contains('routing/1') }.size()");
    }

    @Test
    void every_reason_stands_beside_its_field_and_nothing_is_saved() {
        var form = table();
        row(form, 1, "nobody; also@clinic.example, oncall:none");
        form.put("row-1-severity", List.of());
        form.put("row-1-escalation", "30 min: lead@clinic.example\nlater: lead@clinic.example");
        row(form, 2, "never@clinic.example");
        form.put("fallback", "");
        form.put("quiet-from", "20:00");
        form.put("quiet-to", "20:00");
        form.put("quiet-zone", "Berlin");
        form.put("digest-at", "7.30");
        form.put("oncall-0-name", "a b");
        form.put("oncall-0-zone", "UTC");
        form.put("oncall-0-shifts", "Mon-Fri 07:00-19:00 day@clinic.example\nSomeday day@clinic.example");

        var page = post("/save", form).statusCode(422).extract().asString();

        assertThat(page)
                .containsSubsequence(
                        "role=\"alert\"", "href=\"#row-1-severity\"", "href=\"#row-2\"", "href=\"#fallback\"")
                .containsPattern(beside("row-1-severity", "Tick at least one severity."))
                .containsPattern(beside("row-1-recipients", "Give e-mail addresses .* Look at entry 1, 3\\."))
                .containsPattern(beside("row-1-escalation", "Write on each line .* Look at entry 2\\."))
                .containsPattern(beside("row-2", "This row is never reached"))
                .containsPattern(beside("fallback", "Give e-mail addresses"))
                .containsPattern(beside("quiet-to", "Quiet hours end at another time"))
                .containsPattern(beside("quiet-zone", "Give the name of a time zone"))
                .containsPattern(beside("digest-at", "Give a time such as 07:30"))
                .containsPattern(beside("digest-zone", "Give the name of a time zone"))
                .containsPattern(beside("oncall-0-name", "Give a name of 1 to 64"))
                .containsPattern(beside("oncall-0-shifts", "Write on each line days.* Look at entry 2\\."))
                .contains("aria-invalid=\"true\" aria-describedby=\"row-1-recipients-wrong row-1-recipients-hint\"")
                .contains(">nobody; also@clinic.example, oncall:none</textarea>");
        assertThat(routing.inForce().version()).isZero();
    }

    private static String beside(String field, String reason) {
        return "(?s)<p class=\"wrong\" id=\"" + field + "-wrong\">" + reason.replace(".*", "[^<]*");
    }

    @Test
    void who_saves_over_the_change_of_another_is_told_what_it_was_and_may_save_after_that() {
        var mine = table();
        mine.put("row-0-recipients", "mine@clinic.example");
        var other = table();
        row(other, 1, "other@clinic.example");
        other.put("row-0-severity", List.of("EMERGENCY"));
        other.put("fallback", "head@clinic.example");
        post("/save", other).statusCode(303);

        var told = post("/save", mine).statusCode(409).extract().asString();

        assertThat(told)
                .contains("Somebody else has changed the table. Nothing was saved.", "admin1 stored another table")
                .containsSubsequence("Row 1: Was there before", "Row 1: Is there now", "Row 2: Is there now")
                .containsSubsequence("other@clinic.example", "head@clinic.example", "</div>", "mine@clinic.example")
                .contains("name=\"version\" value=\"1\"");
        assertThat(routing.inForce().version()).isEqualTo(1);
        mine.put("version", "1");
        post("/save", mine).statusCode(303);
        assertThat(routing.route(Severity.EMERGENCY, "kidney", null).recipients(Instant.now()))
                .containsExactly("mine@clinic.example");
    }

    @Test
    void the_table_on_the_page_is_tried_before_it_is_saved() {
        var form = table();
        form.put("row-0-category", "kidney");
        form.put("row-0-recipients", "kidney@clinic.example");
        form.put("row-0-escalation", "45 min: head@clinic.example");
        form.put("quiet-from", "20:00");
        form.put("quiet-to", "07:00");
        form.put("quiet-zone", "Europe/Berlin");
        form.put("try-severity", "EMERGENCY");
        form.put("try-category", "kidney");
        form.put("try-at", "2026-11-23T21:00");
        form.put("action", "try");

        assertThat(post("", form).statusCode(200).extract().asString())
                .containsSubsequence("Row 1 fits.", "23 Nov 2026, 21:00", "kidney@clinic.example", "23 Nov 2026, 21:45")
                .containsSubsequence("head@clinic.example", "Then again every 4 h", "Europe/Berlin");

        form.put("try-severity", "CLINICIAN_REVIEW");
        form.put("try-category", "bone");
        assertThat(post("", form).statusCode(200).extract().asString())
                .containsSubsequence("No row fits.", "Those hear of it", "The first mail waits", "24 Nov 2026, 07:00");
        form.remove("try-severity");
        form.put("try-at", "tomorrow");
        assertThat(post("", form).statusCode(422).extract().asString())
                .contains("Choose the severity of the flag.", "Give a day and a time");
        assertThat(routing.inForce().version()).isZero();
    }

    @Test
    void rows_and_lists_are_added_moved_and_removed_without_losing_what_was_typed() {
        var form = table();
        form.put("row-0-recipients", "first@clinic.example");
        row(form, 1, "second@clinic.example");

        form.put("action", "down-0");
        assertThat(post("", form).statusCode(200).extract().asString())
                .containsSubsequence("second@clinic.example</textarea>", "first@clinic.example</textarea>");
        form.put("action", "up-1");
        assertThat(post("", form).extract().asString())
                .containsSubsequence("second@clinic.example</textarea>", "first@clinic.example</textarea>");
        form.put("action", "remove-row-0");
        assertThat(post("", form).extract().asString())
                .contains("second@clinic.example</textarea>")
                .doesNotContain("first@clinic.example");
        form.put("action", "add-row");
        assertThat(post("", form).extract().asString())
                .contains("name=\"row-2-recipients\"", "first@clinic.example", "second@clinic.example");
        form.put("action", "add-oncall");
        assertThat(post("", form).extract().asString()).contains("name=\"oncall-0-name\"");
        form.put("oncall-0-name", "night");
        form.put("action", "remove-oncall-0");
        assertThat(post("", form).extract().asString()).doesNotContain("oncall-0-name");
        assertThat(routing.inForce().version()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"up-0", "down-9", "remove-row-7", "remove-oncall-3", "nonsense", "language-xx", ""})
    void a_button_that_there_is_not_changes_nothing(String action) {
        var form = table();
        form.put("row-0-recipients", "first@clinic.example");
        form.put("action", action);

        post("", form).statusCode(200).body(containsString("first@clinic.example</textarea>"));
    }

    @Test
    void in_another_language_what_was_typed_stays() {
        var form = table();
        form.put("row-0-recipients", "typed@clinic.example");
        form.put("action", "language-es");

        assertThat(post("", form).statusCode(200).extract().asString())
                .contains("<html lang=\"es\"", "Quién recibe qué", "typed@clinic.example</textarea>");
    }

    @Test
    void a_table_that_the_page_cannot_hold_is_shown_but_not_to_be_changed() {
        Login.as("admin1")
                .contentType("application/json")
                .header("If-Match", "\"0\"")
                .body("""
                        {"rows":[{"clinic":["North, ward 2"],"recipients":["a@clinic.example"]}],
                         "fallback":["lead@clinic.example"]}""")
                .put("/routing")
                .then()
                .statusCode(200);

        assertThat(page(""))
                .contains("This table holds something that this page cannot show", "North, ward 2")
                .doesNotContain("<form");
    }

    @Test
    void hostile_text_is_shown_as_text() {
        var form = table();
        form.put("row-0-clinic", "<script>alert(1)</script>\"'{inject:csrf.token}");

        assertThat(post("", form).statusCode(200).extract().asString())
                .contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;{inject:csrf.token}")
                .doesNotContain("<script>alert");
    }

    /** As the page sends the table that is made of the settings. */
    private static Map<String, Object> table() {
        var form = new HashMap<String, Object>();
        form.put("version", "0");
        row(form, 0, "clinician1@clinic.example");
        form.put("row-0-escalation", "30 min: lead@clinic.example");
        form.put("fallback", "lead@clinic.example");
        return form;
    }

    private static void row(Map<String, Object> form, int index, String recipients) {
        var row = "row-" + index;
        form.put(row + "-severity", ALL);
        form.put(row + "-category", "");
        form.put(row + "-clinic", "");
        form.put(row + "-recipients", recipients);
        form.put(row + "-when", "immediately");
        form.put(row + "-escalation", "");
    }

    private static String page(String query) {
        return Login.as("admin1")
                .get("/admin/routing" + query)
                .then()
                .statusCode(200)
                .extract()
                .asString();
    }

    private static ValidatableResponse post(String path, Map<String, Object> form) {
        return post("admin1", path, form);
    }

    private static ValidatableResponse post(String user, String path, Map<String, Object> form) {
        var request = Login.as(user)
                .redirects()
                .follow(false)
                .cookie("csrf-token", CSRF)
                .formParam("csrf-token", CSRF);
        form.forEach((name, value) -> {
            if (value instanceof List<?> values) {
                if (!values.isEmpty()) {
                    request.formParam(name, values);
                }
            } else {
                request.formParam(name, value);
            }
        });
        return request.post("/admin/routing" + path).then();
    }
}
