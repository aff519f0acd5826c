package org.calciwatch.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PatientErasedTest {

    private static final Instant ERASED_AT = Instant.parse("2026-03-01T09:30:00Z");

    @Test
    void a_named_submission_is_covered_whatever_its_id_looks_like() {
        assertThat(erased(List.of("any.id")).covers("any.id")).isTrue();
        assertThat(erased(List.of("any.id")).covers("another.id")).isFalse();
    }

    @Test
    void an_older_submission_that_intake_does_not_know_any_more_is_covered() {
        assertThat(erased(List.of()).covers(madeAt(ERASED_AT.minusSeconds(3600))))
                .isTrue();
    }

    @Test
    void a_submission_made_after_the_erasure_by_a_clock_that_is_late_stays() {
        assertThat(erased(List.of()).covers(madeAt(ERASED_AT.minusSeconds(30)))).isFalse();
        assertThat(erased(List.of()).covers(madeAt(ERASED_AT.plusSeconds(1)))).isFalse();
    }

    @Test
    void an_event_that_names_no_submissions_covers_what_was_made_before_it() {
        assertThat(erased(null).covers(madeAt(ERASED_AT.minusMillis(1)))).isTrue();
        assertThat(erased(null).covers(madeAt(ERASED_AT))).isFalse();
    }

    private static PatientErased erased(@Nullable List<String> submissions) {
        return new PatientErased("P-0001", new UUID(0, 1), ERASED_AT, submissions);
    }

    private static String madeAt(Instant time) {
        return new UUID((time.toEpochMilli() << 16) | 0x7abc, 0x8000_0000_0000_0001L).toString();
    }
}
