package org.calciwatch.notification.routing;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.calciwatch.events.Severity;
import org.calciwatch.notification.routing.RoutingTable.When;

/**
 * A routing table as people type it: lists are texts with one entry a line, steps and shifts are lines of
 * {@link RoutingLines}. Whether it makes sense is for {@link RoutingTableReader} to say, of its JSON.
 *
 * @param version of the table it was made from
 */
public record RoutingForm(
        int version, List<RowForm> rows, String fallback, QuietForm quiet, DigestForm digest, List<OnCallForm> onCall) {

    /**
     * A row.
     *
     * @param severity the ticked ones, by name
     * @param category empty for all
     * @param clinic empty for all
     */
    public record RowForm(
            List<String> severity,
            String category,
            String clinic,
            String recipients,
            boolean isDigest,
            String escalation) {

        /** The ticked severities, the highest first. */
        public List<Severity> severities() {
            return severity.reversed().stream().map(Severity::valueOf).toList();
        }

        private static RowForm of(RoutingTable.Row row) {
            return new RowForm(
                    ticks(row.severity()),
                    words(row.category()),
                    words(row.clinic()),
                    lines(row.recipients()),
                    row.when() == When.DIGEST,
                    lines(row.escalation().stream().map(RoutingLines::step).toList()));
        }

        private ObjectNode json() {
            var json = JsonNodeFactory.instance.objectNode();
            var isAny = severity.containsAll(RoutingTableReader.SEVERITIES);
            json.set("severity", texts(isAny ? Stream.of(RoutingTable.ANY) : severity.stream()));
            json.set("category", texts(any(category)));
            json.set("clinic", texts(any(clinic)));
            json.set("recipients", texts(RoutingLines.addresses(recipients)));
            json.put("when", isDigest ? "digest" : "immediately");
            json.set("escalation", objects(RoutingLines.of(escalation).map(RoutingLines::step)));
            return json;
        }
    }

    /** The quiet hours; none when it has no times. */
    public record QuietForm(String from, String to, String zone) {
        private static final QuietForm NONE = new QuietForm("", "", "");
    }

    /** The digest; left to us when it has no time. */
    public record DigestForm(String at, String zone) {
        private static final DigestForm NONE = new DigestForm("", "");
    }

    /** A list of those on call. */
    public record OnCallForm(String name, String zone, String shifts) {

        private static OnCallForm of(RoutingTable.OnCall list, String language) {
            return new OnCallForm(
                    list.name(),
                    list.zone().getId(),
                    lines(list.shifts().stream()
                            .map(shift -> RoutingLines.shift(shift, language))
                            .toList()));
        }

        private ObjectNode json() {
            var json = JsonNodeFactory.instance.objectNode();
            json.put("name", name.strip());
            json.put("zone", zone.strip());
            json.set("shifts", objects(RoutingLines.of(shifts).map(RoutingLines::shift)));
            return json;
        }
    }

    private static final RowForm EMPTY_ROW = new RowForm(List.of(), "", "", "", false, "");

    /**
     * A table to be changed.
     *
     * @param language of the days' names
     */
    static RoutingForm of(int version, RoutingTable table, String language) {
        var quiet = table.quietHours();
        var digest = table.digest();
        return new RoutingForm(
                version,
                table.rows().stream().map(RowForm::of).toList(),
                lines(table.fallback()),
                quiet == null
                        ? QuietForm.NONE
                        : new QuietForm(
                                quiet.from().toString(),
                                quiet.to().toString(),
                                quiet.zone().getId()),
                digest == null
                        ? DigestForm.NONE
                        : new DigestForm(digest.at().toString(), digest.zone().getId()),
                table.onCall().stream()
                        .map(list -> OnCallForm.of(list, language))
                        .toList());
    }

    /** What was sent from the page. */
    static RoutingForm of(MultivaluedMap<String, String> sent) {
        return new RoutingForm(
                version(text(sent, "version")),
                each(
                        sent,
                        "row-%d-recipients",
                        i -> new RowForm(
                                ticks(sent.getOrDefault("row-%d-severity".formatted(i), List.of())),
                                text(sent, "row-%d-category".formatted(i)),
                                text(sent, "row-%d-clinic".formatted(i)),
                                text(sent, "row-%d-recipients".formatted(i)),
                                text(sent, "row-%d-when".formatted(i)).equals("digest"),
                                text(sent, "row-%d-escalation".formatted(i)))),
                text(sent, "fallback"),
                new QuietForm(text(sent, "quiet-from"), text(sent, "quiet-to"), text(sent, "quiet-zone")),
                new DigestForm(text(sent, "digest-at"), text(sent, "digest-zone")),
                each(
                        sent,
                        "oncall-%d-name",
                        i -> new OnCallForm(
                                text(sent, "oncall-%d-name".formatted(i)),
                                text(sent, "oncall-%d-zone".formatted(i)),
                                text(sent, "oncall-%d-shifts".formatted(i)))));
    }

    /** As the API takes it. */
    ObjectNode json() {
        var json = JsonNodeFactory.instance.objectNode();
        json.set("rows", objects(rows.stream().map(RowForm::json)));
        json.set("fallback", texts(RoutingLines.addresses(fallback)));
        if (!(quiet.from + quiet.to).isBlank()) {
            json.putObject("quietHours")
                    .put("from", quiet.from.strip())
                    .put("to", quiet.to.strip())
                    .put("zone", quiet.zone.strip());
        }
        if (!digest.at.isBlank()) {
            json.putObject("digest").put("at", digest.at.strip()).put("zone", digest.zone.strip());
        }
        json.set("onCall", objects(onCall.stream().map(OnCallForm::json)));
        return json;
    }

    /** The severities a flag can have, once each, all for all. */
    static List<String> ticks(List<String> severity) {
        return severity.contains(RoutingTable.ANY)
                ? RoutingTableReader.SEVERITIES
                : RoutingTableReader.SEVERITIES.stream()
                        .filter(severity::contains)
                        .toList();
    }

    /** The same with an empty row at the end. */
    RoutingForm withRow() {
        return withRows(Stream.concat(rows.stream(), Stream.of(EMPTY_ROW)).toList());
    }

    /** The same without a row; unchanged when there is none of this number. */
    RoutingForm withoutRow(int index) {
        return withRows(without(rows, index));
    }

    /** The same with two neighbours the other way round; unchanged when there are none. */
    RoutingForm withRowsSwapped(int index) {
        if (index < 0 || index + 1 >= rows.size()) {
            return this;
        }
        var swapped = new ArrayList<>(rows);
        Collections.swap(swapped, index, index + 1);
        return withRows(swapped);
    }

    /** The same with an empty list of those on call at the end. */
    RoutingForm withOnCall() {
        var empty = new OnCallForm("", quiet.zone.isBlank() ? digest.zone : quiet.zone, "");
        return withOnCall(Stream.concat(onCall.stream(), Stream.of(empty)).toList());
    }

    /** The same without a list of those on call; unchanged when there is none of this number. */
    RoutingForm withoutOnCall(int index) {
        return withOnCall(without(onCall, index));
    }

    /** The same, to be stored over another version. */
    RoutingForm over(int newer) {
        return new RoutingForm(newer, rows, fallback, quiet, digest, onCall);
    }

    private RoutingForm withRows(List<RowForm> others) {
        return new RoutingForm(version, others, fallback, quiet, digest, onCall);
    }

    private RoutingForm withOnCall(List<OnCallForm> others) {
        return new RoutingForm(version, rows, fallback, quiet, digest, others);
    }

    private static <T> List<T> without(List<T> list, int index) {
        var others = new ArrayList<>(list);
        if (index >= 0 && index < others.size()) {
            others.remove(index);
        }
        return others;
    }

    private static <T> List<T> each(MultivaluedMap<String, String> sent, String name, IntFunction<T> read) {
        var all = new ArrayList<T>();
        while (sent.containsKey(name.formatted(all.size()))) {
            all.add(read.apply(all.size()));
        }
        return all;
    }

    private static String text(MultivaluedMap<String, String> sent, String name) {
        var given = sent.getFirst(name);
        // Browsers send two characters for a new line; PostgreSQL text cannot hold NUL.
        return given == null ? "" : given.replace("\r\n", "\n").replace("\0", "");
    }

    /** -1, which no table has, when it is none. */
    private static int version(String text) {
        return text.matches("\\d{1,9}") ? Integer.parseInt(text) : -1;
    }

    private static Stream<String> any(String text) {
        return text.isBlank()
                ? Stream.of(RoutingTable.ANY)
                : Arrays.stream(text.split("[,\n]", -1)).map(String::strip).filter(word -> !word.isEmpty());
    }

    private static String words(List<String> words) {
        return words.equals(List.of(RoutingTable.ANY)) ? "" : lines(words);
    }

    private static String lines(List<String> lines) {
        return String.join("\n", lines);
    }

    static ArrayNode texts(Stream<String> values) {
        var array = JsonNodeFactory.instance.arrayNode();
        values.forEach(array::add);
        return array;
    }

    private static ArrayNode objects(Stream<ObjectNode> values) {
        var array = JsonNodeFactory.instance.arrayNode();
        values.forEach(array::add);
        return array;
    }
}
