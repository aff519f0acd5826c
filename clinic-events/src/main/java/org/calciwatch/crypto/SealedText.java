package org.calciwatch.crypto;

/**
 * An entity's text that is sealed in the database. It is opened when it is asked for, not when the row is read.
 *
 * <p>The context, which is part of the seal, comes from the entity: a {@link SealedColumn}'s for the row's key.
 */
public sealed interface SealedText {

    /** A text to be stored in the place that the context names. */
    static SealedText of(String context, String text) {
        return new Written(context, text);
    }

    /**
     * The text.
     *
     * @throws SealBroken when it was not stored in the place that the context names, or was changed since
     */
    String open(String context);

    /** Not stored yet. */
    record Written(String context, String text) implements SealedText {

        @Override
        public String open(String expected) {
            if (!context.equals(expected)) {
                throw new SealBroken(expected, "it was written for " + context);
            }
            return text;
        }

        /** Without the text, which must not reach a log. */
        @Override
        public String toString() {
            return context;
        }
    }

    /** As it came from the database. */
    final class Stored implements SealedText {
        private final Vault vault;
        private final byte[] sealed;

        Stored(Vault vault, byte[] sealed) {
            this.vault = vault;
            this.sealed = sealed;
        }

        @Override
        public String open(String context) {
            return vault.open(context, sealed);
        }

        byte[] sealed() {
            return sealed;
        }
    }
}
