package org.calciwatch.stack;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.calciwatch.stack.demo.Demo;
import org.jspecify.annotations.Nullable;

/**
 * What {@code ./calciwatch} calls: {@code <command> <home directory> <project directory> <options>}. Ends with 0 when
 * the command did what was asked, 1 when it could not, 2 when the arguments make no sense.
 */
public final class Launcher {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
    private static final int STOP_SECONDS = 120;

    private final Path home;
    private final Path project;
    private final Options options;

    /** What may follow {@code up}. */
    private record Options(boolean detach, boolean supervisor, boolean ephemeral, Ports ports) {
        static Options parse(List<String> arguments) {
            boolean detach = false;
            boolean supervisor = false;
            boolean ephemeral = false;
            var ports = new Ports(0);
            var rest = new ArrayList<>(arguments);
            while (!rest.isEmpty()) {
                var argument = rest.removeFirst();
                switch (argument) {
                    case "--detach" -> detach = true;
                    case "--supervisor" -> supervisor = true;
                    case "--ephemeral" -> ephemeral = true;
                    case "--port-offset" -> ports = offset(rest.isEmpty() ? "" : rest.removeFirst());
                    default ->
                        throw new IllegalArgumentException("Unknown option " + argument
                                + ". There are --detach, --ephemeral and --port-offset N.");
                }
            }
            return new Options(detach, supervisor, ephemeral, ports);
        }

        private static Ports offset(String text) {
            try {
                return new Ports(Integer.parseInt(text));
            } catch (NumberFormatException | StackException _) {
                throw new IllegalArgumentException(
                        "--port-offset takes a whole number from 0 to " + Ports.MAX_OFFSET + ", not \"" + text + "\".");
            }
        }
    }

    private Launcher(Path home, Path project, Options options) {
        this.home = home;
        this.project = project;
        this.options = options;
    }

    public static void main(String[] arguments) {
        int status;
        try {
            var home = Path.of(arguments[1]).toAbsolutePath();
            var project = Path.of(arguments[2]).toAbsolutePath();
            var rest = List.of(arguments).subList(3, arguments.length);
            status = switch (arguments[0]) {
                case "backup", "restore" ->
                    new Launcher(home, project, Options.parse(List.of())).databases(arguments[0], rest);
                case String command -> new Launcher(home, project, Options.parse(rest)).run(command);
            };
        } catch (IllegalArgumentException e) {
            System.err.println("calciwatch: " + e.getMessage());
            status = 2;
        } catch (StackException e) {
            System.err.println("calciwatch: " + e.getMessage());
            status = 1;
        } catch (IOException e) {
            System.err.println("calciwatch: " + StackException.reason(e));
            status = 1;
        }
        System.exit(status);
    }

    private int run(String command) throws IOException {
        return switch (command) {
            case "check" -> check();
            case "up" -> options.detach() ? detach() : up();
            case "status" -> status();
            case "down" -> down();
            case "demo" -> demo();
            case "audit-verify" -> auditVerify();
            case "clean-up" -> cleanUp();
            default -> throw new IllegalArgumentException("Unknown command " + command + ".");
        };
    }

    private int check() {
        new LocalStack(layout(null), _ -> {}).check();
        return 0;
    }

