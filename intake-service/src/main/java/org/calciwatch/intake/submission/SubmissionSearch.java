package org.calciwatch.intake.submission;

import io.quarkus.security.ForbiddenException;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.calciwatch.http.Page;
import org.calciwatch.intake.fhir.FhirProblem;
import org.calciwatch.intake.fhir.Issue;
import org.jspecify.annotations.Nullable;

/** A FHIR search for questionnaire responses, as conditions on a {@link Submission} named {@code s}. */
final class SubmissionSearch {

    private static final String SUBJECT = "subject";
    private static final String STATUS = "status";
    private static final String AUTHORED = "authored";
    private static final String COUNT = "_count";
    private static final String CURSOR = "_cursor";

    /** Parameters of FHIR itself that do not select anything. */
    private static final Set<String> NEUTRAL = Set.of("_format", "_pretty", "_language");

    /** In a comparison, the bounds of the span of time that was searched for. */
    private static final String FROM = "{from}";

    private static final String TO = "{to}";

    /** Whoever looks for more patients asks more than once: each of them is noted in the audit trail. */
    static final int MOST_SUBJECTS = 50;

    private static final Pattern PREFIXED = Pattern.compile("([a-z]{2})?(\\d.*)");

    private final List<String> conditions = new ArrayList<>(List.of("1 = 1"));
    private final Map<String, Object> parameters = new LinkedHashMap<>();
    private final Map<String, List<String>> understood = new LinkedHashMap<>();
    private final List<Issue> problems = new ArrayList<>();
    private final Set<String> patients = new HashSet<>();
    private int count = Page.DEFAULT_LIMIT;
    private @Nullable UUID cursor;

    /**
     * @param strict whether parameters that are not known here are an error; else they are ignored, as FHIR's default
     * @throws FhirProblem 400 with every malformed value
     */
    SubmissionSearch(MultivaluedMap<String, String> query, boolean strict) {
        query.forEach((name, values) -> values.forEach(value -> parameter(name, value, strict)));
        if (!problems.isEmpty()) {
            throw new FhirProblem(400, problems);
        }
    }

    private void parameter(String name, String value, boolean strict) {
        switch (name) {
            case SUBJECT, "subject:Patient" -> subject(value);
            case STATUS -> status(value);
            case AUTHORED -> authored(value);
            case COUNT -> count(value);
            case CURSOR -> cursor(value);
            default -> {
                var isModified = Set.of(SUBJECT, STATUS, AUTHORED).contains(name.split(":", 2)[0]);
                if (isModified || (strict && !NEUTRAL.contains(name))) {
                    problem(
                            "not-supported",
                            "There is a search parameter or a modifier that is not supported; supported are subject,"
                                    + " status, authored and _count.");
                }
                return;
            }
        }
        understood.computeIfAbsent(name, ignored -> new ArrayList<>()).add(value);
    }

    private void subject(String value) {
        var searched = new ArrayList<String>();
        for (var reference : value.split(",", -1)) {
            SubmissionHeader.patientId(reference.contains("/") ? reference : "Patient/" + reference)
                    .ifPresentOrElse(
                            searched::add,
                            () -> problem(
                                    "value",
                                    "subject must be Patient/<id> or <id>, of 1 to 64 letters, digits, '-' and '.'."));
        }
        patients.addAll(searched);
        if (patients.size() > MOST_SUBJECTS) {
            problem("too-costly", "A search may name at most " + MOST_SUBJECTS + " subjects; send several searches.");
        }
        add("s.patientId in (%s)", searched);
    }

    /**
     * Finds this patient's responses only.
     *
     * @throws ForbiddenException (403) when others were asked for
     */
    void restrictTo(String patientId) {
        if (!Set.of(patientId).containsAll(patients)) {
            throw new ForbiddenException();
        }
        add("s.patientId in (%s)", List.of(patientId));
    }

    private void status(String value) {
        var statuses = new ArrayList<SubmissionStatus>();
        for (var token : value.split(",", -1)) {
            SubmissionStatus.find(token.substring(token.indexOf('|') + 1))
                    .ifPresentOrElse(
                            statuses::add, () -> problem("value", "status must be in-progress, completed or amended."));
        }
        add("s.status in (%s)", statuses);
    }

