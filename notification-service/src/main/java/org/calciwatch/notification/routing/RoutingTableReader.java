package org.calciwatch.notification.routing;

import static java.util.stream.Collectors.toSet;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import java.io.IOException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.time.zone.ZoneRulesProvider;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.calciwatch.events.Severity;
import org.calciwatch.notification.routing.InvalidRouting.Problem;
import org.calciwatch.notification.routing.RoutingTable.Digest;
import org.calciwatch.notification.routing.RoutingTable.OnCall;
import org.calciwatch.notification.routing.RoutingTable.QuietHours;
import org.calciwatch.notification.routing.RoutingTable.Row;
import org.calciwatch.notification.routing.RoutingTable.Shift;
import org.calciwatch.notification.routing.RoutingTable.Step;
import org.calciwatch.notification.routing.RoutingTable.When;
import org.jspecify.annotations.Nullable;

/**
 * Reads routing tables and the questions to them, and finds everything that is wrong at once. It is strict, because a
 * mistyped word would send a flag to the wrong person: nothing is guessed, and nothing unknown is passed over.
 */
final class RoutingTableReader {

    private static final int MOST_ROWS = 500;
    private static final int MOST_WORDS = 100;
    private static final int MOST_RECIPIENTS = 50;
    private static final int MOST_STEPS = 20;
    private static final int MOST_LISTS = 100;
    private static final int MOST_SHIFTS = 400;
    private static final int LONGEST_WORD = 64;

    /** RFC 5321, less the two angle brackets. */
    private static final int LONGEST_ADDRESS = 254;

    private static final int LONGEST_LOCAL_PART = 64;

    /** Of a step; a flag that nobody has looked at for a week is forgotten. */
    private static final Duration LONGEST_AFTER = Duration.ofDays(7);

    /** Beyond, clocks are not known. */
    private static final Instant EARLIEST = Instant.parse("2000-01-01T00:00:00Z");

    private static final Instant LATEST = Instant.parse("2100-01-01T00:00:00Z");

    private static final Pattern TIME = Pattern.compile("([01]\\d|2[0-3]):[0-5]\\d");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final Pattern DOMAIN = Pattern.compile(
            "(?=.*[A-Za-z])[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+");

    private static final List<String> TABLE = List.of("rows", "fallback", "quietHours", "digest", "onCall");
    private static final List<String> ROW =
            List.of("severity", "category", "clinic", "recipients", "when", "escalation");
    private static final List<String> STEP = List.of("after", "recipients");
    private static final List<String> QUIET_HOURS = List.of("from", "to", "zone");
    private static final List<String> DIGEST = List.of("at", "zone");
    private static final List<String> ON_CALL = List.of("name", "zone", "shifts");
    private static final List<String> SHIFT = List.of("days", "from", "to", "firstDay", "lastDay", "recipients");
    private static final List<String> QUESTION = List.of("severity", "category", "clinic", "at", "table");
    private static final Set<String> NAMES = Stream.of(TABLE, ROW, STEP, QUIET_HOURS, DIGEST, ON_CALL, SHIFT, QUESTION)
            .flatMap(List::stream)
            .collect(toSet());

    /** Those a flag can have, the lowest first. */
    static final List<String> SEVERITIES = Arrays.stream(Severity.values())
            .filter(Severity::needsClinician)
            .map(Severity::name)
            .toList();

    private static final String ADDRESS =
            "must be one e-mail address such as nephrology@clinic.example, without a name, at most " + LONGEST_ADDRESS
                    + " characters";
    private static final String AFTER =
            "must be a duration such as PT30M, of days, hours, minutes and seconds (ISO 8601), more than 0 and at most P7D";

    /**
     * Who would hear of a flag?
     *
     * @param category null matches only rows for all
     * @param clinic null matches only rows for all
     * @param at when the flag is opened, null for now
     * @param table one that is not in force, null for the one that is
     */
    record Question(
            Severity severity,
            @Nullable String category,
            @Nullable String clinic,
            @Nullable Instant at,
            @Nullable RoutingTable table) {}

