package org.calciwatch.metrics;

import java.util.List;

/**
 * A gauge that is read from the service's database. Producing one as a bean is all it takes.
 *
 * <p>What it shows must not tell of a patient or a single flag: it may be a count or an age, by what there are few of.
 *
 * @param name as {@code calciwatch.outbox.depth}
 * @param description what one sees
 * @param unit base unit such as {@code seconds}; empty for a number of things
 * @param tags names of the tags
 * @param sql yields a row for each combination of tags: their values in order as text, and the number last. A row with
 *     zero says that all is well; no row says nothing
 */
public record Figure(String name, String description, String unit, List<String> tags, String sql) {

    /** A number of things without tags. */
    public static Figure count(String name, String description, String sql) {
        return new Figure(name, description, "", List.of(), sql);
    }

    /** An age in seconds without tags. */
    public static Figure age(String name, String description, String sql) {
        return new Figure(name, description, "seconds", List.of(), sql);
    }
}
