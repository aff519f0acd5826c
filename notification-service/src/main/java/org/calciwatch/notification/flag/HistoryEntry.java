package org.calciwatch.notification.flag;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One thing that happened to a flag.
 *
 * @param by who did it, {@link #SYSTEM} for the service itself
 * @param note what changed and what the person wrote
 */
@Embeddable
record HistoryEntry(
        @Column(name = "at") Instant at,
        @Column(name = "done_by") String by,

        @Enumerated(EnumType.STRING) @Column(name = "action")
        Action action,

        @Column(name = "note") @Nullable String note) {

    static final String SYSTEM = "system";

    enum Action {
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
        CLOSED;

        /** As in JSON and events: {@code severity-raised}. */
        String wireName() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