    private final List<Problem> problems = new ArrayList<>();
    private Set<String> onCallNames = Set.of();

    private RoutingTableReader() {}

    /**
     * Reads a table.
     *
     * @throws JsonProcessingException when it is not JSON
     * @throws InvalidRouting with everything that is wrong
     */
    static RoutingTable table(ObjectMapper json, byte[] body) throws IOException, InvalidRouting {
        var reader = new RoutingTableReader();
        var table = reader.table(reader.parse(json, body), "");
        reader.refuseProblems();
        return table;
    }

    /**
     * Reads a question.
     *
     * @throws JsonProcessingException when it is not JSON
     * @throws InvalidRouting with everything that is wrong, with the table in it too
     */
    static Question question(ObjectMapper json, byte[] body) throws IOException, InvalidRouting {
        var reader = new RoutingTableReader();
        var node = reader.object(reader.parse(json, body), "", QUESTION);
        var severity = reader.text(
                node,
                "",
                "severity",
                "must be one of " + String.join(", ", SEVERITIES),
                text -> SEVERITIES.contains(text) ? Optional.of(Severity.valueOf(text)) : Optional.empty());
        var question = new Question(
                severity.orElse(Severity.EMERGENCY),
                isGiven(node, "category")
                        ? reader.word(node.get("category"), "/category").orElse(null)
                        : null,
                isGiven(node, "clinic")
                        ? reader.word(node.get("clinic"), "/clinic").orElse(null)
                        : null,
                isGiven(node, "at") ? reader.moment(node).orElse(null) : null,
                isGiven(node, "table") ? reader.table(node.get("table"), "/table") : null);
        reader.refuseProblems();
        return question;
    }

    /** Whether mail can be sent to this text: one address with a domain, and nothing else. */
    static boolean isAddress(String text) {
        var domain = text.lastIndexOf('@') + 1;
        if (text.length() > LONGEST_ADDRESS
                || domain == 0
                || domain - 1 > LONGEST_LOCAL_PART
                || text.chars().anyMatch(c -> c <= ' ' || c > '~')
                || !DOMAIN.matcher(text.substring(domain)).matches()) {
            return false;
        }
        try {
            // A name or a comment beside the address makes the two differ.
            return new InternetAddress(text, true).getAddress().equals(text);
        } catch (AddressException e) {
            return false;
        }
    }

    /** Whether a step may come this long after the mail before. */
    static boolean isAfter(Duration after) {
        return after.isPositive() && after.compareTo(LONGEST_AFTER) <= 0;
    }

    private void refuseProblems() throws InvalidRouting {
        if (!problems.isEmpty()) {
            throw new InvalidRouting(problems);
        }
    }

    private JsonNode parse(ObjectMapper json, byte[] body) throws IOException {
        try (var tokens = json.createParser(body)) {
            noteDuplicates(tokens);
        }
        return json.reader()
                .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .readTree(body);
    }

    /** Of a property that stands twice a JSON tree keeps one; nobody can tell which was meant. */
    private void noteDuplicates(JsonParser tokens) throws IOException {
        var open = new ArrayDeque<Set<String>>();
        for (var token = tokens.nextToken(); token != null; token = tokens.nextToken()) {
            if (token.isStructStart()) {
                open.push(new HashSet<>());
            } else if (token.isStructEnd()) {
                open.pop();
            } else if (token == JsonToken.FIELD_NAME && !open.element().add(tokens.currentName())) {
                var place = tokens.getParsingContext().pathAsPointer().head();
                if (isKnown(place)) {
                    problem(place.toString(), "has a property twice; give each once");
                }
            }
        }
    }

    /** What is in an unknown property is refused with it, and its name is not repeated. */
    private static boolean isKnown(JsonPointer place) {
        return place.matches()
                || ((place.mayMatchElement() || NAMES.contains(place.getMatchingProperty())) && isKnown(place.tail()));
    }

