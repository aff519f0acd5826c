package org.calciwatch.notification.delivery;

import java.util.UUID;

/** A delivery that is due and belongs to one sender for a while. */
sealed interface Claimed permits Outgoing, Claimed.Unreadable {

    UUID deliveryId();

    /** What led to it, as {@link StoredTrace} keeps it; empty when nothing is known. */
    String traceParent();

    /** The stored mail cannot be opened. */
    record Unreadable(UUID deliveryId, String traceParent) implements Claimed {}
}
