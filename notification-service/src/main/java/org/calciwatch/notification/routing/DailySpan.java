package org.calciwatch.notification.routing;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A span of each day by the clock on the wall.
 *
 * @param from the first moment
 * @param to the first moment after it; when it is not later than {@code from}, on the next day
 */
record DailySpan(LocalTime from, LocalTime to, ZoneId zone) {

    /**
     * When the span ends that holds this moment; empty when none does.
     *
     * @param days on which a span may begin
     */
    Optional<Instant> endAfter(Instant moment, Predicate<LocalDate> days) {
        var today = moment.atZone(zone).toLocalDate();
        return Stream.of(today.minusDays(1), today)
                .filter(days)
                .filter(day -> !at(day, from, zone).isAfter(moment))
                .map(day -> at(to.isAfter(from) ? day : day.plusDays(1), to, zone))
                .filter(moment::isBefore)
                .findFirst();
    }

    /**
     * When the clock on the wall shows this time. Of two such moments, when clocks are put back, the first; when clocks
     * are put forward past it, the moment they are.
     */
    static Instant at(LocalDate day, LocalTime time, ZoneId zone) {
        var shown = day.atTime(time);
        var change = zone.getRules().getTransition(shown);
        return change != null && change.isGap()
                ? change.getInstant()
                : shown.atZone(zone).toInstant();
    }
}
