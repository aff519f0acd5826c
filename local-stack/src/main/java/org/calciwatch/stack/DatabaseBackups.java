package org.calciwatch.stack;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Backups of this stack's databases, taken and restored by the program that does it in containers; the services' jars
 * have it. Here only the WAL that belongs to a backup is kept: it can be restored to the moment it ended.
 *
 * @param project where the services are built
 * @param directory of the backups
 */
record DatabaseBackups(Path project, Postgres postgres, Path directory) {

    int take() throws IOException {
        var wal = Files.createDirectories(directory.resolve("wal"));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                postgres.stopArchiving();
            } catch (IOException e) {
                System.err.println("calciwatch: the WAL still goes to " + wal + ": " + StackException.reason(e));
            }
        }));
        postgres.archiveTo(wal);
        return run(ProcessBuilder.Redirect.INHERIT, "take");
    }

    /** The former databases are moved only when the restored ones are complete. */
    int restore(boolean replace, Consumer<String> say) throws IOException {
        var cluster = postgres.cluster();
        if (Files.exists(cluster) && !replace) {
            throw new StackException("There are databases in " + cluster
                    + ". To have them moved aside: ./calciwatch restore " + directory + " --replace");
        }
        if (!Files.exists(postgres.passwords())) {
            throw new StackException("There is no " + postgres.passwords()
                    + ". Bring back that file and the directory keys of the stack the backup is of: neither is in it.");
        }
        var restored = cluster.resolveSibling("cluster.restored");
        OperatingSystem.deleteTree(restored);
        var status = run(ProcessBuilder.Redirect.DISCARD, "restore", restored.toString());
        if (status != 0) {
            return status;
        }
        if (Files.exists(cluster)) {
            var former = cluster.resolveSibling("cluster.before-"
                    + Instant.now().truncatedTo(ChronoUnit.SECONDS).toString().replace(":", ""));
            Files.move(cluster, former);
            say.accept("The former databases are in " + former + "; delete them when all is well.");
        }
        Files.move(restored, cluster);
        say.accept("The databases are restored. Start them with ./calciwatch up");
        return 0;
    }

    private int run(ProcessBuilder.Redirect output, String... arguments) throws IOException {
        var app = project.resolve("intake-service/target/quarkus-app");
        var classPath = Stream.of("app", "lib/main", "lib/boot")
                .map(part -> app.resolve(part) + "/*")
                .reduce((one, other) -> one + File.pathSeparator + other)
                .orElseThrow();
        var line = Stream.concat(
                        Stream.of(
                                OperatingSystem.javaExecutable(),
                                "-cp",
                                classPath,
                                "org.calciwatch.backup.BackupCommand"),
                        Stream.of(arguments))
                .toList();
        var builder = new ProcessBuilder(line).inheritIO().redirectOutput(output);
        var environment = builder.environment();
        environment.put("CALCIWATCH_BACKUP_DIRECTORY", directory.toString());
        environment.put("CALCIWATCH_BACKUP_JDBC_URL", postgres.jdbcUrl(Postgres.SUPERUSER));
        environment.put("CALCIWATCH_BACKUP_USERNAME", Postgres.SUPERUSER);
        environment.put("CALCIWATCH_BACKUP_PASSWORD", postgres.password(Postgres.SUPERUSER));
        try {
            return builder.start().waitFor();
        } catch (InterruptedException e) {
            throw OperatingSystem.interrupted(e);
        }
    }
}
