package org.calciwatch.intake.submission;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FhirTimeTest {

    @ParameterizedTest
    @CsvSource({
        "2026, 2026-01-01T00:00:00Z, 2027-01-01T00:00:00Z",
        "2026-12, 2026-12-01T00:00:00Z, 2027-01-01T00:00:00Z",
        "2024-02-29, 2024-02-29T00:00:00Z, 2024-03-01T00:00:00Z",
        "2026-03-01T09:30, 2026-03-01T09:30:00Z, 2026-03-01T09:31:00Z",
        "2026-03-01T09:30:15, 2026-03-01T09:30:15Z, 2026-03-01T09:30:16Z",
        "2026-03-01T09:30:15+01:00, 2026-03-01T08:30:15Z, 2026-03-01T08:30:16Z",
        "2026-03-01T09:30:15.12Z, 2026-03-01T09:30:15.120Z, 2026-03-01T09:30:15.130Z",
        "2026-03-01T09:30:15.1234567Z, 2026-03-01T09:30:15.123456Z, 2026-03-01T09:30:15.123457Z"
    })
    void a_partial_date_is_the_span_it_stands_for(String text, String from, String to) {
        var time = FhirTime.parseSearch(text).orElseThrow();
        assertThat(time.from()).isEqualTo(from);
        assertThat(time.to()).isEqualTo(to);
    }

    @Test
    void a_dateTime_with_a_time_needs_seconds_and_a_zone() {
        assertThat(FhirTime.parse("2026-03-01T09:30")).isEmpty();
        assertThat(FhirTime.parse("2026-03-01T09:30:15")).isEmpty();
        assertThat(FhirTime.parse("2026-03-01T09:30:15Z")).isPresent();
    }

    @Test
    void a_date_has_no_time() {
        assertThat(FhirTime.parseDate("2026-03-01T09:30:15Z")).isEmpty();
        assertThat(FhirTime.parseDate("2026-03-01")).isPresent();
    }
}
