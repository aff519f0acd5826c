package org.calciwatch.backup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How far a restored server reads on in the archive.
 *
 * @param until null for everything there is
 * @param timeline null for the newest; another leads to what an earlier restoration has left behind
 */
record Recovery(@Nullable Instant until, @Nullable Integer timeline) {
    /** At that point PostgreSQL knows no names of time zones, not even Z. */
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd HH:mm:ss.SSSSSSxxx", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private static final Pattern OURS =
            Pattern.compile("\\s*(restore_command|hot_standby|recovery_target_\\w+)\\s*=.*");

    /** Tells the server that will start on this directory; it does so once and then works as usual. */
    void prepare(Path dataDirectory, WalArchive archive) throws IOException {
        var file = dataDirectory.resolve("postgresql.auto.conf");
        // Those of an earlier restoration, when the backup is of a server that was restored.
        List<String> lines = new ArrayList<>(Files.readAllLines(file).stream()
                .filter(line -> !OURS.matcher(line).matches())
                .toList());
        lines.add("restore_command = " + quoted(restoreCommand(archive)));
        // Nobody is let in before everything is there.
        lines.add("hot_standby = off");
        lines.add("recovery_target_action = 'promote'");
        lines.add("recovery_target_timeline = " + quoted(timeline == null ? "latest" : timeline.toString()));
        if (until != null) {
            lines.add("recovery_target_time = " + quoted(TIME.format(until)));
        }
        CopiedFile.replace(file, String.join("\n", lines) + "\n");
        CopiedFile.replace(dataDirectory.resolve("recovery.signal"), "");
    }

    /**
     * To PostgreSQL a command that fails means that the archive ends there. That must be true: an archive that is not
     * mounted or a file that is damaged would look like an early end, so they give 255, which makes it give up.
     */
    private static String restoreCommand(WalArchive archive) {
        var directory = shellQuoted(archive.directory().toString()).replace("%", "%%");
        var file = directory + "/%f.gz";
        return "test -d " + directory + " || exit 255; test -e " + file + " || exit 1; gzip -dc " + file
                + " >\"%p\" || exit 255";
    }

    private static String shellQuoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'";
    }
}