    private RoutingTable table(JsonNode given, String at) {
        var node = object(given, at, TABLE);
        onCallNames = node.path("onCall")
                .valueStream()
                .map(list -> list.path("name").asText())
                .collect(toSet());
        var rows = list(node, at, "rows", 0, MOST_ROWS, this::row);
        refuseShadowed(rows, at + "/rows");
        return new RoutingTable(
                rows,
                list(node, at, "fallback", 1, MOST_RECIPIENTS, this::alwaysThere),
                isGiven(node, "quietHours") ? quietHours(node.get("quietHours"), at + "/quietHours") : null,
                isGiven(node, "digest") ? digest(node.get("digest"), at + "/digest") : null,
                onCall(node, at));
    }

    private Optional<Row> row(JsonNode given, String at) {
        var row = object(given, at, ROW);
        return Optional.of(new Row(
                words(row, at, "severity", this::severityWord),
                words(row, at, "category", this::word),
                words(row, at, "clinic", this::word),
                list(row, at, "recipients", 1, MOST_RECIPIENTS, this::recipient),
                isGiven(row, "when")
                        ? text(row, at, "when", "must be immediately or digest", RoutingTableReader::when)
                                .orElse(When.IMMEDIATELY)
                        : When.IMMEDIATELY,
                isGiven(row, "escalation") ? list(row, at, "escalation", 0, MOST_STEPS, this::step) : List.of()));
    }

    private static Optional<When> when(String text) {
        return switch (text) {
            case "immediately" -> Optional.of(When.IMMEDIATELY);
            case "digest" -> Optional.of(When.DIGEST);
            default -> Optional.empty();
        };
    }

    private Optional<Step> step(JsonNode given, String at) {
        var step = object(given, at, STEP);
        var after = text(
                step, at, "after", AFTER, text -> parsed(Duration::parse, text).filter(RoutingTableReader::isAfter));
        return Optional.of(new Step(
                after.orElse(LONGEST_AFTER), list(step, at, "recipients", 1, MOST_RECIPIENTS, this::recipient)));
    }

    /** A row that is never reached hides a mistake: its author believes that somebody hears of something. */
    private void refuseShadowed(List<Row> rows, String at) {
        var covers = rows.stream().map(Coverage::of).toList();
        for (int row = 1; row < rows.size(); row++) {
            for (int earlier = 0; earlier < row; earlier++) {
                if (covers.get(earlier).holds(covers.get(row))) {
                    problem(
                            at + "/" + row,
                            "is never reached, because " + at + "/" + earlier
                                    + " matches all that it matches; move it before that one, or remove it");
                    break;
                }
            }
        }
    }

    /** What a row matches; empty sets where it was not readable, which neither hold nor are held by anything. */
    private record Coverage(Set<String> severities, Set<String> categories, Set<String> clinics) {

        static Coverage of(Row row) {
            return new Coverage(
                    row.severity().contains(RoutingTable.ANY) ? Set.copyOf(SEVERITIES) : Set.copyOf(row.severity()),
                    Set.copyOf(row.category()),
                    Set.copyOf(row.clinic()));
        }

        boolean holds(Coverage other) {
            return holds(severities, other.severities)
                    && holds(categories, other.categories)
                    && holds(clinics, other.clinics);
        }

        private static boolean holds(Set<String> words, Set<String> others) {
            return !others.isEmpty() && (words.contains(RoutingTable.ANY) || words.containsAll(others));
        }
    }

    private QuietHours quietHours(JsonNode given, String at) {
        var node = object(given, at, QUIET_HOURS);
        var from = time(node, at, "from");
        var to = time(node, at, "to");
        if (from.isPresent() && from.equals(to)) {
            problem(at, "must end at another time than they begin; leave quietHours out when there are none");
        }
        return new QuietHours(from.orElse(LocalTime.MIN), to.orElse(LocalTime.MIN), zone(node, at));
    }

    private Digest digest(JsonNode given, String at) {
        var node = object(given, at, DIGEST);
        return new Digest(time(node, at, "at").orElse(LocalTime.MIN), zone(node, at));
    }

