package org.calciwatch.backup;

import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Map;

/**
 * The settings, from the environment.
 *
 * @param directory {@code CALCIWATCH_BACKUP_DIRECTORY}, default {@code /backup}: where the backups are
 * @param jdbcUrl {@code CALCIWATCH_BACKUP_JDBC_URL}, default the database {@code postgres} of the host {@code postgres}
 * @param username {@code CALCIWATCH_BACKUP_USERNAME}, default {@code backup}; what it needs is in
 *     {@code deploy/postgres/backup-role.sql}
 * @param password {@code CALCIWATCH_BACKUP_PASSWORD}
 * @param every {@code CALCIWATCH_BACKUP_EVERY}, default {@code P1D}: from one base backup to the next
 * @param keep {@code CALCIWATCH_BACKUP_KEEP}, default 7: base backups that stay when a newer one is taken
 * @param archivePatience {@code CALCIWATCH_BACKUP_ARCHIVE_PATIENCE}, default {@code PT5M}: how long PostgreSQL may take to
 *     archive a WAL file
 */
record BackupSettings(
        Path directory,
        String jdbcUrl,
        String username,
        String password,
        Duration every,
        int keep,
        Duration archivePatience) {
    private static final String PREFIX = "CALCIWATCH_BACKUP_";

    static BackupSettings of(Map<String, String> environment) throws BackupFailed {
        var read = new Reader(environment);
        return new BackupSettings(
                Path.of(read.text("DIRECTORY", "/backup")).toAbsolutePath().normalize(),
                read.text("JDBC_URL", "jdbc:postgresql://postgres:5432/postgres"),
                read.text("USERNAME", "backup"),
                read.text("PASSWORD", ""),
                read.duration("EVERY", "P1D"),
                read.count("KEEP", "7"),
                read.duration("ARCHIVE_PATIENCE", "PT5M"));
    }

    private record Reader(Map<String, String> environment) {

        String text(String name, String otherwise) {
            var text = environment.getOrDefault(PREFIX + name, "");
            return text.isBlank() ? otherwise : text;
        }

        Duration duration(String name, String otherwise) throws BackupFailed {
            var text = text(name, otherwise);
            try {
                var duration = Duration.parse(text);
                if (duration.isPositive()) {
                    return duration;
                }
            } catch (DateTimeParseException _) {
                // said below, as what is zero or less
            }
            throw new BackupFailed(PREFIX + name + " is \"" + text + "\"; it takes a time such as P1D, PT6H or PT30M.");
        }

        int count(String name, String otherwise) throws BackupFailed {
            var text = text(name, otherwise);
            if (!text.matches("[1-9][0-9]{0,5}")) {
                throw new BackupFailed(PREFIX + name + " is \"" + text + "\"; it takes a whole number, 1 or more.");
            }
            return Integer.parseInt(text);
        }
    }
}
