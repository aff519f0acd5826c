package org.calciwatch.notification.routing;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.calciwatch.notification.routing.InvalidRouting.Problem;

/**
 * What is wrong with what somebody typed into a field of the routing page.
 *
 * @param field the field's id
 * @param part of the page
 * @param number which row or list, from 1; 0 where there is one only
 * @param entries which lines or words of the field, with commas between; empty for the whole of it
 */
public record Wrong(String field, Part part, int number, Kind kind, String entries) {

    /** A part of the page. */
    public enum Part {
        ROW,
        FALLBACK,
        QUIET_HOURS,
        DIGEST,
        ON_CALL,
        QUESTION,
        TABLE
    }

    /** What a field must be, and is not. */
    public enum Kind {
        SEVERITY,
        ONE_SEVERITY,
        WORDS,
        WORD,
        RECIPIENTS,
        ADDRESSES,
        STEPS,
        NEVER_REACHED,
        TIME,
        SAME_TIME,
        ZONE,
        NAME,
        SHIFTS,
        MOMENT,
        TOO_MANY
    }

    /**
     * Where a problem's place is on the page. The first that matches counts.
     *
     * @param place as a pattern of a JSON Pointer, whose first group is the number of the row or list, if there are
     *     several, and whose last one that of the entry
     * @param field its id, with the number in it
     */
    private record Place(Pattern place, String field, Part part, Kind kind) {}

    private static final String NUMBER = "/(\\d+)";
    private static final String ENTRY = "(?:/(\\d+)(?:/.*)?)?";

    private static final List<Place> PLACES = List.of(
            place("/rows" + NUMBER + "/severity" + ENTRY, "row-%d-severity", Part.ROW, Kind.SEVERITY),
            place("/rows" + NUMBER + "/category" + ENTRY, "row-%d-category", Part.ROW, Kind.WORDS),
            place("/rows" + NUMBER + "/clinic" + ENTRY, "row-%d-clinic", Part.ROW, Kind.WORDS),
            place("/rows" + NUMBER + "/recipients" + ENTRY, "row-%d-recipients", Part.ROW, Kind.RECIPIENTS),
            place("/rows" + NUMBER + "/escalation" + ENTRY, "row-%d-escalation", Part.ROW, Kind.STEPS),
            place("/rows" + NUMBER, "row-%d", Part.ROW, Kind.NEVER_REACHED),
            place("/fallback" + ENTRY, "fallback", Part.FALLBACK, Kind.ADDRESSES),
            place("/quietHours/from", "quiet-from", Part.QUIET_HOURS, Kind.TIME),
            place("/quietHours/to", "quiet-to", Part.QUIET_HOURS, Kind.TIME),
            place("/quietHours/zone", "quiet-zone", Part.QUIET_HOURS, Kind.ZONE),
            place("/quietHours", "quiet-to", Part.QUIET_HOURS, Kind.SAME_TIME),
            place("/digest/at", "digest-at", Part.DIGEST, Kind.TIME),
            place("/digest/zone", "digest-zone", Part.DIGEST, Kind.ZONE),
            place("/onCall" + NUMBER + "/name", "oncall-%d-name", Part.ON_CALL, Kind.NAME),
            place("/onCall" + NUMBER + "/zone", "oncall-%d-zone", Part.ON_CALL, Kind.ZONE),
            place("/onCall" + NUMBER + "/shifts" + ENTRY, "oncall-%d-shifts", Part.ON_CALL, Kind.SHIFTS),
            place("/severity", "try-severity", Part.QUESTION, Kind.ONE_SEVERITY),
            place("/category", "try-category", Part.QUESTION, Kind.WORD),
            place("/clinic", "try-clinic", Part.QUESTION, Kind.WORD),
            place("/at", "try-at", Part.QUESTION, Kind.MOMENT),
            place(".*", "answers", Part.TABLE, Kind.TOO_MANY));

    private static Place place(String pattern, String field, Part part, Kind kind) {
        return new Place(Pattern.compile(pattern), field, part, kind);
    }

    /** What the page says of the reasons why a table, or a question, was refused; one for each field. */
    static List<Wrong> of(InvalidRouting reasons) {
        var entries = new LinkedHashMap<Wrong, TreeSet<Integer>>();
        reasons.problems().forEach(problem -> note(problem, entries));
        var all = new ArrayList<Wrong>();
        for (Map.Entry<Wrong, TreeSet<Integer>> one : entries.entrySet()) {
            var wrong = one.getKey();
            var numbers = one.getValue().stream().map(String::valueOf).collect(joining(", "));
            all.add(new Wrong(wrong.field, wrong.part, wrong.number, wrong.kind, numbers));
        }
        return List.copyOf(all);
    }

    private static void note(Problem problem, Map<Wrong, TreeSet<Integer>> entries) {
        for (var place : PLACES) {
            var found = place.place().matcher(problem.path());
            if (found.matches()) {
                var isOneOfMany = place.part() == Part.ROW || place.part() == Part.ON_CALL;
                var index = isOneOfMany ? Integer.parseInt(found.group(1)) : -1;
                var entry = found.groupCount() > (isOneOfMany ? 1 : 0) ? found.group(found.groupCount()) : null;
                var numbers = entries.computeIfAbsent(
                        new Wrong(place.field().formatted(index), place.part(), index + 1, place.kind(), ""),
                        _ -> new TreeSet<>());
                if (entry != null) {
                    numbers.add(Integer.parseInt(entry) + 1);
                }
                return;
            }
        }
    }
}
