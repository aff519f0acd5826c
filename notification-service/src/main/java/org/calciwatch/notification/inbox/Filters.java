package org.calciwatch.notification.inbox;

import jakarta.ws.rs.core.MultivaluedMap;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import org.calciwatch.events.Severity;
import org.calciwatch.notification.flag.Flag;
import org.calciwatch.notification.flag.Flag.Status;
import org.calciwatch.notification.flag.Worklist;
import org.jspecify.annotations.Nullable;

/**
 * What somebody wants to see of the worklist, as it stands in the page's address. What cannot be read there hides
 * nothing: it counts as not given.
 *
 * @param statuses empty for those that wait for somebody now: open and acknowledged
 * @param severities empty for all
 * @param mine only flags that are assigned to the reader
 * @param category of the headline, empty for all
 * @param q text to look for, empty for none
 */
public record Filters(
        Set<Status> statuses,
        Set<Severity> severities,
        boolean mine,
        String category,
        String q,
        Worklist.@Nullable Place after) {

    private static final Set<Status> AT_WORK = EnumSet.of(Status.OPEN, Status.ACKNOWLEDGED);

    /**
     * A value that can be ticked.
     *
     * @param ticked whether it is among those shown
     */
    public record Choice<E extends Enum<E>>(E value, boolean ticked) {}

    /** Reads the query of an address. */
    static Filters of(MultivaluedMap<String, String> query) {
        var cursor = text(query, "cursor");
        return new Filters(
                values(Status.class, query, "status"),
                values(Severity.class, query, "severity"),
                !text(query, "mine").isEmpty(),
                text(query, "category"),
                text(query, "q"),
                cursor.isEmpty() ? null : Worklist.Place.parse(cursor).orElse(null));
    }

    private static String text(MultivaluedMap<String, String> query, String name) {
        var given = query.getFirst(name);
        // PostgreSQL text cannot hold NUL.
        return given == null ? "" : given.replace("\0", "").strip();
    }

    private static <E extends Enum<E>> Set<E> values(Class<E> type, MultivaluedMap<String, String> query, String name) {
        var given = query.getOrDefault(name, List.of());
        var values = EnumSet.noneOf(type);
        for (var value : type.getEnumConstants()) {
            if (given.contains(value.name())) {
                values.add(value);
            }
        }
        return values;
    }

    /** What the database is asked for. */
    Worklist worklist(String reader) {
        return new Worklist(
                shown(),
                severities,
                mine ? reader : null,
                category.isEmpty() ? null : category,
                q.isEmpty() ? null : q,
                after);
    }

    private Set<Status> shown() {
        return statuses.isEmpty() ? AT_WORK : statuses;
    }

    /** All statuses to tick. */
    public List<Choice<Status>> statusChoices() {
        return choices(Arrays.asList(Status.values()), shown());
    }

    /** The severities a flag can have to tick, the highest first; none ticked means all. */
    public List<Choice<Severity>> severityChoices() {
        return choices(severitiesOfFlags(), severities);
    }

    /** The severities a flag can have, the highest first. */
    static List<Severity> severitiesOfFlags() {
        return Arrays.stream(Severity.values())
                .filter(Severity::needsClinician)
                .sorted(Comparator.reverseOrder())
                .toList();
    }

    private static <E extends Enum<E>> List<Choice<E>> choices(Collection<E> all, Set<E> ticked) {
        return all.stream()
                .map(value -> new Choice<>(value, ticked.contains(value)))
                .toList();
    }

    /** True when flags may be left out that would be shown otherwise. */
    public boolean isNarrowed() {
        return !(statuses.isEmpty() || statuses.containsAll(AT_WORK))
                || !severities.isEmpty()
                || mine
                || !category.isEmpty()
                || !q.isEmpty()
                || after != null;
    }

    /** The same from this flag on, as a relative address. */
    String addressAfter(Flag last) {
        var query = with(Worklist.Place.of(last)).query();
        return "/inbox?" + query;
    }

    private Filters with(Worklist.@Nullable Place place) {
        return new Filters(statuses, severities, mine, category, q, place);
    }

    /** The same without a place, as a relative address. */
    public String addressOfStart() {
        return "/inbox?" + with(null).query();
    }

    /** As it stands behind the question mark of an address. */
    public String query() {
        var query = new StringJoiner("&");
        statuses.forEach(status -> query.add("status=" + status));
        severities.forEach(severity -> query.add("severity=" + severity));
        if (mine) {
            query.add("mine=true");
        }
        if (!category.isEmpty()) {
            query.add("category=" + URLEncoder.encode(category, StandardCharsets.UTF_8));
        }
        if (!q.isEmpty()) {
            query.add("q=" + URLEncoder.encode(q, StandardCharsets.UTF_8));
        }
        if (after != null) {
            query.add("cursor=" + after.cursor());
        }
        return query.toString();
    }
}
