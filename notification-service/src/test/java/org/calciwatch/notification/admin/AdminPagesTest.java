package org.calciwatch.notification.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.calciwatch.notification.AssessmentMother.assessment;
import static org.calciwatch.notification.AssessmentMother.event;
import static org.calciwatch.notification.AssessmentMother.rule;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;

import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.calciwatch.events.Severity;
import org.calciwatch.notification.PagesByToken;
import org.calciwatch.notification.flag.Flags;
import org.calciwatch.stack.LocalStackResource;
import org.calciwatch.stack.Login;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@TestProfile(AdminPagesTest.ServicesOfItsOwn.class)
@QuarkusTestResource(
        value = LocalStackResource.class,
        initArgs = @ResourceArg(name = "database", value = "notification"))
class AdminPagesTest {

    /** The services are where nobody else has put any. */
    public static class ServicesOfItsOwn extends PagesByToken {
        @Override
        public Map<String, String> getConfigOverrides() {
            var settings = new HashMap<>(super.getConfigOverrides());
            for (var service : List.of("portal", "assessment", "notification")) {
                settings.put("calciwatch." + service + "-url", "http://127.0.0.1:" + freePort());
            }
            return settings;
        }

        private static int freePort() {
            try (var socket = new ServerSocket(0)) {
                return socket.getLocalPort();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static final Pattern TOKEN = Pattern.compile("name=\"csrf-token\" value=\"([^\"]+)\"");

    @Inject
    DataSource database;

    @ConfigProperty(name = "calciwatch.notification-url")
    URI notification;

    @Inject
    Flags flags;

    @ConfigProperty(name = "quarkus.datasource.jdbc.url")
    String url;

    @ConfigProperty(name = "quarkus.flyway.username")
    String owner;

    @ConfigProperty(name = "quarkus.flyway.password")
    String ownerPassword;

    @ParameterizedTest
    @ValueSource(strings = {"/admin", "/admin/dead-letters", "/admin/rule-packs", "/admin/rule-packs/1.0.0"})
    void only_admins_see_the_pages(String page) {
        Login.as("admin1").get(page).then().statusCode(200).contentType("text/html");
        for (var other : new String[] {"patient1", "clinician1"}) {
            Login.as(other).get(page).then().statusCode(403);
        }
        Login.asIntegration().get(page).then().statusCode(403);
        Login.asNobody().get(page).then().statusCode(401);
    }

    @Test
    void a_service_that_does_not_answer_is_said_and_never_shown_as_having_nothing() {
        Login.as("admin1")
                .get("/admin")
                .then()
                .body(containsString(
                        "Assessment: <strong>not reachable</strong>; how many dead letters it has is not known"));
        Login.as("admin1")
                .get("/admin/rule-packs")
                .then()
                .statusCode(200)
                .body(containsString("This service gave no answer. It may have some."));
        assertThat(Login.as("admin1").get("/admin/dead-letters").asString())
                .containsSubsequence("<h2>Assessment</h2>", "This service gave no answer", "<h2>Notification</h2>");
        assertThat(Login.as("admin1").get("/admin/rule-packs/1.0.1").asString())
                .contains("did not say what would change")
                .doesNotContain("<form");
    }

    @Test
    void a_mail_that_reached_nobody_is_shown_and_tried_again() throws SQLException {
        var id = UUID.randomUUID();
        execute("""
                insert into delivery (id, mentions, step, message_id, recipients, reached, failed, subject, status,
                                      created_at, attempts_left, trace_id, version)
                values ('%1$s', '{}', 'digest-2020-01-01', '<%1$s@test>', '{gone@clinic.example}', '{}',
                        '{gone@clinic.example}', '\\x00', 'FAILED', now(), 0, '', 0)""".formatted(id));
        try {
            var page = Login.as("admin1").get("/admin");
            assertThat(page.asString())
                    .contains("gone@clinic.example", "Daily digest", "Reached nobody")
                    .contains("/admin/deliveries/" + id + "/retry");

            submit(page, "/admin/deliveries/" + id + "/retry")
                    .then()
                    .statusCode(303)
                    .header("Location", endsWith("/admin?outcome=DONE"));

            assertThat(Login.as("admin1").get("/admin?outcome=DONE").asString())
                    .contains("The mail is being tried again.")
                    .doesNotContain(id.toString());
        } finally {
            execute("delete from delivery where id = '" + id + "'");
        }
    }

    @Test
    void a_mail_that_is_not_there_any_more_is_said_to_be_gone() {
        submit(Login.as("admin1").get("/admin/routing"), "/admin/deliveries/" + UUID.randomUUID() + "/retry")
                .then()
                .statusCode(303)
                .header("Location", endsWith("/admin?outcome=REFUSED"));
        Login.as("admin1").get("/admin?outcome=REFUSED").then().body(containsString("The mail was not tried again"));
    }

    @Test
    void flags_that_no_row_was_for_are_told_of_until_there_is_a_row_and_after() throws SQLException {
        var clinic = "clinic-" + UUID.randomUUID();
        store("""
                {"rows":[{"category":["other"],"recipients":["a@clinic.example"]}],"fallback":["lead@clinic.example"]}""");
        try {
            for (int i = 0; i < 2; i++) {
                var patient = "P-" + UUID.randomUUID();
                flags.handle(event(assessment(patient, rule("no-row", Severity.URGENT_SAME_DAY))));
                // So that flags of other tests are not counted.
                execute("update flag set clinic = '%s' where patient_id = '%s'".formatted(clinic, patient));
            }

            var told = Login.as("admin1").get("/admin").asString();
            assertThat(told)
                    .containsSubsequence("no row of the routing table", "Urgent, same day", "category magnesium")
                    .containsSubsequence("clinic " + clinic, "2 flags, the last on");
            assertThat(lineOf(clinic, told)).doesNotContain("There is a row for it now.");

            store("""
                    {"rows":[{"recipients":["a@clinic.example"]}],"fallback":["lead@clinic.example"]}""");
            assertThat(lineOf(clinic, Login.as("admin1").get("/admin").asString()))
                    .contains("There is a row for it now.");
            assertThat(Login.as("admin1")
                            .header("Accept-Language", "es")
                            .get("/admin")
                            .asString())
                    .contains("Administración", "clínica " + clinic, "2 avisos, el último el");
        } finally {
            asOwner("""
                    ALTER TABLE routing_table DISABLE TRIGGER append_only;
                    DELETE FROM routing_table;
                    ALTER TABLE routing_table ENABLE TRIGGER append_only""");
        }
    }

    private static String lineOf(String clinic, String page) {
        return page.lines().filter(line -> line.contains(clinic)).findFirst().orElseThrow();
    }

    private static void store(String table) {
        var tag = Login.as("admin1").get("/routing").header("ETag");
        Login.as("admin1")
                .contentType("application/json")
                .header("If-Match", tag)
                .body(table)
                .put("/routing")
                .then()
                .statusCode(200);
    }

    @Test
    void what_should_have_been_sent_long_ago_is_a_warning() throws SQLException {
        var id = UUID.randomUUID();
        execute("""
                insert into delivery (id, mentions, step, message_id, recipients, reached, failed, subject, status,
                                      created_at, next_attempt_at, locked_until, attempts_left, trace_id, version)
                values ('%1$s', '{}', 'digest-2020-01-02', '<%1$s@test>', '{slow@clinic.example}', '{}', '{}', '\\x00',
                        'PENDING', now(), now() - interval '11 minutes', now() + interval '1 hour', 9, '', 0)""".formatted(id));
        try {
            Login.as("admin1").get("/admin").then().body(containsString("not tried in time; the first was due on"));
        } finally {
            execute("delete from delivery where id = '" + id + "'");
        }
    }

    @Test
    void a_mail_that_the_server_does_not_take_is_a_warning_though_its_next_try_lies_ahead() throws SQLException {
        var id = UUID.randomUUID();
        execute("""
                insert into delivery (id, mentions, step, message_id, recipients, reached, failed, subject, status,
                                      created_at, next_attempt_at, attempts_left, trace_id, version)
                values ('%1$s', '{}', 'digest-2020-01-03', '<%1$s@test>', '{slow@clinic.example}', '{}', '{}', '\\x00',
                        'PENDING', now() - interval '11 minutes', now() + interval '1 hour', 9, '', 0)""".formatted(id));
        try {
            assertThat(Login.as("admin1").get("/admin").asString()).doesNotContain("not taken by the mail server");
            execute("""
                    insert into delivery_attempt (delivery_id, position, at, outcome, detail)
                    values ('%s', 0, now() - interval '11 minutes', 'FAILED', '')""".formatted(id));

            assertThat(Login.as("admin1").get("/admin").asString())
                    .contains("tried and not taken by the mail server", "the oldest was made on")
                    .doesNotContain("No flag and no mail waits longer");
            await().untilAsserted(() ->
                    assertThat(metric("calciwatch_deliveries_oldest_seconds")).isBetween(660.0, 800.0));
        } finally {
            execute("delete from delivery where id = '" + id + "'");
        }
        await().untilAsserted(() ->
                assertThat(metric("calciwatch_deliveries_oldest_seconds")).isLessThan(660));
    }

    @Test
    void a_flag_that_fails_to_do_what_is_due_is_a_warning_though_it_is_never_late() throws SQLException {
        var patient = "P-" + UUID.randomUUID();
        flags.handle(event(assessment(patient, rule("stuck", Severity.CLINICIAN_REVIEW))));
        var before = metric("calciwatch_flags_failing");
        execute("update flag set failed_since = now() - interval '1 hour' where patient_id = '" + patient + "'");

        assertThat(Login.as("admin1").get("/admin").asString())
                .containsPattern("fails? to do what is due")
                .doesNotContain("No flag and no mail waits longer");
        await().untilAsserted(
                        () -> assertThat(metric("calciwatch_flags_failing")).isEqualTo(before + 1));
        assertThat(Login.as("admin1")
                        .header("Accept-Language", "es")
                        .get("/admin")
                        .asString())
                .contains("hacer lo que toca");

        // Whatever a person does about it gives it another time to act.
        var id = Login.as("clinician1")
                .get("/flags?patient=" + patient)
                .jsonPath()
                .getString("items[0].id");
        Login.as("clinician1")
                .contentType("application/json")
                .body("{}")
                .post("/flags/" + id + "/acknowledge")
                .then()
                .statusCode(200);
        await().untilAsserted(
                        () -> assertThat(metric("calciwatch_flags_failing")).isEqualTo(before));
    }

    @Test
    void webhooks_that_wait_or_failed_are_counted() throws SQLException {
        var patient = "P-" + UUID.randomUUID();
        flags.handle(event(assessment(patient, rule("hooked", Severity.CLINICIAN_REVIEW))));
        for (var status : List.of("PENDING", "FAILED")) {
            execute("""
                    insert into webhook_delivery (id, endpoint, event_id, flag_id, patient_id, body, status, created_at,
                                                  next_attempt_at, attempts, attempts_left, trace_id, version)
                    select gen_random_uuid(), 'gone', gen_random_uuid(), id, patient_id, '\\x00', '%1$s',
                           '2020-02-03T10:00:00Z', case '%1$s' when 'PENDING' then now() end, 1, 1, '', 0
                    from flag where patient_id = '%2$s'""".formatted(status, patient));
        }
        try {
            assertThat(Login.as("admin1").get("/admin").asString())
                    .containsSubsequence("<h2>Webhooks</h2>", "<dt>Waiting</dt>", "made on</dt><dd>3 Feb 2020")
                    .containsSubsequence("<h2>Webhooks</h2>", "<dt>Failed</dt><dd><strong class=\"severity\">");
        } finally {
            execute("delete from webhook_delivery where endpoint = 'gone'");
        }
    }

    private static double metric(String name) {
        return Login.asNobody()
                .get("/q/metrics")
                .asString()
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Test
    void dead_letters_of_a_service_that_answers_are_listed_and_replayed_as_the_caller() throws Exception {
        var id = UUID.randomUUID();
        execute("""
            insert into dead_letter (id, topic, "partition", "offset", sent_at, header_names, header_values, reason)
            values ('%s', 'assessment-completed', 0, 987654321, now(), '{}', '{}', 'no such thing')""".formatted(id));
        var address = HttpServer.create(new InetSocketAddress(notification.getHost(), notification.getPort()), 0);
        // The address at which this service reaches itself, as every other, leads to where it runs in this test.
        try (var http = HttpClient.newHttpClient()) {
            address.createContext("/", exchange -> {
                var request = HttpRequest.newBuilder(
                                URI.create("http://127.0.0.1:" + RestAssured.port + exchange.getRequestURI()))
                        .header("Accept", "application/json")
                        .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.noBody());
                var token = exchange.getRequestHeaders().getFirst("Authorization");
                if (token != null) {
                    request.header("Authorization", token);
                }
                try {
                    var answer = http.send(request.build(), BodyHandlers.ofByteArray());
                    exchange.sendResponseHeaders(answer.statusCode(), answer.body().length);
                    exchange.getResponseBody().write(answer.body());
                } catch (InterruptedException e) {
                    throw new IOException(e);
                } finally {
                    exchange.close();
                }
            });
            address.start();

            Login.as("admin1")
                    .get("/admin")
                    .then()
                    .body(containsString(
                            "Notification: <strong>ready</strong>; <a href=\"/admin/dead-letters\"><strong>"));
            var page = Login.as("admin1").get("/admin/dead-letters");
            var replay = "/admin/dead-letters/NOTIFICATION/" + id + "/replay";
            assertThat(page.asString()).contains("no such thing", replay, "This service gave no answer");

            submit(page, replay)
                    .then()
                    .statusCode(303)
                    .header("Location", endsWith("/admin/dead-letters?outcome=REFUSED"));
        } finally {
            address.stop(0);
            execute("delete from dead_letter where id = '" + id + "'");
        }
    }

    @Test
    void a_forged_form_changes_nothing() {
        Login.as("admin1")
                .redirects()
                .follow(false)
                .formParam("csrf-token", "guessed")
                .post("/admin/dead-letters/INTAKE/" + UUID.randomUUID() + "/replay")
                .then()
                .statusCode(400);
    }

    private static Response submit(Response page, String action) {
        var token = TOKEN.matcher(page.asString());
        assertThat(token.find()).isTrue();
        return Login.as("admin1")
                .redirects()
                .follow(false)
                .cookies(page.cookies())
                .formParam("csrf-token", token.group(1))
                .post(action);
    }

    private void asOwner(String sql) throws SQLException {
        try (var connection = DriverManager.getConnection(url, owner, ownerPassword);
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private void execute(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }
}
