package org.calciwatch.backup;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * The way to a timeline: every restoration that was put to use began one, and WAL files of the same number may be there
 * on several, of which one counts.
 *
 * @param branches the timelines it comes from, the first one first
 */
record Timelines(int target, List<Branch> branches) {

    /**
     * A timeline that was left.
     *
     * @param end number of the WAL file from which on the next one counts
     */
    record Branch(int timeline, long end) {}

    /**
     * The way as PostgreSQL has archived it.
     *
     * @throws BackupFailed when what tells of it is missing
     */
    static Timelines to(int target, WalArchive archive, long walSegmentBytes) throws IOException, BackupFailed {
        if (target == 1) {
            return new Timelines(target, List.of());
        }
        var file = archive.history(target);
        if (!Files.exists(file)) {
            throw new BackupFailed("The file " + file + " is missing, which says where timeline " + target
                    + " began. Bring it back, or restore with another --timeline.");
        }
        try (var lines = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
            return new Timelines(
                    target,
                    lines.lines()
                            .map(String::strip)
                            .filter(line -> line.matches("[0-9]+\\s+[0-9A-F]+/[0-9A-F]+.*"))
                            .map(line -> branch(line.split("[\\s/]+"), walSegmentBytes))
                            .toList());
        }
    }

    /** From a number and the position where it was left, as in {@code 1 0/6000060}. */
    private static Branch branch(String[] words, long walSegmentBytes) {
        var position = (Long.parseLong(words[1], 16) << 32) + Long.parseLong(words[2], 16);
        return new Branch(Integer.parseInt(words[0]), position / walSegmentBytes);
    }

    boolean leadsThrough(int timeline) {
        return timeline == target || branches.stream().anyMatch(branch -> branch.timeline() == timeline);
    }

    /** The timeline of which the WAL file with this number counts. */
    int at(long number) {
        return branches.stream()
                .filter(branch -> number < branch.end())
                .map(Branch::timeline)
                .findFirst()
                .orElse(target);
    }
}
