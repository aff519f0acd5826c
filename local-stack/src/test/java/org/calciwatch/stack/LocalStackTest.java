package org.calciwatch.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.mail.Folder;
import jakarta.mail.Message;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The real PostgreSQL, Kafka and mail catcher. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LocalStackTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();
    private Path home = Path.of("");
    private LocalStack stack = LocalStack.infrastructure(home, new Ports(0));

    @BeforeAll
    void start(@TempDir Path directory) {
        home = directory;
        stack = LocalStack.infrastructure(home, Ports.free());
        stack.start();
    }

    @AfterAll
    void stop() {
        stack.close();
    }

    @Test
    void a_mail_sent_over_smtp_is_in_the_mailbox_and_in_the_api() throws Exception {
        var subject = send("reader@clinic.example", "second@clinic.example");

        assertThat(subjectsInMailbox("reader@clinic.example")).contains(subject);
        assertThat(subjectsInMailbox("second@clinic.example")).contains(subject);
        var found = inApi(subject);
        assertThat(found).hasSize(1);
        var mail = found.getFirst();
        assertThat(mail.path("from").asText()).isEqualTo("sender@clinic.example");
        assertThat(mail.path("to").valueStream().map(JsonNode::asText))
                .containsExactly("reader@clinic.example", "second@clinic.example");
        assertThat(mail.path("text").asText()).isEqualTo("Grüße");
        assertThat(mail.path("html").asText()).isEqualTo("<p>Grüße</p>");
        assertThat(mail.path("messageId").asText()).startsWith("<");
        assertThat(mail.path("receivedAt").asText()).matches("\\d{4}-\\d\\d-\\d\\dT.*Z");
    }

    @Test
    void a_mail_outlives_the_kill_of_the_catcher() throws Exception {
        var subject = send("survivor@clinic.example");

        stack.mail().kill();
        stack.mail().start();
        stack.mail().awaitReady();

        assertThat(subjectsInMailbox("survivor@clinic.example")).containsExactly(subject);
        assertThat(inApi(subject)).hasSize(1);
    }

    @Test
    void the_page_shows_hostile_mail_as_text() throws Exception {
        send("<script>alert(1)</script>", List.of("page@clinic.example"));

        var page = get("/").body();

        assertThat(page).contains("&lt;script&gt;alert(1)&lt;/script&gt;").doesNotContain("<script");
    }

    @Test
    void an_unknown_address_of_the_catcher_is_not_found() throws Exception {
        assertThat(get("/api/nothing").statusCode()).isEqualTo(404);
    }

    @Test
    void every_database_has_its_own_user_who_sees_no_other() throws Exception {
        try (var connection = connect("intake", "intake");
                var result = connection
                        .createStatement()
                        .executeQuery("select rolsuper, pg_encoding_to_char(encoding) from pg_roles, pg_database"
                                + " where rolname = current_user and datname = current_database()")) {
            assertThat(result.next()).isTrue();
            assertThat(result.getBoolean(1)).isFalse();
            assertThat(result.getString(2)).isEqualTo("UTF8");
        }
        assertThatThrownBy(() -> connect("assessment", "intake"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("permission denied");
    }

    @Test
    void the_application_works_with_rows_of_its_owner_and_changes_no_table() throws Exception {
        try (var owner = connect("intake", "intake_owner").createStatement();
                var application = connect("intake", "intake").createStatement()) {
            owner.execute("create table worked_on (id bigserial, what text)");

            assertThat(application.executeUpdate("insert into worked_on (what) values ('row')"))
                    .isEqualTo(1);
            assertThat(application.executeUpdate("update worked_on set what = 'changed'"))
                    .isEqualTo(1);
            assertThat(application.executeUpdate("delete from worked_on")).isEqualTo(1);
            for (var forbidden : List.of(
                    "create table own (id int)",
                    "alter table worked_on add column more int",
                    "truncate worked_on",
                    "drop table worked_on",
                    "create schema own",
                    "create temporary table own (id int)",
                    "grant intake_owner to intake")) {
                assertThatThrownBy(() -> application.execute(forbidden))
                        .as(forbidden)
                        .isInstanceOf(SQLException.class);
            }
        }
    }

    @Test
    void what_a_migration_takes_from_the_application_stays_taken_after_a_start() throws Exception {
        try (var owner = connect("assessment", "assessment_owner").createStatement()) {
            owner.execute("create table append_only (id int)");
            owner.execute("revoke update, delete on append_only from assessment");
        }

        stack.postgres().kill();
        stack.postgres().start();
        stack.postgres().awaitReady();

        try (var application = connect("assessment", "assessment").createStatement()) {
            application.execute("insert into append_only values (1)");
            assertThatThrownBy(() -> application.execute("delete from append_only"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("permission denied");
        }
    }

    @Test
    void a_database_of_an_earlier_version_is_handed_to_its_new_owner(@TempDir Path earlier) throws Exception {
        var ports = Ports.free();
        var cache = OperatingSystem.buildDirectory().resolve("cache");
        var postgres = new Postgres(earlier.resolve("data"), cache, ports.postgres());
        var child = new Child(
                postgres,
                new ProcessRegistry(Files.createDirectories(earlier.resolve("run"))),
                earlier.resolve("log"),
                _ -> {});
        try {
            child.start();
            child.awaitReady();
            asInTheEarlierVersion(postgres, "intake");
            child.kill();
            var passwords = earlier.resolve("data/passwords");
            var old = Files.readAllLines(passwords).stream()
                    .filter(line -> !line.contains("_owner"))
                    .toList();
            Files.write(passwords, old);

            child.start();
            child.awaitReady();

            assertThat(Files.readAllLines(passwords)).containsAll(old).hasSize(7);
            assertThat(Files.getPosixFilePermissions(passwords))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
            try (var owner = DriverManager.getConnection(
                                    postgres.jdbcUrl("intake"), "intake_owner", postgres.password("intake_owner"))
                            .createStatement();
                    var application = DriverManager.getConnection(
                                    postgres.jdbcUrl("intake"), "intake", postgres.password("intake"))
                            .createStatement()) {
                owner.execute("alter table of_before add column more int");
                application.execute("insert into of_before (what) values ('after')");
                try (var rows = application.executeQuery("select count(*) from of_before")) {
                    assertThat(rows.next()).isTrue();
                    assertThat(rows.getInt(1)).isEqualTo(2);
                }
                assertThatThrownBy(() -> application.execute("drop table of_before"))
                        .isInstanceOf(SQLException.class)
                        .hasMessageContaining("must be owner");
            }
        } finally {
            child.retire();
        }
    }

    /** The database belongs to the application's role, and there is no other. */
    private static void asInTheEarlierVersion(Postgres postgres, String database) throws SQLException {
        try (var superuser = DriverManager.getConnection(
                                postgres.jdbcUrl(database), "postgres", postgres.password("postgres"))
                        .createStatement();
                var application = DriverManager.getConnection(
                                postgres.jdbcUrl(database), database, postgres.password(database))
                        .createStatement()) {
            superuser.execute("reassign owned by intake_owner to intake");
            superuser.execute("alter schema public owner to pg_database_owner");
            superuser.execute("drop owned by intake_owner");
            superuser.execute("drop role intake_owner");
            application.execute("create table of_before (id bigserial, what text)");
            application.execute("insert into of_before (what) values ('before')");
        }
    }

    @Test
    void the_passwords_are_readable_by_the_owner_only() throws Exception {
        assertThat(Files.getPosixFilePermissions(home.resolve("data/postgres/passwords")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void rows_outlive_the_kill_and_the_stop_of_postgres() throws Exception {
        try (var connection = connect("notification", "notification_owner");
                var statement = connection.createStatement()) {
            statement.execute("create table kept (id int)");
            statement.execute("insert into kept values (1)");
        }
        stack.postgres().kill();
        stack.postgres().start();
        stack.postgres().awaitReady();
        stack.postgres().stop();
        stack.postgres().start();
        stack.postgres().awaitReady();

        try (var connection = connect("notification", "notification");
                var result = connection.createStatement().executeQuery("select count(*) from kept")) {
            assertThat(result.next()).isTrue();
            assertThat(result.getInt(1)).isEqualTo(1);
        }
    }

    @Test
    void a_topic_outlives_the_kill_of_the_broker() throws Exception {
        var name = "kept-" + UUID.randomUUID();
        try (var admin = Admin.create(Map.of("bootstrap.servers", stack.kafkaBootstrapServers()))) {
            admin.createTopics(Set.of(new NewTopic(name, 12, (short) 1))).all().get();
        }
        stack.kafka().kill();
        stack.kafka().start();
        stack.kafka().awaitReady();

        try (var admin = Admin.create(Map.of("bootstrap.servers", stack.kafkaBootstrapServers()))) {
            assertThat(admin.listTopics().names().get()).contains(name);
        }
    }

    @Test
    void a_component_that_dies_comes_back_by_itself() {
        var before = stack.mail().pid().orElseThrow();

        ProcessHandle.of(before).orElseThrow().destroyForcibly();

        await().atMost(PATIENCE)
                .until(() ->
                        stack.mail().pid().isPresent() && stack.mail().pid().getAsLong() != before);
        stack.mail().awaitReady();
        assertThat(stack.status())
                .filteredOn(status -> status.name().equals("mail"))
                .allMatch(status -> status.problem() == null);
    }

    @Test
    void a_second_stack_on_the_same_directory_is_refused() {
        var second = LocalStack.infrastructure(home, Ports.free());

        assertThatThrownBy(second::start)
                .isInstanceOf(StackException.class)
                .hasMessageStartingWith("Calciwatch already runs here (process ");
    }

    @Test
    void a_port_in_use_is_one_clear_line_and_leaves_nothing_running(@TempDir Path other) throws Exception {
        var ports = Ports.free();
        try (var taken = new ServerSocket(ports.kafka(), 1, InetAddress.getLoopbackAddress())) {
            var hindered = LocalStack.infrastructure(other, ports);

            assertThatThrownBy(hindered::start)
                    .isInstanceOf(StackException.class)
                    .hasMessageStartingWith("Port " + taken.getLocalPort() + ", wanted for kafka, is in use")
                    .hasMessageContaining("--port-offset")
                    .hasMessageNotContaining("\n");
            assertThat(hindered.status()).allMatch(status -> status.pid().isEmpty());
        }
    }

    private String send(String... recipients) throws Exception {
        return send("Subject " + UUID.randomUUID(), List.of(recipients));
    }

    private String send(String subject, List<String> recipients) throws Exception {
        var properties = new Properties();
        properties.setProperty("mail.smtp.host", "127.0.0.1");
        properties.setProperty("mail.smtp.port", Integer.toString(stack.ports().smtp()));
        var message = new MimeMessage(Session.getInstance(properties));
        message.setFrom(new InternetAddress("sender@clinic.example", "The sender"));
        for (var recipient : recipients) {
            message.addRecipient(Message.RecipientType.TO, new InternetAddress(recipient));
        }
        message.setSubject(subject, "UTF-8");
        var text = new MimeBodyPart();
        text.setText("Grüße", "UTF-8");
        var html = new MimeBodyPart();
        html.setContent("<p>Grüße</p>", "text/html; charset=UTF-8");
        message.setContent(new MimeMultipart("alternative", text, html));
        Transport.send(message);
        return subject;
    }

    private List<String> subjectsInMailbox(String address) throws Exception {
        var session = Session.getInstance(new Properties());
        try (var store = session.getStore("imap")) {
            store.connect("127.0.0.1", stack.ports().imap(), address, "any password");
            var inbox = store.getFolder("INBOX");
            inbox.open(Folder.READ_ONLY);
            var subjects = new java.util.ArrayList<String>();
            for (var message : inbox.getMessages()) {
                subjects.add(message.getSubject());
            }
            return subjects;
        }
    }

    private List<JsonNode> inApi(String subject) throws Exception {
        return json.readTree(get("/api/messages").body())
                .valueStream()
                .filter(mail -> mail.path("subject").asText().equals(subject))
                .toList();
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(stack.mailUrl() + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private java.sql.Connection connect(String database, String user) throws SQLException {
        return DriverManager.getConnection(stack.jdbcUrl(database), user, stack.databasePassword(user));
    }
}
