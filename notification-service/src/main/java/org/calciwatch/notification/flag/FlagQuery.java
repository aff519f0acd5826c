package org.calciwatch.notification.flag;

import static java.util.stream.Collectors.joining;

import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.ws.rs.core.Response.Status;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import java.util.UUID;
import org.calciwatch.events.Severity;
import org.jspecify.annotations.Nullable;

/**
 * Which flags a client asks for, and from where on.
 *
 * @param statuses empty for all
 * @param severities empty for all
 * @param patient one patient's id, null for all
 * @param q text in the reference, the headline or a rule id, null for all
 * @param after the last flag the client has seen, null at the start
 */
record FlagQuery(
        Set<Flag.Status> statuses,
        Set<Severity> severities,
        @Nullable String patient,
        @Nullable String q,
        @Nullable Position after) {

    /** A place in the list, which is sorted by opening time and id, newest first. */
    record Position(Instant openedAt, UUID id) {

        static Position of(Flag flag) {
            return new Position(flag.openedAt(), flag.id());
        }

        private static Position parse(String cursor) {
            var parts = cursor.split("_", -1);
            try {
                if (parts.length == 2) {
                    return new Position(
                            Instant.EPOCH.plus(Long.parseLong(parts[0]), ChronoUnit.MICROS), UUID.fromString(parts[1]));
                }
            } catch (IllegalArgumentException | DateTimeException | ArithmeticException e) {
                // said below
            }
            throw badRequest("cursor must be taken unchanged from the 'next' of the page before");
        }

        String cursor() {
            return ChronoUnit.MICROS.between(Instant.EPOCH, openedAt) + "_" + id;
        }
    }

    /**
     * Reads the query parameters; blank ones count as not given.
     *
     * @param statuses each may hold several values with commas between
     * @throws HttpProblem 400, naming what is allowed
     */
    static FlagQuery parse(
            List<String> statuses,
            List<String> severities,
            @Nullable String patient,
            @Nullable String q,
            @Nullable String cursor) {
        return new FlagQuery(
                values("status", Flag.Status.class, statuses),
                values("severity", Severity.class, severities),
                text("patient", patient),
                text("q", q),
                cursor == null || cursor.isBlank() ? null : Position.parse(cursor));
    }

    /** The relative URL of the page that follows this flag. */
    String urlAfter(Flag last, int limit) {
        var url = new StringJoiner("&", "/flags?", "");
        statuses.forEach(status -> url.add("status=" + status));
        severities.forEach(severity -> url.add("severity=" + severity));
        if (patient != null) {
            url.add("patient=" + URLEncoder.encode(patient, StandardCharsets.UTF_8));
        }
        if (q != null) {
            url.add("q=" + URLEncoder.encode(q, StandardCharsets.UTF_8));
        }
        url.add("limit=" + limit);
        url.add("cursor=" + Position.of(last).cursor());
        return url.toString();
    }

    private static <E extends Enum<E>> Set<E> values(String name, Class<E> type, List<String> given) {
        var values = EnumSet.noneOf(type);
        for (var list : given) {
            for (var value : list.split(",", -1)) {
                if (!value.isBlank()) {
                    values.add(value(name, type, value.strip()));
                }
            }
        }
        return values;
    }

    private static <E extends Enum<E>> E value(String name, Class<E> type, String given) {
        return Arrays.stream(type.getEnumConstants())
                .filter(value -> value.name().equals(given))
                .findFirst()
                .orElseThrow(() -> badRequest(name + " must be one or more of "
                        + Arrays.stream(type.getEnumConstants()).map(Enum::name).collect(joining(", "))));
    }

    private static @Nullable String text(String name, @Nullable String given) {
        if (given == null || given.isBlank()) {
            return null;
        }
        // PostgreSQL text cannot hold NUL.
        if (given.indexOf('\0') >= 0) {
            throw badRequest(name + " must not contain the NUL character");
        }
        return given.strip();
    }

    private static HttpProblem badRequest(String detail) {
        return HttpProblem.valueOf(Status.BAD_REQUEST, detail);
    }
}
