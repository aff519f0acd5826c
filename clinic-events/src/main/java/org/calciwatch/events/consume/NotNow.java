package org.calciwatch.events.consume;

/**
 * A handler can do nothing at the moment, whatever the event says: something it needs must be put right first. The event
 * waits for that, however long, and does not become a dead letter.
 */
public final class NotNow extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param cause what must be put right */
    public NotNow(RuntimeException cause) {
        super(cause);
    }
}
