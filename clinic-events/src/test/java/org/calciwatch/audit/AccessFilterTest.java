package org.calciwatch.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.calciwatch.stack.Login.as;
import static org.calciwatch.stack.Login.asIntegration;
import static org.calciwatch.stack.Login.asNobody;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.calciwatch.events.Event;
import org.calciwatch.events.EventCodec;
import org.calciwatch.events.EventType;
import org.calciwatch.events.FlagChanged;
import org.calciwatch.events.Severity;
import org.calciwatch.events.deadletter.DeadLetters;
import org.calciwatch.stack.LocalStackResource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a request is recorded, and how admins find it. */
@QuarkusTest
@QuarkusTestResource(value = LocalStackResource.class, initArgs = @ResourceArg(name = "database", value = "intake"))
class AccessFilterTest {

    /** Far from those of real messages. */
    private static final long UNUSED_OFFSET = 1L << 41;

    @Inject
    EventCodec codec;

    @Inject
    DeadLetters deadLetters;

    @Inject
    DataSource database;

    @ConfigProperty(name = "quarkus.datasource.jdbc.url")
    String url;

    /** The owner of the tables, where that is another role than the application's. */
    @ConfigProperty(name = "quarkus.flyway.username")
    Optional<String> owner;

    @ConfigProperty(name = "quarkus.flyway.password")
    Optional<String> ownerPassword;

    @ConfigProperty(name = "quarkus.datasource.username")
    String application;

    @ConfigProperty(name = "quarkus.datasource.password")
    String password;

    private final String patient = "P-" + UUID.randomUUID();

    @Test
    void every_request_of_somebody_logged_in_leaves_one_event_with_who_what_whom_and_outcome() {
        as("clinician1").get("/things?patient=" + patient).then().statusCode(200);
        as("clinician1").get("/things/200/" + patient).then().statusCode(200);
        as("clinician1").get("/things/403/" + patient).then().statusCode(403);
        as("clinician1").get("/things/500/" + patient).then().statusCode(500);
        as("clinician1").put("/things/" + patient).then().statusCode(200);
        as("clinician1").delete("/things/" + patient).then().statusCode(202);
        var events = events("patient=" + patient).subList(0, 6);
        assertThat(events)
                .extracting(
                        event -> event.getString("action"),
                        event -> event.getString("subtype[0].code"),
                        event -> event.getString("entity[-1].name"),
                        event -> event.getString("outcome"))
                .containsExactly(
                        tuple("D", "delete", "DELETE /things/{patient}", "0"),
                        tuple("U", "update", "PUT /things/{patient}", "0"),
                        tuple("R", "read", "GET /things/{status}/{patient}", "8"),
                        tuple("R", "read", "GET /things/{status}/{patient}", "4"),
                        tuple("R", "read", "GET /things/{status}/{patient}", "0"),
                        tuple("E", "search-type", "GET /things", "0"));
        assertThat(events).allSatisfy(event -> {
            assertThat(event.getString("agent[0].who.identifier.value")).isEqualTo("clinician1");
            assertThat(event.getString("agent[0].role[0].text")).isEqualTo("clinician");
            assertThat(event.getString("agent[0].network.address")).isEqualTo("127.0.0.1");
            assertThat(event.getString("source.observer.display")).isEqualTo("events-test");
            assertThat(event.getString("entity[0].what.reference")).isEqualTo("Patient/" + patient);
        });
        assertThat(events.get(4).getString("entity[1].what.reference")).isEqualTo("Flag/7");
    }

    @Test
    void a_refusal_by_role_is_recorded_and_one_without_login_is_not() throws SQLException {
        var before = rows();
        asNobody().get("/things?patient=" + patient).then().statusCode(401);
        assertThat(rows()).isEqualTo(before);
        asIntegration().get("/things?patient=" + patient).then().statusCode(403);
        assertThat(events("agent=service-account-portal-integration").getFirst())
                .satisfies(event -> {
                    assertThat(event.getString("outcome")).isEqualTo("4");
                    assertThat(event.getString("outcomeDesc")).isEqualTo("HTTP 403");
                    assertThat(event.getString("entity[-1].name")).isEqualTo("GET /things");
                });
    }

    @ParameterizedTest
    @ValueSource(ints = {202, 204})
    void who_is_told_to_come_back_later_or_that_nothing_is_new_has_read_nothing(int status) throws SQLException {
        var before = rows();
        as("clinician1").get("/things/" + status + "/" + patient).then().statusCode(status);
        assertThat(rows()).isEqualTo(before);
    }

