package org.calciwatch.notification.routing;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import org.calciwatch.events.Severity;
import org.calciwatch.notification.routing.RoutingTable.Resolved;
import org.calciwatch.notification.routing.RoutingTable.Row;
import org.calciwatch.notification.routing.RoutingTable.Step;
import org.calciwatch.notification.routing.RoutingTable.When;
import org.jspecify.annotations.Nullable;

/** Who hears of a flag and when: one row of the table, or the fallback. Does not change. */
public final class Route {

    private final RoutingTable table;
    private final @Nullable Row row;
    private final List<Step> steps;
    private final Duration repeat;

    /**
     * @param index of the row, from 0; empty for the fallback
     * @param defaultAfter when the fallback hears of what a row has no steps for
     * @param repeat between the repetitions of the last step
     */
    Route(RoutingTable table, OptionalInt index, Duration defaultAfter, Duration repeat) {
        this.table = table;
        this.row = index.isPresent() ? table.rows().get(index.getAsInt()) : null;
        this.steps = row == null || row.escalation().isEmpty()
                ? List.of(new Step(defaultAfter, table.fallback()))
                : row.escalation();
        this.repeat = repeat;
    }

    /** True when no row matches; somebody should add one. */
    public boolean isFallback() {
        return row == null;
    }

    /**
     * The e-mail addresses for the first mail, never empty.
     *
     * @param at decides who is on call; while nobody is, the fallback hears of it
     */
    public List<String> recipients(Instant at) {
        return resolve(at).addresses();
    }

    Resolved resolve(Instant at) {
        return table.resolve(row == null ? table.fallback() : row.recipients(), at);
    }

    /** The e-mail addresses that hear of what nobody else can be told of, never empty. */
    public List<String> fallback() {
        return table.fallback();
    }

    /** True when the first mail is the next digest; never above {@link Severity#CLINICIAN_REVIEW}. */
    public boolean waitsForDigest(Severity severity) {
        return saysDigest() && !severity.isAbove(Severity.CLINICIAN_REVIEW);
    }

    boolean saysDigest() {
        return row != null && row.when() == When.DIGEST;
    }

    /** When the first mail goes if it is none of the digest: now, or for a review when the quiet hours are over. */
    public Instant firstMailAt(Severity severity, Instant now) {
        return table.mailAt(severity, now);
    }

    /**
     * What happens while nobody acknowledges the flag. After the last step it is repeated, without end.
     *
     * @param number from 1
     */
    public Escalation escalation(int number) {
        if (number < 1) {
            throw new IllegalArgumentException("Escalations are counted from 1, not from " + number);
        }
        return number <= steps.size()
                ? new Escalation(
                        steps.get(number - 1).after(), steps.get(number - 1).recipients(), false)
                : new Escalation(repeat, steps.getLast().recipients(), true);
    }

    /** How many steps there are before the last one is repeated; at least 1. */
    int steps() {
        return steps.size();
    }

    /** One step up. */
    public final class Escalation {

        private final Duration after;
        private final List<String> recipients;
        private final boolean isRepeat;

        private Escalation(Duration after, List<String> recipients, boolean isRepeat) {
            this.after = after;
            this.recipients = recipients;
            this.isRepeat = isRepeat;
        }

        /** Since the mail before; more than 0. */
        public Duration after() {
            return after;
        }

        /**
         * The e-mail addresses, never empty.
         *
         * @param at decides who is on call; while nobody is, the fallback hears of it
         */
        public List<String> recipients(Instant at) {
            return resolve(at).addresses();
        }

        Resolved resolve(Instant at) {
            return table.resolve(recipients, at);
        }

        /** True beyond the last step, which is then taken once more. */
        public boolean isRepeat() {
            return isRepeat;
        }
    }
}
