package org.calciwatch.backup;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Copies the files of a running PostgreSQL, as its manual says in "Making a Base Backup Using the Low Level API": they
 * change meanwhile, and what changes is in the WAL.
 */
final class DataDirectory {
    /** Directories that a starting server fills itself. */
    private static final Set<String> ONLY_THE_DIRECTORY = Set.of(
            "pg_wal",
            "pg_dynshmem",
            "pg_notify",
            "pg_replslot",
            "pg_serial",
            "pg_snapshots",
            "pg_stat_tmp",
            "pg_subtrans");
    /** What belongs to the running server, to its temporary tables, or to an earlier backup or restoration. */
    private static final Pattern LEFT_OUT =
            Pattern.compile("postmaster\\.(pid|opts)|backup_label(\\.old)?|tablespace_map(\\.old)?|backup_manifest"
                    + "|(recovery|standby)\\.signal|postgresql\\.auto\\.conf\\.tmp|current_logfiles(\\.tmp)?"
                    + "|pg_internal\\.init.*|pgsql_tmp.*|t[0-9]+_[0-9]+(_[a-z]+)?(\\.[0-9]+)?");
    /** Says from where recovery may begin, hence must not be older than any other file. */
    private static final Path CONTROL = Path.of("global", "pg_control");

    private final Path source;
    private final Path target;
    private final List<String> directories = new ArrayList<>();
    private final List<Manifest.Entry> files = new ArrayList<>();

    private DataDirectory(Path source, Path target) {
        this.source = source;
        this.target = target;
    }

    /** Copies everything that belongs into a backup to a directory that does not exist, and describes it. */
    static DataDirectory copy(Path source, Path target) throws IOException, BackupFailed {
        if (!Files.isReadable(source.resolve("PG_VERSION"))) {
            throw new BackupFailed(
                    "The data directory " + source + ", which the server names, cannot be read here. Mount"
                            + " it under the same path and run as the server's user.");
        }
        CopiedFile.createDirectory(target);
        var copying = new DataDirectory(source, target);
        copying.copyDirectory(Path.of(""));
        copying.copyFile(CONTROL);
        return copying;
    }

    List<String> directories() {
        return List.copyOf(directories);
    }

    List<Manifest.Entry> files() {
        return List.copyOf(files);
    }

    private void copyDirectory(Path directory) throws IOException, BackupFailed {
        for (var entry : entries(source.resolve(directory))) {
            if (!LEFT_OUT.matcher(entry.getFileName().toString()).matches()) {
                copyEntry(entry);
            }
        }
    }

    private void copyEntry(Path entry) throws IOException, BackupFailed {
        var path = source.relativize(entry);
        if (ONLY_THE_DIRECTORY.contains(path.toString())) {
            makeDirectory(path);
        } else if (Files.isSymbolicLink(entry)) {
            throw new BackupFailed(
                    entry + " is a link, and what it leads to would not be in the backup. Tablespaces and"
                            + " files elsewhere are not supported: move it into the data directory.");
        } else if (Files.isDirectory(entry)) {
            makeDirectory(path);
            copyDirectory(path);
        } else if (!path.equals(CONTROL)) {
            copyFile(path);
        }
    }

    private static List<Path> entries(Path directory) throws IOException {
        try (var entries = Files.list(directory)) {
            return entries.toList();
        } catch (NoSuchFileException _) {
            return List.of(); // a database that is dropped meanwhile
        }
    }

    private void makeDirectory(Path path) throws IOException {
        CopiedFile.createDirectory(target.resolve(path));
        directories.add(path.toString());
    }

    private void copyFile(Path path) throws IOException {
        InputStream opened;
        try {
            opened = Files.newInputStream(source.resolve(path));
        } catch (NoSuchFileException _) {
            return; // a table that is dropped meanwhile
        }
        try (var in = opened) {
            add(path, in);
        }
    }

    /** A file that is not in the source, or not so. */
    void add(Path path, InputStream content) throws IOException {
        var copied = CopiedFile.write(content, target.resolve(path));
        files.add(new Manifest.Entry(path.toString(), copied.bytes(), copied.sha256()));
    }
}
