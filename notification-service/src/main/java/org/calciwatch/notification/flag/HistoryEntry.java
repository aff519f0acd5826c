package org.calciwatch.notification.flag;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import java.time.Instant;
import java.util.Locale;
import org.calciwatch.crypto.SealedText;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Flag.Change} as it is stored.
 *
 * @param note sealed for the flag and the place in its history
 */
@Embeddable
public record HistoryEntry(
        @Column(name = "at") Instant at,
        @Column(name = "done_by") String by,

        @Enumerated(EnumType.STRING) @Column(name = "action")
        Action action,

        @Column(name = "note") @Nullable SealedText note) {

    /** Who does what no person does. */
    public static final String SYSTEM = "system";

    /** What can happen to a flag. */
    public enum Action {
        OPENED,
        /** A newer assessment of the same or a lower severity took the place of the earlier one. */
        UPDATED,
        /** A newer, more severe assessment; the flag is open again and somebody is told. */
        SEVERITY_RAISED,
        /** A newer assessment that by itself would need no clinician, or an older one that came late. */
        NOTED,
        ACKNOWLEDGED,
        ASSIGNED,
        SNOOZED,
        /** The time it was snoozed for is over. */
        WOKEN,
        /** Nobody acknowledged in time; others were told. */
        ESCALATED,
        /** It was acknowledged and not closed for long. */
        REMINDED,
        /** A mail about it reached nobody. */
        UNDELIVERABLE,
        CLOSED;

        /** As in JSON and events: {@code severity-raised}. */
        public String wireName() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
