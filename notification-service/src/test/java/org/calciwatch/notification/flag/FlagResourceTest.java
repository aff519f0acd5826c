package org.calciwatch.notification.flag;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.calciwatch.notification.AssessmentMother.assessment;
import static org.calciwatch.notification.AssessmentMother.event;
import static org.calciwatch.notification.AssessmentMother.rule;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.calciwatch.events.Severity;
import org.calciwatch.stack.LocalStackResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(
        value = LocalStackResource.class,
        initArgs = @ResourceArg(name = "database", value = "notification"))
class FlagResourceTest {

    private static final String UNKNOWN_ID = "019a0000-0000-7000-8000-0000000000ff";

    @Inject
    Flags flags;

    @Inject
    DataSource database;

    private final String patient = "P-" + UUID.randomUUID();

    @Test
    void a_flag_has_the_shape_of_the_design() {
        var id = openFlag(patient, "mg-low");

        given().get("/flags/" + id)
                .then()
                .statusCode(200)
                .body(
                        "keySet()",
                        contains(
                                "id",
                                "reference",
                                "patientId",
                                "severity",
                                "status",
                                "headline",
                                "ruleIds",
                                "assessmentId",
                                "submissionId",
                                "assignee",
                                "openedAt",
                                "updatedAt",
                                "history",
                                "assessment"))
                .body("patientId", equalTo(patient))
                .body("headline.ruleId", equalTo("mg-low"))
                .body("headline.title", equalTo("Title of mg-low"))
                .body("ruleIds", contains("mg-low"))
                .body("assignee", nullValue())
                .body("history[0].keySet()", contains("at", "by", "action", "note"))
                .body("assessment.rulePack.version", equalTo("1.0.0"))
                .body("assessment.fired[0].because[0].entered.unit", equalTo("mmol/L"))
                .body("assessment.dataQuality[0].checkId", equalTo("dq-albumin-missing"));
    }

    @Test
    void a_change_writes_nothing_anew_that_is_sealed_and_stays() throws SQLException {
        var id = openFlag(patient, "mg-low");
        var sealed = "SELECT encode(f.assessment || h.note, 'hex') FROM flag f JOIN flag_history h ON h.flag_id = f.id"
                + " WHERE h.position = 0 AND f.id = '" + id + "'";
        var before = text(sealed);

        given().contentType("application/json")
                .body("{\"note\": \"called\"}")
                .post("/flags/" + id + "/acknowledge")
                .then()
                .statusCode(200)
                .body("history[1].note", equalTo("called"));

        assertThat(text(sealed)).startsWith("01").isEqualTo(before);
    }

