package org.calciwatch.stack;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The stack on one machine: PostgreSQL, Kafka, the mail catcher and Keycloak, and on request the three services, each a process
 * of its own. No process survives {@link #close()}; the data do.
 *
 * <p>Fault drills: {@code stack.kafka().kill(); …; stack.kafka().start(); stack.kafka().awaitReady();}
 */
public final class LocalStack implements AutoCloseable {
    private static final long MINIMUM_FREE_BYTES = 2L << 30;
    /** A process that is just cleaning up after a killed supervisor holds the lock for less than this. */
    private static final Duration LONGEST_CLEANING = Duration.ofSeconds(40);

    /** How a component is right now; {@code problem} is null when it does its work. */
    record Status(
            String name,
            OptionalLong pid,
            List<Integer> ports,
            @Nullable String problem) {}

    private final Layout layout;
    private final Consumer<String> say;
    private final ProcessRegistry registry;
    private final Keysets keysets;
    private final Postgres postgres;
    private final Kafka kafka;
    private final MailCatcher mail;
    private final Keycloak keycloak;
    private final Tokens tokens;
    private final List<Child> children;
    private @Nullable FileChannel lock;
    private @Nullable Process guardian;

    /**
     * PostgreSQL, Kafka, the mail catcher and Keycloak.
     *
     * @param home directory of data, logs and process records; made when it does not exist
     */
    public static LocalStack infrastructure(Path home, Ports ports) {
        return new LocalStack(forTests(home, ports, null), _ -> {});
    }

    /**
     * Everything, with the services packaged below the project's root.
     *
     * @param home directory of data, logs and process records; made when it does not exist
     */
    public static LocalStack whole(Path projectRoot, Path home, Ports ports) {
        return new LocalStack(forTests(home, ports, projectRoot.toAbsolutePath()), _ -> {});
    }

    /** As {@link #infrastructure}, with the directory deleted at the end. */
    static LocalStack ephemeral(Path home, Ports ports) {
        var layout = forTests(home, ports, null);
        return new LocalStack(
                new Layout(layout.home(), layout.data(), layout.cache(), ports, null, layout.home()), _ -> {});
    }

    /** PostgreSQL alone. */
    public static LocalStack database(Path home, Ports ports) {
        return new LocalStack(forTests(home, ports, null), Postgres.class::isInstance, _ -> {});
    }

    private static Layout forTests(Path home, Ports ports, @Nullable Path projectRoot) {
        var absolute = home.toAbsolutePath();
        var cache = OperatingSystem.buildDirectory().resolve("cache");
        return new Layout(absolute, absolute.resolve("data"), cache, ports, projectRoot, null);
    }

    LocalStack(Layout layout, Consumer<String> say) {
        this(layout, _ -> true, say);
    }

    private LocalStack(Layout layout, Predicate<Component> wanted, Consumer<String> say) {
        this.layout = layout;
        this.say = say;
        registry = new ProcessRegistry(layout.run());
        var ports = layout.ports();
        keysets = new Keysets(layout.data().resolve("keys"));
        postgres = new Postgres(layout.data().resolve("postgres"), layout.cache(), ports.postgres());
        kafka = new Kafka(layout.data().resolve("kafka"), ports.kafka(), ports.kafkaController());
        mail = new MailCatcher(layout.data().resolve("mail"), ports.smtp(), ports.imap(), ports.mailWeb());
        keycloak = Keycloak.demo(layout.data().resolve("keycloak"), layout.cache(), ports.keycloak());
        tokens = Tokens.of(URI.create(keycloak.issuer()));
        List<Component> components = new ArrayList<>(List.of(postgres, kafka, mail, keycloak));
        if (layout.projectRoot() != null) {
            components.add(service("intake", ports.intake(), layout.projectRoot()));
            components.add(service("assessment", ports.assessment(), layout.projectRoot()));
            components.add(service("notification", ports.notification(), layout.projectRoot()));
        }
        children = components.stream()
                .filter(wanted)
                .map(component -> new Child(component, registry, layout.log(component.name()), say))
                .toList();
    }

    private Service service(String database, int port, Path projectRoot) {
        return new Service(
                projectRoot,
                layout.home().resolve("apps"),
                database,
                port,
                layout.ports(),
                postgres,
                kafka,
                keycloak,
                keysets);
    }

    /**
     * Starts everything and returns when all of it is ready. What a killed run left behind is ended first.
     *
     * @throws StackException when something is in the way; nothing is left running
     */
    public void start() {
        try {
            prepare();
            checkDisk();
            checkPorts();
            registry.record(ProcessRegistry.SUPERVISOR, ProcessHandle.current());
            layout.write();
            guardian = startGuardian();
            rotateLogs();
            for (var child : children) {
                if (child.component() instanceof Service service) {
                    service.install();
                }
            }
            // Keycloak takes longest; the services start without it and are ready when it is.
            concurrently(List.of(() -> together(those(Keycloak.class::isInstance)), () -> {
                together(those(it -> !(it instanceof Keycloak || it instanceof Service)));
                together(those(Service.class::isInstance));
            }));
        } catch (IOException e) {
            close();
            throw new StackException("The stack cannot be started: " + StackException.reason(e), e);
        } catch (StackException e) {
            close();
            throw e;
        }
    }

    /**
     * Whether {@link #start} would begin: the directory is writable, nothing runs there, disk and ports are free.
     *
     * @throws StackException when not
     */
    void check() {
        try {
            prepare();
            checkDisk();
            checkPorts();
        } catch (IOException e) {
            throw new StackException("The stack cannot be started: " + StackException.reason(e), e);
        } finally {
            unlock();
        }
    }

    public Ports ports() {
        return layout.ports();
    }

    public Child postgres() {
        return child("postgres");
    }

    public Child kafka() {
        return child("kafka");
    }

    public Child mail() {
        return child("mail");
    }

    public Child keycloak() {
        return child("keycloak");
    }

    public Child intake() {
        return child("intake-service");
    }

    public Child assessment() {
        return child("assessment-service");
    }

    public Child notification() {
        return child("notification-service");
    }

    /**
     * JDBC address of a service's database.
     *
     * @param database intake, assessment or notification; the application's user has the same name, the owner's that
     *     name with {@code _owner}
     */
    public String jdbcUrl(String database) {
        return postgres.jdbcUrl(database);
    }

    /** The keyset with which a service seals what it stores in its database. */
    public Path keysetFile(String database) {
        return keysets.of(database);
    }

    /** Password of one of the databases' users. */
    public String databasePassword(String user) {
        return postgres.password(user);
    }

    /** From now on PostgreSQL keeps its WAL in this directory, compressed. */
    public void archiveWalTo(Path directory) throws IOException {
        postgres.archiveTo(directory);
    }

    /**
     * Takes a backup of the databases of a stack that another process supervises.
     *
     * @return the exit code of the backup program, which says what happened
     */
    int backUp(Path project, Path directory) throws IOException {
        return new DatabaseBackups(project, postgres, directory).take();
    }

    /**
     * Restores the databases of a stack that does not run.
     *
     * @param replace whether databases that are there are moved aside
     * @return the exit code of the backup program, which says what is wrong with the backup
     * @throws StackException when it runs, or databases are there
     */
    int restore(Path project, Path directory, boolean replace) throws IOException {
        try {
            prepare();
            return new DatabaseBackups(project, postgres, directory).restore(replace, say);
        } finally {
            unlock();
        }
    }

    /** Base address of Keycloak, without a slash at the end. */
    public String keycloakUrl() {
        return keycloak.url();
    }

    /** The issuer of the tokens, which is also where OpenID Connect's discovery begins. */
    public String issuer() {
        return keycloak.issuer();
    }

    /** Adds a user to the realm, with the demo accounts' password. */
    void addUser(String name, List<String> roles) throws IOException {
        new KeycloakAdmin(keycloak).addUser(name, roles);
    }

    /** Tokens of the demo accounts. */
    public Tokens tokens() {
        return tokens;
    }

    /** Of the user {@code admin} in Keycloak's realm {@code master}. */
    public String keycloakAdminPassword() {
        return keycloak.adminPassword();
    }

    /** Base address of the mail catcher's pages and API. */
    public String mailUrl() {
        return mail.webUrl();
    }

    public String kafkaBootstrapServers() {
        return kafka.bootstrapServers();
    }

    /** Stops everything in order, services first. Does nothing to a stack that was not started. */
    @Override
    public synchronized void close() {
        if (lock == null) {
            return;
        }
        try {
            concurrently(those(Service.class::isInstance), Child::retire);
            concurrently(those(it -> !(it instanceof Postgres || it instanceof Service)), Child::retire);
            postgres().retire();
        } finally {
            if (guardian != null) {
                guardian.destroyForcibly();
                guardian = null;
            }
            unlock();
        }
    }

    /**
     * Ends what a supervisor that was killed has left running.
     *
     * @return the names of what was ended
     * @throws StackException when a supervisor is at work here
     */
    List<String> endLeftovers() throws IOException {
        lockOrExplain();
        try {
            return endLeftoversLocked();
        } finally {
            unlock();
        }
    }

    /** Of a stack that another process may be supervising. */
    List<Status> status() {
        return children.stream().map(this::status).toList();
    }

    private Status status(Child child) {
        var component = child.component();
        var process = registry.find(component.name());
        if (process.isEmpty()) {
            return new Status(component.name(), OptionalLong.empty(), component.ports(), "not running");
        }
        var pid = process.get().pid();
        try {
            component.probe(pid);
            return new Status(component.name(), OptionalLong.of(pid), component.ports(), null);
        } catch (IOException e) {
            return new Status(
                    component.name(), OptionalLong.of(pid), component.ports(), "not ready: " + e.getMessage());
        }
    }

    private void prepare() throws IOException {
        for (var directory : List.of(layout.run(), layout.logs(), layout.data())) {
            try {
                Files.createDirectories(directory);
                Files.delete(Files.createTempFile(directory, "writable", ""));
            } catch (IOException e) {
                throw new StackException(
                        "The directory " + directory + " cannot be written to (" + StackException.reason(e)
                                + "). Choose another with CALCIWATCH_HOME=/some/directory",
                        e);
            }
        }
        lockOrExplain();
        var ended = endLeftoversLocked();
        if (!ended.isEmpty()) {
            say.accept("Ended what an earlier run had left: " + String.join(", ", ended) + ".");
        }
    }

    private void rotateLogs() throws IOException {
        for (var child : children) {
            var log = layout.log(child.name());
            if (Files.exists(log)) {
                Files.move(log, layout.logs().resolve(child.name() + ".log.1"), StandardCopyOption.REPLACE_EXISTING);
            }
            Files.createFile(log);
        }
    }

    private void checkDisk() throws IOException {
        var free = Files.getFileStore(layout.data()).getUsableSpace();
        if (free < MINIMUM_FREE_BYTES) {
            throw new StackException("Only " + (free >> 20) + " MiB are free on the disk of " + layout.data()
                    + "; Calciwatch needs at least 2 GiB.");
        }
    }

    private void checkPorts() {
        for (var child : children) {
            for (var port : child.component().ports()) {
                if (!Ports.isFree(port)) {
                    throw new StackException("Port " + port + ", wanted for " + child.name() + ", is in use"
                            + PortUser.describe(port)
                            + ". Stop that, or shift every port: ./calciwatch up --port-offset 1000");
                }
            }
        }
    }

    /**
     * A shell that sleeps until its input ends, which it does however this process ends, and then cleans up. So the
     * components of a killed supervisor do not live on.
     */
    private Process startGuardian() throws IOException {
        List<String> line = new ArrayList<>(OperatingSystem.ownSession());
        line.addAll(List.of("sh", "-c", "cat >/dev/null; exec \"$@\"", "guardian"));
        line.addAll(OperatingSystem.java(
                List.of("-XX:+UseSerialGC", "-Xmx32m", "-XX:TieredStopAtLevel=1"),
                Launcher.class,
                List.of("clean-up", layout.home().toString(), layout.home().toString())));
        return new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        layout.log("supervisor").toFile()))
                .start();
    }

    private void together(List<Child> group) {
        if (group.isEmpty()) {
            return;
        }
        say.accept("Starting " + group.stream().map(Child::name).collect(Collectors.joining(", ")) + " …");
        concurrently(group, child -> {
            var since = Instant.now();
            child.start();
            child.awaitReady();
            say.accept(String.format(
                    "%-22s ready after %.1f s",
                    child.name(), Duration.between(since, Instant.now()).toMillis() / 1000.0));
        });
    }

    /** Does it for all at once and returns when all are done; the first failure ends the waiting for the others. */
    private static void concurrently(List<Child> group, Consumer<Child> action) {
        concurrently(group.stream()
                .<Runnable>map(child -> () -> action.accept(child))
                .toList());
    }

    private static void concurrently(List<Runnable> actions) {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var finished = new ExecutorCompletionService<@Nullable Void>(threads);
            actions.forEach(action -> finished.submit(action, null));
            try {
                for (int i = 0; i < actions.size(); i++) {
                    finished.take().get();
                }
            } catch (InterruptedException e) {
                throw OperatingSystem.interrupted(e);
            } catch (ExecutionException e) {
                threads.shutdownNow();
                throw e.getCause() instanceof StackException known
                        ? known
                        : new StackException("Unexpected: " + e.getCause(), e);
            }
        }
    }

    private List<Child> those(Predicate<Component> kind) {
        return children.stream().filter(child -> kind.test(child.component())).toList();
    }

    private Child child(String name) {
        return children.stream()
                .filter(child -> child.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new StackException("This stack has no " + name + "."));
    }

    /** Services first, as in an orderly end; also deletes temporary data of the earlier run. */
    private List<String> endLeftoversLocked() throws IOException {
        List<String> ended = new ArrayList<>();
        for (var name : List.of(
                "intake-service",
                "assessment-service",
                "notification-service",
                "keycloak",
                "kafka",
                "mail",
                "postgres")) {
            if (registry.end(name, name.equals("postgres") ? postgres.stopSignal() : "TERM")) {
                ended.add(name);
            }
        }
        var earlier = Layout.read(layout.home());
        if (earlier.isPresent()) {
            earlier.get().forget();
        }
        return ended;
    }

    private void lockOrExplain() throws IOException {
        var deadline = Instant.now().plus(LONGEST_CLEANING);
        while (!tryLock()) {
            var supervisor = registry.find(ProcessRegistry.SUPERVISOR);
            if (supervisor.isPresent()) {
                throw new StackException("Calciwatch already runs here (process "
                        + supervisor.get().pid() + "). Stop it with ./calciwatch down");
            }
            if (Instant.now().isAfter(deadline)) {
                throw new StackException("Another process has been holding "
                        + layout.run().resolve("lock") + " for " + LONGEST_CLEANING.toSeconds() + " s.");
            }
            OperatingSystem.sleep(200);
        }
    }

    private boolean tryLock() throws IOException {
        var channel =
                FileChannel.open(layout.run().resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                lock = channel;
                return true;
            }
        } catch (OverlappingFileLockException _) {
            // held by another stack in this very JVM
        }
        channel.close();
        return false;
    }

    private void unlock() {
        if (lock != null) {
            try {
                registry.forget(ProcessRegistry.SUPERVISOR);
                var written = Layout.read(layout.home());
                if (written.isPresent()) {
                    written.get().forget();
                }
                lock.close();
            } catch (IOException e) {
                say.accept("The lock of " + layout.home() + " cannot be released: " + e.getMessage());
            }
            lock = null;
        }
    }
}