    private void authored(String value) {
        var alternatives = new ArrayList<String>();
        for (var date : value.split(",", -1)) {
            var form = PREFIXED.matcher(date);
            // A '+' of a zone that was not escaped arrives as a blank.
            var time =
                    form.matches() ? FhirTime.parseSearch(form.group(2).replace(' ', '+')) : Optional.<FhirTime>empty();
            var comparison = time.isEmpty() ? null : comparison(form.group(1));
            if (time.isEmpty() || comparison == null) {
                problem(
                        "value",
                        "authored must be a FHIR date or dateTime after eq, ne, ge, gt, le, lt, sa, eb or nothing.");
            } else {
                alternatives.add("("
                        + bind(
                                bind(comparison, FROM, time.get().from()),
                                TO,
                                time.get().to()) + ")");
            }
        }
        conditions.add("(" + (alternatives.isEmpty() ? "1 = 0" : String.join(" or ", alternatives)) + ")");
    }

    /**
     * FHIR R4 section 3.1.1.4.8: the resource's span [authoredFrom, authoredTo) against the parameter's.
     */
    private static @Nullable String comparison(@Nullable String prefix) {
        return switch (prefix) {
            case null -> comparison("eq");
            case "eq" -> "s.authoredFrom >= {from} and s.authoredTo <= {to}";
            case "ne" -> "s.authoredFrom < {from} or s.authoredTo > {to}";
            case "gt" -> "s.authoredTo > {to}";
            case "lt" -> "s.authoredFrom < {from}";
            // greater or equal: "greater" has taken all that ends later, "equal" takes what begins in the span
            case "ge" -> "s.authoredTo > {to} or s.authoredFrom >= {from}";
            case "le" -> "s.authoredFrom < {from} or s.authoredTo <= {to}";
            case "sa" -> "s.authoredFrom >= {to}";
            case "eb" -> "s.authoredTo <= {from}";
            default -> null;
        };
    }

    private void count(String value) {
        if (!value.matches("\\d{1,9}")) {
            problem("value", "_count must be a whole number that is not negative.");
        } else {
            count = Math.min(Integer.parseInt(value), Page.MAX_LIMIT);
        }
    }

    private void cursor(String value) {
        try {
            cursor = UUID.fromString(value);
        } catch (IllegalArgumentException e) {
            problem("value", "_cursor must come from the next link of a page.");
        }
    }

    private void add(String condition, List<?> values) {
        conditions.add(
                values.isEmpty()
                        ? "1 = 0"
                        : condition.formatted(values.stream().map(this::bind).collect(Collectors.joining(", "))));
    }

    private String bind(Object value) {
        var name = "p" + parameters.size();
        parameters.put(name, value);
        return ":" + name;
    }

    private String bind(String condition, String place, Object value) {
        return condition.contains(place) ? condition.replace(place, bind(value)) : condition;
    }

    private void problem(String code, String diagnostics) {
        problems.add(Issue.error(code, diagnostics));
    }

    /** Whose responses were asked for, where the search says so. */
    Set<String> patients() {
        return patients;
    }

    /** Page size; 0 asks for the total only. */
    int count() {
        return count;
    }

    /** The condition without paging. */
    String where() {
        return String.join(" and ", conditions);
    }

    /** The condition for the page asked for. */
    String whereAfterCursor() {
        return where() + (cursor == null ? "" : " and s.id < :cursor");
    }

    Map<String, Object> parameters() {
        return parameters;
    }

    Optional<UUID> cursorParameter() {
        return Optional.ofNullable(cursor);
    }

    /** What was understood, for the self link. */
    Map<String, List<String>> understood() {
        return understood;
    }

    /** The same search after this submission, for the next link. */
    Map<String, List<String>> after(UUID last) {
        var next = new LinkedHashMap<>(understood);
        next.put(CURSOR, List.of(last.toString()));
        return next;
    }
}
