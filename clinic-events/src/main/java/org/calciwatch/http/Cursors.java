package org.calciwatch.http;

import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.ws.rs.core.Response.Status;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The paging rules every list shares. */
public final class Cursors {

    private Cursors() {}

    /**
     * The page size a client asked for.
     *
     * @throws HttpProblem 400 unless it is a whole number from 1 to {@link Page#MAX_LIMIT}
     */
    public static int limit(String text) {
        try {
            int limit = Integer.parseInt(text);
            if (limit >= 1 && limit <= Page.MAX_LIMIT) {
                return limit;
            }
        } catch (NumberFormatException e) {
            // said below, as for a number out of range
        }
        throw HttpProblem.valueOf(
                Status.BAD_REQUEST,
                "limit must be a whole number from 1 to " + Page.MAX_LIMIT + ", default " + Page.DEFAULT_LIMIT);
    }

    /**
     * Refuses a parameter that no stored text can hold.
     *
     * @throws HttpProblem 400 for a NUL character
     */
    public static void requireText(String name, @Nullable String value) {
        if (value != null && value.indexOf('\0') >= 0) {
            throw HttpProblem.valueOf(Status.BAD_REQUEST, name + " must be text without NUL characters");
        }
    }

    /**
     * Makes a page of the items found.
     *
     * @param found up to {@code limit + 1} items; the surplus one only tells that there are more
     * @param next the URL of the page after the given last item
     */
    public static <T> Page<T> page(List<T> found, int limit, Function<T, String> next) {
        if (found.size() <= limit) {
            return new Page<>(found, null);
        }
        var items = List.copyOf(found.subList(0, limit));
        return new Page<>(items, next.apply(items.getLast()));
    }
}
