package org.calciwatch.notification.routing;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.calciwatch.events.Severity;
import org.calciwatch.notification.routing.RoutingTable.Resolved;
import org.jspecify.annotations.Nullable;

/**
 * Who would hear of a flag, when, as long as nobody acknowledges it.
 *
 * @param row the row that matches, from 1; null when none does
 * @param fallback true when none does
 * @param repeatEvery how often the last step is repeated
 * @param warnings what the table's author may not have meant
 */
public record Simulation(
        @Nullable Integer row,
        boolean fallback,
        List<Step> steps,
        @JsonFormat(shape = JsonFormat.Shape.STRING) Duration repeatEvery,
        List<Warning> warnings) {

    /**
     * What the table's author may not have meant.
     *
     * @param step of which mail, from 1
     */
    public record Warning(Kind kind, int step) {

        /** What. */
        public enum Kind {
            NO_ROW,
            NOT_IN_DIGEST,
            QUIET_HOURS,
            NOBODY_ON_CALL
        }

        @JsonValue
        String text() {
            return switch (kind) {
                case NO_ROW ->
                    "No row matches, so the fallback hears of it. Add a row that matches, or a last one with "
                            + RoutingTable.ANY + " for all.";
                case NOT_IN_DIGEST ->
                    "The row says digest, but only " + Severity.CLINICIAN_REVIEW
                            + " waits for it; a flag of this severity is mailed at once.";
                case QUIET_HOURS -> "The first mail waits until the quiet hours are over.";
                case NOBODY_ON_CALL ->
                    "Nobody is on call at the time of step " + step + ", so the fallback hears of it then.";
            };
        }
    }

    /**
     * One mail.
     *
     * @param after since the step before; null for the first one and for digests, which have their own time
     */
    public record Step(
            Instant at,

            @JsonFormat(shape = JsonFormat.Shape.STRING) @Nullable
            Duration after,

            List<String> recipients,
            Via via) {}

    /** How somebody hears of it. */
    public enum Via {
        @JsonProperty("mail")
        MAIL,
        @JsonProperty("digest")
        DIGEST
    }

    private static final Duration DIGESTS = Duration.ofDays(1);

    /**
     * Goes through it.
     *
     * @param row as counted by the table
     * @param opened when the flag is opened
     */
    static Simulation of(RoutingTable table, OptionalInt row, Route route, Severity severity, Instant opened) {
        var steps = new ArrayList<Step>();
        var warnings = new ArrayList<Warning>();
        if (route.isFallback()) {
            warnings.add(new Warning(Warning.Kind.NO_ROW, 1));
        }
        var isDigest = route.waitsForDigest(severity);
        if (route.saysDigest() && !isDigest) {
            warnings.add(new Warning(Warning.Kind.NOT_IN_DIGEST, 1));
        }
        var first = isDigest ? table.nextDigestAfter(opened) : route.firstMailAt(severity, opened);
        if (!isDigest && first.isAfter(opened)) {
            warnings.add(new Warning(Warning.Kind.QUIET_HOURS, 1));
        }
        note(first, null, route.resolve(first), isDigest ? Via.DIGEST : Via.MAIL, steps, warnings);
        if (!severity.isAbove(Severity.CLINICIAN_REVIEW)) {
            var next = table.nextDigestAfter(first);
            note(next, null, route.resolve(next), Via.DIGEST, steps, warnings);
        } else {
            for (int number = 1; number <= route.steps(); number++) {
                var step = route.escalation(number);
                var at = steps.getLast().at().plus(step.after());
                note(at, step.after(), step.resolve(at), Via.MAIL, steps, warnings);
            }
        }
        return new Simulation(
                row.isPresent() ? row.getAsInt() + 1 : null,
                route.isFallback(),
                List.copyOf(steps),
                severity.isAbove(Severity.CLINICIAN_REVIEW)
                        ? route.escalation(route.steps() + 1).after()
                        : DIGESTS,
                List.copyOf(warnings));
    }

    private static void note(
            Instant at,
            @Nullable Duration after,
            Resolved recipients,
            Via via,
            List<Step> steps,
            List<Warning> warnings) {
        steps.add(new Step(at, after, recipients.addresses(), via));
        if (recipients.nobodyOnCall()) {
            warnings.add(new Warning(Warning.Kind.NOBODY_ON_CALL, steps.size()));
        }
    }
}
