package org.calciwatch.http;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One page of a list.
 *
 * @param next relative URL of the following page, null on the last one
 */
public record Page<T>(List<T> items, @Nullable String next) {

    /** Items a page holds when the client does not say. */
    public static final int DEFAULT_LIMIT = 50;

    /** Most items a client may ask for. */
    public static final int MAX_LIMIT = 200;
}
