package org.calciwatch.stack;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * A real PostgreSQL from the embedded binaries: one database per service, each owned by a role of the same name that
 * may do nothing else. Passwords are random, made at the first start and kept in a file only the owner can read.
 *
 * @param data directory of the cluster and the passwords
 * @param cache directory for the unpacked program, which survives the data
 */
record Postgres(Path data, Path cache, int port) implements Component {
    static final List<String> DATABASES = List.of("intake", "assessment", "notification");

    private static final String SUPERUSER = "postgres";
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final Pattern JAR_NAME = Pattern.compile("([^/]+)\\.jar!");

    @Override
    public String name() {
        return "postgres";
    }

    @Override
    public List<Integer> ports() {
        return List.of(port);
    }

    /** SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for every client to leave. */
    @Override
    public String stopSignal() {
        return "INT";
    }

    @Override
    public void prepare() throws IOException {
        unpack();
        if (!Files.exists(passwords())) {
            makePasswords();
        }
        if (Files.exists(cluster().resolve("PG_VERSION"))) {
            endStalePostmaster();
        } else {
            initialise();
        }
    }

    @Override
    public Command command() {
        try {
            List<String> line = new ArrayList<>(OperatingSystem.withoutRoot(data));
            line.addAll(List.of(program("postgres"), "-D", cluster().toString()));
            Map.of(
                            "listen_addresses", "127.0.0.1",
                            "port", Integer.toString(port),
                            "unix_socket_directories", "",
                            "max_connections", "200",
                            "timezone", "UTC",
                            "log_timezone", "UTC")
                    .forEach((setting, value) -> line.addAll(List.of("-c", setting + "=" + value)));
            return new Command(line, Map.of(), data);
        } catch (IOException e) {
            throw new StackException("PostgreSQL cannot be started: " + StackException.reason(e), e);
        }
    }

