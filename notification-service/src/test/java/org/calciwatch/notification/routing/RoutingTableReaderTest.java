package org.calciwatch.notification.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.calciwatch.notification.routing.InvalidRouting.Problem;
import org.calciwatch.notification.routing.RoutingTable.When;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoutingTableReaderTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void the_table_of_the_design_is_read() throws Exception {
        var table = read("""
                {"rows": [{"severity": ["URGENT_SAME_DAY", "EMERGENCY"], "category": ["kidney"], "clinic": ["north"],
                           "recipients": ["nephrology@clinic.example"], "when": "digest",
                           "escalation": [{"after": "PT30M", "recipients": ["lead@clinic.example"]}]}],
                 "fallback": ["lead@clinic.example"],
                 "quietHours": {"from": "20:00", "to": "07:00", "zone": "Europe/Berlin"}}""");

        var row = table.rows().getFirst();
        assertThat(row.severity()).containsExactly("URGENT_SAME_DAY", "EMERGENCY");
        assertThat(row.category()).containsExactly("kidney");
        assertThat(row.clinic()).containsExactly("north");
        assertThat(row.recipients()).containsExactly("nephrology@clinic.example");
        assertThat(row.when()).isEqualTo(When.DIGEST);
        assertThat(row.escalation())
                .containsExactly(new RoutingTable.Step(Duration.ofMinutes(30), List.of("lead@clinic.example")));
        assertThat(table.fallback()).containsExactly("lead@clinic.example");
        assertThat(table.quietHours())
                .isEqualTo(new RoutingTable.QuietHours(
                        LocalTime.of(20, 0), LocalTime.of(7, 0), ZoneId.of("Europe/Berlin")));
        assertThat(table.digest()).isNull();
        assertThat(table.onCall()).isEmpty();
    }

    @Test
    void what_a_row_leaves_out_means_all_at_once_and_without_steps() throws Exception {
        var row = read("{\"rows\": [{\"recipients\": [\"a@clinic.example\"], \"category\": null}],"
                        + " \"fallback\": [\"b@clinic.example\"], \"quietHours\": null}")
                .rows()
                .getFirst();

        assertThat(row.severity()).containsExactly("*");
        assertThat(row.category()).containsExactly("*");
        assertThat(row.clinic()).containsExactly("*");
        assertThat(row.when()).isEqualTo(When.IMMEDIATELY);
        assertThat(row.escalation()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                                     | /rows/0/recipients              | 1 to 50 entries
            {"recipients": []}                                     | /rows/0/recipients              | 1 to 50 entries
            {"recipients": "a@clinic.example"}                     | /rows/0/recipients              | list
            {"recipients": [5]}                                    | /rows/0/recipients/0            | e-mail address
            {"recipients": ["nobody"]}                             | /rows/0/recipients/0            | e-mail address
            {"recipients": ["oncall:nobody"]}                      | /rows/0/recipients/0            | onCall
            {"recipients": ["a@clinic.example", "oncall:"]}        | /rows/0/recipients/1            | onCall
            {"severity": ["NONE"]}                                 | /rows/0/severity/0              | CLINICIAN_REVIEW, URGENT_SAME_DAY, EMERGENCY or *
            {"severity": ["EDUCATION"]}                            | /rows/0/severity/0              | CLINICIAN_REVIEW
            {"severity": ["emergency"]}                            | /rows/0/severity/0              | EMERGENCY
            {"severity": "EMERGENCY"}                              | /rows/0/severity                | list
            {"severity": []}                                       | /rows/0/severity                | 1 to 100
            {"category": [" "]}                                    | /rows/0/category/0              | 1 to 64
            {"category": ["kidney "]}                              | /rows/0/category/0              | blanks
            {"category": ["a\\nb"]}                                | /rows/0/category/0              | control
            {"category": ["12345678901234567890123456789012345678901234567890123456789012345"]} | /rows/0/category/0 | 1 to 64
            {"clinic": [true]}                                     | /rows/0/clinic/0                | text
            {"when": "later"}                                      | /rows/0/when                    | immediately or digest
            {"when": 1}                                            | /rows/0/when                    | immediately or digest
            {"escalation": {}}                                     | /rows/0/escalation              | list
            {"escalation": [{}]}                                   | /rows/0/escalation/0/after      | PT30M
            {"escalation": [{"recipients": ["x"], "after": "PT1H"}]} | /rows/0/escalation/0/recipients/0 | e-mail
            {"escalation": [{"recipients": ["a@b.example"], "after": "30 min"}]} | /rows/0/escalation/0/after | PT30M
            {"escalation": [{"recipients": ["a@b.example"], "after": "PT0S"}]}   | /rows/0/escalation/0/after | more than 0
            {"escalation": [{"recipients": ["a@b.example"], "after": "-PT1H"}]}  | /rows/0/escalation/0/after | more than 0
            {"escalation": [{"recipients": ["a@b.example"], "after": "P7DT1S"}]} | /rows/0/escalation/0/after | at most P7D
            {"escalation": [{"recipients": ["a@b.example"], "after": "PT9999999999999999999H"}]} | /rows/0/escalation/0/after | at most P7D
            {"recipient": ["a@clinic.example"]}                    | /rows/0                         | 1 unknown property; known are severity
            []                                                     | /rows/0                         | object
            """)
    void a_row_is_refused_with_its_place_and_what_would_be_right(String row, String path, String right) {
        assertThat(problems("{\"rows\": [" + row + "], \"fallback\": [\"b@clinic.example\"]}"))
                .anySatisfy(problem -> {
                    assertThat(problem.path()).isEqualTo(path);
                    assertThat(problem.message()).contains(right);
                });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "fallback": []                                                               | /fallback            | 1 to 50
            "fallback": null                                                             | /fallback            | 1 to 50
            "fallback": ["oncall:night"]                                                 | /fallback/0          | addresses only
            "fallback": ["a@clinic.example", "b"]                                        | /fallback/1          | e-mail
            "quietHours": []                                                             | /quietHours          | from, to, zone
            "quietHours": {"from": "20:00", "to": "20:00", "zone": "UTC"}                | /quietHours          | another time
            "quietHours": {"from": "24:00", "to": "07:00", "zone": "UTC"}                | /quietHours/from     | 00:00 to 23:59
            "quietHours": {"from": "20:00", "to": "7:00", "zone": "UTC"}                 | /quietHours/to       | 07:30
            "quietHours": {"from": "20:00:00", "zone": "UTC"}                            | /quietHours/from     | 07:30
            "quietHours": {"from": "20:00", "zone": "UTC"}                               | /quietHours/to       | 07:30
            "quietHours": {"from": "20:00", "to": "07:00"}                               | /quietHours/zone     | Europe/Berlin
            "quietHours": {"from": "20:00", "to": "07:00", "zone": "Berlin"}             | /quietHours/zone     | Europe/Berlin
            "quietHours": {"from": "20:00", "to": "07:00", "zone": "+02:00"}             | /quietHours/zone     | Europe/Berlin
            "digest": {"at": "noon", "zone": "UTC"}                                      | /digest/at           | 07:30
            "digest": {"at": "07:00"}                                                    | /digest/zone         | UTC
            "digest": {"at": "07:00", "zone": "UTC", "on": "MONDAY"}                     | /digest              | at, zone
            "onCall": {}                                                                 | /onCall              | list
            "onCall": [{"name": "a b", "zone": "UTC", "shifts": []}]                     | /onCall/0/name       | hyphens
            "onCall": [{"name": "a", "zone": "UTC", "shifts": []}]                       | /onCall/0/shifts     | 1 to 400
            "onCall": [{"name": "a", "zone": "X"}]                                       | /onCall/0/zone       | UTC
            "onCall": [{"name": "a"}, {"name": "a"}]                                     | /onCall/1/name       | another name
            "onCall": [{"shifts": [{"days": ["Monday"]}]}]                               | /onCall/0/shifts/0/days/0     | MONDAY
            "onCall": [{"shifts": [{"days": []}]}]                                       | /onCall/0/shifts/0/days       | 1 to 7
            "onCall": [{"shifts": [{"firstDay": "24.12.2026"}]}]                         | /onCall/0/shifts/0/firstDay   | 2026-12-24
            "onCall": [{"shifts": [{"firstDay": "2026-12-24", "lastDay": "2026-12-23"}]}] | /onCall/0/shifts/0/lastDay   | before
            "onCall": [{"shifts": [{"lastDay": "+999999999-12-31"}]}]                    | /onCall/0/shifts/0/lastDay    | date
            "onCall": [{"shifts": [{"recipients": ["oncall:a"]}]}]                       | /onCall/0/shifts/0/recipients/0 | e-mail
            "rows": 5                                                                    | /rows                | list
            "colour": "red", "size": 5                                                   | ''                   | 2 unknown properties; known are rows, fallback
            """)
    void a_table_is_refused_with_its_place_and_what_would_be_right(String members, String path, String right) {
        var given = "{" + members + (members.contains("\"rows\"") ? "" : ", \"rows\": []")
                + (members.contains("\"fallback\"") ? "" : ", \"fallback\": [\"a@clinic.example\"]") + "}";

        assertThat(problems(given)).anySatisfy(problem -> {
            assertThat(problem.path()).isEqualTo(path);
            assertThat(problem.message()).contains(right);
        });
    }

    @Test
    void every_reason_is_given_at_once() {
        assertThat(problems("""
                        {"rows": [{"severity": ["HIGH"], "recipients": ["x", "oncall:gone"], "colour": 1},
                                  7,
                                  {"recipients": ["a@clinic.example"], "escalation": [{"after": "1h"}]}],
                         "quietHours": {"from": "8", "to": "9", "zone": "Mars"},
                         "onCall": [{"name": "night", "zone": "UTC", "shifts": [{}]}]}"""))
                .extracting(Problem::path)
                .containsExactly(
                        "/rows/0",
                        "/rows/0/severity/0",
                        "/rows/0/recipients/0",
                        "/rows/0/recipients/1",
                        "/rows/1",
                        "/rows/2/escalation/0/after",
                        "/rows/2/escalation/0/recipients",
                        "/fallback",
                        "/quietHours/from",
                        "/quietHours/to",
                        "/quietHours/zone",
                        "/onCall/0/shifts/0/from",
                        "/onCall/0/shifts/0/to",
                        "/onCall/0/shifts/0/recipients");
    }

    @Test
    void a_property_given_twice_is_refused_because_nobody_can_tell_which_is_meant() {
        assertThat(problems("""
                        {"rows": [{"recipients": ["a@clinic.example"], "when": "digest", "when": "immediately",
                                   "CANARY": {"x": 1, "x": 2}}],
                         "fallback": ["a@clinic.example"], "fallback": ["b@clinic.example"]}"""))
                .containsExactly(
                        new Problem("/rows/0", "has a property twice; give each once"),
                        new Problem("", "has a property twice; give each once"),
                        new Problem(
                                "/rows/0",
                                "has 1 unknown property; known are severity, category, clinic, recipients, when,"
                                        + " escalation"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                            | {}
            {}                                            | {"severity": ["EMERGENCY"], "category": ["kidney"]}
            {"category": ["*", "kidney"]}                 | {"category": ["bone"]}
            {"severity": ["EMERGENCY", "CLINICIAN_REVIEW", "URGENT_SAME_DAY"]} | {"severity": ["*"]}
            {"severity": ["*"], "category": ["a", "b"]}   | {"severity": ["EMERGENCY"], "category": ["b"]}
            {"clinic": ["north", "south"]}                | {"clinic": ["south", "north"], "category": ["kidney"]}
            """)
    void a_row_that_is_never_reached_is_refused(String earlier, String later) {
        assertThat(problems(twoRows(earlier, later)))
                .containsExactly(new Problem(
                        "/rows/1",
                        "is never reached, because /rows/0 matches all that it matches; move it before that one, or"
                                + " remove it"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"category": ["kidney"]}                      | {}
            {"severity": ["EMERGENCY"]}                   | {"severity": ["EMERGENCY", "URGENT_SAME_DAY"]}
            {"severity": ["EMERGENCY"], "clinic": ["a"]}  | {"severity": ["EMERGENCY"]}
            {"category": ["kidney"], "clinic": ["a"]}     | {"category": ["kidney"], "clinic": ["b"]}
            """)
    void a_row_that_something_reaches_is_taken(String earlier, String later) throws Exception {
        assertThat(read(twoRows(earlier, later)).rows()).hasSize(2);
    }

    private static String twoRows(String earlier, String later) {
        return "{\"rows\": [" + withRecipients(earlier) + ", " + withRecipients(later)
                + "], \"fallback\": [\"b@clinic.example\"]}";
    }

    private static String withRecipients(String row) {
        return row.replaceFirst("\\{", "{\"recipients\": [\"a@clinic.example\"]" + (row.equals("{}") ? "" : ", "));
    }

    @Test
    void a_table_has_500_rows_and_not_one_more() throws Exception {
        assertThat(read(rows(500)).rows()).hasSize(500);
        assertThat(problems(rows(501))).containsExactly(new Problem("/rows", "must be a list of 0 to 500 entries"));
    }

    private static String rows(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "{\"clinic\": [\"c" + i + "\"], \"recipients\": [\"a@clinic.example\"]}")
                .collect(Collectors.joining(",", "{\"rows\": [", "], \"fallback\": [\"b@clinic.example\"]}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a@clinic.example",
                "first.last+flags@sub-domain.clinic.example",
                "o'neill@clinic.example",
                "A_1@xn--mller-kva.example"
            })
    void an_address_is_taken(String address) {
        assertThat(RoutingTableReader.isAddress(address)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "clinician1",
                "@clinic.example",
                "a@",
                "a@clinic",
                "a@clinic.",
                "a@.example",
                "a@-clinic.example",
                "a@clinic..example",
                "a@b@clinic.example",
                "a@127.0.0.1",
                "a@[127.0.0.1]",
                "Doctor <a@clinic.example>",
                "a@clinic.example (Doctor)",
                "a@clinic.example, b@clinic.example",
                "team: a@clinic.example;",
                " a@clinic.example",
                "a b@clinic.example",
                "a@clinic.example\r\nBcc: b@evil.example",
                "a\u0000@clinic.example",
                "müller@clinic.example",
                "a..b@clinic.example",
                "oncall:night"
            })
    void what_is_no_plain_address_is_refused(String text) {
        assertThat(RoutingTableReader.isAddress(text)).isFalse();
    }

    @Test
    void an_address_has_254_characters_and_not_one_more() {
        var domain = ".example";
        var label = "d".repeat(60);
        var longest =
                "a".repeat(254 - 1 - 3 * 61 - domain.length() + 1) + "@" + label + "." + label + "." + label + domain;

        assertThat(longest).hasSize(254);
        assertThat(RoutingTableReader.isAddress(longest)).isTrue();
        assertThat(RoutingTableReader.isAddress("a" + longest)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "{} {}", "{\"rows\": [}", "nonsense", "{\"rows\": 1,}"})
    void what_is_not_one_json_value_is_no_table(String body) {
        assertThatThrownBy(() -> read(body)).isInstanceOf(JsonProcessingException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "5", "null", "\"CANARY\""})
    void json_that_is_no_object_is_refused_as_a_whole(String body) {
        assertThat(problems(body)).extracting(Problem::path).containsExactly("");
    }

    @Test
    void a_reason_quotes_nothing_of_what_was_sent() {
        assertThat(problems("""
                        {"rows": [{"severity": ["CANARY"], "category": ["CANARY\\n"], "recipients": ["CANARY"],
                                   "when": "CANARY", "escalation": [{"after": "CANARY", "CANARY": 1}]}],
                         "fallback": ["CANARY"], "quietHours": {"from": "CANARY", "zone": "CANARY"},
                         "onCall": [{"name": "CANARY CANARY"}], "CANARY": {"CANARY": 1, "CANARY": 2}}""")).hasSizeGreaterThan(9).noneMatch(problem -> problem.toString()
                .contains("CANARY"));
    }

    private static RoutingTable read(String text) throws IOException, InvalidRouting {
        return RoutingTableReader.table(JSON, text.getBytes(StandardCharsets.UTF_8));
    }

    private static List<Problem> problems(String text) {
        return catchThrowableOfType(InvalidRouting.class, () -> read(text)).problems();
    }
}
