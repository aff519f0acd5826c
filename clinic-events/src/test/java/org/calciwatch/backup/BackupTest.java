package org.calciwatch.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.calciwatch.stack.LocalStack;
import org.calciwatch.stack.Ports;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real PostgreSQL, archiving with the script that is used in containers, backed up by the role that is. */
class BackupTest {
    private static final Path ROLE = Path.of("../deploy/postgres/backup-role.sql");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path directory = Path.of("");

    private LocalStack stack = LocalStack.database(directory, new Ports(0));
    private final Map<String, String> environment = new HashMap<>();

    /** What the command has said, on both streams, and its exit code. */
    private record Said(int code, String text) {}

    @BeforeEach
    void a_database_that_archives() throws Exception {
        stack = databaseIn(directory.resolve("stack"));
        environment.put("CALCIWATCH_BACKUP_DIRECTORY", backups().toString());
        environment.put("CALCIWATCH_BACKUP_JDBC_URL", stack.jdbcUrl("postgres"));
        environment.put("CALCIWATCH_BACKUP_PASSWORD", "backup");
        Files.createDirectories(backups());
        stack.archiveWalTo(Files.createDirectory(backups().resolve("wal")));
    }

    @AfterEach
    void stop() {
        stack.close();
    }

    @Test
    void everything_committed_before_the_end_of_the_archive_survives_the_loss_of_the_server() throws Exception {
        var written = new ArrayList<Integer>();
        var some = new CountDownLatch(100);
        var enough = new AtomicBoolean();
        var writer = Thread.startVirtualThread(() -> {
            for (int number = 0; !enough.get(); number++) {
                add(number);
                written.add(number); // when it has been committed
                some.countDown();
            }
        });
        some.await();

        assertThat(run("take").code()).isZero();

        enough.set(true);
        writer.join();
        add(-1);
        assertThat(run("archive").code()).isZero();
        assertThat(written).hasSizeGreaterThan(100);

        loseTheServer();
        assertThat(run("restore", cluster().toString()))
                .isEqualTo(
                        new Said(
                                0,
                                "The backup " + backup() + " is in " + cluster()
                                        + ". PostgreSQL, when it starts there, goes on to the end of the archive before it lets anybody in.\n"));
        startTheServer();

        assertThat(numbers()).containsAll(written).contains(-1);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cluster())))
                .isEqualTo("rwx------");
    }

    @Test
    void a_time_between_two_commits_restores_the_first_and_not_the_second() throws Exception {
        run("take");
        add(1);
        var between = now();
        add(2);
        run("archive");

        restore("--until", between.toString());

        assertThat(numbers()).containsExactly(1);
    }

    @Test
    void a_restored_server_is_backed_up_on_and_restored_again() throws Exception {
        run("take");
        add(1);
        var first = now();
        add(2);
        var second = now();
        add(3);
        run("archive");
        restore("--until", first.toString());
        add(4);
        var third = now();
        assertThat(run("take").code()).isZero();
        add(5);
        run("archive");

        restore("--until", third.toString());
        assertThat(numbers()).containsExactly(1, 4);
        run("archive");

        restore();
        assertThat(numbers()).containsExactly(1, 4);

        restore("--until", second.toString(), "--timeline", "1");
        assertThat(numbers()).containsExactly(1, 2);
    }

    @Test
    void nothing_is_restored_over_anything() throws Exception {
        run("take");
        var used = Files.createDirectory(directory.resolve("used"));
        Files.writeString(used.resolve("precious"), "data");

        assertThat(run("restore", used.toString()))
                .isEqualTo(new Said(
                        1,
                        "backup: " + used + " is not empty. Nothing is overwritten: name an empty"
                                + " directory, or move what is there aside.\n"));
        assertThat(used).isDirectoryContaining(file -> file.endsWith("precious"));
    }

    @Test
    void a_changed_byte_and_a_lost_file_are_refused_with_the_name_of_the_file() throws Exception {
        run("take");
        for (var path : List.of("data/global/pg_control", "data/PG_VERSION", "manifest.json")) {
            var file = backups().resolve("base").resolve(backup()).resolve(path);
            flipAByte(file);

            for (var said : List.of(run("verify"), run("restore", empty().toString()))) {
                assertThat(said)
                        .isEqualTo(new Said(
                                1,
                                "backup: The backup's file " + file + " has been changed since it was" + " written"
                                        + remedy()));
            }
            assertThat(empty()).doesNotExist();
            flipAByte(file);
        }
        var file = backups().resolve("base").resolve(backup()).resolve("data/base/1/PG_VERSION");
        var moved = Files.move(file, directory.resolve("moved"));
        assertThat(run("restore", empty().toString()).text())
                .isEqualTo("backup: The backup's file " + file + " is missing" + remedy());
        Files.move(moved, file);
        assertThat(run("verify")).isEqualTo(new Said(0, backup() + " is whole.\n"));
    }

    @Test
    void wal_that_is_missing_or_damaged_is_said() throws Exception {
        run("take");
        add(1);
        run("archive");
        var between = now();
        add(2);
        run("archive");
        add(3);
        run("archive");
        var wal = new WalArchive(backups().resolve("wal"));
        var later = wal.file(wal.names().reversed().get(1));
        var moved = Files.move(later, directory.resolve("moved"));

        assertThat(run("restore", empty().toString()))
                .isEqualTo(new Said(
                        1,
                        "backup: The WAL file " + later + " is missing, though there are later ones."
                                + " Bring it back, or restore with --until to a moment before it, which gives up what came"
                                + " after.\n"));
        assertThat(run("restore", empty().toString(), "--until", between.toString())
                        .code())
                .isZero();
        Files.move(moved, later);

        var own = wal.file(manifest().startWal());
        var content = Files.readAllBytes(own);
        flipAByte(own);
        assertThat(run("verify").text()).startsWith("backup: The WAL file " + own + " is damaged");
        Files.delete(own);
        assertThat(run("verify").text()).startsWith("backup: The WAL file " + own + " is missing");
        Files.write(own, content);
        assertThat(run("verify").code()).isZero();
    }

    @Test
    void a_server_that_finds_the_archive_damaged_does_not_start_with_half_of_it() throws Exception {
        run("take");
        add(1);
        run("archive");
        var wal = new WalArchive(backups().resolve("wal"));
        flipAByte(wal.file(wal.names().getLast()));
        loseTheServer();
        run("restore", cluster().toString());

        stack.postgres().start();

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(Files.readString(directory.resolve("stack/logs/postgres.log")))
                        .contains("FATAL:  could not restore file"));
    }

    @Test
    void a_cluster_made_anew_does_not_push_out_the_backups_of_the_lost_one() throws Exception {
        run("take");
        var first = backup();
        stack.close();
        stack = databaseIn(directory.resolve("other"));
        stack.archiveWalTo(backups().resolve("wal"));
        environment.put("CALCIWATCH_BACKUP_JDBC_URL", stack.jdbcUrl("postgres"));

        assertThat(run("take").text())
                .startsWith("backup: The backups in " + backups() + " are of another database cluster")
                .endsWith("Restore one of them, or choose an empty directory for this cluster.\n")
                .hasLineCount(1);
        assertThat(backup()).isEqualTo(first);
    }

    @Test
    void the_schedule_keeps_so_many_backups_with_their_wal_and_tries_again_what_failed() throws Exception {
        environment.putAll(Map.of(
                "CALCIWATCH_BACKUP_EVERY", "PT1S",
                "CALCIWATCH_BACKUP_KEEP", "2",
                "CALCIWATCH_BACKUP_ARCHIVE_PATIENCE", "PT10S"));
        run("take");
        var first = manifest();
        var said = new ByteArrayOutputStream();
        var schedule = Thread.startVirtualThread(() -> run(List.of("schedule"), new PrintStream(said, true)));
        var wal = new WalArchive(backups().resolve("wal"));

        await().atMost(PATIENCE).until(() -> !Files.exists(wal.file(first.startWal())));
        assertThat(run("list").text().lines()).hasSizeBetween(4, 5);
        assertThat(Files.readString(backups().resolve("health"))).startsWith("ok 20");

        stack.postgres().kill();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(Files.readString(backups().resolve("health")))
                        .startsWith("failed 20"));
        startTheServer();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(Files.readString(backups().resolve("health")))
                        .startsWith("ok 20"));

        var untilNow = said.toString(StandardCharsets.UTF_8);
        schedule.interrupt();
        schedule.join();
        assertThat(untilNow.lines())
                .anyMatch(line -> line.matches("\\S+  No backup: PostgreSQL: .* Trying again in PT1S\\."))
                .allMatch(line -> line.matches("\\S+  (No backup: .*|Backup \\S+ taken: .*)"));
        assertThat(run("verify").code()).isZero();
    }

    @Test
    void an_archive_that_leads_elsewhere_is_noticed_and_leaves_no_backup() throws Exception {
        environment.put("CALCIWATCH_BACKUP_ARCHIVE_PATIENCE", "PT1S");
        stack.archiveWalTo(Files.createDirectory(directory.resolve("elsewhere")));

        assertThat(run("take").text())
                .contains(" has not come to " + backups().resolve("wal") + " within PT1S. PostgreSQL says that")
                .hasLineCount(1);
        assertThat(run("restore", empty().toString()).text()).startsWith("backup: There is no backup in " + backups());
    }

    private LocalStack databaseIn(Path home) throws Exception {
        var made = LocalStack.database(home, Ports.free());
        made.start();
        try (var connection = DriverManager.getConnection(
                        made.jdbcUrl("postgres"), "postgres", made.databasePassword("postgres"));
                var statement = connection.createStatement()) {
            statement.execute("create role backup login password 'backup'");
            statement.execute(Files.readString(ROLE));
        }
        try (var connection = DriverManager.getConnection(
                        made.jdbcUrl("intake"), "intake_owner", made.databasePassword("intake_owner"));
                var statement = connection.createStatement()) {
            statement.execute("create table number (value integer primary key)");
        }
        return made;
    }

    private Path backups() {
        return directory.resolve("backups of the clinic's");
    }

    private Path cluster() {
        return directory.resolve("stack/data/postgres/cluster");
    }

    private Path empty() {
        return directory.resolve("empty");
    }

    /** The newest one's name. */
    private String backup() throws IOException {
        return Files.readString(backups().resolve("latest")).strip();
    }

    private String remedy() throws IOException {
        return ". Bring it back, or move " + backups().resolve("base").resolve(backup())
                + " away: the backup before it leads to the same moments.\n";
    }

    private Manifest manifest() throws Exception {
        return new Backups(backups()).newest().orElseThrow().manifest();
    }

    private Said run(String... arguments) {
        var said = new ByteArrayOutputStream();
        var code = run(List.of(arguments), new PrintStream(said, true));
        return new Said(code, said.toString(StandardCharsets.UTF_8));
    }

    private int run(List<String> arguments, PrintStream out) {
        return BackupCommand.run(arguments, environment, out, out);
    }

    private void restore(String... options) throws IOException {
        loseTheServer();
        var arguments = new ArrayList<>(List.of("restore", cluster().toString()));
        arguments.addAll(List.of(options));
        var said = run(arguments.toArray(String[]::new));
        assertThat(said.code()).as(said.text()).isZero();
        startTheServer();
    }

    private void loseTheServer() throws IOException {
        stack.postgres().kill();
        CopiedFile.deleteTree(cluster());
    }

    private void startTheServer() {
        stack.postgres().start();
        stack.postgres().awaitReady();
    }

    private void add(int number) {
        try (var connection = connect();
                var statement = connection.prepareStatement("insert into number values (?)")) {
            statement.setInt(1, number);
            statement.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<Integer> numbers() throws SQLException {
        try (var connection = connect();
                var rows = connection.createStatement().executeQuery("select value from number order by value")) {
            var found = new ArrayList<Integer>();
            while (rows.next()) {
                found.add(rows.getInt(1));
            }
            return found;
        }
    }

    /** By the clock that stamps commits. */
    private Instant now() throws SQLException {
        try (var connection = connect();
                var row = connection.createStatement().executeQuery("select clock_timestamp()")) {
            row.next();
            return row.getObject(1, OffsetDateTime.class).toInstant();
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(
                stack.jdbcUrl("intake"), "intake_owner", stack.databasePassword("intake_owner"));
    }

    private static void flipAByte(Path file) throws IOException {
        try (var access = new RandomAccessFile(file.toFile(), "rw")) {
            // Near the start: of the zeros at the end of a WAL file, some can be written in another way.
            var place = Math.min(access.length() / 2, 1000);
            access.seek(place);
            var old = access.read();
            access.seek(place);
            access.write(old ^ 1);
        }
    }
}
