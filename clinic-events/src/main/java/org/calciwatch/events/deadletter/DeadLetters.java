package org.calciwatch.events.deadletter;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.uuid.Generators;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.transaction.Transactional;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.calciwatch.crypto.SealedColumn;
import org.calciwatch.crypto.Vault;
import org.calciwatch.events.EventType;
import org.calciwatch.events.outbox.Outbox;
import org.calciwatch.events.outbox.RawMessage;
import org.calciwatch.privacy.ErasedSubmissions;
import org.calciwatch.privacy.PatientIds;
import org.calciwatch.privacy.PatientLock;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** The messages this service could not process: in its database, to list and replay, and on the dead-letter topic. */
@ApplicationScoped
public class DeadLetters {

    /** A larger message stays in the database only: with the reason added, the broker might refuse it. */
    private static final int LARGEST_COPY = 768 * 1024;

    /** Where the messages are sealed. */
    @Produces
    public static final SealedColumn PAYLOAD = SealedColumn.of("dead_letter", "payload", "id");

    private final DataSource database;
    private final Vault vault;
    private final Outbox outbox;
    private final PatientLock lock;
    private final ErasedSubmissions erased;
    private final ObjectMapper json;
    private final String service;

    DeadLetters(
            DataSource database,
            Vault vault,
            Outbox outbox,
            PatientLock lock,
            ErasedSubmissions erased,
            ObjectMapper json,
            @ConfigProperty(name = "quarkus.application.name") String service) {
        this.database = database;
        this.vault = vault;
        this.outbox = outbox;
        this.lock = lock;
        this.erased = erased;
        this.json = json;
        this.service = service;
    }

    /**
     * Keeps a message with the reason; keeping the same one again changes nothing.
     *
     * @return false when it is about an erased submission, of which nothing may be kept
     */
    @Transactional(Transactional.TxType.REQUIRES_NEW)
    public boolean add(ConsumerRecord<String, byte[]> message, String reason) {
        // Either the tombstone is seen here, or the erasure waits and removes what is kept here. A key of another form
        // is no patient's.
        if (message.key() != null && PatientIds.isValid(message.key())) {
            lock.take(message.key());
        }
        if (submissionOf(json, message.value()).filter(erased::contains).isPresent()) {
            return false;
        }
        var raw = RawMessage.of(message.topic(), message);
        if (insert(message, raw, reason)) {
            var whole = raw.size() <= LARGEST_COPY;
            var headers = whole ? new ArrayList<>(raw.headers()) : new ArrayList<Header>();
            headers.add(RawMessage.header("dead-letter-service", service));
            headers.add(RawMessage.header("dead-letter-reason", reason));
            headers.add(RawMessage.header("dead-letter-partition", String.valueOf(message.partition())));
            headers.add(RawMessage.header("dead-letter-offset", String.valueOf(message.offset())));
            outbox.add(new RawMessage(
                    EventType.deadLetterTopic(message.topic()), raw.key(), headers, whole ? raw.payload() : null));
        }
        return true;
    }

