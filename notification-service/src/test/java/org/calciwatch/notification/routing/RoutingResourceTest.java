package org.calciwatch.notification.routing;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.calciwatch.events.Severity;
import org.calciwatch.stack.LocalStackResource;
import org.calciwatch.stack.Login;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(
        value = LocalStackResource.class,
        initArgs = @ResourceArg(name = "database", value = "notification"))
class RoutingResourceTest {

    private static final String TABLE = """
            {"rows":[{"severity":["URGENT_SAME_DAY","EMERGENCY"],"category":["kidney"],"clinic":["north"],
                      "recipients":["oncall:nephrology"],"when":"immediately",
                      "escalation":[{"after":"PT30M","recipients":["second@clinic.example"]},
                                    {"after":"PT1H","recipients":["head@clinic.example"]}]},
                     {"severity":["*"],"category":["vitamin-D"],"clinic":["*"],
                      "recipients":["day@clinic.example"],"when":"digest","escalation":[]}],
             "fallback":["lead@clinic.example"],
             "quietHours":{"from":"20:00","to":"07:00","zone":"Europe/Berlin"},
             "digest":{"at":"07:30","zone":"Europe/Berlin"},
             "onCall":[{"name":"nephrology","zone":"Europe/Berlin","shifts":[
                {"days":["MONDAY"],"from":"07:00","to":"19:00","firstDay":"2026-01-01","lastDay":"2030-12-31",
                 "recipients":["monday@clinic.example"]},
                {"from":"19:00","to":"07:00","recipients":["night@clinic.example"]}]}]}""";

    @Inject
    Routing routing;

    @Inject
    ObjectMapper json;

    @Inject
    DataSource database;

    @ConfigProperty(name = "quarkus.datasource.jdbc.url")
    String url;

    @ConfigProperty(name = "quarkus.flyway.username")
    String owner;

    @ConfigProperty(name = "quarkus.flyway.password")
    String ownerPassword;

    @BeforeEach
    @AfterEach
    void no_table_is_stored() throws SQLException {
        asOwner("""
                ALTER TABLE routing_table DISABLE TRIGGER append_only;
                DELETE FROM routing_table;
                ALTER TABLE routing_table ENABLE TRIGGER append_only""");
    }

    @Test
    void until_a_table_is_stored_the_settings_say_who_hears_of_what() {
        given().get("/routing")
                .then()
                .statusCode(200)
                .header("ETag", "\"0\"")
                .body("keySet()", contains("rows", "fallback", "quietHours"))
                .body("rows", hasSize(1))
                .body("rows[0].severity", contains("*"))
                .body("rows[0].category", contains("*"))
                .body("rows[0].clinic", contains("*"))
                .body("rows[0].recipients", contains("clinician1@clinic.example"))
                .body("rows[0].when", equalTo("immediately"))
                .body("rows[0].escalation", hasSize(1))
                .body("rows[0].escalation[0].after", equalTo("PT30M"))
                .body("rows[0].escalation[0].recipients", contains("lead@clinic.example"))
                .body("fallback", contains("lead@clinic.example"))
                .body("quietHours", nullValue());
    }

    @Test
    void a_stored_table_is_read_as_it_was_written_and_is_in_force_at_once() throws Exception {
        put("\"0\"", TABLE).statusCode(200).header("ETag", "\"1\"");

        var read = given().get("/routing").then().statusCode(200).header("ETag", "\"1\"");
        assertThat(tree(read)).isEqualTo(json.readTree(TABLE));
        // A Monday night.
        var at = Instant.parse("2026-11-23T20:00:00Z");
        var route = routing.route(Severity.EMERGENCY, "kidney", "north");
        assertThat(route.isFallback()).isFalse();
        assertThat(route.recipients(at)).containsExactly("night@clinic.example");
        assertThat(route.escalation(2).after()).isEqualTo(Duration.ofHours(1));
        assertThat(route.escalation(3).after()).isEqualTo(Duration.ofHours(4));
        assertThat(routing.route(Severity.EMERGENCY, "kidney", null).isFallback())
                .isTrue();
        assertThat(routing.nextDigestAfter(at)).isEqualTo("2026-11-24T06:30:00Z");
        assertThat(routing.zone()).hasToString("Europe/Berlin");
    }

    @Test
    void a_change_needs_the_etag_of_the_table_in_force() {
        problem(
                given().contentType("application/json")
                        .body(TABLE)
                        .put("/routing")
                        .then(),
                428,
                "If-Match");
        for (var unclear : List.of("*", "0", "\"x\"", "\"0\", \"1\"")) {
            problem(put(unclear, TABLE), 400, "If-Match");
        }
        problem(put("\"1\"", TABLE), 412, "GET /routing");

        put("\"0\"", TABLE).statusCode(200);
        problem(put("\"0\"", TABLE), 412, "GET /routing");
        put("W/\"1\"", TABLE).statusCode(200).header("ETag", "\"2\"");
    }

