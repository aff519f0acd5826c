package org.calciwatch.events.outbox;

import com.fasterxml.uuid.Generators;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.context.Context;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.transaction.Transactional;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Map;
import java.util.Objects;
import javax.sql.DataSource;
import org.calciwatch.crypto.SealedColumn;
import org.calciwatch.crypto.Vault;
import org.calciwatch.events.Event;
import org.calciwatch.events.EventCodec;
import org.calciwatch.events.EventType;

/** Events to be published: stored in the transaction that makes them true, sent after its commit. */
@ApplicationScoped
public class Outbox {

    /** A row's id is known only when it is stored, so its payload is bound to a name of its own. */
    @Produces
    static final SealedColumn PAYLOAD = SealedColumn.of("outbox", "payload", "name");

    private final DataSource database;
    private final Vault vault;
    private final EventCodec codec;
    private final OutboxBell bell;
    private final OpenTelemetry telemetry;
    private final Clock clock = Clock.systemUTC();

    Outbox(DataSource database, Vault vault, EventCodec codec, OutboxBell bell, OpenTelemetry telemetry) {
        this.database = database;
        this.vault = vault;
        this.codec = codec;
        this.bell = bell;
        this.telemetry = telemetry;
    }

    /**
     * Publishes an event once the caller's transaction has committed.
     *
     * @return the event, for those who are told of it in another way
     */
    @Transactional(Transactional.TxType.MANDATORY)
    public <T> Event<T> add(EventType<T> type, String patientId, T data) {
        var event =
                new Event<>(Generators.timeBasedEpochGenerator().generate(), type, patientId, clock.instant(), data);
        Map<String, String> headers = codec.headers(event);
        telemetry
                .getPropagators()
                .getTextMapPropagator()
                .inject(Context.current(), headers, (carrier, name, value) -> Objects.requireNonNull(carrier)
                        .put(name, value));
        add(new RawMessage(
                type.topic(),
                patientId.getBytes(StandardCharsets.UTF_8),
                headers.entrySet().stream()
                        .map(header -> RawMessage.header(header.getKey(), header.getValue()))
                        .toList(),
                codec.data(event)));
        return event;
    }

    /** Sends a message as it is once the caller's transaction has committed. */
    @Transactional(Transactional.TxType.MANDATORY)
    public void add(RawMessage message) {
        var name = Generators.timeBasedEpochGenerator().generate();
        var payload = message.payload();
        try (var connection = database.getConnection();
                var insert = connection.prepareStatement("""
                        INSERT INTO outbox (name, topic, key, header_names, header_values, payload)
                        VALUES (?, ?, ?, ?, ?, ?)""")) {
            insert.setObject(1, name);
            insert.setString(2, message.topic());
            message.bind(insert, 3, payload == null ? null : vault.sealBytes(PAYLOAD.context(name), payload));
            insert.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException("Could not store a message for " + message.topic(), e);
        }
        bell.ringAfterCommit();
    }
}
