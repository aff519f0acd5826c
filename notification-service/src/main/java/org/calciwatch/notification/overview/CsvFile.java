package org.calciwatch.notification.overview;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Flags as a file for spreadsheets (RFC 4180), times in UTC. */
final class CsvFile {

    private static final List<String> HEAD = List.of(
            "reference",
            "severity",
            "rule",
            "title",
            "clinic",
            "status",
            "opened",
            "acknowledged",
            "closed",
            "outcome");

    private CsvFile() {}

    /** The file, line by line, each with its end. */
    static Stream<String> of(Stream<Statistics.Line> flags) {
        return Stream.concat(Stream.of(HEAD.stream()), flags.map(CsvFile::cells))
                .map(cells -> cells.map(CsvFile::quoted).collect(Collectors.joining(",", "", "\r\n")));
    }

    private static Stream<String> cells(Statistics.Line flag) {
        return Stream.of(
                flag.reference(),
                flag.severity().name(),
                flag.ruleId(),
                flag.title(),
                orEmpty(flag.clinic()),
                flag.status(),
                time(flag.opened()),
                time(flag.acknowledged()),
                time(flag.closed()),
                orEmpty(flag.outcome()));
    }

    /** A text that begins like a formula would be reckoned by the spreadsheet, so it gets an apostrophe before it. */
    private static String quoted(String cell) {
        var text = cell.isEmpty() || "=+-@\t\r".indexOf(cell.charAt(0)) < 0 ? cell : "'" + cell;
        return text.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r')
                ? '"' + text.replace("\"", "\"\"") + '"'
                : text;
    }

    private static String time(@Nullable Instant time) {
        return time == null ? "" : time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
