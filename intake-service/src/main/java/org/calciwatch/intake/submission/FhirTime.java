package org.calciwatch.intake.submission;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The span of time a FHIR date or dateTime stands for: {@code 2026-03} is the whole month. What has no zone is UTC.
 *
 * @param from first instant
 * @param to first instant after it
 */
record FhirTime(Instant from, Instant to) {

    /** Groups: date, time to the minute, seconds, fraction, zone. Years before 0001 are not FHIR. */
    private static final Pattern FORM = Pattern.compile("((?!0000)\\d{4}(?:-\\d{2}(?:-\\d{2})?)?)"
            + "(?:T(\\d{2}:\\d{2})(?::(\\d{2})(\\.\\d{1,9})?)?(Z|[+-]\\d{2}:\\d{2})?)?");

    /** A FHIR dateTime: with a time there must be seconds and a zone. */
    static Optional<FhirTime> parse(String text) {
        var form = FORM.matcher(text);
        if (!form.matches() || (form.group(2) != null && (form.group(3) == null || form.group(5) == null))) {
            return Optional.empty();
        }
        return read(text);
    }

    /** A FHIR date: without time. */
    static Optional<FhirTime> parseDate(String text) {
        return text.indexOf('T') < 0 ? read(text) : Optional.empty();
    }

    /** A search parameter: seconds and zone may be left out. */
    static Optional<FhirTime> parseSearch(String text) {
        return read(text);
    }

    private static Optional<FhirTime> read(String text) {
        var form = FORM.matcher(text);
        if (!form.matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    form.group(2) == null
                            ? span(form.group(1))
                            : span(form.group(1), form.group(2), form.group(3), form.group(4), form.group(5)));
        } catch (DateTimeException e) {
            return Optional.empty(); // a 30th of February
        }
    }

    private static FhirTime span(String date) {
        return switch (date.length()) {
            case 4 ->
                days(Year.parse(date).atDay(1), Year.parse(date).plusYears(1).atDay(1));
            case 7 ->
                days(
                        YearMonth.parse(date).atDay(1),
                        YearMonth.parse(date).plusMonths(1).atDay(1));
            default -> days(LocalDate.parse(date), LocalDate.parse(date).plusDays(1));
        };
    }

    private static FhirTime days(LocalDate from, LocalDate to) {
        return new FhirTime(
                from.atStartOfDay(ZoneOffset.UTC).toInstant(),
                to.atStartOfDay(ZoneOffset.UTC).toInstant());
    }

    private static FhirTime span(
            String date, String minute, @Nullable String seconds, @Nullable String fraction, @Nullable String zone) {
        var from = OffsetDateTime.parse(date + "T" + minute + ":" + (seconds == null ? "00" : seconds)
                        + (fraction == null ? "" : fraction) + (zone == null ? "Z" : zone))
                .toInstant();
        if (seconds == null) {
            return new FhirTime(from, from.plus(1, ChronoUnit.MINUTES));
        }
        // A fraction of n digits is exact to its last one; PostgreSQL keeps microseconds.
        var digits = fraction == null ? 0 : Math.min(fraction.length() - 1, 6);
        var start = from.truncatedTo(ChronoUnit.MICROS);
        return new FhirTime(start, start.plusNanos((long) Math.pow(10, 9 - digits)));
    }
}
