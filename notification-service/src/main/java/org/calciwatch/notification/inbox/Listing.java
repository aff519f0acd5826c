package org.calciwatch.notification.inbox;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.calciwatch.events.Severity;
import org.calciwatch.http.Page;
import org.calciwatch.notification.delivery.Words;
import org.calciwatch.notification.flag.Flag;
import org.calciwatch.notification.flag.Flag.Status;
import org.calciwatch.notification.flag.FlagRepository.WaitingCount;
import org.jspecify.annotations.Nullable;

/**
 * The worklist as it is shown, and how many flags wait altogether.
 *
 * @param newest id of the flag that was opened last, shown or not; empty where there is none
 * @param state changes whenever something of it does; for the page to ask whether it is still the same
 * @param next address of the following page, null on the last one
 */
public record Listing(
        Filters filters,
        List<Row> rows,
        List<Counts> counts,
        String newest,
        String state,
        @Nullable String next) {

    /** Ages are shown anew at least this often, though nothing else changed. */
    private static final long AGES_HOLD_SECONDS = 300;

    /** One flag. */
    public record Row(
            UUID id,
            String reference,
            String patientId,
            Severity severity,
            Status status,
            String headline,
            @Nullable String assignee,
            Duration age) {

        static Row of(Flag flag, Instant now) {
            return new Row(
                    flag.id(),
                    flag.reference(),
                    Words.clean(flag.patientId()),
                    flag.severity(),
                    flag.status(),
                    Words.clean(flag.headlineTitle()),
                    flag.assignee() == null ? null : Words.clean(flag.assignee()),
                    Duration.between(flag.openedAt(), now));
        }
    }

    /** How many flags of a severity wait. */
    public record Counts(Severity severity, List<Count> byStatus) {}

    /** How many of them are in a status. */
    public record Count(Status status, long flags) {}

    /** What is shown of a page of flags. */
    static Listing of(Filters filters, Page<Flag> page, List<WaitingCount> waiting, String newest, Instant now) {
        var versions = page.items().stream()
                .map(flag -> flag.id() + "." + flag.version())
                .toList();
        return new Listing(
                filters,
                page.items().stream().map(flag -> Row.of(flag, now)).toList(),
                counts(waiting),
                newest,
                // Not a secret, and a wrong "still the same" lasts until the ages change only.
                Integer.toHexString(Objects.hash(
                        versions,
                        newest,
                        List.copyOf(waiting).stream()
                                .map(WaitingCount::toString)
                                .sorted()
                                .toList(),
                        now.getEpochSecond() / AGES_HOLD_SECONDS)),
                page.next());
    }

    private static List<Counts> counts(List<WaitingCount> waiting) {
        return Filters.severitiesOfFlags().stream()
                .map(severity -> new Counts(
                        severity,
                        Arrays.stream(Status.values())
                                .filter(status -> status != Status.CLOSED)
                                .map(status -> new Count(
                                        status,
                                        waiting.stream()
                                                .filter(count ->
                                                        count.severity() == severity && count.status() == status)
                                                .mapToLong(WaitingCount::flags)
                                                .sum()))
                                .toList()))
                .toList();
    }
}
