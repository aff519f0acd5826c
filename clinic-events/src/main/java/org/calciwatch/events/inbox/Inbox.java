package org.calciwatch.events.inbox;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.sql.SQLException;
import java.util.UUID;
import javax.sql.DataSource;

/** Remembers the events a service has handled, so that a redelivered one changes nothing. */
@ApplicationScoped
public class Inbox {

    private final DataSource database;

    Inbox(DataSource database) {
        this.database = database;
    }

    /**
     * Called first in the transaction that does the event's work. A second transaction with the same id waits here for
     * the first one's outcome.
     *
     * @return false when the event was handled before
     */
    @Transactional(Transactional.TxType.MANDATORY)
    public boolean firstTime(UUID eventId) {
        // Not "insert and catch": a failed insert would break the PostgreSQL transaction it stands in.
        try (var connection = database.getConnection();
                var insert =
                        connection.prepareStatement("INSERT INTO inbox (event_id) VALUES (?) ON CONFLICT DO NOTHING")) {
            insert.setObject(1, eventId);
            return insert.executeUpdate() == 1;
        } catch (SQLException e) {
            throw new IllegalStateException("Could not record event " + eventId, e);
        }
    }
}