    @Test
    void of_many_admins_at_once_one_changes_the_table() throws Exception {
        for (int round = 0; round < 5; round++) {
            var tag = "\"" + round + "\"";
            var answers = atOnce(8, () -> put(tag, TABLE).extract().statusCode());
            assertThat(answers).containsOnlyOnce(200).containsOnly(200, 412);
        }
        given().get("/routing").then().header("ETag", "\"5\"");
    }

    private static <T> List<T> atOnce(int count, Callable<T> what) throws Exception {
        List<Future<T>> started = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < count; i++) {
                started.add(threads.submit(what));
            }
        }
        var results = new ArrayList<T>();
        for (var each : started) {
            results.add(each.get());
        }
        return results;
    }

    @Test
    void an_invalid_table_is_refused_with_every_reason_and_changes_nothing() {
        problem(put("\"0\"", """
                                {"rows":[{"recipients":["nobody"],"when":"never"}],"colour":"red"}"""), 422, "Nothing was changed")
                .body("problems.path", contains("", "/rows/0/recipients/0", "/rows/0/when", "/fallback"))
                .body("problems.message", hasItem(containsString("e-mail address")));
        given().get("/routing").then().header("ETag", "\"0\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"rows\":", "CANARY", "{} {}"})
    void what_is_not_json_is_a_bad_request(String body) {
        problem(put("\"0\"", body), 400, "JSON");
        problem(simulate(given(), body), 400, "JSON");
    }

    @Test
    void clinicians_read_the_table_and_admins_change_it() {
        for (var user : List.of("clinician1", "admin1")) {
            Login.as(user).get("/routing").then().statusCode(200);
        }
        for (var other : List.of("patient1", "clinician1")) {
            put(Login.as(other), "\"0\"", TABLE).statusCode(403);
            simulate(Login.as(other), "{\"severity\":\"EMERGENCY\"}").statusCode(403);
        }
        Login.as("patient1").get("/routing").then().statusCode(403);
        Login.asIntegration().get("/routing").then().statusCode(403);
        Login.asNobody().get("/routing").then().statusCode(401);
        given().get("/routing").then().header("ETag", "\"0\"");

        put(Login.as("admin1"), "\"0\"", TABLE).statusCode(200);
        simulate(Login.as("admin1"), "{\"severity\":\"EMERGENCY\"}").statusCode(200);
    }

    @Test
    void who_changed_the_table_when_is_kept_with_every_version_and_in_the_audit_trail() throws SQLException {
        put(Login.as("admin1"), "\"0\"", TABLE).statusCode(200);
        put("\"1\"", TABLE).statusCode(200);

        assertThat(
                        row(
                                "SELECT changed_by FROM routing_table WHERE version = 1 AND changed_at > now() - interval '1 minute'"))
                .isEqualTo("admin1");
        assertThat(row("SELECT changed_by FROM routing_table WHERE version = 2"))
                .isEqualTo("staff");
        given().get("/fhir/AuditEvent?agent=admin1&_count=200")
                .then()
                .body(
                        "entry.resource.findAll { it.action == 'U' && it.outcome == '0'"
                                + " && it.entity*.name.contains('PUT /routing')"
                                + " && it.entity*.what*.reference.contains('routing/1') }.size()",
                        equalTo(1));
    }

    @Test
    void a_change_that_cannot_be_recorded_in_the_audit_trail_does_not_happen() throws SQLException {
        asOwner("ALTER TABLE audit_event RENAME TO audit_event_away");
        try {
            put("\"0\"", TABLE).statusCode(503);
        } finally {
            asOwner("ALTER TABLE audit_event_away RENAME TO audit_event");
        }
        given().get("/routing").then().header("ETag", "\"0\"");
    }

    @Test
    void earlier_tables_stay_as_they_were() {
        put("\"0\"", TABLE).statusCode(200);

        assertThatThrownBy(() -> asOwner("UPDATE routing_table SET changed_by = 'nobody'"))
                .hasMessageContaining("append-only");
        assertThatThrownBy(() -> row("DELETE FROM routing_table RETURNING version"))
                .hasMessageContaining("permission denied");
    }

    @Test
    void a_simulation_says_who_hears_of_an_emergency_when() {
        put("\"0\"", TABLE).statusCode(200);

        // A Monday at 18:45 in Berlin: the shift changes between the first two mails, and quiet hours do not matter.
        simulate(given(), """
                        {"severity":"EMERGENCY","category":"kidney","clinic":"north","at":"2026-11-23T17:45:00Z"}""")
                .statusCode(200)
                .body("row", equalTo(1))
                .body("fallback", equalTo(false))
                .body("steps.at", contains("2026-11-23T17:45:00Z", "2026-11-23T18:15:00Z", "2026-11-23T19:15:00Z"))
                .body("steps.after", contains(null, "PT30M", "PT1H"))
                .body("steps.recipients[0]", contains("monday@clinic.example"))
                .body("steps.recipients[1]", contains("second@clinic.example"))
                .body("steps.recipients[2]", contains("head@clinic.example"))
                .body("steps.via", contains("mail", "mail", "mail"))
                .body("repeatEvery", equalTo("PT4H"))
                .body("warnings", empty());
        // A Tuesday noon: nobody is on call.
        simulate(given(), """
                        {"severity":"URGENT_SAME_DAY","category":"kidney","clinic":"north","at":"2026-11-24T11:00:00Z"}""")
                .body("steps.recipients[0]", contains("lead@clinic.example"))
                .body("warnings", contains(startsWith("Nobody is on call at the time of step 1")));
    }

    @Test
    void a_simulation_says_that_a_review_waits_for_the_digest_and_comes_back_in_the_next() {
        put("\"0\"", TABLE).statusCode(200);

        simulate(given(), """
                        {"severity":"CLINICIAN_REVIEW","category":"vitamin-D","at":"2026-11-23T17:45:00Z"}""")
                .statusCode(200)
                .body("row", equalTo(2))
                .body("steps.at", contains("2026-11-24T06:30:00Z", "2026-11-25T06:30:00Z"))
                .body("steps.via", contains("digest", "digest"))
                .body("steps.recipients[1]", contains("day@clinic.example"))
                .body("repeatEvery", equalTo("PT24H"))
                .body("warnings", empty());
        simulate(given(), "{\"severity\":\"EMERGENCY\",\"category\":\"vitamin-D\"}")
                .body("steps.via", contains("mail", "mail"))
                .body("warnings", contains(containsString("mailed at once")));
    }

    @Test
    void a_simulation_warns_when_no_row_matches_and_when_quiet_hours_delay_the_mail() {
        put("\"0\"", TABLE).statusCode(200);

        simulate(given(), "{\"severity\":\"CLINICIAN_REVIEW\",\"at\":\"2026-11-23T20:00:00Z\"}")
                .statusCode(200)
                .body("row", nullValue())
                .body("fallback", equalTo(true))
                .body("steps[0].at", equalTo("2026-11-24T06:00:00Z"))
                .body("steps[0].recipients", contains("lead@clinic.example"))
                .body("steps.via", contains("mail", "digest"))
                .body("warnings", contains(startsWith("No row matches"), containsString("quiet hours")));
    }

    @Test
    void a_table_can_be_tried_before_it_is_stored() {
        simulate(given(), "{\"severity\":\"EMERGENCY\",\"category\":\"bone\",\"table\":" + TABLE + "}")
                .statusCode(200)
                .body("fallback", equalTo(true));
        simulate(given(), "{\"severity\":\"EMERGENCY\",\"category\":\"bone\"}")
                .statusCode(200)
                .body("fallback", equalTo(false));
        problem(simulate(given(), "{\"severity\":\"EMERGENCY\",\"table\":{\"rows\":[{}]}}"), 422, "problem(s)")
                .body("problems.path", hasItems("/table/rows/0/recipients", "/table/fallback"));
        given().get("/routing").then().header("ETag", "\"0\"");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                                       | /severity | URGENT_SAME_DAY
            {"severity": "EDUCATION"}                                | /severity | URGENT_SAME_DAY
            {"severity": "CANARY"}                                   | /severity | URGENT_SAME_DAY
            {"severity": ["EMERGENCY"]}                              | /severity | URGENT_SAME_DAY
            {"severity": "EMERGENCY", "category": ""}                | /category | 1 to 64
            {"severity": "EMERGENCY", "clinic": 5}                   | /clinic   | text
            {"severity": "EMERGENCY", "at": "CANARY"}                | /at       | 2026-12-24T18:00:00Z
            {"severity": "EMERGENCY", "at": "+1000000000-12-31T23:59:59Z"} | /at | 2026-12-24T18:00:00Z
            {"severity": "EMERGENCY", "CANARY": 1}                   | ''        | severity, category, clinic, at, table
            """)
    void a_question_that_makes_no_sense_is_answered_with_what_is_right(String body, String path, String right) {
        var answer = problem(simulate(given(), body), 422, right).body("problems.path", contains(path));
        assertThat(answer.extract().asString()).doesNotContain("CANARY");
    }

    private JsonNode tree(ValidatableResponse answer) throws Exception {
        return json.readTree(answer.extract().asString());
    }

    private static ValidatableResponse put(String ifMatch, String table) {
        return put(given(), ifMatch, table);
    }

    private static ValidatableResponse put(RequestSpecification by, String ifMatch, String table) {
        return by.contentType("application/json")
                .header("If-Match", ifMatch)
                .body(table)
                .put("/routing")
                .then();
    }

    private static ValidatableResponse simulate(RequestSpecification by, String question) {
        return by.urlEncodingEnabled(false)
                .contentType("application/json")
                .body(question)
                .post("/routing/$simulate")
                .then();
    }

    private static ValidatableResponse problem(ValidatableResponse response, int status, String detail) {
        return response.statusCode(status)
                .contentType("application/problem+json")
                .body("status", equalTo(status))
                .body(containsString(detail));
    }

    private String row(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            assertThat(row.next()).isTrue();
            return row.getString(1);
        }
    }

    private void asOwner(String sql) throws SQLException {
        try (var connection = DriverManager.getConnection(url, owner, ownerPassword);
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