    /** The submission a message is about, by its payload; empty when that does not say, or cannot be read. */
    public static Optional<String> submissionOf(ObjectMapper json, byte @Nullable [] payload) {
        if (payload == null) {
            return Optional.empty();
        }
        try {
            // PostgreSQL's text cannot hold NUL; no submission has such an id.
            return Optional.ofNullable(
                            json.readTree(payload).path("submissionId").textValue())
                    .filter(id -> id.indexOf('\0') < 0);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private boolean insert(ConsumerRecord<String, byte[]> message, RawMessage raw, String reason) {
        var id = Generators.timeBasedEpochGenerator().generate();
        var payload = raw.payload();
        try (var connection = database.getConnection();
                var insert = connection.prepareStatement("""
                        INSERT INTO dead_letter (id, topic, "partition", "offset", sent_at, reason,
                                                 key, header_names, header_values, payload)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""")) {
            insert.setObject(1, id);
            insert.setString(2, message.topic());
            insert.setInt(3, message.partition());
            insert.setLong(4, message.offset());
            insert.setObject(5, Instant.ofEpochMilli(message.timestamp()).atOffset(ZoneOffset.UTC));
            insert.setString(6, reason.replace("\0", ""));
            raw.bind(insert, 7, payload == null ? null : vault.sealBytes(PAYLOAD.context(id), payload));
            return insert.executeUpdate() == 1;
        } catch (SQLException e) {
            throw new IllegalStateException("Could not store a dead letter", e);
        }
    }

    /** The newest first; {@code before} is the id of the last one already seen. */
    @Transactional
    public List<DeadLetter> list(@Nullable UUID before, int limit) {
        try (var connection = database.getConnection();
                var select = connection.prepareStatement("""
                        SELECT * FROM dead_letter
                        WHERE ?::uuid IS NULL OR id < ?::uuid ORDER BY id DESC LIMIT ?""")) {
            select.setObject(1, before);
            select.setObject(2, before);
            select.setInt(3, limit);
            var letters = new ArrayList<DeadLetter>();
            try (var row = select.executeQuery()) {
                while (row.next()) {
                    letters.add(read(row));
                }
            }
            return letters;
        } catch (SQLException e) {
            throw new IllegalStateException("Could not list the dead letters", e);
        }
    }

    /** One dead letter with its message. */
    public record Found(DeadLetter letter, ConsumerRecord<String, byte[]> message) {}

    /** One dead letter; empty when there is none with this id. */
    @Transactional
    public Optional<Found> find(UUID id) {
        try (var connection = database.getConnection();
                var select = connection.prepareStatement("SELECT * FROM dead_letter WHERE id = ?")) {
            select.setObject(1, id);
            try (var row = select.executeQuery()) {
                return row.next() ? Optional.of(new Found(read(row), message(row))) : Optional.empty();
            }
        } catch (SQLException e) {
            throw new IllegalStateException("Could not read dead letter " + id, e);
        }
    }

    /** Notes that a dead letter was processed after all. */
    @Transactional
    public void markReplayed(UUID id) {
        try (var connection = database.getConnection();
                var update = connection.prepareStatement(
                        "UPDATE dead_letter SET replayed_at = now() WHERE id = ? AND replayed_at IS NULL")) {
            update.setObject(1, id);
            update.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException("Could not mark dead letter " + id, e);
        }
    }

    private static DeadLetter read(ResultSet row) throws SQLException {
        var headers = headers(row);
        var replayedAt = row.getObject("replayed_at", OffsetDateTime.class);
        return new DeadLetter(
                row.getObject("id", UUID.class),
                row.getString("topic"),
                row.getInt("partition"),
                row.getLong("offset"),
                key(row),
                text(headers, "ce_id"),
                text(headers, "ce_type"),
                row.getString("reason"),
                row.getObject("failed_at", OffsetDateTime.class).toInstant(),
                replayedAt == null ? null : replayedAt.toInstant());
    }

    // The record's constructor takes missing keys and values, which its own package does not declare.
    @SuppressWarnings("NullAway")
    private ConsumerRecord<String, byte[]> message(ResultSet row) throws SQLException {
        var sealed = row.getBytes("payload");
        return new ConsumerRecord<>(
                row.getString("topic"),
                row.getInt("partition"),
                row.getLong("offset"),
                row.getObject("sent_at", OffsetDateTime.class).toInstant().toEpochMilli(),
                TimestampType.CREATE_TIME,
                ConsumerRecord.NULL_SIZE,
                ConsumerRecord.NULL_SIZE,
                key(row),
                sealed == null ? null : vault.openBytes(PAYLOAD.context(row.getObject("id", UUID.class)), sealed),
                headers(row),
                Optional.empty());
    }

    private static RecordHeaders headers(ResultSet row) throws SQLException {
        var headers = new RecordHeaders();
        RawMessage.headers(row).forEach(headers::add);
        return headers;
    }

    private static @Nullable String key(ResultSet row) throws SQLException {
        var key = row.getBytes("key");
        return key == null ? null : new String(key, StandardCharsets.UTF_8);
    }

    private static @Nullable String text(RecordHeaders headers, String name) {
        var header = headers.lastHeader(name);
        return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }
}
