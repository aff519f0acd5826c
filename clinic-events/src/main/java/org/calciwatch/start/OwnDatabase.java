package org.calciwatch.start;

import io.quarkus.runtime.configuration.ConfigurationException;
import java.sql.SQLException;
import java.util.Optional;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;

/**
 * Refuses to touch the database of another service: with two address settings mixed up, one service would change the
 * tables of the other. Called by Flyway before it looks at anything.
 */
public class OwnDatabase implements Callback {

    @Override
    public boolean supports(Event event, Context context) {
        return event == Event.BEFORE_VALIDATE;
    }

    @Override
    public boolean canHandleInTransaction(Event event, Context context) {
        return true;
    }

    @Override
    public void handle(Event event, Context context) {
        var own = context.getConfiguration().getPlaceholders().get("service");
        owner(context).filter(owner -> !owner.equals(own)).ifPresent(owner -> {
            throw new ConfigurationException("QUARKUS_DATASOURCE_JDBC_URL names the database of " + owner + ". " + own
                    + " takes a database of its own.");
        });
    }

    @Override
    public String getCallbackName() {
        return "own-database";
    }

    /** Empty for a database that no service has used yet. */
    private static Optional<String> owner(Context context) {
        try (var statement = context.getConnection().createStatement()) {
            try (var table = statement.executeQuery("SELECT to_regclass('service') IS NOT NULL")) {
                table.next();
                if (!table.getBoolean(1)) {
                    return Optional.empty();
                }
            }
            try (var row = statement.executeQuery("SELECT name FROM service")) {
                return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
            }
        } catch (SQLException e) {
            throw new IllegalStateException("It cannot be told which service the database belongs to", e);
        }
    }
}
