package org.calciwatch.start;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import javax.sql.DataSource;
import org.calciwatch.stack.LocalStackResource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = LocalStackResource.class, initArgs = @ResourceArg(name = "database", value = "intake"))
class OwnDatabaseTest {

    /** Has migrated the database of the service in this test, which is called events-test. */
    @Inject
    Flyway migrations;

    @Inject
    DataSource database;

    @ConfigProperty(name = "quarkus.datasource.jdbc.url")
    String url;

    @Test
    void a_service_refuses_the_database_of_another_and_names_the_setting() {
        var other = new OwnDatabase(database, url, "other-service");

        assertThatThrownBy(() -> other.customize(settings()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageMatching(
                        "QUARKUS_DATASOURCE_JDBC_URL=jdbc:postgresql://[^ ?]+ is the database of events-test\\."
                                + " other-service takes one of its own\\.");
    }

    @Test
    void a_service_takes_its_own_database_again() {
        assertThatCode(() -> new OwnDatabase(database, url, "events-test").customize(settings()))
                .doesNotThrowAnyException();
    }

    @Test
    void a_password_that_is_refused_is_told_in_one_line_with_the_settings_and_without_what_is_secret() {
        var own = new OwnDatabase(database, url + "?sslpassword=hidden", "events-test");
        var settings = settings().dataSource(url, "intake", "not the password");

        assertThatThrownBy(() -> own.customize(settings))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll("password authentication failed", url, "QUARKUS_FLYWAY_PASSWORD")
                .hasMessageNotContainingAny("hidden", "not the password", "\n");
    }

    private FluentConfiguration settings() {
        return Flyway.configure().configuration(migrations.getConfiguration());
    }
}
