package org.calciwatch.notification.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.calciwatch.events.Severity.CLINICIAN_REVIEW;
import static org.calciwatch.events.Severity.EMERGENCY;
import static org.calciwatch.events.Severity.URGENT_SAME_DAY;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.OptionalInt;
import org.calciwatch.events.Severity;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoutingTableTest {

    private static final Instant NOW = Instant.parse("2026-11-18T12:00:00Z");
    private static final Duration DEFAULT_AFTER = Duration.ofMinutes(20);
    private static final Duration REPEAT = Duration.ofHours(4);

    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
            EMERGENCY,        kidney,    north, 0
            EMERGENCY,        kidney,    south, 1
            EMERGENCY,        kidney,    -,     1
            EMERGENCY,        magnesium, north, 1
            EMERGENCY,        -,         north, 1
            URGENT_SAME_DAY,  kidney,    north, 2
            CLINICIAN_REVIEW, vitamin-D, south, 3
            CLINICIAN_REVIEW, kidney,    north, -
            CLINICIAN_REVIEW, -,         -,     -
            """)
    void the_first_row_counts_that_matches_severity_category_and_clinic(
            Severity severity, @Nullable String category, @Nullable String clinic, @Nullable Integer row) {
        var table = table("""
                {"rows": [
                  {"severity": ["EMERGENCY"], "category": ["kidney", "bone"], "clinic": ["north"], "recipients": ["a@c.example"]},
                  {"severity": ["EMERGENCY"], "recipients": ["b@c.example"]},
                  {"severity": ["URGENT_SAME_DAY"], "recipients": ["c@c.example"]},
                  {"severity": ["CLINICIAN_REVIEW"], "category": ["vitamin-D"], "recipients": ["d@c.example"]}],
                 "fallback": ["f@c.example"]}""");

        assertThat(table.match(severity, category, clinic))
                .isEqualTo(row == null ? OptionalInt.empty() : OptionalInt.of(row));
    }

    @Test
    void without_a_matching_row_the_fallback_hears_of_it_at_once_and_again_until_somebody_looks() {
        var route = route(table("{\"rows\": [], \"fallback\": [\"f@c.example\", \"g@c.example\"]}"));

        assertThat(route.isFallback()).isTrue();
        assertThat(route.recipients(NOW)).containsExactly("f@c.example", "g@c.example");
        assertThat(route.waitsForDigest(CLINICIAN_REVIEW)).isFalse();
        assertThat(route.escalation(1).after()).isEqualTo(DEFAULT_AFTER);
        assertThat(route.escalation(1).recipients(NOW)).containsExactly("f@c.example", "g@c.example");
        assertThat(route.escalation(1).isRepeat()).isFalse();
        assertThat(route.escalation(2).isRepeat()).isTrue();
    }

    @Test
    void beyond_the_last_step_the_last_one_is_repeated_without_end() {
        var route = route(table("""
                {"rows": [{"recipients": ["a@c.example"], "escalation": [
                    {"after": "PT30M", "recipients": ["b@c.example"]},
                    {"after": "PT1H", "recipients": ["c@c.example", "a@c.example"]}]}],
                 "fallback": ["f@c.example"]}"""));

        assertThat(route.isFallback()).isFalse();
        assertThat(route.recipients(NOW)).containsExactly("a@c.example");
        assertEscalation(route.escalation(1), Duration.ofMinutes(30), false, "b@c.example");
        assertEscalation(route.escalation(2), Duration.ofHours(1), false, "c@c.example", "a@c.example");
        assertEscalation(route.escalation(3), REPEAT, true, "c@c.example", "a@c.example");
        assertEscalation(route.escalation(1000), REPEAT, true, "c@c.example", "a@c.example");
        assertThatIllegalArgumentException().isThrownBy(() -> route.escalation(0));
    }

    @Test
    void a_row_without_steps_escalates_to_the_fallback() {
        var route = route(table("{\"rows\": [{\"recipients\": [\"a@c.example\"]}], \"fallback\": [\"f@c.example\"]}"));

        assertEscalation(route.escalation(1), DEFAULT_AFTER, false, "f@c.example");
        assertEscalation(route.escalation(2), REPEAT, true, "f@c.example");
    }

    private static void assertEscalation(
            Route.Escalation escalation, Duration after, boolean isRepeat, String... recipients) {
        assertThat(escalation.after()).isEqualTo(after);
        assertThat(escalation.isRepeat()).isEqualTo(isRepeat);
        assertThat(escalation.recipients(NOW)).containsExactly(recipients);
    }

    @Test
    void only_a_review_waits_for_the_digest_whatever_the_row_says() {
        var route = route(table("{\"rows\": [{\"recipients\": [\"a@c.example\"], \"when\": \"digest\"}],"
                + " \"fallback\": [\"f@c.example\"]}"));

        assertThat(route.waitsForDigest(CLINICIAN_REVIEW)).isTrue();
        assertThat(route.waitsForDigest(URGENT_SAME_DAY)).isFalse();
        assertThat(route.waitsForDigest(EMERGENCY)).isFalse();
    }

    @Test
    void only_a_review_waits_for_the_end_of_the_quiet_hours() {
        var route = route(quiet("20:00", "07:00", "Europe/Berlin"));
        var night = Instant.parse("2026-11-18T22:00:00Z");

        assertThat(route.firstMailAt(CLINICIAN_REVIEW, night)).isEqualTo("2026-11-19T06:00:00Z");
        assertThat(route.firstMailAt(URGENT_SAME_DAY, night)).isEqualTo(night);
        assertThat(route.firstMailAt(EMERGENCY, night)).isEqualTo(night);
        assertThat(route(table("{\"rows\": [], \"fallback\": [\"f@c.example\"]}"))
                        .firstMailAt(CLINICIAN_REVIEW, night))
                .isEqualTo(night);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            # an ordinary night, its edges, and a day
            20:00, 07:00, Europe/Berlin,    2026-11-18T18:59:59Z, 2026-11-18T18:59:59Z
            20:00, 07:00, Europe/Berlin,    2026-11-18T19:00:00Z, 2026-11-19T06:00:00Z
            20:00, 07:00, Europe/Berlin,    2026-11-19T05:59:59Z, 2026-11-19T06:00:00Z
            20:00, 07:00, Europe/Berlin,    2026-11-19T06:00:00Z, 2026-11-19T06:00:00Z
            12:00, 14:00, Europe/Berlin,    2026-11-18T12:30:00Z, 2026-11-18T13:00:00Z
            # clocks are put forward: the night is an hour shorter
            20:00, 07:00, Europe/Berlin,    2027-03-27T19:00:00Z, 2027-03-28T05:00:00Z
            20:00, 07:00, Europe/Berlin,    2027-03-28T04:59:59Z, 2027-03-28T05:00:00Z
            20:00, 07:00, America/New_York, 2027-03-14T06:59:00Z, 2027-03-14T11:00:00Z
            # an end that no clock shows: when they are put forward past it
            20:00, 02:30, Europe/Berlin,    2027-03-27T23:00:00Z, 2027-03-28T01:00:00Z
            20:00, 02:30, Europe/Berlin,    2027-03-28T01:00:00Z, 2027-03-28T01:00:00Z
            20:00, 02:30, America/New_York, 2027-03-14T06:30:00Z, 2027-03-14T07:00:00Z
            # clocks are put back: the night is an hour longer
            20:00, 07:00, Europe/Berlin,    2026-10-24T18:00:00Z, 2026-10-25T06:00:00Z
            20:00, 07:00, Europe/Berlin,    2026-10-25T05:59:59Z, 2026-10-25T06:00:00Z
            20:00, 07:00, America/New_York, 2026-11-01T05:30:00Z, 2026-11-01T12:00:00Z
            # an end that clocks show twice: the first
            20:00, 02:30, Europe/Berlin,    2026-10-25T00:15:00Z, 2026-10-25T00:30:00Z
            20:00, 02:30, Europe/Berlin,    2026-10-25T01:15:00Z, 2026-10-25T01:15:00Z
            20:00, 01:30, America/New_York, 2026-11-01T05:15:00Z, 2026-11-01T05:30:00Z
            # a begin that clocks show twice: the first
            02:30, 07:00, Europe/Berlin,    2026-10-25T01:15:00Z, 2026-10-25T06:00:00Z
            """)
    void quiet_hours_end_by_the_clock_on_the_wall(String from, String to, String zone, Instant now, Instant end) {
        assertThat(quiet(from, to, zone).mailAt(CLINICIAN_REVIEW, now)).isEqualTo(end);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            07:30, Europe/Berlin,    2026-11-18T06:29:59Z, 2026-11-18T06:30:00Z
            07:30, Europe/Berlin,    2026-11-18T06:30:00Z, 2026-11-19T06:30:00Z
            23:00, America/New_York, 2026-11-18T03:00:00Z, 2026-11-18T04:00:00Z
            07:30, Europe/Berlin,    2027-03-27T06:30:00Z, 2027-03-28T05:30:00Z
            02:30, Europe/Berlin,    2027-03-27T12:00:00Z, 2027-03-28T01:00:00Z
            02:30, Europe/Berlin,    2027-03-28T01:00:00Z, 2027-03-29T00:30:00Z
            07:30, Europe/Berlin,    2026-10-24T05:30:00Z, 2026-10-25T06:30:00Z
            02:30, Europe/Berlin,    2026-10-24T12:00:00Z, 2026-10-25T00:30:00Z
            02:30, Europe/Berlin,    2026-10-25T00:30:00Z, 2026-10-26T01:30:00Z
            """)
    void the_digest_comes_once_a_day_by_the_clock_on_the_wall(String at, String zone, Instant after, Instant next) {
        var table = table("{\"rows\": [], \"fallback\": [\"f@c.example\"], \"digest\": {\"at\": \"" + at
                + "\", \"zone\": \"" + zone + "\"}}");

        assertThat(table.nextDigestAfter(after)).isEqualTo(next);
        assertThat(table.digestZone()).isEqualTo(ZoneId.of(zone));
    }

    @Test
    void a_table_that_names_no_digest_has_one_at_7_in_the_zone_of_its_quiet_hours_or_utc() {
        var utc = table("{\"rows\": [], \"fallback\": [\"f@c.example\"]}");
        assertThat(utc.nextDigestAfter(NOW)).isEqualTo("2026-11-19T07:00:00Z");
        assertThat(utc.digestZone()).isEqualTo(ZoneId.of("UTC"));

        var berlin = quiet("20:00", "06:00", "Europe/Berlin");
        assertThat(berlin.nextDigestAfter(NOW)).isEqualTo("2026-11-19T06:00:00Z");
        assertThat(berlin.digestZone()).isEqualTo(ZoneId.of("Europe/Berlin"));
    }

    @Test
    void a_digest_whose_time_is_in_the_quiet_hours_waits_for_their_end() {
        var late = quiet("20:00", "08:15", "Europe/Berlin");
        assertThat(late.nextDigestAfter(NOW)).isEqualTo("2026-11-19T07:15:00Z");
        assertThat(late.nextDigestAfter(Instant.parse("2026-11-19T06:30:00Z"))).isEqualTo("2026-11-19T07:15:00Z");
        assertThat(late.nextDigestAfter(Instant.parse("2026-11-19T07:15:00Z"))).isEqualTo("2026-11-20T07:15:00Z");

        var evening = table("""
                {"rows": [], "fallback": ["f@c.example"], "digest": {"at": "23:00", "zone": "Europe/Berlin"},
                 "quietHours": {"from": "20:00", "to": "07:00", "zone": "Europe/Berlin"}}""");
        assertThat(evening.nextDigestAfter(Instant.parse("2026-11-19T01:00:00Z")))
                .isEqualTo("2026-11-19T06:00:00Z");
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            # Wednesday in Berlin
            2026-11-18T06:00:00Z, day@c.example
            2026-11-18T17:59:59Z, day@c.example
            2026-11-18T18:00:00Z, night@c.example
            2026-11-19T05:59:59Z, night@c.example
            # Friday's night shift belongs to Friday, and Saturday has none
            2026-11-21T05:59:59Z, night@c.example
            2026-11-21T06:00:00Z, f@c.example
            2026-11-21T20:00:00Z, f@c.example
            # the night from Sunday to Monday begins on Sunday
            2026-11-23T05:59:59Z, f@c.example
            2026-11-23T06:00:00Z, day@c.example
            # Christmas Eve and the two days after, the last until the next morning; the first shift that fits counts
            2026-12-23T20:00:00Z, night@c.example
            2026-12-24T12:00:00Z, holiday@c.example
            2026-12-26T20:00:00Z, holiday@c.example
            2026-12-27T06:59:59Z, holiday@c.example
            2026-12-27T07:00:00Z, f@c.example
            # summer begins on a Sunday; Monday's day shift begins an hour earlier by UTC
            2027-03-29T05:00:00Z, day@c.example
            2027-03-29T04:59:59Z, f@c.example
            """)
    void on_call_is_who_has_the_first_shift_that_covers_the_moment_or_else_the_fallback(Instant at, String recipient) {
        var table = table("""
                {"rows": [{"recipients": ["oncall:nephrology"]}], "fallback": ["f@c.example"],
                 "onCall": [{"name": "other", "zone": "UTC", "shifts": [{"from": "00:00", "to": "00:00", "recipients": ["x@c.example"]}]},
                            {"name": "nephrology", "zone": "Europe/Berlin", "shifts": [
                   {"from": "08:00", "to": "08:00", "firstDay": "2026-12-24", "lastDay": "2026-12-26", "recipients": ["holiday@c.example"]},
                   {"days": ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"], "from": "07:00", "to": "19:00", "recipients": ["day@c.example"]},
                   {"days": ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"], "from": "19:00", "to": "07:00", "recipients": ["night@c.example"]}]}]}""");

        assertThat(route(table).recipients(at)).containsExactly(recipient);
    }

    @Test
    void everybody_gets_a_mail_once_however_they_are_named() {
        var table = table("""
                {"rows": [{"recipients": ["a@c.example", "oncall:n", "b@c.example"],
                           "escalation": [{"after": "PT5M", "recipients": ["oncall:n", "f@c.example"]}]}],
                 "fallback": ["f@c.example"],
                 "onCall": [{"name": "n", "zone": "UTC",
                             "shifts": [{"from": "12:00", "to": "13:00", "recipients": ["b@c.example", "c@c.example"]}]}]}""");

        assertThat(route(table).recipients(NOW)).containsExactly("a@c.example", "b@c.example", "c@c.example");
        assertThat(route(table).escalation(1).recipients(NOW.minusSeconds(1))).containsExactly("f@c.example");
    }

    private static RoutingTable quiet(String from, String to, String zone) {
        return table("{\"rows\": [], \"fallback\": [\"f@c.example\"], \"quietHours\": {\"from\": \"" + from
                + "\", \"to\": \"" + to + "\", \"zone\": \"" + zone + "\"}}");
    }

    /** That of the first row; of a table without rows, the fallback. */
    private static Route route(RoutingTable table) {
        return new Route(table, table.match(EMERGENCY, null, null), DEFAULT_AFTER, REPEAT);
    }

    private static RoutingTable table(String text) {
        try {
            return RoutingTableReader.table(new ObjectMapper(), text.getBytes(StandardCharsets.UTF_8));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
