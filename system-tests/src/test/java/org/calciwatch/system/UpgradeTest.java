package org.calciwatch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.calciwatch.system.Clinic.SOON;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.calciwatch.stack.LocalStack;
import org.calciwatch.stack.Ports;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * While an upgrade rolls, instances of the version before work on databases that this version has migrated. The version
 * before is the commit that the resource {@code previous-version} names, built here from the repository's history.
 */
class UpgradeTest {

    private static final Path PROJECT = Path.of(System.getProperty("calciwatch.project"));

    private final Path home;
    private final Ports ports = Ports.free();

    UpgradeTest(@TempDir Path home) {
        this.home = home;
    }

    @Test
    void the_version_before_works_on_the_schema_of_this_one_and_each_reads_what_the_other_wrote()
            throws IOException, InterruptedException {
        var previous = previousVersion();
        var seenByThis = Clinic.newPatient();
        var seenByPrevious = Clinic.newPatient();

        with(PROJECT, clinic -> flaggedAndMailed(clinic, seenByThis));
        with(previous, clinic -> {
            assertThat(clinic.log("notification-service"))
                    .as("the version before says that the schema is newer than itself")
                    .contains("newer than the latest available migration");
            flaggedAndMailed(clinic, seenByPrevious);
            acknowledge(clinic, seenByThis);
        });
        with(PROJECT, clinic -> {
            assertThat(status(clinic, seenByThis)).isEqualTo("ACKNOWLEDGED");
            acknowledge(clinic, seenByPrevious);
            flaggedAndMailed(clinic, Clinic.newPatient());
        });
    }

    private void with(Path version, Consumer<Clinic> work) {
        try (var stack = LocalStack.whole(version, home, ports)) {
            stack.start();
            work.accept(new Clinic(stack, home));
        }
    }

    private static void flaggedAndMailed(Clinic clinic, String patient) {
        clinic.result(clinic.submit(Clinic.headlinePatient(patient)));
        await().atMost(SOON).ignoreExceptions().untilAsserted(() -> assertThat(
                        clinic.deliveries(flag(clinic, patient)).getList("items.status"))
                .isEqualTo(List.of("SENT")));
    }

    private static void acknowledge(Clinic clinic, String patient) {
        clinic.as("clinician1")
                .contentType("application/json")
                .body("{\"note\":\"seen\"}")
                .post(clinic.notification("/flags/" + flag(clinic, patient) + "/acknowledge"))
                .then()
                .statusCode(200);
    }

    private static String flag(Clinic clinic, String patient) {
        return clinic.flags(patient).getString("items[0].id");
    }

    private static String status(Clinic clinic, String patient) {
        return clinic.flags(patient).getString("items[0].status");
    }

    /** A directory with the packaged services of the version before. */
    private static Path previousVersion() throws IOException, InterruptedException {
        String revision;
        try (var named = Objects.requireNonNull(UpgradeTest.class.getResourceAsStream("/previous-version"))) {
            revision = new String(named.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
        if (run(PROJECT, "git", "cat-file", "-e", revision) != 0) {
            var skipped = "there is no " + revision + " in the history of " + PROJECT;
            System.out.println("Skipped: the upgrade; " + skipped);
            assumeTrue(false, skipped);
        }
        var directory = Path.of("target", "previous-" + revision).toAbsolutePath();
        if (!Files.exists(directory.resolve("packaged"))) {
            Files.createDirectories(directory);
            assertThat(run(PROJECT, "sh", "-c", "git archive " + revision + " | tar -x -C '" + directory + "'"))
                    .isZero();
            assertThat(run(
                            directory,
                            "./mvnw",
                            "-q",
                            "-B",
                            "-ntp",
                            "-Dmaven.test.skip=true",
                            "-Dspotless.check.skip=true",
                            "-pl",
                            "intake-service,assessment-service,notification-service",
                            "-am",
                            "package"))
                    .as("packaging the version before")
                    .isZero();
            Files.createFile(directory.resolve("packaged"));
        }
        return directory;
    }

    private static int run(Path directory, String... command) throws IOException, InterruptedException {
        var builder = new ProcessBuilder(command).directory(directory.toFile()).inheritIO();
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return builder.start().waitFor();
    }
}
