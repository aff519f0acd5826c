package org.calciwatch.notification.overview;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.stream.Stream;
import org.calciwatch.events.Severity;
import org.hibernate.Session;
import org.jspecify.annotations.Nullable;

/** What a lead wants to know of all flags together. Nothing in here tells of a patient. */
@ApplicationScoped
class Statistics {

    /** Flags opened in a week with the same severity. */
    record Week(LocalDate monday, Severity severity, long flags) {}

    /**
     * What became of the flags that a rule led.
     *
     * @param flags opened
     * @param closed of those
     * @param falseAlarms of those closed
     */
    record Rule(String ruleId, String title, long flags, long closed, long falseAlarms) {

        /** Part of the closed flags that were a false alarm, in whole percent; 0 where none is closed. */
        public long falseAlarmPercent() {
            return closed == 0 ? 0 : Math.round(100.0 * falseAlarms / closed);
        }
    }

    /**
     * How long it took until somebody took note, since the flag was opened, raised or came back. Flags nobody took note
     * of yet count as longer than all others, or ignored ones would make the times look good.
     *
     * @param waiting flags nobody took note of yet
     * @param median half of the flags were acknowledged within that time; null while more than half wait
     * @param percentile90 nine of ten flags were acknowledged within that time; null while more than one of ten waits
     */
    record Attention(
            Severity severity,
            long flags,
            long waiting,
            @Nullable Duration median,
            @Nullable Duration percentile90) {}

    /** One flag, as it stands in the file for spreadsheets. */
    record Line(
            String reference,
            Severity severity,
            String ruleId,
            String title,
            @Nullable String clinic,
            String status,
            Instant opened,
            @Nullable Instant acknowledged,
            @Nullable Instant closed,
            @Nullable String outcome) {}

    private final EntityManager database;

    Statistics(EntityManager database) {
        this.database = database;
    }

    /** Flags opened since a time, by week and severity; weeks without flags are left out. */
    List<Week> weeks(Instant since, ZoneId zone) {
        return query("""
                        select cast(date_trunc('week', opened_at at time zone :zone) as date), severity, count(*)
                        from flag where opened_at >= :since
                        group by 1, 2 order by 1, min(severity_rank)""")
                .setParameter("zone", zone.getId())
                .setParameter("since", since)
                .getResultStream()
                .map(row -> new Week((LocalDate) row[0], Severity.valueOf((String) row[1]), (Long) row[2]))
                .toList();
    }

    /** The rules that led flags opened since a time, those most often a false alarm first. */
    List<Rule> rules(Instant since) {
        return query("""
                        select headline_rule_id, max(headline_title), count(*),
                               count(*) filter (where status = 'CLOSED'),
                               count(*) filter (where outcome = 'FALSE_ALARM')
                        from flag where opened_at >= :since
                        group by 1 order by 5 desc, 3 desc, 1""")
                .setParameter("since", since)
                .getResultStream()
                .map(row -> new Rule((String) row[0], (String) row[1], (Long) row[2], (Long) row[3], (Long) row[4]))
                .toList();
    }

    /** How soon flags opened since a time were acknowledged, the most severe first. */
    List<Attention> attention(Instant since) {
        return query("""
                        select severity, count(*), count(*) filter (where acknowledged_at is null),
                               nullif(percentile_disc(0.5) within group (order by seconds), 'Infinity'),
                               nullif(percentile_disc(0.9) within group (order by seconds), 'Infinity')
                        from (select *, coalesce(
                                  cast(extract(epoch from acknowledged_at - coalesce(calls_since, opened_at)) as double precision),
                                  'Infinity') as seconds
                              from flag where opened_at >= :since) as timed
                        group by 1 order by min(severity_rank)""")
                .setParameter("since", since)
                .getResultStream()
                .map(row -> new Attention(
                        Severity.valueOf((String) row[0]),
                        (Long) row[1],
                        (Long) row[2],
                        duration((Double) row[3]),
                        duration((Double) row[4])))
                .toList();
    }

    private static @Nullable Duration duration(@Nullable Double seconds) {
        return seconds == null ? null : Duration.ofSeconds(Math.round(seconds));
    }

    /** The flags opened since a time, the first opened first; to be closed by the caller. */
    Stream<Line> lines(Instant since) {
        return query("""
                        select reference, severity, headline_rule_id, headline_title, clinic, status, opened_at,
                               acknowledged_at, case status when 'CLOSED' then updated_at end, outcome
                        from flag where opened_at >= :since order by opened_at, id""")
                .setParameter("since", since)
                .setFetchSize(500)
                .getResultStream()
                .map(row -> new Line(
                        (String) row[0],
                        Severity.valueOf((String) row[1]),
                        (String) row[2],
                        (String) row[3],
                        (String) row[4],
                        (String) row[5],
                        (Instant) row[6],
                        (Instant) row[7],
                        (Instant) row[8],
                        (String) row[9]));
    }

    private org.hibernate.query.NativeQuery<Object[]> query(String sql) {
        return database.unwrap(Session.class).createNativeQuery(sql, Object[].class);
    }
}
