package org.calciwatch.backup;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Takes and restores backups of the database cluster; the settings are those of {@link BackupSettings}. Exit code 0:
 * done; 1: it could not be, and one line says why; 2: the command cannot be understood.
 */
public final class BackupCommand {
    private static final int DONE = 0;
    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
    private static final Duration LOOK_AGAIN = Duration.ofMinutes(1);
    private static final String HELP = """
            backup: Usage: take | schedule | archive | list | verify | restore DIRECTORY [--until TIME] [--timeline N]
              take      takes a base backup
              schedule  takes one whenever the newest is old enough, and removes the oldest; goes on until it is ended
              archive   has the WAL archived at once: what is stored now can be restored
              list      what backups there are
              verify    reads all of them and names the first file that is damaged or missing
              restore   makes a data directory; TIME as in 2026-11-23T12:00:00Z, otherwise everything archived""";

    private final BackupSettings settings;
    private final Backups backups;
    private final PrintStream out;

    private BackupCommand(BackupSettings settings, PrintStream out) {
        this.settings = settings;
        this.backups = new Backups(settings.directory());
        this.out = out;
    }

    public static void main(String[] arguments) {
        System.exit(run(List.of(arguments), System.getenv(), System.out, System.err));
    }

    /** Does what the arguments say and returns the exit code. */
    static int run(List<String> arguments, Map<String, String> environment, PrintStream out, PrintStream err) {
        try {
            var command = new BackupCommand(BackupSettings.of(environment), out);
            switch (String.join(" ", arguments)) {
                case "take" -> command.take();
                case "schedule" -> command.schedule();
                case "archive" -> command.archive();
                case "list" -> command.list();
                case "verify" -> command.verify();
                case String line when line.startsWith("restore ") -> command.restore(arguments);
                default -> throw new IllegalArgumentException(HELP);
            }
            return DONE;
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage());
            return USAGE;
        } catch (BackupFailed | SQLException | IOException e) {
            err.println("backup: " + reason(e));
            return FAILED;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return FAILED;
        }
    }

    private void take() throws IOException, SQLException, BackupFailed, InterruptedException {
        var taken = backups.take(settings);
        var manifest = taken.manifest();
        out.printf(
                "%s  Backup %s taken: %d files, %s, in %d s; it needs the WAL from %s on.%n",
                Instant.now(),
                taken.name(),
                manifest.files().size(),
                megabytes(manifest.bytes()),
                Duration.between(manifest.startedAt(), Instant.now()).toSeconds(),
                manifest.startWal());
    }

    /** Failing is no reason to end: the cause may pass, and whoever looks at the health file sees it. */
    private void schedule() throws InterruptedException {
        while (true) {
            try {
                if (untilNext().isZero()) {
                    take();
                    backups.keep(settings.keep());
                }
                refuseStuckArchive();
                health("ok " + Instant.now());
                Thread.sleep(shorter(untilNext(), LOOK_AGAIN));
            } catch (BackupFailed | SQLException | IOException e) {
                var pause = shorter(settings.every(), LONGEST_PAUSE);
                out.println(Instant.now() + "  No backup: " + reason(e) + " Trying again in " + pause + ".");
                health("failed " + Instant.now() + " " + reason(e));
                Thread.sleep(pause);
            }
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** What changes from now on would not be in any backup, and PostgreSQL's disk fills. */
    private void refuseStuckArchive() throws SQLException, BackupFailed {
        try (var server = Server.connect(settings)) {
            if (server.failsToArchive()) {
                throw new BackupFailed("PostgreSQL cannot archive its WAL: " + server.archiverState() + ".");
            }
        }
    }

    /** None after a restoration: it needs a backup of its own timeline soon. */
    private Duration untilNext() throws IOException, SQLException {
        var newest = backups.newest();
        if (newest.isEmpty()) {
            return Duration.ZERO;
        }
        try (var server = Server.connect(settings)) {
            if (server.timeline() != newest.get().manifest().timeline()) {
                return Duration.ZERO;
            }
        }
        var left = Duration.between(
                Instant.now(), newest.get().manifest().startedAt().plus(settings.every()));
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** Where it cannot be written, as on a full disk, there is none: an old one would say that all is well. */
    private void health(String line) {
        var file = settings.directory().resolve("health");
        try {
            CopiedFile.replace(file, line + "\n");
        } catch (IOException e) {
            out.println(Instant.now() + "  " + file + " cannot be written: " + reason(e));
            try {
                Files.deleteIfExists(file);
            } catch (IOException _) {
                // said above
            }
        }
    }

    private void archive() throws SQLException, BackupFailed, InterruptedException {
        try (var server = Server.connect(settings)) {
            var last = server.switchWal();
            if (!backups.archive().await(last, settings.archivePatience())) {
                throw new BackupFailed("The WAL file " + last + " has not come to "
                        + backups.archive().directory() + " within " + settings.archivePatience()
                        + ". PostgreSQL says that " + server.archiverState() + ".");
            }
            out.println("The archive is complete up to the WAL file " + last + ".");
        }
    }

    private void list() throws IOException, BackupFailed {
        out.printf("%-20s  %-24s  %9s  %8s  %s%n", "NAME", "RESTORES TO", "SIZE", "TIMELINE", "POSTGRESQL");
        for (var backup : backups.all()) {
            var manifest = backup.manifest();
            out.printf(
                    "%-20s  %-24s  %9s  %8d  %s%n",
                    backup.name(),
                    manifest.endedAt(),
                    megabytes(manifest.bytes()),
                    manifest.timeline(),
                    manifest.serverVersion());
        }
        var wal = backups.archive().names();
        out.println(wal.isEmpty() ? "No WAL." : "WAL from " + wal.getFirst() + " to " + wal.getLast() + ".");
    }

    private void verify() throws IOException, BackupFailed {
        backups.verify();
        for (var backup : backups.all()) {
            out.println(backup.name() + " is whole.");
        }
    }

    private void restore(List<String> arguments) throws IOException, BackupFailed {
        var target = path(arguments.get(1));
        Instant until = null;
        Integer timeline = null;
        var options = new ArrayList<>(arguments.subList(2, arguments.size()));
        while (!options.isEmpty()) {
            var option = options.removeFirst();
            var value = options.isEmpty() ? "" : options.removeFirst();
            switch (option) {
                case "--until" -> until = instant(value);
                case "--timeline" -> timeline = timeline(value);
                default -> throw new IllegalArgumentException(HELP);
            }
        }
        var used = backups.restore(target, new Recovery(until, timeline));
        out.println("The backup " + used.name() + " is in " + target + ". PostgreSQL, when it starts there, goes on to "
                + (until == null ? "the end of the archive" : until) + " before it lets anybody in.");
    }

    private static Path path(String text) {
        try {
            return Path.of(text).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("backup: " + text + " cannot be a directory: " + e.getReason(), e);
        }
    }

    private static Instant instant(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    "backup: --until takes a time in UTC such as 2026-11-23T12:00:00Z, not \"" + text + "\".", e);
        }
    }

    private static int timeline(String text) {
        if (!text.matches("[1-9][0-9]{0,8}")) {
            throw new IllegalArgumentException("backup: --timeline takes a whole number, not \"" + text + "\".");
        }
        return Integer.parseInt(text);
    }

    private static String megabytes(long bytes) {
        return ((bytes >> 20) + 1) + " MiB";
    }

    /** Java's own messages about files are often just their names; those of the driver have several lines. */
    private static String reason(Exception e) {
        if (e instanceof BackupFailed) {
            return String.valueOf(e.getMessage());
        }
        var what = e instanceof SQLException ? "PostgreSQL" : e.getClass().getSimpleName();
        return what + ": " + String.valueOf(e.getMessage()).lines().findFirst().orElse("") + ".";
    }
}
