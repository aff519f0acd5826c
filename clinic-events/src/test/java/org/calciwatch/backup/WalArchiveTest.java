package org.calciwatch.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that lack, where restorations have begun timelines. */
class WalArchiveTest {

    private static final long BYTES = 16L << 20;

    private final WalArchive archive;

    WalArchiveTest(@TempDir Path directory) {
        archive = new WalArchive(directory);
    }

    @Test
    void on_one_timeline_the_first_gap_is_found() throws Exception {
        wal(1, 3, 4, 5, 7, 9);

        assertThat(archive.firstMissingAfter(backup(1, 3), null)).isEqualTo("000000010000000000000006");
        assertThat(archive.firstMissingAfter(backup(1, 7), null)).isEqualTo("000000010000000000000008");
    }

    @Test
    void without_a_gap_nothing_lacks() throws Exception {
        wal(1, 3, 4, 5);

        assertThat(archive.firstMissingAfter(backup(1, 3), null)).isNull();
        assertThat(archive.firstMissingAfter(backup(1, 5), null)).isNull();
    }

    @Test
    void a_file_of_the_timeline_that_was_left_does_not_stand_in_for_one_of_the_next() throws Exception {
        wal(1, 3, 4, 5, 6, 7, 8);
        wal(2, 5, 7, 8);
        history(2, "1\t0/5000060\tbefore 2026-11-23 12:00:00+00\n");

        assertThat(archive.firstMissingAfter(backup(1, 3), null)).isEqualTo("000000020000000000000006");
        assertThat(archive.firstMissingAfter(backup(1, 3), 1)).isNull();
        wal(2, 6);
        assertThat(archive.firstMissingAfter(backup(1, 3), null)).isNull();
    }

    @Test
    void what_a_timeline_that_was_left_had_more_is_not_asked_for() throws Exception {
        wal(1, 3, 4, 5, 6, 8, 9);
        wal(3, 4, 5);
        history(2, "1\t0/8000000\tno recovery target specified\n");
        history(3, "1\t0/4000060\tbefore 2026-11-23 12:00:00+00\n");

        assertThat(archive.firstMissingAfter(backup(1, 3), null)).isNull();
        assertThat(archive.firstMissingAfter(backup(2, 8), null))
                .as("the way does not lead through timeline 2")
                .isNull();
    }

    @Test
    void a_timeline_whose_beginning_is_not_known_is_refused() {
        assertThatThrownBy(() -> archive.firstMissingAfter(backup(1, 3), 2))
                .isInstanceOf(BackupFailed.class)
                .hasMessageContaining("00000002.history.gz is missing");
    }

    private void wal(int timeline, long... numbers) {
        LongStream.of(numbers).forEach(number -> write(new WalFile(timeline, number, BYTES).name(), "a segment"));
    }

    private void history(int timeline, String text) {
        write(String.format(Locale.ROOT, "%08X.history", timeline), text);
    }

    private void write(String name, String text) {
        try (var out = new GZIPOutputStream(Files.newOutputStream(archive.file(name)))) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Manifest backup(int timeline, long number) {
        var wal = new WalFile(timeline, number, BYTES).name();
        return new Manifest(
                Instant.EPOCH, Instant.EPOCH, "18", "1", "0/0", "0/0", wal, wal, BYTES, List.of(), List.of());
    }
}
