package org.calciwatch.events.outbox;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/** A Kafka message as bytes, whatever they are: how the outbox and the dead letters keep messages. */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record RawMessage(String topic, byte @Nullable [] key, List<Header> headers, byte @Nullable [] payload) {

    /** A header with text. */
    public static Header header(String name, String value) {
        return new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8));
    }

    /** A received message, to be stored or sent to {@code topic}. */
    public static RawMessage of(String topic, ConsumerRecord<String, byte[]> message) {
        var key = message.key() == null ? null : message.key().getBytes(StandardCharsets.UTF_8);
        return new RawMessage(topic, key, List.of(message.headers().toArray()), message.value());
    }

    /** About how many bytes the broker has to take. */
    public int size() {
        var headerBytes = headers.stream()
                .mapToInt(header -> header.key().length() + (header.value() == null ? 0 : header.value().length))
                .sum();
        return headerBytes + (key == null ? 0 : key.length) + (payload == null ? 0 : payload.length);
    }

    /**
     * Reads the columns topic, key, header_names and header_values.
     *
     * @param payload opened
     */
    public static RawMessage read(ResultSet row, byte @Nullable [] payload) throws SQLException {
        return new RawMessage(row.getString("topic"), row.getBytes("key"), headers(row), payload);
    }

    /** Reads the columns header_names and header_values. */
    public static List<Header> headers(ResultSet row) throws SQLException {
        var names = (String[]) row.getArray("header_names").getArray();
        var values = (byte[][]) row.getArray("header_values").getArray();
        var headers = new ArrayList<Header>(names.length);
        for (int i = 0; i < names.length; i++) {
            headers.add(new RecordHeader(names[i], values[i]));
        }
        return headers;
    }

    /**
     * Binds key, header_names, header_values and payload from parameter {@code first} on.
     *
     * @param sealed the payload as the database may see it
     */
    public void bind(PreparedStatement insert, int first, byte @Nullable [] sealed) throws SQLException {
        Connection connection = insert.getConnection();
        // PostgreSQL text cannot hold NUL, which a hostile header name may contain.
        var names =
                headers.stream().map(header -> header.key().replace("\0", "")).toArray(String[]::new);
        var values = headers.stream()
                .map(header -> header.value() == null ? new byte[0] : header.value())
                .toArray(byte[][]::new);
        insert.setBytes(first, key);
        insert.setArray(first + 1, connection.createArrayOf("text", names));
        insert.setArray(first + 2, connection.createArrayOf("bytea", values));
        insert.setBytes(first + 3, sealed);
    }
}
