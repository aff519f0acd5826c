package org.calciwatch.crypto;

/** A sealed value cannot be opened: its key is missing, it was changed, or it was moved from another place. */
public final class SealBroken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SealBroken(String context, String why) {
        super("The sealed value " + context + " cannot be opened: " + why);
    }
}
