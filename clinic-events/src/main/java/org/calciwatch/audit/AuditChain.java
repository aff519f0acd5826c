package org.calciwatch.audit;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The chain over the audit events: {@code hash = SHA-256(hash before || event)}. Whoever changes, removes, adds or moves
 * an event would have to change every hash behind it, and then the head differs from one that was noted elsewhere.
 */
@ApplicationScoped
class AuditChain {

    /** Any number no other user of the database takes. */
    private static final long LOCK = 0x6175646974L;

    private static final int BATCH = 1000;
    private static final byte[] NOTHING_BEFORE = new byte[32];

    private final DataSource database;

    AuditChain(DataSource database) {
        this.database = database;
    }

    /** The last link, or one that was noted; as text {@code <seq>:<hash in hex>}. */
    @SuppressWarnings("ArrayRecordComponent") // compared by Arrays.equals only
    record Head(long seq, byte[] hash) {
        private static final Pattern TEXT = Pattern.compile("(\\d{1,18}):([0-9a-f]{64})");

        static Optional<Head> parse(String text) {
            var form = TEXT.matcher(text);
            return form.matches()
                    ? Optional.of(new Head(
                            Long.parseLong(form.group(1)), HexFormat.of().parseHex(form.group(2))))
                    : Optional.empty();
        }

        @Override
        public String toString() {
            return seq + ":" + HexFormat.of().formatHex(hash);
        }
    }

    /**
     * Chains the next events that are committed. One instance at a time: the lock is held until the commit, so the next
     * one sees the head that this one leaves. Which event comes first does not matter, only that it stays so; one with a
     * smaller id that commits later is chained later.
     *
     * @return how many were chained; 0 when there are none or another instance is at it
     */
    @Transactional
    int chainNext() {
        try (var connection = database.getConnection()) {
            if (!lock(connection)) {
                return 0;
            }
            var events = notChained(connection);
            if (!events.isEmpty()) {
                append(connection, events);
            }
            return events.size();
        } catch (SQLException e) {
            throw new IllegalStateException("Could not chain audit events", e);
        }
    }

    private static boolean lock(Connection connection) throws SQLException {
        try (var lock = connection.prepareStatement("SELECT pg_try_advisory_xact_lock(?)")) {
            lock.setLong(1, LOCK);
            try (var answer = lock.executeQuery()) {
                return answer.next() && answer.getBoolean(1);
            }
        }
    }

    private static List<AuditEvent> notChained(Connection connection) throws SQLException {
        try (var select = connection.prepareStatement(
                        "SELECT e.* FROM audit_unchained u JOIN audit_event e ON e.id = u.event_id ORDER BY e.id LIMIT "
                                + BATCH);
                var row = select.executeQuery()) {
            var events = new ArrayList<AuditEvent>();
            while (row.next()) {
                events.add(AuditEvent.read(row));
            }
            return events;
        }
    }

    private static void append(Connection connection, List<AuditEvent> events) throws SQLException {
        var head = head(connection);
        var seqs = new ArrayList<Long>();
        var hashes = new ArrayList<byte[]>();
        for (var event : events) {
            head = new Head(head.seq() + 1, hash(head.hash(), event));
            seqs.add(head.seq());
            hashes.add(head.hash());
        }
        var ids = connection.createArrayOf(
                "uuid", events.stream().map(AuditEvent::id).toArray());
        try (var insert = connection.prepareStatement(
                "INSERT INTO audit_chain (seq, event_id, hash) SELECT * FROM unnest(?, ?, ?)")) {
            insert.setArray(1, connection.createArrayOf("bigint", seqs.toArray()));
            insert.setArray(2, ids);
            insert.setArray(3, connection.createArrayOf("bytea", hashes.toArray(byte[][]::new)));
            insert.executeUpdate();
        }
        try (var delete = connection.prepareStatement("DELETE FROM audit_unchained WHERE event_id = ANY (?)")) {
            delete.setArray(1, ids);
            delete.executeUpdate();
        }
    }

    private static Head head(Connection connection) throws SQLException {
        try (var select = connection.prepareStatement("SELECT seq, hash FROM audit_chain ORDER BY seq DESC LIMIT 1");
                var row = select.executeQuery()) {
            return row.next() ? new Head(row.getLong("seq"), row.getBytes("hash")) : new Head(0, NOTHING_BEFORE);
        }
    }

    /** The last link; seq 0 while there is none. */
    @Transactional
    Head head() {
        try (var connection = database.getConnection()) {
            return head(connection);
        } catch (SQLException e) {
            throw new IllegalStateException("Could not read the head of the audit chain", e);
        }
    }

    private static byte[] hash(byte[] before, AuditEvent event) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update(before);
            return digest.digest(event.canonical());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    /**
     * A link and its event.
     *
     * @param event null when it is missing
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Link(
            long seq, UUID eventId, byte[] hash, @Nullable AuditEvent event) {

        /** Whether the hash is that of the event behind the link before. */
        boolean holds(byte[] before) {
            return event != null && Arrays.equals(hash, AuditChain.hash(before, event));
        }
    }

    /** The next links in order, in a transaction of their own: nothing that is read once changes later. */
    @Transactional
    List<Link> linksAfter(long seq) {
        try (var connection = database.getConnection();
                var select = connection.prepareStatement("""
                        SELECT c.seq, c.event_id, c.hash, e.* FROM audit_chain c LEFT JOIN audit_event e ON e.id = c.event_id
                        WHERE c.seq > ? ORDER BY c.seq LIMIT\s""" + BATCH)) {
            select.setLong(1, seq);
            var links = new ArrayList<Link>();
            try (var row = select.executeQuery()) {
                while (row.next()) {
                    var event = row.getObject("id") == null ? null : AuditEvent.read(row);
                    links.add(new Link(
                            row.getLong("seq"), row.getObject("event_id", UUID.class), row.getBytes("hash"), event));
                }
            }
            return links;
        } catch (SQLException e) {
            throw new IllegalStateException("Could not read the audit chain", e);
        }
    }

    /**
     * Events without a link.
     *
     * @param overdue those among them that are older than five minutes, which the sealer would have chained long ago
     */
    record Unchained(long all, long overdue) {}

    /** Counts the events without a link. */
    @Transactional
    Unchained unchained() {
        try (var connection = database.getConnection();
                var count = connection.prepareStatement("""
                        SELECT count(*), count(*) FILTER (WHERE recorded_at < now() - interval '5 minutes')
                        FROM audit_event e WHERE NOT EXISTS (SELECT FROM audit_chain c WHERE c.event_id = e.id)""");
                var row = count.executeQuery()) {
            row.next();
            return new Unchained(row.getLong(1), row.getLong(2));
        } catch (SQLException e) {
            throw new IllegalStateException("Could not count the events that are not chained", e);
        }
    }
}
