package org.calciwatch.crypto;

/** The keys cannot be used; the message says why and what would help, and holds nothing of the keys. */
final class KeysUnusable extends Exception {
    private static final long serialVersionUID = 1L;

    KeysUnusable(String message) {
        super(message);
    }
}
