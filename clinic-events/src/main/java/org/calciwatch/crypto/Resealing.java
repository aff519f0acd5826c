package org.calciwatch.crypto;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.arc.All;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Opens the vault at start, and brings every sealed value under the primary key.
 *
 * <p>At the first start with sealing, rows of an earlier version hold plaintext, which the migration marked with {@link
 * #PLAINTEXT}. They are sealed before anything else starts, so that the service is not ready before; nothing but this
 * class takes plaintext. The old rows' place on disk is PostgreSQL's until it vacuums.
 *
 * <p>Later on, a changed primary key starts a pass over all sealed columns, in one instance at a time (advisory lock),
 * in batches; a value that changes meanwhile is left to the next pass. Passes repeat until one finds nothing.
 */
@ApplicationScoped
class Resealing {

    /** What the migration put before values of versions that did not seal. PostgreSQL's text cannot hold it. */
    private static final byte PLAINTEXT = 0;

    /** Any number no other user of the database takes. */
    private static final long LOCK = 0x7365616c73L;

    private static final int BATCH = 200;
    private static final Logger LOG = Logger.getLogger(Resealing.class);

    private final Vault vault;
    private final VaultCheck check;
    private final List<SealedColumn> columns;
    private final DataSource database;
    private final MeterRegistry metrics;
    private final Duration refresh;
    private final Duration settling;
    private @Nullable Thread thread;
    private volatile boolean complete;

    /**
     * @param refresh how often the keyset is looked at
     * @param settling from a change of the primary key until nobody seals with the one before
     */
    Resealing(
            Vault vault,
            VaultCheck check,
            @All List<SealedColumn> columns,
            DataSource database,
            MeterRegistry metrics,
            @ConfigProperty(name = "calciwatch.keyset-refresh") Duration refresh,
            @ConfigProperty(name = "calciwatch.keyset-settling") Duration settling) {
        this.vault = vault;
        this.check = check;
        // The check's own sentence last: from then on a keyset without the earlier key belongs to the database.
        this.columns = new ArrayList<>(columns);
        Collections.sort(this.columns, (one, other) -> Boolean.compare(isCheck(one), isCheck(other)));
        this.database = database;
        this.metrics = metrics;
        this.refresh = refresh;
        this.settling = settling;
    }

    private static boolean isCheck(SealedColumn column) {
        return column.equals(VaultCheck.SEALED_SENTENCE);
    }

    /** Before every other part of the service, as they all need the vault. */
    void start(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) StartupEvent start) {
        try {
            vault.load();
        } catch (KeysUnusable e) {
            // Logged by Quarkus as this one line; the process ends with exit code 1.
            throw new ConfigurationException(e.getMessage());
        }
        Gauge.builder("calciwatch.vault.resealing", this, resealing -> resealing.complete ? 0 : 1)
                .description("1 while values may be sealed under another key than the primary one")
                .register(metrics);
        if (check.completeUnder().isEmpty()) {
            sealWhatIsPlain();
        }
        thread = Thread.ofVirtual().name("resealing").start(this::run);
    }

    void stop(@Observes ShutdownEvent stop) throws InterruptedException {
        if (thread != null) {
            thread.interrupt();
            thread.join(Duration.ofSeconds(2));
        }
    }

    void sealWhatIsPlain() {
        try (var connection = database.getConnection();
                var lock = connection.createStatement()) {
            lock.execute("SELECT pg_advisory_lock(" + LOCK + ")");
            try {
                if (check.completeUnder().isEmpty()) {
                    bringUnderPrimary(connection);
                }
            } finally {
                lock.execute("SELECT pg_advisory_unlock(" + LOCK + ")");
            }
        } catch (SQLException e) {
            throw new IllegalStateException("The rows of an earlier version cannot be sealed", e);
        }
    }

    private void run() {
        var seen = vault.keys().primary();
        var since = Instant.now();
        try {
            while (true) {
                try {
                    vault.refresh();
                    if (seen != vault.keys().primary()) {
                        seen = vault.keys().primary();
                        since = Instant.now();
                    }
                    complete = check.completeUnder().equals(OptionalInt.of(seen));
                    if (!complete && !Instant.now().isBefore(since.plus(settling))) {
                        resealUnlessAnotherInstanceDoes();
                    }
                } catch (SQLException | RuntimeException e) {
                    LOG.warnf("Re-sealing pauses for %s: %s", refresh, e.getMessage());
                }
                Thread.sleep(refresh);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void resealUnlessAnotherInstanceDoes() throws SQLException, InterruptedException {
        try (var connection = database.getConnection();
                var lock = connection.createStatement()) {
            try (var answer = lock.executeQuery("SELECT pg_try_advisory_lock(" + LOCK + ")")) {
                if (!answer.next() || !answer.getBoolean(1)) {
                    return;
                }
            }
            try {
                bringUnderPrimary(connection);
            } finally {
                lock.execute("SELECT pg_advisory_unlock(" + LOCK + ")");
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    private void bringUnderPrimary(Connection connection) throws SQLException {
        var keys = vault.keys();
        // Later on, plaintext is somebody's forgery.
        var takesPlaintext = check.completeUnder().isEmpty();
        for (var column : columns) {
            var resealed = 0L;
            var found = reseal(connection, column, keys, takesPlaintext);
            while (found > 0) {
                resealed += found;
                found = reseal(connection, column, keys, takesPlaintext);
            }
            if (resealed > 0) {
                LOG.infof("%d values of %s.%s sealed anew", resealed, column.table(), column.column());
            }
        }
        check.complete(keys.primary());
        complete = true;
        LOG.infof(
                "Everything is sealed under key %s. Other keys are no longer needed by this database.",
                Keys.name(keys.primary()));
    }

    /** One pass over a column; returns how many values were under another key. */
    private long reseal(Connection connection, SealedColumn column, Keys keys, boolean takesPlaintext)
            throws SQLException {
        var found = 0L;
        String[] after = {};
        while (true) {
            var batch = next(connection, column, after, keys);
            for (var value : batch) {
                var context = column.context((Object[]) value.key());
                var plaintext = takesPlaintext && isPlaintext(value.bytes())
                        ? Arrays.copyOfRange(value.bytes(), 1, value.bytes().length)
                        : vault.openBytes(context, value.bytes());
                replace(connection, column, value, keys.seal(context, plaintext));
            }
            found += batch.size();
            if (batch.size() < BATCH) {
                return found;
            }
            after = batch.getLast().key();
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Value(String[] key, byte[] bytes) {}

    private static List<Value> next(Connection connection, SealedColumn column, String[] after, Keys keys)
            throws SQLException {
        var key = String.join(", ", column.key());
        // The key columns have any type: PostgreSQL takes the parameters as what they are compared with.
        var behind = after.length == 0 ? "" : " AND (%s) > (%s)".formatted(key, marks(after.length));
        try (var select = connection.prepareStatement(
                """
                SELECT %s, %s FROM %s
                WHERE %2$s IS NOT NULL AND substr(%2$s, 1, %d) <> ?%s ORDER BY %1$s LIMIT %d""".formatted(key, column.column(), column.table(), Keys.PREFIX_LENGTH, behind, BATCH))) {
            select.setBytes(1, keys.primaryPrefix());
            for (int i = 0; i < after.length; i++) {
                select.setObject(2 + i, after[i], Types.OTHER);
            }
            var values = new ArrayList<Value>();
            try (var row = select.executeQuery()) {
                while (row.next()) {
                    var rowKey = new String[column.key().size()];
                    for (int i = 0; i < rowKey.length; i++) {
                        rowKey[i] = row.getString(1 + i);
                    }
                    values.add(new Value(rowKey, row.getBytes(1 + rowKey.length)));
                }
            }
            return values;
        }
    }

    /** A statement, hence a transaction, of its own; without effect when the value has changed or is gone. */
    private static void replace(Connection connection, SealedColumn column, Value value, byte[] sealed)
            throws SQLException {
        var same = String.join(
                " AND ", column.key().stream().map(name -> name + " = ?").toList());
        try (var update = connection.prepareStatement(
                "UPDATE %s SET %s = ? WHERE %s AND %2$s = ?".formatted(column.table(), column.column(), same))) {
            update.setBytes(1, sealed);
            for (int i = 0; i < value.key().length; i++) {
                update.setObject(2 + i, value.key()[i], Types.OTHER);
            }
            update.setBytes(2 + value.key().length, value.bytes());
            update.executeUpdate();
        }
    }

    private static boolean isPlaintext(byte[] bytes) {
        return bytes.length > 0 && bytes[0] == PLAINTEXT;
    }

    private static String marks(int count) {
        return String.join(", ", Collections.nCopies(count, "?"));
    }
}
