package org.calciwatch.intake.privacy;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How far an erasure is. Does not tell whose data were erased.
 *
 * @param requestedBy the admin's user name
 */
public record Erasure(UUID id, Instant requestedAt, String requestedBy, List<Confirmation> services) {

    /** Whether data may still be there. */
    public enum Status {
        /** Not removed yet, or not confirmed yet. */
        PENDING,
        /** Removed. */
        COMPLETE;

        /** As in JSON. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What one service says; {@code confirmedAt} is null until it has confirmed. */
    public record Confirmation(String service, @Nullable Instant confirmedAt) {

        /** As in JSON. */
        @JsonProperty
        public String status() {
            return (confirmedAt == null ? Status.PENDING : Status.COMPLETE).toString();
        }
    }

    /** Complete once every service has confirmed. */
    @JsonProperty
    public String status() {
        var isPending = services.stream().anyMatch(service -> service.confirmedAt() == null);
        return (isPending ? Status.PENDING : Status.COMPLETE).toString();
    }
}