    @Test
    void what_was_recorded_with_its_transaction_is_lost_with_it_and_the_failure_recorded_instead() {
        as("clinician1").put("/things/" + patient + "?fail=true").then().statusCode(500);
        as("clinician1").put("/things/" + patient).then().statusCode(200);
        assertThat(events("patient=" + patient))
                .extracting(event -> event.getString("outcome"))
                .containsExactly("0", "8");
    }

    @Test
    void a_request_with_many_transactions_leaves_one_event_for_each_with_its_own_patient_only() {
        var other = "P-" + UUID.randomUUID();
        as("admin1").post("/things/import/" + patient + "," + other).then().statusCode(200);
        for (var each : List.of(patient, other)) {
            assertThat(events("patient=" + each)).singleElement().satisfies(event -> {
                assertThat(event.getString("subtype[0].code")).isEqualTo("operation");
                assertThat(event.getList("entity.findAll { it.what != null }.what.reference"))
                        .isEqualTo(List.of("Patient/" + each));
            });
        }
    }

    @Test
    void ids_somebody_is_refused_are_noted_where_they_mean_somebody_and_get_no_pseudonym() throws SQLException {
        as("clinician1").get("/things/403/" + patient).then().statusCode(403);
        assertThat(count("patient_pseudonym WHERE patient_id = '" + patient + "'"))
                .isZero();

        as("clinician1").get("/things/200/" + patient).then().statusCode(200);
        as("clinician1").get("/things/403/" + patient).then().statusCode(403);
        assertThat(events("patient=" + patient))
                .extracting(event -> event.getString("outcome"))
                .containsExactly("4", "0");
    }

    @Test
    void the_parts_of_a_request_leave_one_event_each_with_their_own_patients_and_outcome() {
        var other = "P-" + UUID.randomUUID();
        as("clinician1").get("/things/200/" + patient).then().statusCode(200);
        as("admin1")
                .post("/things/parts/" + patient + "=201," + other + "=200," + patient + "=409")
                .then()
                .statusCode(200);
        assertThat(events("patient=" + patient + "&agent=admin1"))
                .extracting(event -> event.getString("outcome"))
                .containsExactly("4", "0");
        assertThat(events("patient=" + other)).singleElement().satisfies(event -> {
            assertThat(event.getString("outcome")).isEqualTo("0");
            assertThat(event.getList("entity.findAll { it.what != null }.what.reference"))
                    .isEqualTo(List.of("Patient/" + other));
        });
    }

    @Test
    void a_replay_that_cannot_be_recorded_does_not_happen() throws SQLException {
        var event = new Event<>(
                UUID.randomUUID(),
                EventType.FLAG_CHANGED,
                patient,
                Instant.now(),
                new FlagChanged(
                        UUID.randomUUID(),
                        "CW-TEST",
                        patient,
                        Severity.CLINICIAN_REVIEW,
                        "OPEN",
                        "opened",
                        "system",
                        Instant.now(),
                        UUID.randomUUID(),
                        "submission"));
        var message =
                new ConsumerRecord<>(EventType.FLAG_CHANGED.topic(), 0, UNUSED_OFFSET, patient, codec.data(event));
        codec.headers(event)
                .forEach((name, value) -> message.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        deadLetters.add(message, "for the test");
        var letter = deadLetters.list(null, 200).stream()
                .filter(each -> patient.equals(each.patientId()))
                .findFirst()
                .orElseThrow();
        var replay = "/dead-letters/" + letter.id() + "/replay";

        asOwner("ALTER TABLE audit_event RENAME TO audit_event_away");
        try {
            as("admin1").post(replay).then().statusCode(503);
        } finally {
            asOwner("ALTER TABLE audit_event_away RENAME TO audit_event");
        }
        assertThat(count("dead_letter WHERE replayed_at IS NOT NULL AND id = '" + letter.id() + "'"))
                .isZero();
        assertThat(count("inbox WHERE event_id = '" + event.id() + "'")).isZero();

        as("admin1").post(replay).then().statusCode(200);
        assertThat(events("patient=" + patient + "&agent=admin1"))
                .singleElement()
                .satisfies(recorded ->
                        assertThat(recorded.getString("entity[-1].name")).isEqualTo("POST /dead-letters/{id}/replay"));
    }

    @Test
    void what_cannot_be_recorded_is_not_shown() throws SQLException {
        asOwner("ALTER TABLE audit_event RENAME TO audit_event_away");
        try {
            as("clinician1")
                    .get("/things/200/" + patient)
                    .then()
                    .statusCode(503)
                    .contentType("application/problem+json")
                    .header("ETag", nullValue())
                    .body(not(containsString("secret")));
        } finally {
            asOwner("ALTER TABLE audit_event_away RENAME TO audit_event");
        }
    }

    @Test
    void a_patient_is_recorded_without_the_user_name() throws SQLException {
        as("patient1").get("/things?patient=" + patient).then().statusCode(403);
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT count(*) FROM audit_event WHERE agent LIKE '%patient1%'")) {
            row.next();
            assertThat(row.getInt(1)).isZero();
        }
    }