    /** Ready is when the databases and their roles are there; creates the missing ones. */
    @Override
    public void probe(long pid) throws IOException {
        try (var connection = connect()) {
            for (var database : DATABASES) {
                createIfMissing(connection, database);
            }
        } catch (SQLException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    String jdbcUrl(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    /** Of a database's role; known once the component has been prepared. */
    String password(String role) {
        var all = new Properties();
        try (var reader = Files.newBufferedReader(passwords())) {
            all.load(reader);
        } catch (IOException e) {
            throw new StackException("The database passwords cannot be read: " + e, e);
        }
        var password = all.getProperty(role);
        if (password == null) {
            throw new StackException("There is no password for " + role + " in " + passwords() + ".");
        }
        return password;
    }

    private Connection connect() throws SQLException {
        var properties = new Properties();
        properties.setProperty("user", SUPERUSER);
        properties.setProperty("password", password(SUPERUSER));
        properties.setProperty("connectTimeout", "5");
        properties.setProperty("socketTimeout", "30");
        var connection = new org.postgresql.Driver().connect(jdbcUrl(SUPERUSER), properties);
        if (connection == null) {
            throw new SQLException("the driver does not know " + jdbcUrl(SUPERUSER));
        }
        return connection;
    }

    private void createIfMissing(Connection connection, String name) throws SQLException {
        try (var statement = connection.createStatement()) {
            try (var found = statement.executeQuery("select 1 from pg_database where datname = '" + name + "'")) {
                if (found.next()) {
                    return;
                }
            }
            // Every step may have been done before a process was killed between them; the last makes the database seen.
            statement.execute("drop role if exists " + name);
            statement.execute("create role " + name
                    + " login nosuperuser nocreatedb nocreaterole noreplication password '" + password(name) + "'");
            statement.execute("revoke connect on database postgres from public");
            statement.execute("create database " + name + " owner " + name + " encoding 'UTF8'");
            statement.execute("revoke all on database " + name + " from public");
        }
    }

    private void initialise() throws IOException {
        var fresh = data.resolve("cluster.new");
        OperatingSystem.deleteTree(fresh);
        var passwordFile = data.resolve("initdb.password");
        writePrivately(passwordFile, password(SUPERUSER));
        Files.createDirectories(
                fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        List<String> line = new ArrayList<>(OperatingSystem.withoutRoot(data));
        line.addAll(List.of(
                program("initdb"),
                "--pgdata=" + fresh,
                "--username=" + SUPERUSER,
                "--pwfile=" + passwordFile,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C"));
        var output = data.resolve("initdb.log");
        try {
            var initdb = new ProcessBuilder(line)
                    .directory(data.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (!initdb.waitFor(2, TimeUnit.MINUTES) || initdb.exitValue() != 0) {
                initdb.destroyForcibly();
                throw new StackException("PostgreSQL's data directory cannot be made; initdb says: "
                        + Files.readString(output).strip());
            }
        } catch (InterruptedException e) {
            throw OperatingSystem.interrupted(e);
        } finally {
            Files.deleteIfExists(passwordFile);
        }
        Files.delete(output);
        Files.move(fresh, cluster(), StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * A killed supervisor may have left a server on our data; PostgreSQL itself would refuse to start beside it, and
     * also when an unrelated process now has the process id it finds in its file.
     */
    private void endStalePostmaster() throws IOException {
        var file = cluster().resolve("postmaster.pid");
        if (!Files.exists(file)) {
            return;
        }
        var lines = Files.readAllLines(file);
        var process = ProcessHandle.of(Long.parseLong(lines.getFirst().strip()));
        if (process.filter(found -> isOurs(found, Long.parseLong(lines.get(2).strip())))
                .isPresent()) {
            OperatingSystem.signal(stopSignal(), process.get().pid());
            if (!ProcessRegistry.hasEnded(process.get(), 10)) {
                process.get().destroyForcibly();
                ProcessRegistry.hasEnded(process.get(), 10);
            }
        }
        Files.deleteIfExists(file);
    }

    /** The same program, started when the file says (to the seconds by which the two clocks may differ). */
    private boolean isOurs(ProcessHandle process, long startedEpochSeconds) {
        return process.info().command().filter(program("postgres")::equals).isPresent()
                && process.info()
                        .startInstant()
                        .map(Instant::getEpochSecond)
                        .filter(second -> Math.abs(second - startedEpochSeconds) <= 5)
                        .isPresent();
    }

    private void makePasswords() throws IOException {
        var random = new SecureRandom();
        var text = new StringBuilder();
        for (var role : List.of(SUPERUSER, "intake", "assessment", "notification")) {
            var bytes = new byte[24];
            random.nextBytes(bytes);
            text.append(role)
                    .append('=')
                    .append(HexFormat.of().formatHex(bytes))
                    .append('\n');
        }
        var fresh = data.resolve("passwords.new");
        writePrivately(fresh, text.toString());
        Files.move(fresh, passwords(), StandardCopyOption.ATOMIC_MOVE);
    }

    private static void writePrivately(Path file, String text) throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        Files.writeString(file, text);
    }

    /** Unpacks the program once; beside another process doing the same, the first to finish wins. */
    private void unpack() throws IOException {
        Files.createDirectories(
                data, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        if (Files.isDirectory(programs())) {
            return;
        }
        Files.createDirectories(cache);
        var fresh = Files.createTempDirectory(cache, "unpacking");
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (var resource = Postgres.class.getResourceAsStream(archive())) {
            if (resource == null) {
                throw new StackException("There is no PostgreSQL for this machine (" + archive()
                        + "): see the profiles of the root pom.xml for the known ones.");
            }
            extract(resource, fresh);
        }
        try {
            Files.move(fresh, programs(), StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException | java.nio.file.DirectoryNotEmptyException _) {
            OperatingSystem.deleteTree(fresh);
        }
    }

    private static void extract(java.io.InputStream compressed, Path target) throws IOException {
        try (var tar = new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(compressed)))) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                var file = target.resolve(entry.getName()).normalize();
                if (!file.startsWith(target)) {
                    throw new IOException("the archive leads outside its directory: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                    continue;
                }
                Files.createDirectories(file.resolveSibling(""));
                if (entry.isSymbolicLink()) {
                    Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
                } else {
                    Files.copy(tar, file);
                    if ((entry.getMode() & 0100) != 0) {
                        var permissions = EnumSet.copyOf(Files.getPosixFilePermissions(file));
                        permissions.add(PosixFilePermission.OWNER_EXECUTE);
                        permissions.add(PosixFilePermission.GROUP_EXECUTE);
                        permissions.add(PosixFilePermission.OTHERS_EXECUTE);
                        Files.setPosixFilePermissions(file, permissions);
                    }
                }
            }
        }
    }

    private static String archive() {
        var system = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac") ? "darwin" : "linux";
        var processor = System.getProperty("os.arch").equals("aarch64") ? "arm_64" : "x86_64";
        return "/postgres-" + system + "-" + processor + ".txz";
    }

    /** Named after the jar, hence after the version: an upgrade unpacks anew. */
    private Path programs() {
        var resource = Postgres.class.getResource(archive());
        var jar = JAR_NAME.matcher(resource == null ? "" : resource.toString());
        return cache.resolve(jar.find() ? jar.group(1) : "postgres");
    }

    private String program(String name) {
        return programs().resolve("bin").resolve(name).toString();
    }

    private Path cluster() {
        return data.resolve("cluster");
    }

    private Path passwords() {
        return data.resolve("passwords");
    }
}
