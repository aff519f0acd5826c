package org.calciwatch.events.outbox;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.reactive.messaging.kafka.api.OutgoingKafkaRecordMetadata;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import javax.sql.DataSource;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.calciwatch.crypto.SealBroken;
import org.calciwatch.crypto.Vault;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Emitter;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.Metadata;
import org.eclipse.microprofile.reactive.messaging.OnOverflow;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Sends what stands in the outbox and removes it once the broker has it.
 *
 * <p>One relay per database is active, the one whose connection holds the advisory lock; the lock goes with the
 * connection, so another instance takes over when that one dies. Rows are sent in the order of their ids. The producer
 * is idempotent and never gives up on a message (see the connector's settings), so messages of one patient, which share
 * a partition, cannot overtake each other; a row sent twice after a crash has the same event id and is dropped by the
 * receivers' inbox.
 */
@ApplicationScoped
class OutboxRelay {

    /** Any number no other user of the database takes. */
    private static final long LOCK = 0x63616c6369L;

    private static final int BATCH = 500;
    private static final Duration POLL = Duration.ofSeconds(5);
    private static final Duration TAKE_OVER_CHECK = Duration.ofMillis(500);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

    /** A message that cannot be opened is tried again after this long: its key may have come back. */
    private static final Duration SET_ASIDE_FOR = Duration.ofHours(1);

    private static final Logger LOG = Logger.getLogger(OutboxRelay.class);

    private final DataSource database;
    private final Vault vault;
    private final Emitter<byte[]> broker;
    private final Counter unreadable;
    private @Nullable Thread thread;

    OutboxRelay(
            DataSource database,
            Vault vault,
            @Channel("outbox") @OnOverflow(OnOverflow.Strategy.UNBOUNDED_BUFFER) Emitter<byte[]> broker,
            MeterRegistry metrics) {
        this.database = database;
        this.vault = vault;
        this.broker = broker;
        this.unreadable = Counter.builder("calciwatch.outbox.unreadable")
                .description("Messages set aside because their seal cannot be opened")
                .register(metrics);
    }

    void start(@Observes StartupEvent start) {
        thread = Thread.ofVirtual().name("outbox-relay").start(this::run);
    }

    void stop(@Observes ShutdownEvent stop) throws InterruptedException {
        if (thread != null) {
            thread.interrupt();
            thread.join(Duration.ofSeconds(2));
        }
    }

    private void run() {
        try {
            while (true) {
                try (var connection = database.getConnection()) {
                    try {
                        relay(connection);
                    } finally {
                        stepDown(connection);
                    }
                } catch (SQLException | ExecutionException | RuntimeException e) {
                    LOG.warnf("The outbox relay pauses for %s: %s", PAUSE_AFTER_FAILURE, e);
                    Thread.sleep(PAUSE_AFTER_FAILURE);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void relay(Connection connection) throws SQLException, InterruptedException, ExecutionException {
        while (!takeLead(connection)) {
            Thread.sleep(TAKE_OVER_CHECK);
        }
        try (var listen = connection.createStatement()) {
            listen.execute("LISTEN " + OutboxBell.CHANNEL);
        }
        while (true) {
            var rows = next(connection);
            if (rows.isEmpty()) {
                connection.unwrap(PGConnection.class).getNotifications((int) POLL.toMillis());
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            } else {
                send(connection, rows);
            }
        }
    }

    private static boolean takeLead(Connection connection) throws SQLException {
        try (var lock = connection.prepareStatement("SELECT pg_try_advisory_lock(?)")) {
            lock.setLong(1, LOCK);
            try (var answer = lock.executeQuery()) {
                return answer.next() && answer.getBoolean(1);
            }
        }
    }

    /** The connection goes back to the pool, so the lock must not go with it. */
    private static void stepDown(Connection connection) {
        try (var statement = connection.createStatement()) {
            statement.execute("SELECT pg_advisory_unlock_all()");
            statement.execute("UNLISTEN *");
        } catch (SQLException e) {
            LOG.debug("The connection is broken, and with it its lock is gone", e);
        }
    }

    private record Row(long id, RawMessage message) {}

    private List<Row> next(Connection connection) throws SQLException {
        try (var select = connection.prepareStatement("""
                SELECT * FROM outbox WHERE set_aside_at IS NULL OR set_aside_at < now() - make_interval(secs => ?)
                ORDER BY id LIMIT ?""")) {
            select.setLong(1, SET_ASIDE_FOR.toSeconds());
            select.setInt(2, BATCH);
            var rows = new ArrayList<Row>();
            try (var found = select.executeQuery()) {
                while (found.next()) {
                    try {
                        rows.add(read(found));
                    } catch (SealBroken e) {
                        setAside(connection, found.getLong("id"), e);
                    }
                }
            }
            return rows;
        }
    }

    private Row read(ResultSet found) throws SQLException {
        var sealed = found.getBytes("payload");
        var payload = sealed == null
                ? null
                : vault.openBytes(Outbox.PAYLOAD.context(found.getObject("name", UUID.class)), sealed);
        return new Row(found.getLong("id"), RawMessage.read(found, payload));
    }

    /** One message that cannot be opened must not keep back those of all other patients. It is never deleted. */
    private void setAside(Connection connection, long id, SealBroken reason) throws SQLException {
        try (var update = connection.prepareStatement("UPDATE outbox SET set_aside_at = now() WHERE id = ?")) {
            update.setLong(1, id);
            update.executeUpdate();
        }
        unreadable.increment();
        LOG.errorf(
                "Outbox message %d is not sent, and tried again in %s: %s. Restore the keyset it was sealed with.",
                id, SET_ASIDE_FOR, reason.getMessage());
    }

    private void send(Connection connection, List<Row> rows)
            throws SQLException, InterruptedException, ExecutionException {
        var acks = rows.stream().map(row -> send(row.message())).toList();
        var sent = new ArrayList<Long>();
        @Nullable ExecutionException failure = null;
        Set<@Nullable String> failedKeys = new HashSet<>();
        for (int i = 0; i < rows.size(); i++) {
            var key = keyOf(rows.get(i).message());
            try {
                acks.get(i).get();
                // A message after a failed one of the same patient is sent again behind it.
                if (!failedKeys.contains(key)) {
                    sent.add(rows.get(i).id());
                }
            } catch (ExecutionException e) {
                failure = e;
                failedKeys.add(key);
            }
        }
        try (var delete = connection.prepareStatement("DELETE FROM outbox WHERE id = ANY (?)")) {
            delete.setArray(1, connection.createArrayOf("bigint", sent.toArray()));
            delete.executeUpdate();
        }
        if (failure != null) {
            throw failure;
        }
    }

    private CompletableFuture<Void> send(RawMessage message) {
        var ack = new CompletableFuture<Void>();
        var headers = new RecordHeaders();
        message.headers().forEach(headers::add);
        var metadata = OutgoingKafkaRecordMetadata.<String>builder()
                .withTopic(message.topic())
                .withKey(keyOf(message))
                .withHeaders(headers)
                .build();
        broker.send(Message.of(
                message.payload() == null ? new byte[0] : message.payload(),
                Metadata.of(metadata),
                () -> {
                    ack.complete(null);
                    return CompletableFuture.completedFuture(null);
                },
                failure -> {
                    ack.completeExceptionally(failure);
                    return CompletableFuture.completedFuture(null);
                }));
        return ack;
    }

    private static @Nullable String keyOf(RawMessage message) {
        return message.key() == null ? null : new String(message.key(), StandardCharsets.UTF_8);
    }
}
