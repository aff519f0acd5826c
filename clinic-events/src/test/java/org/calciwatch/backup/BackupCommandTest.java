package org.calciwatch.backup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What needs no database. */
class BackupCommandTest {

    /** What a program has said, on both streams, and its exit code. */
    private record Said(int code, String text) {}

    @Test
    void what_is_not_understood_is_explained() {
        assertThat(run(Map.of()).code()).isEqualTo(2);
        assertThat(run(Map.of(), "take", "now").text()).startsWith("backup: Usage: take | schedule");
        assertThat(run(Map.of(), "restore", "here", "--fast", "yes").code()).isEqualTo(2);
        assertThat(run(Map.of(), "restore", "here", "--until", "yesterday"))
                .isEqualTo(new Said(
                        2,
                        "backup: --until takes a time in UTC such as 2026-11-23T12:00:00Z, not" + " \"yesterday\".\n"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "EVERY | daily | it takes a time such as P1D, PT6H or PT30M.",
                "EVERY | PT0S  | it takes a time such as P1D, PT6H or PT30M.",
                "KEEP  | 0     | it takes a whole number, 1 or more."
            })
    void a_setting_that_makes_no_sense_is_named(String name, String value, String right) {
        assertThat(run(Map.of("CALCIWATCH_BACKUP_" + name, value), "list"))
                .isEqualTo(new Said(1, "backup: CALCIWATCH_BACKUP_" + name + " is \"" + value + "\"; " + right + "\n"));
    }

    @Test
    void an_empty_directory_is_no_backup_that_is_whole(@TempDir Path directory) {
        assertThat(run(Map.of("CALCIWATCH_BACKUP_DIRECTORY", directory.toString()), "verify"))
                .isEqualTo(new Said(1, "backup: There is no backup in " + directory + ".\n"));
    }

    @Test
    void a_wal_file_is_named_as_postgresql_does_whatever_its_size() {
        var megabytes = 1L << 20;
        var last = WalFile.parse("0000000200000007000000FF", 16 * megabytes);

        assertThat(last.next().name()).isEqualTo("000000020000000800000000");
        assertThat(WalFile.parse("000000020000000700000FFF", megabytes).next().name())
                .isEqualTo("000000020000000800000000");
    }

    @Test
    void archiving_twice_is_fine_and_another_file_of_the_same_name_is_not(@TempDir Path directory) throws Exception {
        var name = "000000010000000000000001";
        var wal = Files.writeString(directory.resolve(name), "a segment");
        var archive = directory.resolve("archive");

        assertThat(archive(wal, name, archive)).isEqualTo(new Said(0, ""));
        assertThat(archive(wal, name, archive)).isEqualTo(new Said(0, ""));
        Files.writeString(wal, "a segment of another cluster");
        assertThat(archive(wal, name, archive))
                .isEqualTo(new Said(
                        1,
                        "archive-wal: " + archive.resolve(name + ".gz") + " is there and differs from "
                                + wal + ". Another database cluster archives to " + archive
                                + ", or did: give each a directory of its own\n"));
        assertThat(archive).isDirectoryNotContaining(file -> !file.endsWith(name + ".gz"));
    }

    private static Said run(Map<String, String> environment, String... arguments) {
        var said = new ByteArrayOutputStream();
        var out = new PrintStream(said, true);
        return new Said(
                BackupCommand.run(List.of(arguments), environment, out, out), said.toString(StandardCharsets.UTF_8));
    }

    private static Said archive(Path wal, String name, Path archive) throws Exception {
        var script = new ProcessBuilder("../deploy/postgres/archive-wal", wal.toString(), name, archive.toString())
                .redirectErrorStream(true)
                .start();
        var said = new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Said(script.waitFor(), said);
    }
}
