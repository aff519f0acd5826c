package org.calciwatch.notification.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.calciwatch.events.Severity;

/**
 * A flag in a digest.
 *
 * @param reference the flag's pseudonymous name
 * @param headline title of the rule that matters most
 * @param status the flag's, as in {@code OPEN}
 * @param age time since it was opened
 */
public record DigestEntry(
        UUID flagId,
        String reference,
        Severity severity,
        String headline,
        String status,
        Instant openedAt,
        Duration age,
        Reason reason) {

    /** Why a flag is in a digest, in the order of a digest. */
    public enum Reason {
        /** Opened since the digest before. */
        NEW,
        /** Opened before, and nobody acknowledged it. */
        UNACKNOWLEDGED,
        /** Acknowledged long ago, and not closed. */
        NOT_CLOSED,
        /** Urgent, and put off. */
        SNOOZED
    }
}
