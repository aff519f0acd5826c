package org.calciwatch.stack;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * For {@code @QuarkusTest}: a real PostgreSQL, Kafka and mail catcher on free ports, gone with all data after the
 * tests. {@code @QuarkusTestResource(value = LocalStackResource.class, initArgs = @ResourceArg(name = "database",
 * value = "intake"))}. Besides the settings of the service it sets {@code calciwatch.test.mail.api}, the base address
 * of the mail catcher's web.
 */
public final class LocalStackResource implements QuarkusTestResourceLifecycleManager {
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
            return Map.of(
                    "quarkus.datasource.jdbc.url", running.jdbcUrl(database),
                    "quarkus.datasource.username", database,
                    "quarkus.datasource.password", running.databasePassword(database),
                    "kafka.bootstrap.servers", running.kafkaBootstrapServers(),
                    "calciwatch.mail.smtp.host", "127.0.0.1",
                    "calciwatch.mail.smtp.port",
                            Integer.toString(running.ports().smtp()),
                    "calciwatch.test.mail.api", running.mailUrl());
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
