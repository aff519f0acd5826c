package org.calciwatch.crypto;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A column that holds sealed values only. Declared once, as a constant beside the statements that use it; with
 * {@code @Produces} on it {@link Resealing} finds it.
 *
 * @param key the columns that name a row, which never change
 */
public record SealedColumn(String table, String column, List<String> key) {

    public static SealedColumn of(String table, String column, String... key) {
        return new SealedColumn(table, column, List.of(key));
    }

    /** The {@link Vault}'s context of the value in a row: {@code submission_version.resource/<id>/<version>}. */
    public String context(Object... rowKey) {
        if (rowKey.length != key.size()) {
            throw new IllegalArgumentException(table + " has the key " + key);
        }
        return table + "." + column + "/"
                + Arrays.stream(rowKey).map(Object::toString).collect(Collectors.joining("/"));
    }
}