    private List<OnCall> onCall(JsonNode table, String at) {
        if (!isGiven(table, "onCall")) {
            return List.of();
        }
        var lists = list(table, at, "onCall", 0, MOST_LISTS, this::onCallList);
        var seen = new HashSet<String>();
        for (int i = 0; i < lists.size(); i++) {
            if (!seen.add(lists.get(i).name())) {
                problem(at + "/onCall/" + i + "/name", "must be another name than those of the lists before");
            }
        }
        return lists;
    }

    private Optional<OnCall> onCallList(JsonNode given, String at) {
        var node = object(given, at, ON_CALL);
        var name = text(
                node,
                at,
                "name",
                "must be 1 to 64 letters a to z, digits, points, hyphens or underscores, the first a letter or digit",
                text -> Optional.of(text).filter(word -> NAME.matcher(word).matches()));
        return Optional.of(
                new OnCall(name.orElse(at), zone(node, at), list(node, at, "shifts", 1, MOST_SHIFTS, this::shift)));
    }

    private Optional<Shift> shift(JsonNode given, String at) {
        var node = object(given, at, SHIFT);
        var days = isGiven(node, "days")
                ? list(node, at, "days", 1, DayOfWeek.values().length, this::day)
                : List.<DayOfWeek>of();
        var from = time(node, at, "from");
        var to = time(node, at, "to");
        var firstDay = date(node, at, "firstDay");
        var lastDay = date(node, at, "lastDay");
        if (firstDay.isPresent() && lastDay.isPresent() && lastDay.get().isBefore(firstDay.get())) {
            problem(at + "/lastDay", "must not be before firstDay");
        }
        return Optional.of(new Shift(
                days,
                from.orElse(LocalTime.MIN),
                to.orElse(LocalTime.MIN),
                firstDay.orElse(null),
                lastDay.orElse(null),
                list(node, at, "recipients", 1, MOST_RECIPIENTS, this::address)));
    }

    private Optional<DayOfWeek> day(JsonNode given, String at) {
        return value(given, at, "must be a day in capitals, such as MONDAY", text -> Arrays.stream(DayOfWeek.values())
                .filter(day -> day.name().equals(text))
                .findFirst());
    }

    private Optional<LocalTime> time(JsonNode parent, String at, String name) {
        return text(parent, at, name, "must be a time from 00:00 to 23:59, such as 07:30", text -> Optional.of(text)
                .filter(digits -> TIME.matcher(digits).matches())
                .map(LocalTime::parse));
    }

    private Optional<LocalDate> date(JsonNode parent, String at, String name) {
        return isGiven(parent, name)
                ? text(parent, at, name, "must be a date such as 2026-12-24", text -> parsed(LocalDate::parse, text)
                        .filter(day -> isInTime(day.atStartOfDay().toInstant(ZoneOffset.UTC))))
                : Optional.empty();
    }

    private Optional<Instant> moment(JsonNode question) {
        return text(
                question, "", "at", "must be a moment from 2000 to 2099, such as 2026-12-24T18:00:00Z", text -> parsed(
                                Instant::parse, text)
                        .filter(RoutingTableReader::isInTime));
    }

    private static boolean isInTime(Instant moment) {
        return !moment.isBefore(EARLIEST) && moment.isBefore(LATEST);
    }

    private ZoneId zone(JsonNode parent, String at) {
        return text(
                        parent,
                        at,
                        "zone",
                        "must be the name of a time zone, such as Europe/Berlin, America/New_York or UTC",
                        text -> Optional.of(text)
                                .filter(ZoneRulesProvider.getAvailableZoneIds()::contains)
                                .map(ZoneId::of))
                .orElse(ZoneOffset.UTC);
    }

    /** Words to match by: all when they are left out, none when some cannot be read. */
    private List<String> words(
            JsonNode parent, String at, String name, BiFunction<JsonNode, String, Optional<String>> read) {
        if (parent.isMissingNode()) {
            return List.of();
        }
        if (!isGiven(parent, name)) {
            return List.of(RoutingTable.ANY);
        }
        var words = list(parent, at, name, 1, MOST_WORDS, read);
        return words.size() == parent.get(name).size() ? words : List.of();
    }

