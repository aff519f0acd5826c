package org.calciwatch.stack;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * For {@code @QuarkusTest}: a real PostgreSQL, Kafka, mail catcher and Keycloak on free ports, gone with all data after the
 * tests. {@code @QuarkusTestResource(value = LocalStackResource.class, initArgs = @ResourceArg(name = "database",
 * value = "intake"))}. Besides the settings of the service it sets {@code calciwatch.test.mail.api}, the base address
 * of the mail catcher's web, and {@code calciwatch.test.keycloak.url} and {@code calciwatch.test.keycloak.admin-password}
 * for Keycloak's admin interface (user {@code admin}). Tokens: {@code Tokens.of(…)} with the service's own
 * {@code quarkus.oidc.auth-server-url}.
 */
public final class LocalStackResource implements QuarkusTestResourceLifecycleManager {
    /** Has all roles but the patient's; only in tests. */
    static final String STAFF = "staff";

    private String database = "";
    private @Nullable LocalStack stack;

    /** Takes the argument {@code database}: intake, assessment or notification. */
    @Override
    public void init(Map<String, String> arguments) {
        database = arguments.getOrDefault("database", "");
        if (!Postgres.DATABASES.contains(database)) {
            throw new StackException("LocalStackResource needs the argument database, one of " + Postgres.DATABASES
                    + ", not \"" + database + "\".");
        }
    }

    @Override
    public Map<String, String> start() {
        try {
            var running = LocalStack.ephemeral(Files.createTempDirectory("calciwatch-test"), Ports.free());
            stack = running;
            running.start();
            running.addUser(STAFF, List.of("clinician", "admin", "integration"));
            var owner = Postgres.owner(database);
            return Map.ofEntries(
                    Map.entry("quarkus.datasource.jdbc.url", running.jdbcUrl(database)),
                    Map.entry("quarkus.datasource.username", database),
                    Map.entry("quarkus.datasource.password", running.databasePassword(database)),
                    Map.entry("quarkus.flyway.username", owner),
                    Map.entry("quarkus.flyway.password", running.databasePassword(owner)),
                    Map.entry("quarkus.oidc.auth-server-url", running.issuer()),
                    Map.entry("calciwatch.oidc.portal-secret", Keycloak.DEMO_PAGES_SECRET),
                    Map.entry("calciwatch.demo", "true"),
                    Map.entry("kafka.bootstrap.servers", running.kafkaBootstrapServers()),
                    Map.entry("calciwatch.mail.smtp.host", "127.0.0.1"),
                    Map.entry(
                            "calciwatch.mail.smtp.port",
                            Integer.toString(running.ports().smtp())),
                    Map.entry("calciwatch.mail.smtp.security", "none"),
                    // Without a host, nobody looks there.
                    Map.entry(
                            "calciwatch.mail.bounces.imap.port",
                            Integer.toString(running.ports().imap())),
                    Map.entry(
                            "calciwatch.keyset-file",
                            running.keysetFile(database).toString()),
                    Map.entry("calciwatch.metrics.every", "200ms"),
                    // tests of key rotation do not wait for minutes
                    Map.entry("calciwatch.keyset-refresh", "200ms"),
                    Map.entry("calciwatch.keyset-settling", "2s"),
                    // Free ports: nothing answers there unless a test does.
                    Map.entry(
                            "calciwatch.assessment-url",
                            "http://127.0.0.1:" + running.ports().assessment()),
                    Map.entry(
                            "calciwatch.notification-url",
                            "http://127.0.0.1:" + running.ports().notification()),
                    Map.entry("calciwatch.test.mail.api", running.mailUrl()),
                    Map.entry("calciwatch.test.keycloak.url", running.keycloakUrl()),
                    Map.entry("calciwatch.test.keycloak.admin-password", running.keycloakAdminPassword()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void stop() {
        if (stack != null) {
            stack.close();
        }
    }
}
