package org.calciwatch.assessment.cds;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.ws.rs.core.Response.Status;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a clinician did with a card. The comment that may come with an override is not kept: it may tell of the patient.
 *
 * @param reason code of the override reason; null without one
 */
record Feedback(UUID card, String outcome, @Nullable String reason, Instant at) {

    private static final Set<String> OUTCOMES = Set.of("accepted", "overridden");
    private static final int MOST = 200;
    private static final Pattern CODE = Pattern.compile("[ -~]{1,64}");
    private static final Pattern YEAR = Pattern.compile("[12]\\d{3}-.*");

    /** @throws HttpProblem 400 with everything that is wrong */
    static List<Feedback> of(JsonNode body) {
        var problems = new ArrayList<String>();
        var all = new ArrayList<Feedback>();
        var entries = body.path("feedback");
        if (!entries.isArray() || entries.isEmpty() || entries.size() > MOST) {
            problems.add("feedback must be an array of 1 to " + MOST + " entries");
        } else {
            for (int i = 0; i < entries.size(); i++) {
                read(entries.get(i), "feedback[" + i + "].", problems).ifPresent(all::add);
            }
        }
        if (!problems.isEmpty()) {
            throw HttpProblem.builder()
                    .withStatus(Status.BAD_REQUEST)
                    .withTitle("Not a feedback")
                    .withDetail(String.join("; ", problems))
                    .with("problems", problems)
                    .build();
        }
        return all;
    }

    private static Optional<Feedback> read(JsonNode entry, String place, List<String> problems) {
        int before = problems.size();
        var card = entry.path("card").asText("");
        if (!HookRequest.UUID_TEXT.matcher(card).matches()) {
            problems.add(place + "card must be the uuid of a card");
        }
        var outcome = entry.path("outcome").asText("");
        if (!OUTCOMES.contains(outcome)) {
            problems.add(place + "outcome must be accepted or overridden");
        }
        var suggestions = entry.path("acceptedSuggestions");
        if (!suggestions.isMissingNode() && !suggestions.isNull() && !suggestions.isArray()) {
            problems.add(place + "acceptedSuggestions must be an array");
        }
        var reason = entry.path("overrideReason");
        var code = reason.path("reason").path("code");
        if ((!reason.isMissingNode() && !reason.isNull() && !reason.isObject())
                || (!code.isMissingNode()
                        && !(code.isTextual() && CODE.matcher(code.textValue()).matches()))) {
            problems.add(place + "overrideReason must be an object whose reason is a coding, its code printable"
                    + " ASCII of at most 64 characters");
        }
        var at = time(entry.path("outcomeTimestamp").asText(""));
        if (at.isEmpty()) {
            problems.add(place + "outcomeTimestamp must be a time like 2026-01-31T12:00:00Z");
        }
        return problems.size() == before
                ? at.map(time -> new Feedback(UUID.fromString(card), outcome, code.textValue(), time))
                : Optional.empty();
    }

    private static Optional<Instant> time(String text) {
        try {
            return YEAR.matcher(text).matches()
                    ? Optional.of(OffsetDateTime.parse(text).toInstant())
                    : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
