package org.calciwatch.backup;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A segment of PostgreSQL's write-ahead log.
 *
 * @param number counts segments since the cluster was made, over all timelines
 * @param bytes the size of every segment of this cluster
 */
record WalFile(int timeline, long number, long bytes) {
    private static final Pattern NAME = Pattern.compile("[0-9A-F]{24}");
    /** The name gives the number in two halves, of which the second counts segments in four gigabytes. */
    private static final long UPPER_HALF = 1L << 32;

    static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    /** From a name such as {@code 00000001000000A000000007}. */
    static WalFile parse(String name, long bytes) {
        var number = Long.parseLong(name, 8, 16, 16) * (UPPER_HALF / bytes) + Long.parseLong(name, 16, 24, 16);
        return new WalFile(Integer.parseInt(name, 0, 8, 16), number, bytes);
    }

    String name() {
        var perHalf = UPPER_HALF / bytes;
        return String.format(Locale.ROOT, "%08X%08X%08X", timeline, number / perHalf, number % perHalf);
    }

    WalFile next() {
        return new WalFile(timeline, number + 1, bytes);
    }
}
