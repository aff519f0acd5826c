package org.calciwatch.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * One of the three services as its packaged Quarkus application.
 *
 * @param database name of its database, which is also the name of the service without "-service"
 */
record Service(Path projectRoot, Path work, String database, int port, Ports stackPorts, Postgres postgres, Kafka kafka)
        implements Component {

    @Override
    public String name() {
        return database + "-service";
    }

    @Override
    public List<Integer> ports() {
        return List.of(port);
    }

    @Override
    public void prepare() throws IOException {
        if (!Files.exists(application())) {
            throw new StackException("There is no " + application() + ": build it with ./mvnw package -DskipTests.");
        }
        Files.createDirectories(work);
    }

    @Override
    public Command command() {
        return new Command(
                List.of(
                        OperatingSystem.javaExecutable(),
                        "-Xmx192m",
                        "-XX:+UseSerialGC",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-jar",
                        application().toString()),
                environment(),
                work);
    }

    /** The names the services' own settings have as environment variables. */
    private Map<String, String> environment() {
        return Map.ofEntries(
                Map.entry("QUARKUS_HTTP_HOST", "127.0.0.1"),
                Map.entry("QUARKUS_HTTP_PORT", Integer.toString(port)),
                Map.entry("QUARKUS_DATASOURCE_JDBC_URL", postgres.jdbcUrl(database)),
                Map.entry("QUARKUS_DATASOURCE_USERNAME", database),
                Map.entry("QUARKUS_DATASOURCE_PASSWORD", postgres.password(database)),
                Map.entry("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers()),
                Map.entry("QUARKUS_MAILER_HOST", "127.0.0.1"),
                Map.entry("QUARKUS_MAILER_PORT", Integer.toString(stackPorts.smtp())),
                Map.entry("CALCIWATCH_PORTAL_URL", "http://127.0.0.1:" + stackPorts.intake()),
                Map.entry("CALCIWATCH_INBOX_URL", "http://127.0.0.1:" + stackPorts.notification()));
    }

    @Override
    public void probe(long pid) throws IOException {
        Http.expectOk("http://127.0.0.1:" + port + "/q/health/ready");
    }

    private Path application() {
        return projectRoot.resolve(name()).resolve("target/quarkus-app/quarkus-run.jar");
    }
}
