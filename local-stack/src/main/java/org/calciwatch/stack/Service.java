package org.calciwatch.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One of the three services as its packaged Quarkus application. It runs from a copy: a build would take the jars away
 * under the running process.
 *
 * @param home directory for the copies
 * @param database name of its database, which is also the name of the service without "-service"
 */
record Service(
        Path projectRoot,
        Path home,
        String database,
        int port,
        Ports stackPorts,
        Postgres postgres,
        Kafka kafka,
        Keycloak keycloak,
        Keysets keysets)
        implements Component {
    private static final String RUNNER = "quarkus-run.jar";

    @Override
    public String name() {
        return database + "-service";
    }

    @Override
    public List<Integer> ports() {
        return List.of(port);
    }

    /** Brings the copy up to date with what was built; once per start of the stack. */
    void install() throws IOException {
        var built = projectRoot.resolve(name()).resolve("target/quarkus-app");
        if (!Files.exists(built.resolve(RUNNER))) {
            throw new StackException(
                    "There is no " + built.resolve(RUNNER) + ": build it with ./mvnw package -DskipTests");
        }
        try (var copied = Files.exists(copy()) ? Files.walk(copy()) : Stream.<Path>empty()) {
            for (var file : copied.filter(Files::isRegularFile).toList()) {
                if (!isSame(built.resolve(copy().relativize(file)), file)) {
                    Files.delete(file);
                }
            }
        }
        try (var files = Files.walk(built)) {
            for (var file : files.toList()) {
                var target = copy().resolve(built.relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else if (!Files.exists(target)) {
                    Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
    }

    private static boolean isSame(Path built, Path copied) throws IOException {
        return Files.exists(built)
                && Files.size(built) == Files.size(copied)
                && Files.getLastModifiedTime(built).equals(Files.getLastModifiedTime(copied));
    }

    /** Sized for 300 MB of memory each. */
    @Override
    public Command command() {
        var command = new ArrayList<>(List.of(
                OperatingSystem.javaExecutable(),
                "-Xmx160m",
                "-XX:+UseSerialGC",
                "-XX:TrimNativeHeapInterval=5000",
                // Protobuf inside Tink would have every service begin its log with a warning.
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+ExitOnOutOfMemoryError"));
        if (!database.equals("assessment")) {
            // Only the quick compiler: the other one costs 40 MB and, with three services starting on two cores, half
            // as
            // much time again until they are ready. Where the work is computing, though, it is several times as fast.
            command.add("-XX:TieredStopAtLevel=1");
        }
        command.addAll(List.of("-jar", copy().resolve(RUNNER).toString()));
        return new Command(command, environment(), copy());
    }

    /** The names the services' own settings have as environment variables. */
    private Map<String, String> environment() {
        return Map.ofEntries(
                Map.entry("QUARKUS_HTTP_HOST", "127.0.0.1"),
                Map.entry("QUARKUS_HTTP_PORT", Integer.toString(port)),
                Map.entry("QUARKUS_DATASOURCE_JDBC_URL", postgres.jdbcUrl(database)),
                Map.entry("QUARKUS_DATASOURCE_USERNAME", database),
                Map.entry("QUARKUS_DATASOURCE_PASSWORD", postgres.password(database)),
                Map.entry("QUARKUS_FLYWAY_USERNAME", Postgres.owner(database)),
                Map.entry("QUARKUS_FLYWAY_PASSWORD", postgres.password(Postgres.owner(database))),
                Map.entry("QUARKUS_OIDC_AUTH_SERVER_URL", keycloak.issuer()),
                Map.entry("CALCIWATCH_IDENTITY_ORIGIN", keycloak.url()),
                Map.entry("CALCIWATCH_OIDC_PORTAL_SECRET", Keycloak.DEMO_PAGES_SECRET),
                Map.entry("CALCIWATCH_DEMO", "true"),
                Map.entry("CALCIWATCH_KEYSET_FILE", keysets.of(database).toString()),
                Map.entry("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers()),
                Map.entry("CALCIWATCH_MAIL_SMTP_HOST", "127.0.0.1"),
                Map.entry("CALCIWATCH_MAIL_SMTP_PORT", Integer.toString(stackPorts.smtp())),
                Map.entry("CALCIWATCH_MAIL_SMTP_SECURITY", "none"),
                Map.entry("CALCIWATCH_ASSESSMENT_URL", "http://127.0.0.1:" + stackPorts.assessment()),
                Map.entry("CALCIWATCH_NOTIFICATION_URL", "http://127.0.0.1:" + stackPorts.notification()),
                Map.entry("CALCIWATCH_PORTAL_URL", "http://127.0.0.1:" + stackPorts.intake()),
                Map.entry("CALCIWATCH_INBOX_URL", "http://localhost:" + stackPorts.notification()));
    }

    @Override
    public void probe(long pid) throws IOException {
        Http.expectOk("http://127.0.0.1:" + port + "/q/health/ready");
    }

    private Path copy() {
        return home.resolve(name());
    }
}
