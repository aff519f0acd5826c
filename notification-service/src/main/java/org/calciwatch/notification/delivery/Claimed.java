package org.calciwatch.notification.delivery;

import java.util.UUID;

/** A delivery that is due and belongs to one sender for a while. */
sealed interface Claimed permits Outgoing, Claimed.Unreadable {

    UUID deliveryId();

    /** Trace of the submission that led to it. */
    String traceId();

    /** The stored mail cannot be opened. */
    record Unreadable(UUID deliveryId, String traceId) implements Claimed {}
}