    private Optional<String> severityWord(JsonNode given, String at) {
        return value(
                given,
                at,
                "must be one of " + String.join(", ", SEVERITIES) + " or " + RoutingTable.ANY,
                text -> Optional.of(text).filter(word -> word.equals(RoutingTable.ANY) || SEVERITIES.contains(word)));
    }

    private Optional<String> word(JsonNode given, String at) {
        return value(
                given,
                at,
                "must be a text of 1 to " + LONGEST_WORD
                        + " characters, without blanks at its ends and without control characters",
                text -> Optional.of(text)
                        .filter(word -> !word.isBlank()
                                && word.length() <= LONGEST_WORD
                                && word.equals(word.strip())
                                && word.chars().noneMatch(Character::isISOControl)));
    }

    private Optional<String> recipient(JsonNode given, String at) {
        return value(
                given,
                at,
                ADDRESS + "; or " + RoutingTable.ON_CALL + " and the name of one of the lists in onCall",
                text -> Optional.of(text)
                        .filter(word -> word.startsWith(RoutingTable.ON_CALL)
                                ? onCallNames.contains(word.substring(RoutingTable.ON_CALL.length()))
                                : isAddress(word)));
    }

    private Optional<String> alwaysThere(JsonNode given, String at) {
        return value(
                given,
                at,
                ADDRESS + "; the fallback stands in when nobody is on call, so it takes addresses only",
                text -> Optional.of(text).filter(RoutingTableReader::isAddress));
    }

    private Optional<String> address(JsonNode given, String at) {
        return value(given, at, ADDRESS, text -> Optional.of(text).filter(RoutingTableReader::isAddress));
    }

    private <T> Optional<T> text(
            JsonNode parent, String at, String name, String right, Function<String, Optional<T>> read) {
        return parent.isMissingNode() ? Optional.empty() : value(parent.path(name), at + "/" + name, right, read);
    }

    private <T> Optional<T> value(JsonNode given, String at, String right, Function<String, Optional<T>> read) {
        var value = given.isTextual() ? read.apply(given.textValue()) : Optional.<T>empty();
        if (value.isEmpty()) {
            problem(at, right);
        }
        return value;
    }

    private <T> List<T> list(
            JsonNode parent,
            String at,
            String name,
            int least,
            int most,
            BiFunction<JsonNode, String, Optional<T>> read) {
        if (parent.isMissingNode()) {
            return List.of();
        }
        var list = parent.path(name);
        var place = at + "/" + name;
        if (!list.isArray() || list.size() < least || list.size() > most) {
            problem(place, "must be a list of " + least + " to " + most + " entries");
        }
        var values = new ArrayList<T>();
        if (list.isArray()) {
            for (int i = 0; i < Math.min(list.size(), most); i++) {
                read.apply(list.get(i), place + "/" + i).ifPresent(values::add);
            }
        }
        return values;
    }

    /** The node itself; the missing one when it is no object, of which nothing else is said. */
    private JsonNode object(JsonNode given, String at, List<String> names) {
        var known = "known are " + String.join(", ", names);
        if (!given.isObject()) {
            problem(at, "must be an object; of its properties " + known);
            return MissingNode.getInstance();
        }
        var unknown = given.propertyStream()
                .filter(property -> !names.contains(property.getKey()))
                .count();
        if (unknown > 0) {
            problem(at, "has " + unknown + " unknown propert" + (unknown == 1 ? "y" : "ies") + "; " + known);
        }
        return given;
    }

    private static boolean isGiven(JsonNode parent, String name) {
        return parent.hasNonNull(name);
    }

    private static <T> Optional<T> parsed(Function<String, T> parse, String text) {
        try {
            return Optional.of(parse.apply(text));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private void problem(String at, String right) {
        problems.add(new Problem(at, right));
    }
}
