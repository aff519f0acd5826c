package org.calciwatch.privacy;

import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Produces;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import javax.sql.DataSource;

/** How long the tables are kept that every service has. */
class EventRetention {

    @Produces
    @Dependent
    Expiring inbox(RetentionConfig periods, DataSource database) {
        return new Expiring(
                "handled event ids", periods.inbox(), (before, limit) -> delete(database, """
                        DELETE FROM inbox WHERE event_id IN
                            (SELECT event_id FROM inbox WHERE received_at < ? LIMIT ?)""", before, limit));
    }

    @Produces
    @Dependent
    Expiring deadLetters(RetentionConfig periods, DataSource database) {
        return new Expiring(
                "dead letters", periods.deadLetters(), (before, limit) -> delete(database, """
                        DELETE FROM dead_letter WHERE id IN
                            (SELECT id FROM dead_letter WHERE replayed_at < ? LIMIT ?)""", before, limit));
    }

    private static int delete(DataSource database, String statement, Instant before, int limit) {
        try (var connection = database.getConnection();
                var delete = connection.prepareStatement(statement)) {
            delete.setObject(1, before.atOffset(ZoneOffset.UTC));
            delete.setInt(2, limit);
            return delete.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException("Could not remove what has expired", e);
        }
    }
}