    /** The supervisor: starts everything and keeps it running until a signal comes. */
    private int up() throws IOException {
        var temporary = options.ephemeral() ? Files.createTempDirectory("calciwatch-") : null;
        var layout = layout(temporary);
        var stack = new LocalStack(layout, Launcher::say);
        var failed = new AtomicBoolean();
        var stopping = new AtomicBoolean();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            stopping.set(true);
            if (!failed.get()) {
                say("Stopping …");
            }
            stack.close();
            deleteQuietly(temporary);
            if (!failed.get()) {
                say("Everything is stopped.");
            }
            // Being stopped is what a supervisor is for: success, not the status of a killed process.
            Runtime.getRuntime().halt(failed.get() ? 1 : 0);
        }));
        try {
            stack.start();
        } catch (StackException e) {
            if (stopping.get()) {
                return waitForTheEnd();
            }
            failed.set(true);
            throw e;
        }
        System.out.println(addresses(layout.ports()));
        if (!options.supervisor()) {
            System.out.println("Press Ctrl-C to stop.");
        }
        Files.writeString(readyMarker(), Long.toString(ProcessHandle.current().pid()));
        return waitForTheEnd();
    }

    /** The shutdown hook ends the process. */
    private static int waitForTheEnd() {
        try {
            new CountDownLatch(1).await();
            return 0;
        } catch (InterruptedException e) {
            throw OperatingSystem.interrupted(e);
        }
    }

    private static void deleteQuietly(@Nullable Path temporary) {
        try {
            if (temporary != null) {
                OperatingSystem.deleteTree(temporary);
            }
        } catch (IOException e) {
            say("The temporary data " + temporary + " cannot be deleted: " + e.getMessage());
        }
    }

    /** Starts the supervisor in a session of its own and shows what it says until it is ready or has failed. */
    private int detach() throws IOException {
        check();
        var log = layout(null).log("supervisor");
        Files.deleteIfExists(readyMarker());
        if (Files.exists(log)) {
            Files.move(log, log.resolveSibling("supervisor.log.1"), StandardCopyOption.REPLACE_EXISTING);
        }
        var supervisor = new ProcessBuilder(supervisorCommand())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        var settled = new AtomicBoolean();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            if (!settled.get()) {
                supervisor.destroy();
                ProcessRegistry.hasEnded(supervisor.toHandle(), STOP_SECONDS);
            }
        }));
        try (var lines = Files.newInputStream(log)) {
            while (true) {
                var ended = !supervisor.isAlive();
                var ready = isReady(supervisor.pid());
                System.out.write(lines.readAllBytes());
                System.out.flush();
                if (ready || ended) {
                    settled.set(true);
                    return ready ? 0 : Math.max(1, supervisor.exitValue());
                }
                OperatingSystem.sleep(100);
            }
        }
    }

    private List<String> supervisorCommand() {
        var session = OperatingSystem.ownSession();
        List<String> line = new ArrayList<>(session.isEmpty() ? List.of("nohup") : session);
        List<String> arguments = new ArrayList<>(List.of("up", home.toString(), project.toString(), "--supervisor"));
        if (options.ephemeral()) {
            arguments.add("--ephemeral");
        }
        arguments.addAll(
                List.of("--port-offset", Integer.toString(options.ports().offset())));
        line.addAll(OperatingSystem.java(
                ManagementFactory.getRuntimeMXBean().getInputArguments(), Launcher.class, arguments));
        return line;
    }

    private boolean isReady(long pid) throws IOException {
        return Files.exists(readyMarker()) && Files.readString(readyMarker()).equals(Long.toString(pid));
    }

    private int status() throws IOException {
        var layout = Layout.read(home);
        var supervisor = new ProcessRegistry(home.resolve("run")).find(ProcessRegistry.SUPERVISOR);
        if (layout.isEmpty() || supervisor.isEmpty()) {
            System.out.println("Calciwatch is not running. Start it with ./calciwatch up");
            return 1;
        }
        System.out.printf("%-22s %-10s %8s  %-16s %8s%n", "COMPONENT", "STATE", "PROCESS", "PORTS", "MEMORY");
        var itself = supervisor.get();
        row("supervisor", "up", itself.pid(), "", OperatingSystem.memory(Stream.of(itself)));
        boolean allUp = true;
        for (var status : new LocalStack(layout.get(), _ -> {}).status()) {
            var ports = status.ports().stream().map(String::valueOf).collect(Collectors.joining(","));
            var problem = status.problem();
            allUp &= problem == null;
            var process = status.pid().isPresent()
                    ? ProcessHandle.of(status.pid().getAsLong())
                    : Optional.<ProcessHandle>empty();
            var state = problem == null ? "up" : process.isPresent() ? "not ready" : "down";
            row(
                    status.name(),
                    state,
                    status.pid().orElse(0),
                    ports,
                    OperatingSystem.memory(process.stream()
                            .flatMap(parent -> Stream.concat(Stream.of(parent), parent.descendants()))));
            if (problem != null && process.isPresent()) {
                System.out.println("  " + problem);
            }
        }
        return allUp ? 0 : 1;
    }

    /** Zeros are shown as unknown. */
    private static void row(String name, String state, long pid, String ports, long memory) {
        System.out.printf(
                "%-22s %-10s %8s  %-16s %8s%n",
                name, state, pid == 0 ? "-" : pid, ports, memory == 0 ? "-" : (memory >> 20) + " MiB");
    }

    private int down() throws IOException {
        var run = home.resolve("run");
        if (!Files.isDirectory(run)) {
            System.out.println("Calciwatch is not running.");
            return 0;
        }
        var supervisor = new ProcessRegistry(run).find(ProcessRegistry.SUPERVISOR);
        if (supervisor.isPresent()) {
            System.out.println(
                    "Stopping Calciwatch (process " + supervisor.get().pid() + ") …");
            supervisor.get().destroy();
            if (!ProcessRegistry.hasEnded(supervisor.get(), STOP_SECONDS)) {
                System.out.println("It did not stop within " + STOP_SECONDS + " s and is ended forcibly.");
                supervisor.get().destroyForcibly();
                ProcessRegistry.hasEnded(supervisor.get(), STOP_SECONDS);
            }
        }
        var left = new LocalStack(layout(null), _ -> {}).endLeftovers();
        if (!left.isEmpty()) {
            System.out.println("Ended what an earlier run had left: " + String.join(", ", left) + ".");
        }
        System.out.println(supervisor.isPresent() ? "Everything is stopped." : "Calciwatch is not running.");
        return 0;
    }

    private int demo() throws IOException {
        var ports = runningPorts();
        var services = new Demo.Services(
                local(ports.intake()), local(ports.assessment()), local(ports.notification()), local(ports.mailWeb()));
        return new Demo(services, Tokens.of(URI.create(Keycloak.issuer(ports.keycloak()))), System.out).run() ? 0 : 1;
    }

    /** With the demo admin's token where the environment gives none. */
    private int auditVerify() throws IOException {
        var ports = runningPorts();
        var given = System.getenv("CALCIWATCH_TOKEN");
        var token = given == null
                ? Tokens.of(URI.create(Keycloak.issuer(ports.keycloak()))).user("admin1")
                : given;
        var services = List.of(local(ports.intake()), local(ports.assessment()), local(ports.notification()));
        return new AuditVerification(services, token, System.out).run() ? 0 : 1;
    }

    /** Backup of a stack that runs, restoration of one that does not. */
    private int databases(String command, List<String> arguments) throws IOException {
        var replace = command.equals("restore") && arguments.size() == 2 && arguments.contains("--replace");
        var directories = arguments.stream()
                .filter(argument -> !argument.startsWith("--"))
                .toList();
        if (directories.size() != 1 || arguments.size() != (replace ? 2 : 1)) {
            throw new IllegalArgumentException(
                    "Name one directory: ./calciwatch backup DIR, ./calciwatch restore DIR [--replace]");
        }
        var directory = Path.of(directories.getFirst()).toAbsolutePath().normalize();
        return command.equals("backup")
                ? new LocalStack(running(), Launcher::say).backUp(project, directory)
                : new LocalStack(layout(null), Launcher::say).restore(project, directory, replace);
    }

    private Ports runningPorts() throws IOException {
        return running().ports();
    }

    private Layout running() throws IOException {
        var supervisor = new ProcessRegistry(home.resolve("run")).find(ProcessRegistry.SUPERVISOR);
        return Layout.read(home)
                .filter(_ -> supervisor.isPresent())
                .orElseThrow(
                        () -> new StackException("Calciwatch is not running. Start it with ./calciwatch up --detach"));
    }

    /** What the guardian of a killed supervisor does. */
    private int cleanUp() throws IOException {
        try {
            var ended = new LocalStack(layout(null), _ -> {}).endLeftovers();
            say("The supervisor is gone; ended " + (ended.isEmpty() ? "nothing" : String.join(", ", ended)) + ".");
        } catch (StackException e) {
            say("Nothing to clean up: " + e.getMessage()); // a new supervisor has done it
        }
        return 0;
    }

    private Layout layout(@Nullable Path temporary) {
        var data = temporary == null ? home.resolve("data") : temporary;
        return new Layout(home, data, home.resolve("cache"), options.ports(), project, temporary);
    }

    private Path readyMarker() {
        return home.resolve("run").resolve("ready");
    }

    private static String addresses(Ports ports) {
        return """

                Calciwatch is ready.

                  intake-service         http://localhost:%d
                  assessment-service     http://localhost:%d
                  notification-service   http://localhost:%d
                  caught mail            http://localhost:%d
                  SMTP, IMAP             localhost:%d, localhost:%d (IMAP login: the recipient's address, any password)
                  Kafka                  localhost:%d
                  PostgreSQL             localhost:%d (databases intake, assessment, notification)
                  Keycloak               %s

                  Demo accounts (password demo)
                    patient1, patient2         patient P-0001, patient P-0002
                    clinician1, clinician2     clinician
                    admin1                     admin
                  Demo clients
                    calciwatch-cli             tokens for these accounts (public, direct grant)
                    portal-integration         integration (secret demo, client credentials)

                  ./calciwatch demo      submits sample patients and shows what came of them
                  ./calciwatch status, logs, down
                """.formatted(
                        ports.intake(),
                        ports.assessment(),
                        ports.notification(),
                        ports.mailWeb(),
                        ports.smtp(),
                        ports.imap(),
                        ports.kafka(),
                        ports.postgres(),
                        Keycloak.issuer(ports.keycloak()));
    }

    private static String local(int port) {
        return "http://127.0.0.1:" + port;
    }

    private static void say(String line) {
        System.out.println(LocalTime.now(ZoneId.systemDefault()).format(TIME) + "  " + line);
    }
}
