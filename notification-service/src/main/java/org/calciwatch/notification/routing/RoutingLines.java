package org.calciwatch.notification.routing;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.text.Normalizer;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.calciwatch.notification.routing.RoutingTable.Shift;
import org.calciwatch.notification.routing.RoutingTable.Step;

/**
 * Escalation steps and shifts as lines of text, such as {@code 1 h 30 min: lead@clinic.example} and
 * {@code Mon-Fri 07:00-19:00: day@clinic.example}. What cannot be read stays in the JSON as it is, to be refused there.
 */
final class RoutingLines {

    private static final Pattern DURATION =
            Pattern.compile("(?:(\\d{1,6}) ?(?:d|days?|dias?) ?)?(?:(\\d{1,6}) ?(?:h|hours?|horas?) ?)?"
                    + "(?:(\\d{1,6}) ?(?:min|minutes?|minutos?) ?)?(?:(\\d{1,6}) ?(?:s|seconds?|segundos?))?");

    private static final Pattern TIMES = Pattern.compile("(\\d{1,2}:\\d{2})[-–](\\d{1,2}:\\d{2})");
    private static final Pattern DATES =
            Pattern.compile("(\\d{4}-\\d{2}-\\d{2})?\\.\\.(\\d{4}-\\d{2}-\\d{2})?|(\\d{4}-\\d{2}-\\d{2})");

    private static final int DAYS_OF_A_WEEK = DayOfWeek.values().length;

    /** Days that are worth a hyphen. */
    private static final int SHORTEST_SPAN = 3;

    /** Whatever the language of the page, a table may have been written in the other. */
    private static final Map<String, DayOfWeek> DAYS = days();

    private RoutingLines() {}

    private static Map<String, DayOfWeek> days() {
        var days = new HashMap<String, DayOfWeek>();
        for (var day : DayOfWeek.values()) {
            for (var language : List.of(Locale.ENGLISH, Locale.forLanguageTag("es"))) {
                for (var style : List.of(TextStyle.FULL, TextStyle.SHORT)) {
                    days.put(plain(day.getDisplayName(style, language)), day);
                }
            }
        }
        return days;
    }

    /** In small letters without accents and points. */
    private static String plain(String word) {
        return Normalizer.normalize(word, Normalizer.Form.NFD)
                .replaceAll("[\\p{M}.]", "")
                .toLowerCase(Locale.ROOT);
    }

    /** The lines of a text that hold something. */
    static Stream<String> of(String text) {
        return text.lines().map(String::strip).filter(line -> !line.isEmpty());
    }

    /** The addresses and on-call lists in a text, between blanks, commas, semicolons or on lines of their own. */
    static Stream<String> addresses(String text) {
        return Arrays.stream(text.split("[\\s,;]+", -1)).filter(word -> !word.isEmpty());
    }

    static String step(Step step) {
        return duration(step.after()) + ": " + String.join(", ", step.recipients());
    }

    static ObjectNode step(String line) {
        var colon = line.indexOf(':');
        var step = JsonNodeFactory.instance.objectNode();
        step.put("after", iso(colon < 0 ? line : line.substring(0, colon)));
        step.set("recipients", RoutingForm.texts(addresses(colon < 0 ? "" : line.substring(colon + 1))));
        return step;
    }

    /** As in {@code 1 d 2 h 30 min}. */
    static String duration(Duration duration) {
        return Stream.of(
                        part(duration.toDays(), "d"),
                        part(duration.toHoursPart(), "h"),
                        part(duration.toMinutesPart(), "min"),
                        part(duration.toSecondsPart(), "s"))
                .filter(part -> !part.isEmpty())
                .collect(joining(" "));
    }

    private static String part(long number, String unit) {
        return number == 0 ? "" : number + " " + unit;
    }

    private static String iso(String text) {
        var words = plain(text).strip().replaceAll("\\s+", " ");
        var duration = DURATION.matcher(words);
        return words.isEmpty() || !duration.matches()
                ? text.strip()
                : "P%sDT%sH%sM%sS"
                        .formatted(IntStream.rangeClosed(1, 4)
                                .mapToObj(part -> Optional.ofNullable(duration.group(part))
                                        .orElse("0"))
                                .toArray());
    }

    /** @param language of the days' names */
    static String shift(Shift shift, String language) {
        var parts = new ArrayList<String>();
        parts.add(days(shift.days(), Locale.forLanguageTag(language)));
        parts.add(shift.from() + "-" + shift.to());
        if (shift.firstDay() != null || shift.lastDay() != null) {
            var first = shift.firstDay() == null ? "" : shift.firstDay().toString();
            var last = shift.lastDay() == null ? "" : shift.lastDay().toString();
            parts.add(first.equals(last) ? first : first + ".." + last);
        }
        return parts.stream().filter(part -> !part.isEmpty()).collect(joining(" ")) + ": "
                + String.join(", ", shift.recipients());
    }

    private static String days(List<DayOfWeek> days, Locale language) {
        var isSpan = days.size() >= SHORTEST_SPAN
                && IntStream.range(1, days.size())
                        .allMatch(i -> days.get(i) == days.get(i - 1).plus(1));
        return (isSpan ? Stream.of(days.getFirst(), days.getLast()) : days.stream())
                .map(day -> day.getDisplayName(TextStyle.SHORT, language))
                .collect(joining(isSpan ? "-" : " "));
    }

    static ObjectNode shift(String line) {
        var shift = JsonNodeFactory.instance.objectNode();
        var days = new ArrayList<String>();
        var recipients = new ArrayList<String>();
        addresses(line).map(word -> word.replaceAll(":$", "")).forEach(word -> {
            var times = TIMES.matcher(word);
            var dates = DATES.matcher(word);
            var named = named(word);
            if (times.matches() && !shift.has("from")) {
                shift.put("from", time(times.group(1))).put("to", time(times.group(2)));
            } else if (dates.matches() && !shift.has("firstDay")) {
                var only = dates.group(3);
                shift.put("firstDay", only == null ? dates.group(1) : only);
                shift.put("lastDay", only == null ? dates.group(2) : only);
            } else if (!named.isEmpty()) {
                named.forEach(day -> days.add(day.name()));
            } else {
                recipients.add(word);
            }
        });
        if (!days.isEmpty()) {
            shift.set("days", RoutingForm.texts(days.stream()));
        }
        shift.set("recipients", RoutingForm.texts(recipients.stream()));
        return shift;
    }

    private static String time(String digits) {
        return digits.length() == "7:00".length() ? "0" + digits : digits;
    }

    /** The days that a word such as {@code Mon} or {@code Mon-Fri} means, none when it means none. */
    private static List<DayOfWeek> named(String word) {
        var ends = Arrays.stream(word.split("[-–]", -1))
                .flatMap(end -> Optional.ofNullable(DAYS.get(plain(end))).stream())
                .toList();
        if (ends.isEmpty() || ends.size() != word.split("[-–]", -1).length || ends.size() > 2) {
            return List.of();
        }
        var first = ends.getFirst();
        var span = Math.floorMod(ends.getLast().getValue() - first.getValue(), DAYS_OF_A_WEEK);
        return IntStream.rangeClosed(0, span).mapToObj(first::plus).toList();
    }
}
