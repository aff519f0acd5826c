package org.calciwatch.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher as the script calls it, with the real infrastructure and stand-ins for the services. */
class LauncherTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final List<String> COMPONENTS = List.of(
            "postgres", "kafka", "mail", "keycloak", "intake-service", "assessment-service", "notification-service");

    private final Ports ports = Ports.free();

    @TempDir
    private Path project = Path.of("");

    private record Answer(int status, String output) {}

    @BeforeEach
    void stand_ins_for_the_services() throws Exception {
        var unpacked = Files.createDirectories(OperatingSystem.buildDirectory().resolve("cache"));
        Files.createSymbolicLink(
                Files.createDirectories(project.resolve("home")).resolve("cache"), unpacked);
        for (var service : COMPONENTS.subList(4, 7)) {
            var directory = Files.createDirectories(project.resolve(service).resolve("target/quarkus-app"));
            var manifest = new Manifest();
            manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
            manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, ReadyService.class.getName());
            manifest.getMainAttributes()
                    .put(
                            Attributes.Name.CLASS_PATH,
                            ReadyService.class
                                    .getProtectionDomain()
                                    .getCodeSource()
                                    .getLocation()
                                    .toString());
            new JarOutputStream(Files.newOutputStream(directory.resolve("quarkus-run.jar")), manifest).close();
        }
    }

    @AfterEach
    void nothing_stays() throws Exception {
        launch("down");
    }

    @Test
    void what_runs_is_shown_protected_against_a_second_start_and_stopped() throws Exception {
        assertThat(up().output()).contains("Calciwatch is ready.", "http://localhost:" + ports.intake());

        var status = launch("status");
        assertThat(status.status()).as(status.output()).isZero();
        assertThat(status.output()).contains(COMPONENTS);

        var second = launch("up", "--port-offset", "0");
        assertThat(second.status()).isEqualTo(1);
        assertThat(second.output().strip())
                .matches(
                        "calciwatch: Calciwatch already runs here \\(process \\d+\\)\\. Stop it with ./calciwatch down");

        var processes = processes();
        assertThat(processes).hasSize(8);
        assertThat(launch("down").status()).isZero();
        assertThat(processes).allMatch(process -> ProcessRegistry.hasEnded(process, 0));
        assertThat(launch("status").status()).isEqualTo(1);
        assertThat(launch("down")).isEqualTo(new Answer(0, "Calciwatch is not running.\n"));
    }

    @Test
    void the_components_of_a_killed_supervisor_end_too_and_the_next_start_works() throws Exception {
        up();
        var processes = processes();

        registry().find(ProcessRegistry.SUPERVISOR).orElseThrow().destroyForcibly();

        await().atMost(PATIENCE)
                .until(() -> processes.stream().allMatch(process -> ProcessRegistry.hasEnded(process, 0)));
        assertThat(up().status()).isZero();
    }

    @Test
    void a_service_that_does_not_start_is_named_with_its_log_and_nothing_stays() throws Exception {
        Files.writeString(project.resolve("assessment-service/target/quarkus-app/quarkus-run.jar"), "not a jar");

        var answer = launch("up", "--detach", "--port-offset", Integer.toString(ports.offset()));

        assertThat(answer.status()).isEqualTo(1);
        assertThat(answer.output())
                .contains(
                        "assessment-service ended while starting. Its log is "
                                + project.resolve("home/logs/assessment-service.log"),
                        "Invalid or corrupt jarfile");
        assertThat(processes()).isEmpty();
    }

    @Test
    void ephemeral_data_are_gone_afterwards() throws Exception {
        assertThat(launch("up", "--detach", "--ephemeral", "--port-offset", Integer.toString(ports.offset()))
                        .status())
                .isZero();
        var data = Layout.read(project.resolve("home")).orElseThrow().data();
        assertThat(data).isDirectory();

        launch("down");

        assertThat(data).doesNotExist();
        assertThat(project.resolve("home/data/postgres")).doesNotExist();
    }

    @Test
    void an_unknown_option_and_a_foolish_port_offset_are_refused() throws Exception {
        assertThat(launch("up", "--fast").status()).isEqualTo(2);
        assertThat(launch("up", "--port-offset", "70000"))
                .isEqualTo(new Answer(
                        2, "calciwatch: --port-offset takes a whole number from 0 to 56442, not \"70000\".\n"));
    }

    @Test
    void a_directory_that_cannot_be_written_to_is_one_clear_line() throws Exception {
        Files.writeString(project.resolve("home/data"), "a file where a directory should be");

        var answer = launch("up");

        assertThat(answer.status()).isEqualTo(1);
        assertThat(answer.output()).contains("cannot be written to").hasLineCount(1);
    }

    private Answer up() throws IOException, InterruptedException {
        var answer = launch("up", "--detach", "--port-offset", Integer.toString(ports.offset()));
        assertThat(answer.status()).as(answer.output()).isZero();
        return answer;
    }

    private Answer launch(String command, String... options) throws IOException, InterruptedException {
        List<String> arguments =
                new ArrayList<>(List.of(command, project.resolve("home").toString(), project.toString()));
        arguments.addAll(List.of(options));
        var process = new ProcessBuilder(
                        OperatingSystem.java(List.of("-XX:TieredStopAtLevel=1"), Launcher.class, arguments))
                .redirectErrorStream(true)
                .start();
        var output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        return new Answer(process.waitFor(), output);
    }

    private List<ProcessHandle> processes() {
        List<String> names = new ArrayList<>(COMPONENTS);
        names.add(ProcessRegistry.SUPERVISOR);
        return names.stream().flatMap(name -> registry().find(name).stream()).toList();
    }

    private ProcessRegistry registry() {
        return new ProcessRegistry(project.resolve("home/run"));
    }
}
