package org.calciwatch.notification.routing;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.calciwatch.events.Severity;
import org.jspecify.annotations.Nullable;

/**
 * Who hears of what, as an admin writes it. {@link RoutingTableReader} says what it may hold.
 *
 * @param rows the first that matches counts
 * @param fallback who hears of what no row matches, and while nobody is on call
 * @param quietHours null when there are none
 * @param digest null when the clinic leaves its time to us
 */
record RoutingTable(
        List<Row> rows,
        List<String> fallback,
        @Nullable QuietHours quietHours,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Digest digest,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<OnCall> onCall) {

    /** In a row: matches all. */
    static final String ANY = "*";

    /** Before the name of an on-call list, in place of an address. */
    static final String ON_CALL = "oncall:";

    /** The hour of the digest where the table names none: when most clinics begin. */
    static final LocalTime DIGEST_AT = LocalTime.of(7, 0);

    /** The zone where the table names none; people read its name, which the offset has not. */
    private static final ZoneId UTC = ZoneId.of("UTC");

    RoutingTable {
        rows = List.copyOf(rows);
        fallback = List.copyOf(fallback);
        // Left out of the JSON when empty.
        onCall = List.copyOf(Objects.requireNonNullElse(onCall, List.of()));
    }

    /** What becomes of flags of some severities, categories and clinics; {@link #ANY} stands for all. */
    record Row(
            List<String> severity,
            List<String> category,
            List<String> clinic,
            List<String> recipients,
            When when,
            List<Step> escalation) {

        Row {
            severity = List.copyOf(severity);
            category = List.copyOf(category);
            clinic = List.copyOf(clinic);
            recipients = List.copyOf(recipients);
            escalation = List.copyOf(escalation);
        }

        private boolean matches(Severity flagSeverity, @Nullable String flagCategory, @Nullable String flagClinic) {
            return holds(severity, flagSeverity.name()) && holds(category, flagCategory) && holds(clinic, flagClinic);
        }

        private static boolean holds(List<String> words, @Nullable String word) {
            return words.contains(ANY) || (word != null && words.contains(word));
        }
    }

    /** When the first mail goes. */
    enum When {
        /** As soon as it can be sent. */
        @JsonProperty("immediately")
        IMMEDIATELY,
        /** With the others, once a day. */
        @JsonProperty("digest")
        DIGEST
    }

    /**
     * Who hears of a flag that nobody has acknowledged.
     *
     * @param after since the mail before
     */
    record Step(@JsonFormat(shape = JsonFormat.Shape.STRING) Duration after, List<String> recipients) {
        Step {
            recipients = List.copyOf(recipients);
        }
    }

    /** When nobody is to be disturbed by what can wait. */
    record QuietHours(
            @JsonFormat(pattern = "HH:mm") LocalTime from,
            @JsonFormat(pattern = "HH:mm") LocalTime to,
            ZoneId zone) {}

    /** When the digest goes. */
    record Digest(@JsonFormat(pattern = "HH:mm") LocalTime at, ZoneId zone) {}

    /** Who is on call when; the first shift that covers a moment counts. */
    record OnCall(String name, ZoneId zone, List<Shift> shifts) {

        OnCall {
            shifts = List.copyOf(shifts);
        }

        private Optional<List<String>> onDuty(Instant at) {
            return shifts.stream()
                    .filter(shift -> new DailySpan(shift.from(), shift.to(), zone)
                            .endAfter(at, shift::beginsOn)
                            .isPresent())
                    .map(Shift::recipients)
                    .findFirst();
        }
    }

    /**
     * A shift; one that does not end after it begins runs over midnight and belongs to the day it begins.
     *
     * @param days empty for all
     * @param firstDay the first on which it begins, null for no limit
     * @param lastDay the last on which it begins, null for no limit
     */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    record Shift(
            List<DayOfWeek> days,
            @JsonFormat(pattern = "HH:mm") LocalTime from,
            @JsonFormat(pattern = "HH:mm") LocalTime to,
            @Nullable LocalDate firstDay,
            @Nullable LocalDate lastDay,
            List<String> recipients) {

        Shift {
            days = List.copyOf(Objects.requireNonNullElse(days, List.of()));
            recipients = List.copyOf(recipients);
        }

        private boolean beginsOn(LocalDate day) {
            return (days.isEmpty() || days.contains(day.getDayOfWeek()))
                    && (firstDay == null || !day.isBefore(firstDay))
                    && (lastDay == null || !day.isAfter(lastDay));
        }
    }

    /**
     * Who gets a mail.
     *
     * @param addresses never empty
     * @param nobodyOnCall true when the fallback stands in for an on-call list that nobody is on
     */
    record Resolved(List<String> addresses, boolean nobodyOnCall) {}

    /**
     * The first row that matches, counted from 0.
     *
     * @param category null matches only {@link #ANY}
     * @param clinic null matches only {@link #ANY}
     */
    OptionalInt match(Severity severity, @Nullable String category, @Nullable String clinic) {
        return IntStream.range(0, rows.size())
                .filter(row -> rows.get(row).matches(severity, category, clinic))
                .findFirst();
    }

    /** The addresses behind a list of recipients, each once. */
    Resolved resolve(List<String> recipients, Instant at) {
        var nobodyOnCall =
                recipients.stream().anyMatch(recipient -> behind(recipient, at).isEmpty());
        return new Resolved(
                recipients.stream()
                        .flatMap(recipient -> behind(recipient, at).orElse(fallback).stream())
                        .distinct()
                        .toList(),
                nobodyOnCall);
    }

    private Optional<List<String>> behind(String recipient, Instant at) {
        return recipient.startsWith(ON_CALL)
                ? onCall.stream()
                        .filter(list -> list.name().equals(recipient.substring(ON_CALL.length())))
                        .findFirst()
                        .flatMap(list -> list.onDuty(at))
                : Optional.of(List.of(recipient));
    }

    /** When a mail of this severity may go: now, or when the quiet hours are over, for which only a review waits. */
    Instant mailAt(Severity severity, Instant now) {
        return switch (severity) {
            case URGENT_SAME_DAY, EMERGENCY -> now;
            case NONE, EDUCATION, CLINICIAN_REVIEW ->
                quietHours == null
                        ? now
                        : new DailySpan(quietHours.from(), quietHours.to(), quietHours.zone())
                                .endAfter(now, _ -> true)
                                .orElse(now);
        };
    }

    /** When the next digest after a moment goes; one whose time is in the quiet hours waits for their end. */
    Instant nextDigestAfter(Instant moment) {
        var zone = digestZone();
        var at = digest == null ? DIGEST_AT : digest.at();
        var yesterday = moment.atZone(zone).toLocalDate().minusDays(1);
        return Stream.iterate(yesterday, day -> day.plusDays(1))
                .map(day -> mailAt(Severity.CLINICIAN_REVIEW, DailySpan.at(day, at, zone)))
                .filter(moment::isBefore)
                .findFirst()
                .orElseThrow();
    }

    /** The zone whose days the digest counts. */
    ZoneId digestZone() {
        if (digest != null) {
            return digest.zone();
        }
        return quietHours != null ? quietHours.zone() : UTC;
    }
}
