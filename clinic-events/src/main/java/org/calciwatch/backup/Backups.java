package org.calciwatch.backup;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The backups of one database cluster, in one directory: base backups in {@code base}, the WAL in {@code wal}, and in
 * {@code latest} the name of the newest base backup. One process writes at a time.
 */
final class Backups {
    private final Path directory;
    private final WalArchive archive;

    Backups(Path directory) {
        this.directory = directory;
        archive = new WalArchive(directory.resolve("wal"));
    }

    WalArchive archive() {
        return archive;
    }

    /** Those that are complete, the oldest first. */
    List<BaseBackup> all() throws IOException, BackupFailed {
        List<BaseBackup> found = new ArrayList<>();
        for (var attempt : attempts()) {
            BaseBackup.read(attempt).ifPresent(found::add);
        }
        return found;
    }

    /** As {@link #all}, without those that {@code verify} would name: they must not keep new ones from being taken. */
    private List<BaseBackup> usable() throws IOException {
        List<BaseBackup> found = new ArrayList<>();
        for (var attempt : attempts()) {
            try {
                BaseBackup.read(attempt).ifPresent(found::add);
            } catch (BackupFailed _) {
                // left out
            }
        }
        return found;
    }

    Optional<BaseBackup> newest() throws IOException {
        return usable().stream().reduce((_, later) -> later);
    }

    /** Takes one of a running server. What it leaves when it is killed is no backup, and goes with the next. */
    BaseBackup take(BackupSettings settings) throws IOException, SQLException, BackupFailed, InterruptedException {
        CopiedFile.createDirectory(base());
        try (var lock =
                FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            if (!locked(lock)) {
                throw new BackupFailed(
                        "Another backup to " + directory + " is under way. Try again when it has ended.");
            }
            try (var server = Server.connect(settings)) {
                refuseUnsuitable(server);
                removeRemains();
                var taken = BaseBackup.take(server, base(), archive, settings);
                CopiedFile.replace(directory.resolve("latest"), taken.name() + "\n");
                return taken;
            } finally {
                // Half a backup would fill the disk.
                removeRemains();
            }
        }
    }

    /** Removes the oldest backups but so many, and the WAL that none of the others needs. */
    void keep(int count) throws IOException {
        var all = usable();
        var kept = all.subList(Math.max(0, all.size() - count), all.size());
        for (var old : all.subList(0, all.size() - kept.size())) {
            // Without its manifest it is no backup any more, should this be broken off.
            Files.delete(old.directory().resolve("manifest.json"));
            CopiedFile.deleteTree(old.directory());
        }
        // Not the oldest: a restoration to an earlier time leads back to lower numbers.
        var needed = kept.stream()
                .map(backup -> backup.manifest().firstWal())
                .min(Comparator.comparingLong(WalFile::number));
        if (needed.isPresent()) {
            archive.removeBefore(needed.get());
        }
    }

    /**
     * Makes a data directory of the newest backup that is old enough; the server that starts on it reads the WAL.
     *
     * @param target empty, or not there
     * @return the backup that was used
     */
    BaseBackup restore(Path target, Recovery recovery) throws IOException, BackupFailed {
        refuseUsed(target);
        var backup = choose(recovery);
        backup.verify();
        archive.verify(backup.manifest());
        refuseGap(backup, recovery);
        CopiedFile.createDirectory(target);
        backup.copyTo(target);
        recovery.prepare(target, archive);
        backup.completeIn(target);
        return backup;
    }

    private BaseBackup choose(Recovery recovery) throws IOException, BackupFailed {
        var all = all();
        if (all.isEmpty()) {
            throw new BackupFailed(
                    "There is no backup in " + directory + ". Name the directory that holds base and wal.");
        }
        var until = recovery.until();
        var timeline = recovery.timeline();
        return all.stream()
                .filter(backup -> until == null || !backup.manifest().endedAt().isAfter(until))
                .filter(backup -> timeline == null || backup.manifest().timeline() <= timeline)
                .reduce((_, later) -> later)
                .orElseThrow(() -> new BackupFailed("No backup in " + directory + " is old enough: the first ended at "
                        + all.getFirst().manifest().endedAt() + ", on timeline "
                        + all.getFirst().manifest().timeline() + ". Choose a later time or timeline."));
    }

    private void refuseGap(BaseBackup backup, Recovery recovery) throws IOException, BackupFailed {
        var missing = archive.firstMissingAfter(backup.manifest(), recovery.timeline());
        // With a time, the server itself refuses to start when it cannot get there.
        if (missing != null && recovery.until() == null) {
            throw new BackupFailed("The WAL file " + archive.file(missing) + " is missing, though there are later ones."
                    + " Bring it back, or restore with --until to a moment before it, which gives up what came after.");
        }
    }

    private static void refuseUsed(Path target) throws IOException, BackupFailed {
        if (!Files.exists(target)) {
            return;
        }
        if (!Files.isDirectory(target)) {
            throw new BackupFailed(target + " is no directory. Name an empty one.");
        }
        try (var files = Files.list(target)) {
            if (files.findAny().isPresent()) {
                throw new BackupFailed(
                        target + " is not empty. Nothing is overwritten: name an empty directory, or move"
                                + " what is there aside.");
            }
        }
    }

    /** Reads everything. The first file that is damaged or missing is named. */
    void verify() throws IOException, BackupFailed {
        var all = all();
        if (all.isEmpty()) {
            throw new BackupFailed("There is no backup in " + directory + ".");
        }
        for (var backup : all) {
            backup.verify();
            archive.verify(backup.manifest());
        }
        archive.verify();
        for (var backup : all) {
            var missing = archive.firstMissingAfter(backup.manifest(), null);
            if (missing != null) {
                throw new BackupFailed("The WAL file " + archive.file(missing) + " is missing: from the backup "
                        + backup.name() + " nothing can be restored that came after it. Bring it back.");
            }
        }
    }

    private void refuseUnsuitable(Server server) throws SQLException, IOException, BackupFailed {
        if (!server.archives()) {
            throw new BackupFailed(
                    "PostgreSQL does not archive its WAL, without which a backup is nothing. Start it with"
                            + " archive_mode=on and an archive_command that leads to " + archive.directory() + ".");
        }
        var newest = newest();
        if (newest.isPresent() && !newest.get().manifest().systemIdentifier().equals(server.systemIdentifier())) {
            throw new BackupFailed(
                    "The backups in " + directory + " are of another database cluster (system identifier "
                            + newest.get().manifest().systemIdentifier() + ", this one is " + server.systemIdentifier()
                            + "). Restore one of them, or choose an empty directory for this cluster.");
        }
    }

    private void removeRemains() throws IOException {
        for (var attempt : attempts()) {
            if (!Files.exists(attempt.resolve("manifest.json"))) {
                CopiedFile.deleteTree(attempt);
            }
        }
    }

    private List<Path> attempts() throws IOException {
        if (!Files.isDirectory(base())) {
            return List.of();
        }
        try (var directories = Files.list(base())) {
            return directories.sorted().toList();
        }
    }

    private Path base() {
        return directory.resolve("base");
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException _) {
            return false; // in this very process
        }
    }
}
