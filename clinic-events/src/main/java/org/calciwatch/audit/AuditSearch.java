package org.calciwatch.audit;

import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response.Status;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.calciwatch.http.Cursors;
import org.calciwatch.http.Page;
import org.jspecify.annotations.Nullable;

/** A FHIR search for audit events, as a condition on the table with its values. */
final class AuditSearch {

    private static final String PATIENT = "Patient/";
    private static final String CURSOR = "_cursor";
    private static final Pattern PREFIXED = Pattern.compile("(eq|ge|gt|le|lt)?(\\d.*)");
    private static final Pattern COUNT = Pattern.compile("\\d{1,9}");

    private final Pseudonyms pseudonyms;
    private final List<String> conditions = new ArrayList<>(List.of("TRUE"));
    private final List<Object> values = new ArrayList<>();
    private final Map<String, List<String>> understood = new LinkedHashMap<>();
    private int count = Page.DEFAULT_LIMIT;
    private @Nullable String patientId;
    private @Nullable UUID cursor;

    /** @throws HttpProblem 400 for a parameter that is malformed or not known here, which would find too much */
    AuditSearch(MultivaluedMap<String, String> query, Pseudonyms pseudonyms) {
        this.pseudonyms = pseudonyms;
        query.forEach((name, given) -> given.forEach(value -> {
            Cursors.requireText(name, value);
            parameter(name, value);
            understood.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
        }));
    }

    private void parameter(String name, String value) {
        switch (name) {
            case "patient" -> patient(value);
            case "agent" -> agent(value);
            case "date" -> date(value);
            case "action" -> action(value);
            case "_count" -> {
                if (!COUNT.matcher(value).matches()) {
                    throw wrong("_count must be a whole number that is not negative");
                }
                count = Math.min(Integer.parseInt(value), Page.MAX_LIMIT);
            }
            case CURSOR -> {
                try {
                    cursor = UUID.fromString(value);
                } catch (IllegalArgumentException e) {
                    throw wrong("_cursor must come from the next link of a page");
                }
            }
            case "_format" -> {
                // decided where answers get their media type
            }
            default ->
                throw wrong("The search parameters are patient, agent, date, action and _count; another one was given");
        }
    }

    private void patient(String value) {
        var id = value.startsWith(PATIENT) ? value.substring(PATIENT.length()) : value;
        if (!Pseudonyms.isPatientId(id)) {
            throw wrong("patient must be Patient/<id> or <id>");
        }
        var pseudonym = pseudonyms.find(id);
        if (pseudonym.isPresent()) {
            patientId = id;
            add("patients @> ARRAY[?::uuid]", pseudonym.get());
        } else {
            conditions.add("FALSE");
        }
    }

    /** A user name, or a patient who acted for themselves. */
    private void agent(String value) {
        if (!value.startsWith(PATIENT)) {
            add("agent = ?", value);
            return;
        }
        pseudonyms
                .find(value.substring(PATIENT.length()))
                .ifPresentOrElse(pseudonym -> add("agent = ?", pseudonym.toString()), () -> conditions.add("FALSE"));
    }

    private void action(String value) {
        var codes = value.split(",", -1);
        if (!Arrays.stream(codes)
                .allMatch(
                        code -> Arrays.stream(Action.values()).map(Action::code).anyMatch(code::equals))) {
            throw wrong("action must be C, R, U, D or E, or several of them with commas between");
        }
        add("action = ANY (string_to_array(?, ','))", value);
    }

    private void date(String value) {
        var form = PREFIXED.matcher(value);
        // A '+' of a zone that was not escaped arrives as a blank.
        var span = form.matches() ? span(form.group(2).replace(' ', '+')) : Optional.<Span>empty();
        if (span.isEmpty()) {
            throw wrong(
                    "date must be a day (2026-11-22, in UTC) or a time (2026-11-22T08:00:00Z), after eq, ge, gt, le,"
                            + " lt or nothing");
        }
        var from = span.get().from().atOffset(ZoneOffset.UTC);
        var to = span.get().to().atOffset(ZoneOffset.UTC);
        switch (form.group(1)) {
            case "ge" -> add("recorded_at >= ?", from);
            case "gt" -> add("recorded_at >= ?", to);
            case "le" -> add("recorded_at < ?", to);
            case "lt" -> add("recorded_at < ?", from);
            case null, default -> {
                add("recorded_at >= ?", from);
                add("recorded_at < ?", to);
            }
        }
    }

    /** From, inclusive, to, exclusive. */
    private record Span(Instant from, Instant to) {}

    /** What a date or time covers at the precision it is given with. */
    private static Optional<Span> span(String text) {
        try {
            if (!text.contains("T")) {
                var day = LocalDate.parse(text);
                return Optional.of(new Span(
                        day.atStartOfDay().toInstant(ZoneOffset.UTC),
                        day.plusDays(1).atStartOfDay().toInstant(ZoneOffset.UTC)));
            }
            var from = OffsetDateTime.parse(text).toInstant();
            return Optional.of(new Span(from, text.contains(".") ? from.plusMillis(1) : from.plusSeconds(1)));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private void add(String condition, Object value) {
        conditions.add(condition);
        values.add(value);
    }

    private static HttpProblem wrong(String what) {
        return HttpProblem.valueOf(Status.BAD_REQUEST, what + ".");
    }

    /** Whose events are asked for; empty when not those of one patient who is known to the trail. */
    Optional<String> patientId() {
        return Optional.ofNullable(patientId);
    }

    /** Page size; 0 asks for the total only. */
    int count() {
        return count;
    }

    /** The condition without paging. */
    String where() {
        return String.join(" AND ", conditions);
    }

    List<Object> values() {
        return values;
    }

    /** The condition for the page asked for. */
    String whereAfterCursor() {
        return where() + (cursor == null ? "" : " AND id < ?");
    }

    List<Object> valuesAfterCursor() {
        var all = new ArrayList<>(values);
        if (cursor != null) {
            all.add(cursor);
        }
        return all;
    }

    /** The parameters, for the self link. */
    Map<String, List<String>> understood() {
        return understood;
    }

    /** The same search after this event, for the next link. */
    Map<String, List<String>> after(UUID last) {
        var next = new LinkedHashMap<>(understood);
        next.put(CURSOR, List.of(last.toString()));
        return next;
    }
}
