package org.calciwatch.events;

/** A message that can never be processed as it is; the message says why. */
public class UnreadableEvent extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UnreadableEvent(String reason) {
        super(reason);
    }
}
