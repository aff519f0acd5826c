package org.calciwatch.crypto;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Optional;
import java.util.OptionalInt;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The table {@code vault_check}: which keys a database belongs to, and how far its last re-sealing came. */
@ApplicationScoped
class VaultCheck {

    private static final short ONLY_ROW = 1;
    private static final byte[] SENTENCE = "These keys belong to this database.".getBytes(StandardCharsets.UTF_8);

    @Produces
    static final SealedColumn SEALED_SENTENCE = SealedColumn.of("vault_check", "sentence", "id");

    private final DataSource database;

    VaultCheck(DataSource database) {
        this.database = database;
    }

    /** The key under which everything was when the last re-sealing was complete; empty when there was none yet. */
    OptionalInt completeUnder() {
        return row().map(Row::completeUnder)
                .filter(key -> key != null)
                .map(OptionalInt::of)
                .orElse(OptionalInt.empty());
    }

    /** Everything is under this key. */
    void complete(int key) {
        try (var connection = database.getConnection();
                var update = connection.prepareStatement("UPDATE vault_check SET complete_under = ?")) {
            update.setInt(1, key);
            update.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException("The end of a re-sealing cannot be recorded", e);
        }
    }

    /** Whether what these keys seal can be told from what other keys did; a database without any belongs to them now. */
    boolean belongsTo(Keys keys) {
        var found = row();
        if (found.isEmpty()) {
            // Of two instances at once one stores, and both read what is there then.
            store(keys.seal(SEALED_SENTENCE.context(ONLY_ROW), SENTENCE));
            found = row();
        }
        try {
            keys.open(SEALED_SENTENCE.context(ONLY_ROW), found.orElseThrow().sentence());
            return true;
        } catch (SealBroken e) {
            return false;
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Row(byte[] sentence, @Nullable Integer completeUnder) {}

    private Optional<Row> row() {
        try (var connection = database.getConnection();
                var select = connection.prepareStatement("SELECT sentence, complete_under FROM vault_check");
                var row = select.executeQuery()) {
            return row.next()
                    ? Optional.of(new Row(row.getBytes("sentence"), row.getObject("complete_under", Integer.class)))
                    : Optional.empty();
        } catch (SQLException e) {
            throw new IllegalStateException("It cannot be told whether the keys belong to the database", e);
        }
    }

    private void store(byte[] sentence) {
        try (var connection = database.getConnection();
                var insert = connection.prepareStatement(
                        "INSERT INTO vault_check (id, sentence) VALUES (?, ?) ON CONFLICT DO NOTHING")) {
            insert.setShort(1, ONLY_ROW);
            insert.setBytes(2, sentence);
            insert.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException("The keys cannot be noted in the database", e);
        }
    }
}