    @Test
    void admins_search_by_patient_agent_date_and_action_page_by_page() {
        var these = "agent=clinician1&patient=" + patient;
        var from = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        for (int i = 0; i < 5; i++) {
            as("clinician1").get("/things/200/" + patient).then().statusCode(200);
        }
        as("clinician1").put("/things/" + patient).then().statusCode(200);
        var to = Instant.now().plusMillis(2);
        var today = LocalDate.ofInstant(from, ZoneOffset.UTC);

        var all = events(these);
        assertThat(all).hasSize(6);
        assertThat(events("agent=clinician1&patient=Patient/" + patient)).hasSize(6);
        assertThat(events("agent=clinician1&patient=P-unknown")).isEmpty();
        assertThat(events("agent=clinician2&patient=" + patient)).isEmpty();
        assertThat(events(these + "&action=R")).hasSize(5);
        assertThat(events(these + "&action=U,D")).hasSize(1);
        assertThat(events(these + "&date=ge" + from + "&date=lt" + to)).hasSize(6);
        assertThat(events(these + "&date=gt" + to)).isEmpty();
        assertThat(events(these + "&date=lt" + from)).isEmpty();
        assertThat(events(these + "&date=le" + today.plusDays(1))).hasSize(6);
        assertThat(events(these + "&date=" + today.minusDays(2))).isEmpty();

        var ids = new ArrayList<String>();
        for (@Nullable String next = "/fhir/AuditEvent?_count=4&" + these; next != null; ) {
            var bundle = as("admin1").get(next).then().statusCode(200).extract().jsonPath();
            assertThat(bundle.getInt("total")).isEqualTo(6);
            ids.addAll(bundle.getList("entry.resource.id"));
            next = bundle.getString("link.find { it.relation == 'next' }?.url");
        }
        assertThat(ids)
                .isEqualTo(all.stream().map(event -> event.getString("id")).toList());
        as("admin1")
                .get("/fhir/AuditEvent/" + ids.getFirst())
                .then()
                .statusCode(200)
                .body("id", equalTo(ids.getFirst()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?date=yesterday",
                "?date=ne2026-01-01",
                "?action=X",
                "?patient=a/b",
                "?_count=many",
                "?_cursor=1",
                "?patinet=P-1",
                "/$verify?head=1"
            })
    void a_search_that_makes_no_sense_is_refused_with_the_reason(String query) {
        as("admin1")
                .urlEncodingEnabled(false)
                .get("/fhir/AuditEvent" + query)
                .then()
                .statusCode(400)
                .body("resourceType", equalTo("OperationOutcome"))
                .body("issue[0].diagnostics", not(equalTo("Bad Request")));
    }

    @Test
    void only_admins_read_the_trail_and_verify_it() {
        as("clinician1").get("/fhir/AuditEvent").then().statusCode(403);
        as("clinician1").get("/fhir/AuditEvent/$verify").then().statusCode(403);
        as("admin1").get("/fhir/AuditEvent/" + UUID.randomUUID()).then().statusCode(404);
        as("admin1").get("/fhir/AuditEvent/$verify").then().statusCode(200).body("service", equalTo("events-test"));
    }

    private static List<JsonPath> events(String query) {
        var answer = as("admin1")
                .get("/fhir/AuditEvent?" + query)
                .then()
                .statusCode(200)
                .extract();
        var count = answer.jsonPath().getList("entry") == null
                ? 0
                : answer.jsonPath().getList("entry").size();
        var events = new ArrayList<JsonPath>();
        for (int i = 0; i < count; i++) {
            events.add(new JsonPath(answer.asString()).setRootPath("entry[" + i + "].resource"));
        }
        return events;
    }

    private long rows() throws SQLException {
        return count("audit_event");
    }

    private long count(String from) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT count(*) FROM " + from)) {
            row.next();
            return row.getLong(1);
        }
    }

    private void asOwner(String sql) throws SQLException {
        try (var connection =
                        DriverManager.getConnection(url, owner.orElse(application), ownerPassword.orElse(password));
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
