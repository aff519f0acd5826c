package org.calciwatch.stack;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;

/**
 * A real Keycloak from its published distribution, with the realm {@code clinic}. It speaks plain HTTP because it
 * listens on the loopback address only, where nobody can listen in; anywhere else it belongs behind TLS, and the realm
 * asks for that ({@code sslRequired: external}). The issuer is always {@code http://localhost:<port>/realms/clinic},
 * however it was addressed.
 *
 * <p>What takes long happens once and is kept in the cache: unpacking, the augmentation, and a database with the imported
 * realm, of which every new data directory gets a copy. So stacks with the same cache share the realm's keys and the
 * admin password; it is for demonstration and tests. The database is H2 in a file, so that Keycloak starts beside
 * PostgreSQL and not after it.
 *
 * @param data directory of its database; one directory in it per realm file, so a new realm file begins afresh
 * @param cache directory for what is prepared once, which survives the data
 * @param realmFile the resource in {@code keycloak/} to import
 * @param placeholders values for the {@code ${…}} in the realm file
 */
record Keycloak(Path data, Path cache, int port, String realmFile, Map<String, String> placeholders)
        implements Component {
    /** Password of the demo users and secret of the demo clients. */
    static final String DEMO_SECRET = "demo";
    /** Secret of the demo realm's clients for pages. It also encrypts the session cookies, so it must be long. */
    static final String DEMO_PAGES_SECRET = "demo-secret-of-the-pages-for-no-other-use";

    static final String ADMIN = "admin";

    private static final List<String> BUILD_OPTIONS =
            List.of("--db=dev-file", "--features-disabled=kerberos,ciba,device-flow,organization,impersonation");
    private static final List<String> PROGRAM_PARTS = List.of("conf", "lib", "providers", "themes");
    private static final Duration LONGEST_PREPARATION = Duration.ofMinutes(5);

    /** With the demo users and clients. */
    static Keycloak demo(Path data, Path cache, int port) {
        return new Keycloak(data, cache, port, "clinic-realm-demo.json", Map.of());
    }

    @Override
    public String name() {
        return "keycloak";
    }

    @Override
    public List<Integer> ports() {
        return List.of(port);
    }

    @Override
    public void prepare() throws IOException {
        createPrivately(data);
        Files.createDirectories(cache);
        try (var channel =
                FileChannel.open(cache.resolve("keycloak.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            lock(channel);
            if (!Files.isDirectory(program()) && !tookFromBuild(program())) {
                makeProgram();
            }
            if (!Files.isDirectory(home()) && !Files.isDirectory(template()) && !tookFromBuild(template())) {
                makeTemplate();
            }
        }
        if (!Files.isDirectory(home())) {
            copyTemplate();
        }
        linkProgram(home());
    }

    @Override
    public Command command() {
        List<String> line = new ArrayList<>(java(home(), "192m"));
        line.addAll(List.of(
                "start",
                "--optimized",
                "--cache=local",
                "--http-enabled=true",
                "--http-host=127.0.0.1",
                "--http-port=" + port,
                "--hostname=" + url(),
                // H2 would otherwise write a commit half a second later, which a kill takes away
                "--db-url=" + databaseUrl(home()) + ";WRITE_DELAY=0",
                // its login events name the user; they are in the realm's own event list
                "--log-level=info,org.keycloak.events:off"));
        return new Command(line, Map.of(), home());
    }

    @Override
    public void probe(long pid) throws IOException {
        Http.expectOk("http://127.0.0.1:" + port + "/realms/clinic/.well-known/openid-configuration");
    }

    String url() {
        return "http://localhost:" + port;
    }

    String issuer() {
        return issuer(port);
    }

    /** The issuer of the Keycloak on that port. */
    static String issuer(int port) {
        return "http://localhost:" + port + "/realms/clinic";
    }

    /** Of the user {@value #ADMIN} in the realm {@code master}; known once the component has been prepared. */
    String adminPassword() {
        try {
            return Files.readString(adminPasswordFile(home()));
        } catch (IOException e) {
            throw new StackException("Keycloak's admin password cannot be read: " + StackException.reason(e), e);
        }
    }

    private void makeProgram() throws IOException {
        var fresh = preparing();
        var archive = OperatingSystem.buildDirectory().resolve("keycloak").resolve(distribution());
        try (var compressed = new GZIPInputStream(new BufferedInputStream(Files.newInputStream(archive)), 1 << 16)) {
            Archives.unpack(compressed, fresh);
        }
        var unpacked = fresh.resolve(distribution().replace("-quarkus-dist", "").replace(".tar.gz", ""));
        List<String> line = new ArrayList<>(java(unpacked, unpacked, "512m"));
        line.add("build");
        line.addAll(BUILD_OPTIONS);
        run(line, Map.of(), fresh, "prepared");
        Files.move(unpacked, program(), StandardCopyOption.ATOMIC_MOVE);
        OperatingSystem.deleteTree(fresh);
    }

    private void makeTemplate() throws IOException {
        var fresh = preparing();
        linkProgram(fresh);
        var bytes = new byte[24];
        new SecureRandom().nextBytes(bytes);
        var password = HexFormat.of().formatHex(bytes);
        Postgres.writePrivately(adminPasswordFile(fresh), password);
        var file = Files.write(fresh.resolve(realmFile), realm());
        List<String> line = new ArrayList<>(java(fresh, "512m"));
        line.addAll(List.of("import", "--optimized", "--file=" + file, "--db-url=" + databaseUrl(fresh)));
        Map<String, String> environment = new TreeMap<>(placeholders);
        environment.put("KC_BOOTSTRAP_ADMIN_USERNAME", ADMIN);
        environment.put("KC_BOOTSTRAP_ADMIN_PASSWORD", password);
        run(line, environment, fresh, "given its realm");
        for (var part : PROGRAM_PARTS) {
            Files.delete(fresh.resolve(part));
        }
        Files.move(fresh, template(), StandardCopyOption.ATOMIC_MOVE);
    }

    /** What tests have prepared in the build directory need not be prepared again, which would take half a minute. */
    private boolean tookFromBuild(Path wanted) throws IOException {
        var prepared = OperatingSystem.buildDirectory().resolve("cache").resolve(wanted.getFileName());
        if (!Files.isDirectory(prepared)) {
            return false;
        }
        var fresh = preparing();
        copyTree(prepared, fresh.resolve(wanted.getFileName()));
        Files.move(fresh.resolve(wanted.getFileName()), wanted, StandardCopyOption.ATOMIC_MOVE);
        OperatingSystem.deleteTree(fresh);
        return true;
    }

    private void copyTemplate() throws IOException {
        var fresh = data.resolve(home().getFileName() + ".new");
        OperatingSystem.deleteTree(fresh);
        copyTree(template(), fresh);
        Files.move(fresh, home(), StandardCopyOption.ATOMIC_MOVE);
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (var file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    /** Keycloak keeps its data below its home directory; the program itself is shared. */
    private void linkProgram(Path home) throws IOException {
        for (var part : PROGRAM_PARTS) {
            Files.deleteIfExists(home.resolve(part));
            Files.createSymbolicLink(home.resolve(part), program().resolve(part));
        }
    }

    /** What {@code bin/kc.sh} would execute, without the shell that stays as its parent. */
    private List<String> java(Path home, String heap) {
        return java(program(), home, heap);
    }

    private static List<String> java(Path program, Path home, String heap) {
        return List.of(
                OperatingSystem.javaExecutable(),
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:TrimNativeHeapInterval=5000",
                "-XX:+ExitOnOutOfMemoryError",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-opens=java.base/java.util=ALL-UNNAMED",
                "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
                "--add-opens=java.base/java.security=ALL-UNNAMED",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dfile.encoding=UTF-8",
                "-Dstdout.encoding=UTF-8",
                "-Dstderr.encoding=UTF-8",
                "-Duser.language=en",
                "-Duser.country=US",
                "-Dkc.home.dir=" + home,
                "-Djboss.server.config.dir=" + home.resolve("conf"),
                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                "-Djava.util.concurrent.ForkJoinPool.common.threadFactory="
                        + "io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory",
                "-Dpicocli.disable.closures=true",
                "-cp",
                program.resolve("lib/quarkus-run.jar").toString(),
                "io.quarkus.bootstrap.runner.QuarkusEntryPoint");
    }

    private static void run(List<String> line, Map<String, String> environment, Path directory, String purpose)
            throws IOException {
        var output = directory.resolve("output.log");
        var builder = new ProcessBuilder(line)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        var process = builder.start();
        try {
            if (!process.waitFor(LONGEST_PREPARATION.toMinutes(), TimeUnit.MINUTES) || process.exitValue() != 0) {
                throw new StackException("Keycloak cannot be " + purpose + "; it says: "
                        + Files.readString(output).strip());
            }
        } catch (InterruptedException e) {
            throw OperatingSystem.interrupted(e);
        } finally {
            process.destroyForcibly();
        }
        Files.delete(output);
    }

    /** An own directory for work under the lock; those of killed processes go. */
    private Path preparing() throws IOException {
        try (var leftovers = Files.newDirectoryStream(cache, "keycloak-preparing-*")) {
            for (var leftover : leftovers) {
                OperatingSystem.deleteTree(leftover);
            }
        }
        return Files.createTempDirectory(cache, "keycloak-preparing-");
    }

    /** Waits for another process, or another stack in this one, that is preparing the same. */
    private static void lock(FileChannel channel) throws IOException {
        var deadline = System.nanoTime() + 2 * LONGEST_PREPARATION.toNanos();
        while (System.nanoTime() < deadline) {
            try {
                if (channel.tryLock() != null) {
                    return;
                }
            } catch (OverlappingFileLockException _) {
                // held in this very JVM
            }
            OperatingSystem.sleep(100);
        }
        throw new IOException("another process has been preparing Keycloak for too long");
    }

    private static void createPrivately(Path directory) throws IOException {
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private static String databaseUrl(Path home) {
        return "jdbc:h2:file:" + home.resolve("data/h2/keycloakdb") + ";NON_KEYWORDS=VALUE;DB_CLOSE_ON_EXIT=FALSE";
    }

    private static Path adminPasswordFile(Path home) {
        return home.resolve("admin-password");
    }

    private Path program() {
        var version = distribution().replace("-quarkus-dist", "").replace(".tar.gz", "");
        return cache.resolve(version + "-" + digest(BUILD_OPTIONS.toString().getBytes(StandardCharsets.UTF_8)));
    }

    private Path template() {
        return cache.resolve(program().getFileName() + "-" + home().getFileName());
    }

    private Path home() {
        return data.resolve("realm-"
                + digest(realm(), new TreeMap<>(placeholders).toString().getBytes(StandardCharsets.UTF_8)));
    }

    private static String digest(byte[]... parts) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            for (var part : parts) {
                digest.update(part);
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new StackException("This JVM has no SHA-256.", e);
        }
    }

    private static String distribution() {
        return new String(resource("distribution"), StandardCharsets.UTF_8).strip();
    }

    private byte[] realm() {
        return resource(realmFile);
    }

    private static byte[] resource(String name) {
        try (var resource = Keycloak.class.getResourceAsStream("/keycloak/" + name)) {
            if (resource == null) {
                throw new StackException("There is no resource keycloak/" + name + ": build local-stack.");
            }
            return resource.readAllBytes();
        } catch (IOException e) {
            throw new StackException("The resource keycloak/" + name + " cannot be read: " + e.getMessage(), e);
        }
    }
}
