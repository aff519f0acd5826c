package org.calciwatch.intake.portal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class MomentsTest {

    @Test
    void the_time_is_named_only_where_a_day_alone_would_not_tell() {
        var moments = List.of(
                Instant.parse("2026-03-02T08:00:01Z"),
                Instant.parse("2026-03-01T23:59:59Z"),
                Instant.parse("2026-03-02T08:00:02Z"));
        assertThat(Moments.inWords(moments, "en").stream().map(text -> text.replace('\u202f', ' ')))
                .containsExactly("March 2, 2026, 8:00:01 AM UTC", "March 1, 2026", "March 2, 2026, 8:00:02 AM UTC");
        assertThat(Moments.inWords(moments, "es"))
                .containsExactly(
                        "2 de marzo de 2026, 8:00:01 UTC", "1 de marzo de 2026", "2 de marzo de 2026, 8:00:02 UTC");
    }

    @Test
    void moments_of_one_second_are_counted() {
        var moment = Instant.parse("2026-03-02T08:00:01Z");
        assertThat(Moments.inWords(List.of(moment, moment), "es"))
                .containsExactly("2 de marzo de 2026, 8:00:01 UTC", "2 de marzo de 2026, 8:00:01 UTC (2)");
    }
}
