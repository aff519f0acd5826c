package org.calciwatch.backup;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeSet;
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
            try (var in = new GZIPInputStream(Files.newInputStream(file))) {
                in.transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                throw new BackupFailed("The WAL file " + file + " is damaged (" + e.getMessage()
                        + "). Bring it back from another copy, or use another backup.");
            }
        }
    }

    /** The first file that lacks between a base backup's and the newest; null when none does. */
    @Nullable
    String firstMissingAfter(Manifest backup) throws IOException {
        var there = new TreeSet<Long>();
        names().forEach(name ->
                there.add(WalFile.parse(name, backup.walSegmentBytes()).number()));
        for (var wal = backup.lastWal(); wal.number() < there.last(); wal = wal.next()) {
            if (!there.contains(wal.next().number())) {
                return wal.next().name();
            }
        }
        return null;
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
