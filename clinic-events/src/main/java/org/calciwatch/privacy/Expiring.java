package org.calciwatch.privacy;

import java.time.Instant;
import java.time.Period;

/**
 * One kind of data that is kept for a time only. A bean for each kind; {@link Retention} does the rest.
 *
 * @param kind names it in the log
 * @param period how long it is kept, at least a day
 * @param purge removes it
 */
public record Expiring(String kind, Period period, Purge purge) {

    /**
     * Checks the period.
     *
     * @throws IllegalArgumentException for a period that would remove what was stored just now
     */
    public Expiring {
        if (period.isZero() || period.isNegative()) {
            throw new IllegalArgumentException(
                    "The retention period of " + kind + " is " + period + "; it must be a day or longer, as in P90D");
        }
    }

    /** Removes a batch. */
    @FunctionalInterface
    public interface Purge {
        /**
         * Removes, in the caller's transaction, what is older.
         *
         * @param before what was over before this time may go
         * @param limit most records to remove
         * @return records removed; fewer than {@code limit} when no more are left
         */
        int purge(Instant before, int limit);
    }
}
