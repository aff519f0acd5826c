package org.calciwatch.benchmark;

import java.util.stream.LongStream;

/** Medians of times. */
final class Medians {

    private static final double NANOS_PER_MILLI = 1e6;

    private Medians() {}

    /** The median, in milliseconds. */
    static double ofNanos(long[] nanos) {
        var sorted = LongStream.of(nanos).sorted().toArray();
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2.0 / NANOS_PER_MILLI;
    }
}
