package org.calciwatch.backup;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.time.Instant;
import java.util.List;

/**
 * What a base backup consists of. It is written last: a directory without one is no backup.
 *
 * @param startedAt by the clock of the machine that took it
 * @param endedAt by the server's clock: the earliest moment to which it can be restored
 * @param systemIdentifier of the database cluster; a cluster made anew has another
 * @param startWal the first WAL file without which it is nothing; {@code stopWal} the last
 * @param walSegmentBytes the size of a WAL file
 * @param directories relative to the data directory, parents before children; some of them are empty
 */
record Manifest(
        Instant startedAt,
        Instant endedAt,
        String serverVersion,
        String systemIdentifier,
        String startLsn,
        String stopLsn,
        String startWal,
        String stopWal,
        long walSegmentBytes,
        List<String> directories,
        List<Entry> files) {

    static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    /** A file of the data directory; {@code sha256} in hexadecimal digits. */
    record Entry(String path, long bytes, String sha256) {}

    WalFile firstWal() {
        return WalFile.parse(startWal, walSegmentBytes);
    }

    WalFile lastWal() {
        return WalFile.parse(stopWal, walSegmentBytes);
    }

    /** Grows with every restoration that was put to use. */
    int timeline() {
        return firstWal().timeline();
    }

    long bytes() {
        return files.stream().mapToLong(Entry::bytes).sum();
    }
}
