package org.calciwatch.start;

import io.quarkus.flyway.FlywayConfigurationCustomizer;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/**
 * Refuses to start without the service's own database, before anything is changed in it: with two addresses mixed up,
 * one service would migrate the tables of another.
 */
@Singleton
class OwnDatabase implements FlywayConfigurationCustomizer {

    private final DataSource database;
    private final String url;
    private final String service;

    OwnDatabase(
            DataSource database,
            @ConfigProperty(name = "quarkus.datasource.jdbc.url") String url,
            @ConfigProperty(name = "quarkus.application.name") String service) {
        this.database = database;
        // What follows may hold a password.
        this.url = url.replaceFirst("\\?.*", "");
        this.service = service;
    }

    /** Changes nothing: Quarkus asks here before it migrates. */
    @Override
    public void customize(FluentConfiguration migrations) {
        check(migrations.getDataSource(), "QUARKUS_FLYWAY_USERNAME, QUARKUS_FLYWAY_PASSWORD");
        check(database, "QUARKUS_DATASOURCE_USERNAME, QUARKUS_DATASOURCE_PASSWORD");
    }

    private void check(DataSource access, String settings) {
        try (var connection = access.getConnection()) {
            owner(connection).filter(owner -> !owner.equals(service)).ifPresent(owner -> {
                throw new ConfigurationException("QUARKUS_DATASOURCE_JDBC_URL=" + url + " is the database of " + owner
                        + ". " + service + " takes one of its own.");
            });
        } catch (SQLException e) {
            throw new ConfigurationException("The database cannot be used: "
                    + String.valueOf(e.getMessage()).replaceAll("\\s+", " ") + " See QUARKUS_DATASOURCE_JDBC_URL=" + url
                    + ", " + settings + ".");
        }
    }

    /** Empty for a database that no service has used yet. */
    private static Optional<String> owner(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            try (var table = statement.executeQuery("SELECT to_regclass('service') IS NOT NULL")) {
                table.next();
                if (!table.getBoolean(1)) {
                    return Optional.empty();
                }
            }
            try (var row = statement.executeQuery("SELECT name FROM service")) {
                return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
            }
        }
    }
}
