package org.calciwatch.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.Map;
import org.calciwatch.stack.LocalStackResource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

/** Two address settings are mixed up. */
@QuarkusTest
@QuarkusTestResource(value = LocalStackResource.class, initArgs = @ResourceArg(name = "database", value = "intake"))
class OwnDatabaseTest {

    /** Of the service in the test, which has migrated its database when it started. */
    @Inject
    Flyway own;

    @Test
    void a_service_refuses_the_database_of_another_in_one_line_that_names_the_setting() {
        var other = Flyway.configure()
                .configuration(own.getConfiguration())
                .placeholders(Map.of("service", "other-service", "app_role", "other"))
                .load();

        assertThatThrownBy(other::migrate)
                .rootCause()
                .hasMessage("QUARKUS_DATASOURCE_JDBC_URL names the database of events-test. "
                        + "other-service takes a database of its own.");
    }

    @Test
    void a_service_takes_its_own_database_again() {
        assertThat(own.migrate().migrationsExecuted).isZero();
    }
}
