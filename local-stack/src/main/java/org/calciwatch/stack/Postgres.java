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
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.tukaani.xz.XZInputStream;

/**
 * A real PostgreSQL from the embedded binaries: one database per service with two roles. One owns it and runs the
 * migrations; the other, named like the database, is the application's and may only read and write rows. Passwords are random, made at the first start and kept in a file only the owner can read.
 *
 * @param data directory of the cluster and the passwords
 * @param cache directory for the unpacked program, which survives the data
 */
record Postgres(Path data, Path cache, int port) implements Component {
    static final List<String> DATABASES = List.of("intake", "assessment", "notification");

    static final String SUPERUSER = "postgres";

    /** Runs in the directory of the cluster. Nothing is kept where the link leads nowhere: no backup was asked for. */
    private static final String ARCHIVE_COMMAND = "test ! -e ../archive || sh ../archive-wal \"%p\" \"%f\" ../archive";

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
        unpackArchiveScript();
        completePasswords();
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
                            "log_timezone", "UTC",
                            "archive_mode", "on",
                            "archive_command", ARCHIVE_COMMAND)
                    .forEach((setting, value) -> line.addAll(List.of("-c", setting + "=" + value)));
            return new Command(line, Map.of(), data);
        } catch (IOException e) {
            throw new StackException("PostgreSQL cannot be started: " + StackException.reason(e), e);
        }
    }

    /** Ready is when the databases and their roles are there; creates the missing ones. */
    @Override
    public void probe(long pid) throws IOException {
        try (var connection = connect(SUPERUSER)) {
            for (var database : DATABASES) {
                if (!isInOrder(connection, database)) {
                    createWhatIsMissing(connection, database);
                    handToOwner(database);
                }
            }
        } catch (SQLException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** The role that owns a database and runs its migrations. */
    static String owner(String database) {
        return database + "_owner";
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

    private Connection connect(String database) throws SQLException {
        var properties = new Properties();
        properties.setProperty("user", SUPERUSER);
        properties.setProperty("password", password(SUPERUSER));
        properties.setProperty("connectTimeout", "5");
        properties.setProperty("socketTimeout", "30");
        var connection = new org.postgresql.Driver().connect(jdbcUrl(database), properties);
        if (connection == null) {
            throw new SQLException("the driver does not know " + jdbcUrl(database));
        }
        return connection;
    }

    /** The owner is set last, together with everything else that {@link #handToOwner} does. */
    private static boolean isInOrder(Connection connection, String database) throws SQLException {
        return exists(
                connection,
                "pg_database where datname = '" + database + "' and pg_get_userbyid(datdba) = '" + owner(database)
                        + "'");
    }

    private static boolean exists(Connection connection, String what) throws SQLException {
        try (var statement = connection.createStatement();
                var found = statement.executeQuery("select 1 from " + what)) {
            return found.next();
        }
    }

    /** Any of it may be there already, when a process was killed between the steps or from an earlier version. */
    private void createWhatIsMissing(Connection connection, String database) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute("revoke connect on database postgres from public");
            for (var role : List.of(database, owner(database))) {
                if (!exists(connection, "pg_roles where rolname = '" + role + "'")) {
                    statement.execute("create role " + role
                            + " login nosuperuser nocreatedb nocreaterole noreplication password '" + password(role)
                            + "'");
                }
            }
            if (!exists(connection, "pg_database where datname = '" + database + "'")) {
                statement.execute("create database " + database + " encoding 'UTF8'");
            }
        }
    }

    /**
     * Everything in the database becomes the owner's, and the application may only work with rows. One transaction,
     * done once: granting on all tables again would undo what a migration has taken from the application since.
     */
    private void handToOwner(String database) throws SQLException {
        try (var connection = connect(database);
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("""
                    reassign owned by %1$s to %2$s;
                    alter schema public owner to %2$s;
                    revoke all on schema public from public, %1$s;
                    grant usage on schema public to %1$s;
                    grant select, insert, update, delete on all tables in schema public to %1$s;
                    grant usage, select on all sequences in schema public to %1$s;
                    alter default privileges for role %2$s in schema public
                      grant select, insert, update, delete on tables to %1$s;
                    alter default privileges for role %2$s in schema public grant usage, select on sequences to %1$s;
                    revoke all on database %1$s from public, %1$s;
                    grant connect on database %1$s to %1$s;
                    alter database %1$s owner to %2$s
                    """.formatted(database, owner(database)));
            connection.commit();
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

    /** Adds what the file lacks: all of it at first, the owners' after an earlier version. */
    private void completePasswords() throws IOException {
        var random = new SecureRandom();
        var text = new StringBuilder(Files.exists(passwords()) ? Files.readString(passwords()) : "");
        var known =
                text.toString().lines().map(line -> line.replaceAll("=.*", "")).toList();
        var missing = Stream.concat(Stream.of(SUPERUSER), DATABASES.stream().flatMap(it -> Stream.of(it, owner(it))))
                .filter(role -> !known.contains(role))
                .toList();
        if (missing.isEmpty()) {
            return;
        }
        for (var role : missing) {
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

    /** A file for secrets: only the owner can read it. */
    static void writePrivately(Path file, String text) throws IOException {
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
            Archives.unpack(new XZInputStream(new BufferedInputStream(resource)), fresh);
        }
        try {
            Files.move(fresh, programs(), StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException | java.nio.file.DirectoryNotEmptyException _) {
            OperatingSystem.deleteTree(fresh);
        }
    }

    /** The one that is used in containers. */
    private void unpackArchiveScript() throws IOException {
        try (var script = Postgres.class.getResourceAsStream("/postgres/archive-wal")) {
            if (script == null) {
                throw new StackException("There is no resource postgres/archive-wal: build local-stack.");
            }
            Files.copy(script, data.resolve("archive-wal"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** From now on the server keeps its WAL in this directory, also after a restart. */
    void archiveTo(Path directory) throws IOException {
        OperatingSystem.withoutRoot(directory); // gives it to the user the server runs as, where it is another
        var fresh = data.resolve("archive.new");
        Files.deleteIfExists(fresh);
        Files.createSymbolicLink(fresh, directory.toAbsolutePath());
        Files.move(fresh, data.resolve("archive"), StandardCopyOption.ATOMIC_MOVE);
    }

    void stopArchiving() throws IOException {
        Files.deleteIfExists(data.resolve("archive"));
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

    Path cluster() {
        return data.resolve("cluster");
    }

    Path passwords() {
        return data.resolve("passwords");
    }
}
