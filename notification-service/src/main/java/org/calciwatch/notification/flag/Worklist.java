package org.calciwatch.notification.flag;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.calciwatch.events.Severity;
import org.jspecify.annotations.Nullable;

/**
 * Which flags somebody at work wants to see, the most severe first and among those the ones that wait longest.
 *
 * @param statuses at least one
 * @param severities empty for all
 * @param assignee only flags of this user, null for all
 * @param category only flags whose headline's rule is of this category, null for all
 * @param q text in the reference, the headline, a rule id, or a patient's whole id; null for all
 * @param after the last flag seen, null at the start
 */
public record Worklist(
        Set<Flag.Status> statuses,
        Set<Severity> severities,
        @Nullable String assignee,
        @Nullable String category,
        @Nullable String q,
        @Nullable Place after) {

    /** A place in the list. */
    public record Place(short severityRank, Instant openedAt, UUID id) {

        /** Where a flag stands. */
        public static Place of(Flag flag) {
            return new Place(flag.severityRank(), flag.openedAt(), flag.id());
        }

        /** Reads a {@link #cursor}; empty when it is none. */
        public static Optional<Place> parse(String cursor) {
            var parts = cursor.split("_", -1);
            try {
                return parts.length == 3
                        ? Optional.of(new Place(
                                Short.parseShort(parts[0]),
                                Instant.EPOCH.plus(Long.parseLong(parts[1]), ChronoUnit.MICROS),
                                UUID.fromString(parts[2])))
                        : Optional.empty();
            } catch (IllegalArgumentException | DateTimeException | ArithmeticException e) {
                return Optional.empty();
            }
        }

        /** As it stands in an address. */
        public String cursor() {
            return severityRank + "_" + ChronoUnit.MICROS.between(Instant.EPOCH, openedAt) + "_" + id;
        }
    }
}
