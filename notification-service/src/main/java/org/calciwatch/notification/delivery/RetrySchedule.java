package org.calciwatch.notification.delivery;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Pauses between attempts: the first one doubled with every failure up to the longest, and up to a fifth less by
 * chance, so that what was held up by an outage does not all come back in the same second.
 */
public record RetrySchedule(Duration first, Duration longest) {

    private static final double MOST_TAKEN_OFF = 0.2;

    /**
     * The pause after a number of failures in a row.
     *
     * @param failures 1 or more
     */
    public Duration pauseAfter(int failures, RandomGenerator chance) {
        var pause = first;
        for (int i = 1; i < failures && pause.compareTo(longest) < 0; i++) {
            pause = pause.multipliedBy(2);
        }
        if (pause.compareTo(longest) > 0) {
            pause = longest;
        }
        return Duration.ofMillis(Math.round(pause.toMillis() * (1 - MOST_TAKEN_OFF * chance.nextDouble())));
    }
}
