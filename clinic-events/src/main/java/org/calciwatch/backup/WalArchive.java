package org.calciwatch.backup;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** The WAL files that {@code deploy/postgres/archive-wal} has put into a directory, compressed. */
record WalArchive(Path directory) {
    private static final String SUFFIX = ".gz";
    private static final long LOOK_AGAIN_MILLIS = 200;

    Path file(String name) {
        return directory.resolve(name + SUFFIX);
    }

    /** Waits until PostgreSQL has archived a file; whether it has in time. */
    boolean await(String name, Duration patience) throws InterruptedException {
        var deadline = Instant.now().plus(patience);
        while (!Files.exists(file(name))) {
            if (Instant.now().isAfter(deadline)) {
                return false;
            }
            Thread.sleep(LOOK_AGAIN_MILLIS);
        }
        return true;
    }

    /** That a base backup can be brought to a consistent state: its own WAL is there and whole. */
    void verify(Manifest backup) throws BackupFailed {
        for (var wal = backup.firstWal(); wal.number() <= backup.lastWal().number(); wal = wal.next()) {
            var file = file(wal.name());
            if (!Files.exists(file)) {
                throw new BackupFailed("The WAL file " + file + " is missing, without which the backup of "
                        + backup.startedAt() + " cannot be restored. Bring it back, or take another backup.");
            }
            read(file);
        }
    }

    /** That every file is whole. */
    void verify() throws IOException, BackupFailed {
        for (var name : names()) {
            read(file(name));
        }
    }

    private static void read(Path file) throws BackupFailed {
        try (var in = new GZIPInputStream(Files.newInputStream(file))) {
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw new BackupFailed("The WAL file " + file + " is damaged (" + e.getMessage()
                    + "). Bring it back from another copy, or use another backup.");
        }
    }

    /**
     * The first file that lacks between a base backup's and the last one on the way to a timeline.
     *
     * @param timeline null for the newest, as PostgreSQL finds it
     * @return null when none does, or the way does not lead through the backup's timeline
     */
    @Nullable
    String firstMissingAfter(Manifest backup, @Nullable Integer timeline) throws IOException, BackupFailed {
        var bytes = backup.walSegmentBytes();
        var way = Timelines.to(timeline == null ? newestAfter(backup.timeline()) : timeline, this, bytes);
        if (!way.leadsThrough(backup.timeline())) {
            return null;
        }
        var there = new TreeMap<Long, String>();
        for (var name : names()) {
            var wal = WalFile.parse(name, bytes);
            if (way.at(wal.number()) == wal.timeline()) {
                there.put(wal.number(), name);
            }
        }
        for (var number = backup.lastWal().number() + 1; !there.isEmpty() && number < there.lastKey(); number++) {
            if (!there.containsKey(number)) {
                return new WalFile(way.at(number), number, bytes).name();
            }
        }
        return null;
    }

    private int newestAfter(int timeline) {
        var newest = timeline;
        while (Files.exists(history(newest + 1))) {
            newest++;
        }
        return newest;
    }

    /** What PostgreSQL notes of a timeline when it begins. */
    Path history(int timeline) {
        return file(String.format(Locale.ROOT, "%08X.history", timeline));
    }

    /** Removes what lies before the first file that is needed, on whichever timeline. */
    void removeBefore(WalFile needed) throws IOException {
        for (var name : names()) {
            if (WalFile.parse(name, needed.bytes()).number() < needed.number()) {
                Files.delete(file(name));
            }
        }
    }

    /** The names of whole segments, without those of histories. */
    List<String> names() throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(SUFFIX))
                    .map(name -> name.substring(0, name.length() - SUFFIX.length()))
                    .filter(WalFile::isName)
                    .sorted()
                    .toList();
        }
    }
}
