package org.calciwatch.backup;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One copy of the data directory with its manifest.
 *
 * @param directory named after the moment it was begun, so that names sort by time
 */
record BaseBackup(Path directory, Manifest manifest) {
    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss.SSSX", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final Pattern LABEL =
            Pattern.compile("START WAL LOCATION: (?<lsn>[0-9A-F/]+) \\(file (?<file>[0-9A-F]{24})\\)");
    private static final String VERSION = "PG_VERSION";
    private static final String CHANGED = "has been changed since it was written";

    String name() {
        return directory.getFileName().toString();
    }

    private Path data() {
        return directory.resolve("data");
    }

    /**
     * Empty when there is no manifest: an attempt that was broken off.
     *
     * @throws BackupFailed when the manifest is not what was written
     */
    static Optional<BaseBackup> read(Path directory) throws IOException, BackupFailed {
        var file = directory.resolve("manifest.json");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        var hash = CopiedFile.of(file).sha256();
        if (!Files.exists(hashFile(directory))
                || !Files.readString(hashFile(directory)).equals(hash)) {
            throw unusable(directory, file, CHANGED);
        }
        return Optional.of(new BaseBackup(directory, Manifest.JSON.readValue(file.toFile(), Manifest.class)));
    }

    /** Copies the data directory of the running server into a new directory below {@code parent}. */
    static BaseBackup take(Server server, Path parent, WalArchive archive, BackupSettings settings)
            throws IOException, SQLException, BackupFailed, InterruptedException {
        var startedAt = Instant.now();
        var directory = parent.resolve(NAME.format(startedAt));
        CopiedFile.createDirectory(directory);
        server.startBackup();
        var copy = DataDirectory.copy(server.dataDirectory(), directory.resolve("data"));
        var ended = server.endBackup();
        // With it, recovery begins where this backup did; without it, where the last checkpoint was, which destroys.
        copy.add(Path.of("backup_label"), new ByteArrayInputStream(ended.label().getBytes(StandardCharsets.UTF_8)));
        var label = LABEL.matcher(ended.label());
        if (!label.find()) {
            throw new BackupFailed("PostgreSQL's backup label names no WAL location: " + ended.label());
        }
        var manifest = new Manifest(
                startedAt,
                ended.at(),
                server.version(),
                server.systemIdentifier(),
                label.group("lsn"),
                ended.stopLsn(),
                label.group("file"),
                ended.stopWal(),
                server.walSegmentBytes(),
                copy.directories(),
                copy.files());
        if (!archive.await(manifest.stopWal(), settings.archivePatience())) {
            throw new BackupFailed(
                    "The WAL file " + manifest.stopWal() + " has not come to " + archive.directory() + " within "
                            + settings.archivePatience() + ". PostgreSQL says that " + server.archiverState() + ".");
        }
        archive.verify(manifest);
        var json = Manifest.JSON.writeValueAsBytes(manifest);
        var fresh = directory.resolve("manifest.new");
        CopiedFile.replace(
                hashFile(directory),
                CopiedFile.write(new ByteArrayInputStream(json), fresh).sha256());
        Files.move(fresh, directory.resolve("manifest.json"), StandardCopyOption.ATOMIC_MOVE);
        return new BaseBackup(directory, manifest);
    }

    /** Reads every file and says which is not what it was. */
    void verify() throws IOException, BackupFailed {
        for (var entry : manifest.files()) {
            var file = data().resolve(entry.path());
            if (!Files.exists(file)) {
                throw unusable(directory, file, "is missing");
            }
            if (!CopiedFile.of(file).sha256().equals(entry.sha256())) {
                throw unusable(directory, file, CHANGED);
            }
        }
    }

    /** Copies the files of the manifest, and only these, into an empty directory. The last is the one that marks it. */
    void copyTo(Path target) throws IOException {
        for (var path : manifest.directories()) {
            CopiedFile.createDirectory(target.resolve(path));
        }
        for (var entry : manifest.files()) {
            if (!entry.path().equals(VERSION)) {
                copy(entry.path(), target);
            }
        }
    }

    /** PostgreSQL takes the directory for a cluster from then on, and not before. */
    void completeIn(Path target) throws IOException {
        copy(VERSION, target);
    }

    private void copy(String path, Path target) throws IOException {
        try (var in = Files.newInputStream(data().resolve(path))) {
            CopiedFile.write(in, target.resolve(path));
        }
    }

    private static Path hashFile(Path directory) {
        return directory.resolve("manifest.json.sha256");
    }

    private static BackupFailed unusable(Path directory, Path file, String why) {
        return new BackupFailed("The backup's file " + file + " " + why + ". Bring it back, or move " + directory
                + " away: the backup before it leads to the same moments.");
    }
}
