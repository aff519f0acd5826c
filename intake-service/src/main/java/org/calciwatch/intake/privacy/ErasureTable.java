package org.calciwatch.intake.privacy;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The erasures in the database; all in the caller's transaction. */
@ApplicationScoped
class ErasureTable {

    private final DataSource database;

    ErasureTable(DataSource database) {
        this.database = database;
    }

    void add(Erasure erasure) {
        try (var connection = database.getConnection();
                var insert = connection.prepareStatement(
                        "INSERT INTO erasure (id, requested_at, requested_by) VALUES (?, ?, ?)");
                var confirmations = connection.prepareStatement(
                        "INSERT INTO erasure_confirmation (erasure_id, service) SELECT ?, unnest(?::text[])")) {
            insert.setObject(1, erasure.id());
            insert.setObject(2, erasure.requestedAt().atOffset(ZoneOffset.UTC));
            insert.setString(3, erasure.requestedBy());
            insert.executeUpdate();
            confirmations.setObject(1, erasure.id());
            confirmations.setArray(
                    2,
                    connection.createArrayOf(
                            "text",
                            erasure.services().stream()
                                    .map(Erasure.Confirmation::service)
                                    .toArray()));
            confirmations.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException("Could not store erasure " + erasure.id(), e);
        }
    }

    /** False when this confirmation is not awaited. */
    boolean confirm(UUID id, String service, Instant at) {
        try (var connection = database.getConnection();
                var update = connection.prepareStatement("""
                        UPDATE erasure_confirmation SET confirmed_at = ?
                        WHERE erasure_id = ? AND service = ? AND confirmed_at IS NULL""")) {
            update.setObject(1, at.atOffset(ZoneOffset.UTC));
            update.setObject(2, id);
            update.setString(3, service);
            return update.executeUpdate() == 1;
        } catch (SQLException e) {
            throw new IllegalStateException("Could not confirm erasure " + id, e);
        }
    }

    Optional<Erasure> find(UUID id) {
        try (var connection = database.getConnection();
                var select = connection.prepareStatement("SELECT * FROM erasure WHERE id = ?")) {
            select.setObject(1, id);
            return read(connection, select).stream().findFirst();
        } catch (SQLException e) {
            throw new IllegalStateException("Could not read erasure " + id, e);
        }
    }

    List<Erasure> list(@Nullable UUID before, int limit) {
        try (var connection = database.getConnection();
                var select = connection.prepareStatement("""
                        SELECT * FROM erasure
                        WHERE ?::uuid IS NULL OR id < ?::uuid ORDER BY id DESC LIMIT ?""")) {
            select.setObject(1, before);
            select.setObject(2, before);
            select.setInt(3, limit);
            return read(connection, select);
        } catch (SQLException e) {
            throw new IllegalStateException("Could not list the erasures", e);
        }
    }

    /** Removes old records of erasures that are complete; one that hangs stays in sight. */
    int purge(Instant before, int limit) {
        try (var connection = database.getConnection();
                var delete = connection.prepareStatement("""
                        DELETE FROM erasure WHERE id IN (
                            SELECT id FROM erasure WHERE requested_at < ? AND NOT EXISTS (
                                SELECT 1 FROM erasure_confirmation
                                WHERE erasure_id = erasure.id AND (confirmed_at IS NULL OR confirmed_at >= ?))
                            LIMIT ?)""")) {
            delete.setObject(1, before.atOffset(ZoneOffset.UTC));
            delete.setObject(2, before.atOffset(ZoneOffset.UTC));
            delete.setInt(3, limit);
            return delete.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException("Could not remove old erasures", e);
        }
    }

    private static List<Erasure> read(Connection connection, PreparedStatement select) throws SQLException {
        var found = new ArrayList<Erasure>();
        try (var row = select.executeQuery()) {
            while (row.next()) {
                var id = row.getObject("id", UUID.class);
                found.add(new Erasure(
                        id,
                        row.getObject("requested_at", OffsetDateTime.class).toInstant(),
                        row.getString("requested_by"),
                        confirmations(connection, id)));
            }
        }
        return found;
    }

    private static List<Erasure.Confirmation> confirmations(Connection connection, UUID id) throws SQLException {
        try (var select = connection.prepareStatement(
                "SELECT * FROM erasure_confirmation WHERE erasure_id = ? ORDER BY service")) {
            select.setObject(1, id);
            var confirmations = new ArrayList<Erasure.Confirmation>();
            try (var row = select.executeQuery()) {
                while (row.next()) {
                    var at = row.getObject("confirmed_at", OffsetDateTime.class);
                    confirmations.add(
                            new Erasure.Confirmation(row.getString("service"), at == null ? null : at.toInstant()));
                }
            }
            return confirmations;
        }
    }
}