    private String text(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            assertThat(row.next()).isTrue();
            return row.getString(1);
        }
    }

    @Test
    void pages_hold_every_flag_once_newest_first() {
        IntStream.range(0, 5).forEach(i -> {
            close(openFlag(patient, "mg-low"));
        });
        var seen = new ArrayList<String>();
        var next = "/flags?patient=" + patient + "&limit=2";
        while (next != null) {
            var page = given().urlEncodingEnabled(false).get(next).jsonPath();
            assertThat(page.getList("items")).hasSizeLessThanOrEqualTo(2);
            seen.addAll(page.getList("items.openedAt"));
            next = page.getString("next");
        }
        assertThat(seen).hasSize(5).doesNotHaveDuplicates().isSortedAccordingTo((a, b) -> b.compareTo(a));
    }

    @Test
    void status_severity_and_text_narrow_the_list() {
        close(openFlag(patient, "mg-low"));
        openFlag(patient, "ca-high");

        assertThat(rules("status=CLOSED")).containsExactly("mg-low");
        assertThat(rules("status=OPEN,CLOSED")).containsExactly("ca-high", "mg-low");
        assertThat(rules("status=OPEN&status=CLOSED")).containsExactly("ca-high", "mg-low");
        assertThat(rules("severity=EMERGENCY")).isEmpty();
        assertThat(rules("severity=EMERGENCY,CLINICIAN_REVIEW&status=&q=")).hasSize(2);
        assertThat(rules("q=CA-HI")).containsExactly("ca-high");
        assertThat(rules("q=title%20of%20mg")).containsExactly("mg-low");
        assertThat(rules("q=%25")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "status=DONE, OPEN",
        "severity=HIGH, URGENT_SAME_DAY",
        "limit=0, 200",
        "limit=201, 200",
        "limit=ten, 200",
        "cursor=x, next",
        "cursor=99999999999999999999_" + UNKNOWN_ID + ", next",
        "q=%00, NUL"
    })
    void a_bad_parameter_is_answered_with_what_is_right(String parameter, String right) {
        problem(given().urlEncodingEnabled(false).get("/flags?" + parameter).then(), 400, right);
    }

    @Test
    void an_unknown_flag_is_not_found() {
        problem(given().get("/flags/" + UNKNOWN_ID).then(), 404, UNKNOWN_ID);
        problem(
                given().noContentType()
                        .post("/flags/" + UNKNOWN_ID + "/acknowledge")
                        .then(),
                404,
                UNKNOWN_ID);
        given().get("/flags/nonsense").then().statusCode(404);
    }

    @Test
    void a_flag_is_acknowledged_once_with_or_without_a_body() {
        var id = openFlag(patient, "mg-low");

        given().noContentType()
                .post("/flags/" + id + "/acknowledge")
                .then()
                .statusCode(200)
                .body("status", equalTo("ACKNOWLEDGED"))
                .body("history", hasSize(2))
                .body("history[1].by", equalTo("staff"));

        problem(act(id, "acknowledge", "{\"note\":\"again\"}"), 409, "ACKNOWLEDGED");
    }

    @Test
    void who_says_which_state_was_seen_changes_no_other() {
        var id = openFlag(patient, "mg-low");
        var seen = given().get("/flags/" + id).getHeader("ETag");
        act(id, "assign", "{\"assignee\":\"clinician2\"}").statusCode(200);

        given().contentType("application/json")
                .header("If-Match", seen)
                .body("{\"outcome\":\"treated\"}")
                .post("/flags/" + id + "/close")
                .then()
                .statusCode(412);
        var current = given().get("/flags/" + id).getHeader("ETag");
        var acknowledged = given().header("If-Match", current).post("/flags/" + id + "/acknowledge");

        assertThat(acknowledged.statusCode()).isEqualTo(200);
        assertThat(acknowledged.getHeader("ETag"))
                .isNotEqualTo(current)
                .isEqualTo(given().get("/flags/" + id).getHeader("ETag"));
    }

    @Test
    void a_flag_goes_through_its_life_and_unknown_properties_are_ignored() {
        var id = openFlag(patient, "mg-low");

        act(id, "assign", "{\"assignee\":\"clinician2\",\"colour\":\"red\"}")
                .statusCode(200)
                .body("assignee", equalTo("clinician2"));
        act(id, "snooze", "{\"until\":\"" + java.time.Instant.now().plusSeconds(3600) + "\",\"note\":\"ruft zurück\"}")
                .statusCode(200)
                .body("status", equalTo("SNOOZED"))
                .body("history[2].note", containsString("ruft zurück"));
        act(id, "close", "{\"outcome\":\"false-alarm\",\"note\":\"x\"}")
                .statusCode(200)
                .body("status", equalTo("CLOSED"));
        problem(act(id, "close", "{\"outcome\":\"other\"}"), 409, "CLOSED");
        problem(act(id, "assign", "{\"assignee\":\"clinician2\"}"), 409, "CLOSED");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "assign      | {}                                                    | assignee",
                "assign      | {\"assignee\":\"a\\nb\"}                              | one line",
                "snooze      | {}                                                    | future",
                "snooze      | {\"until\":\"2020-01-01T00:00:00Z\"}                  | future",
                "snooze      | {\"until\":\"tomorrow\"}                              | 2030-01-31T08:00:00Z",
                "snooze      | {\"until\":\"+1000000000-12-31T23:59:59.999999999Z\"} | future",
                "close       | {}                                                    | contacted, treated, false-alarm",
                "close       | {\"outcome\":\"CLOSED\"}                              | duplicate, other",
                "acknowledge | {\"note\":\"a\\u0000b\"}                              | NUL"
            })
    void a_body_that_makes_no_sense_is_unprocessable_and_says_what_is_right(String action, String body, String right) {
        var id = openFlag(patient, "mg-low");

        problem(act(id, action, body), 422, right);
        given().get("/flags/" + id).then().body("status", equalTo("OPEN")).body("history", hasSize(1));
    }

    @Test
    void a_note_may_have_2000_characters_and_not_one_more() {
        var id = openFlag(patient, "mg-low");

        problem(act(id, "acknowledge", "{\"note\":\"" + "n".repeat(2001) + "\"}"), 422, "2000");
        act(id, "acknowledge", "{\"note\":\"" + "n".repeat(2000) + "\"}").statusCode(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"note\":", "[]", "{\"note\":{}}"})
    void a_body_that_is_not_the_right_json_is_a_bad_request(String body) {
        problem(act(openFlag(patient, "mg-low"), "acknowledge", body), 400, "detail");
    }

    private List<String> rules(String query) {
        return given().urlEncodingEnabled(false)
                .get("/flags?patient=" + patient + "&" + query)
                .then()
                .statusCode(200)
                .extract()
                .jsonPath()
                .getList("items.headline.ruleId");
    }

    private String openFlag(String patientId, String ruleId) {
        flags.handle(event(assessment(patientId, rule(ruleId, Severity.CLINICIAN_REVIEW))));
        return Stream.of(given().get("/flags?limit=1&status=OPEN&patient=" + patientId)
                        .jsonPath())
                .map(page -> page.getString("items[0].id"))
                .findFirst()
                .orElseThrow();
    }

    private static void close(String id) {
        act(id, "close", "{\"outcome\":\"other\"}").statusCode(200);
    }

    private static ValidatableResponse act(String id, String action, String body) {
        return given().contentType("application/json")
                .body(body)
                .post("/flags/" + id + "/" + action)
                .then();
    }

    private static void problem(ValidatableResponse response, int status, String detail) {
        response.statusCode(status)
                .contentType("application/problem+json")
                .body("status", equalTo(status))
                .body(containsString(detail));
    }
}
