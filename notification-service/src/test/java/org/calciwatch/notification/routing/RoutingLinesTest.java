package org.calciwatch.notification.routing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoutingLinesTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @ParameterizedTest
    @CsvSource({
        "30 min, PT30M",
        "30min, PT30M",
        "1 h 30 min, PT1H30M",
        "1h30min, PT1H30M",
        "2 days, PT48H",
        "2 Días, PT48H",
        "90 s, PT1M30S",
        "1 d 2 h 3 min 4 s, PT26H3M4S",
    })
    void a_step_begins_with_a_duration_in_either_language(String typed, Duration meant) {
        var step = RoutingLines.step(typed + ": lead@clinic.example, oncall:night");

        assertThat(Duration.parse(step.get("after").textValue())).isEqualTo(meant);
        assertThat(step.get("recipients").valueStream().map(node -> node.textValue()))
                .containsExactly("lead@clinic.example", "oncall:night");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "soon", "30", "min 30", "30 min 1 h", "-5 min", "1,5 h"})
    void what_is_no_duration_stays_as_it_is_to_be_refused(String typed) {
        assertThat(RoutingLines.step(typed + ": lead@clinic.example")
                        .get("after")
                        .textValue())
                .isEqualTo(typed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Mon-Fri 07:00-19:00: day@c.example", "lun-vie 7:00-19:00 day@c.example"})
    void a_shift_has_days_times_and_addresses_in_either_language(String line) throws Exception {
        assertThat(RoutingLines.shift(line)).isEqualTo(JSON.readTree("""
                {"from":"07:00","to":"19:00","days":["MONDAY","TUESDAY","WEDNESDAY","THURSDAY","FRIDAY"],
                 "recipients":["day@c.example"]}"""));
    }

    @Test
    void a_span_of_days_may_go_over_the_end_of_the_week_and_days_stand_alone_too() {
        assertThat(RoutingLines.shift("Sat-Mon, miércoles 00:00-00:00 a@c.example")
                        .get("days")
                        .valueStream()
                        .map(node -> node.textValue()))
                .containsExactly("SATURDAY", "SUNDAY", "MONDAY", "WEDNESDAY");
    }

    @Test
    void dates_may_be_one_or_a_span_or_open_at_an_end() {
        assertThat(RoutingLines.shift("2026-12-24 00:00-00:00 a@c.example"))
                .hasToString(
                        "{\"firstDay\":\"2026-12-24\",\"lastDay\":\"2026-12-24\",\"from\":\"00:00\",\"to\":\"00:00\",\"recipients\":[\"a@c.example\"]}");
        assertThat(RoutingLines.shift("2026-12-24.. 00:00-00:00 a@c.example")
                        .get("lastDay")
                        .isNull())
                .isTrue();
    }

    @Test
    void words_that_mean_nothing_are_kept_to_be_refused_and_never_passed_over() {
        assertThat(RoutingLines.shift("Mondy 07:00-19:00 day@c.example")
                        .get("recipients")
                        .valueStream()
                        .map(node -> node.textValue()))
                .containsExactly("Mondy", "day@c.example");
    }

    @ParameterizedTest
    @ValueSource(strings = {"en", "es"})
    void a_table_is_the_same_after_it_was_shown_and_read_again(String language) throws Exception {
        var table = RoutingTableReader.table(JSON, """
                {"rows":[{"severity":["URGENT_SAME_DAY","EMERGENCY"],"category":["kidney","red-flag"],
                          "clinic":["North ward"],"recipients":["oncall:a","x@c.example"],"when":"immediately",
                          "escalation":[{"after":"PT1H30M","recipients":["l@c.example","h@c.example"]},
                                        {"after":"P7D","recipients":["oncall:a"]}]},
                         {"recipients":["all@c.example"],"when":"digest"}],
                 "fallback":["l@c.example"],
                 "quietHours":{"from":"20:00","to":"07:00","zone":"Europe/Berlin"},
                 "digest":{"at":"07:30","zone":"Europe/Madrid"},
                 "onCall":[{"name":"a","zone":"Europe/Berlin","shifts":[
                    {"days":["MONDAY","TUESDAY","WEDNESDAY","THURSDAY","FRIDAY","SATURDAY"],"from":"07:00","to":"19:00",
                     "recipients":["d@c.example","e@c.example"]},
                    {"days":["SUNDAY","MONDAY"],"from":"00:00","to":"00:00","firstDay":"2026-12-24",
                     "recipients":["d@c.example"]},
                    {"from":"19:00","to":"07:00","firstDay":"2026-12-24","lastDay":"2026-12-26",
                     "recipients":["n@c.example"]}]}]}""".getBytes(StandardCharsets.UTF_8));

        var read = RoutingTableReader.table(
                JSON, JSON.writeValueAsBytes(RoutingForm.of(1, table, language).json()));

        assertThat(read).isEqualTo(table);
    }
}
