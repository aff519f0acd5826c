package org.calciwatch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.calciwatch.system.Clinic.SOON;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.restassured.path.json.JsonPath;
import java.nio.charset.StandardCharsets;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.calciwatch.stack.LocalStack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who did what with whose data, when, from where and with what outcome. */
@ExtendWith(WholeStack.class)
class AuditTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String VERIFY = "/fhir/AuditEvent/$verify";

    private final LocalStack stack;
    private final Clinic clinic;

    AuditTest(LocalStack stack, Clinic clinic) {
        this.stack = stack;
        this.clinic = clinic;
    }

    @Test
    void what_is_done_with_a_submission_is_found_by_patient_agent_date_and_action() {
        var patient = Clinic.newPatient();
        var submission = clinic.submit(Clinic.headlinePatient(patient));
        var events = clinic.intake("");
        leaves(events, "POST /fhir/QuestionnaireResponse", "0", patient, Map.of("patient", patient, "action", "C"));

        var one = "/fhir/QuestionnaireResponse/" + submission;
        clinic.as("clinician1").get(clinic.intake(one)).then().statusCode(200);
        var read = Map.of("patient", patient, "agent", "clinician1", "action", "R", "date", "ge" + today());
        leaves(events, "GET /fhir/QuestionnaireResponse/{id}", "0", patient, read);

        clinic.as("patient2").get(clinic.intake(one)).then().statusCode(403);
        leaves(
                events,
                "GET /fhir/QuestionnaireResponse/{id}",
                "4",
                patient,
                Map.of("patient", patient, "agent", "Patient/P-0002"));

        clinic.as("clinician1")
                .get(clinic.intake("/fhir/QuestionnaireResponse?subject=" + patient))
                .then()
                .statusCode(200);
        leaves(
                events,
                "GET /fhir/QuestionnaireResponse",
                "0",
                patient,
                Map.of("patient", patient, "agent", "clinician1", "action", "E"));

        assertThat(search(events, Map.of("patient", patient, "date", "lt" + today()))
                        .getInt("total"))
                .isZero();
        assertThat(search(events, Map.of("patient", patient, "agent", "clinician2"))
                        .getInt("total"))
                .isZero();
        assertThat(search(events, Map.of("patient", patient, "action", "D")).getInt("total"))
                .isZero();
        assertThat(search(events, Map.of("patient", Clinic.newPatient())).getInt("total"))
                .isZero();
    }

    @Test
    void a_mail_and_the_page_it_leads_to_leave_a_trace() {
        var patient = Clinic.newPatient();
        clinic.submit(Clinic.headlinePatient(patient));
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(clinic.flags(patient).getList("items")).hasSize(1));
        var flag = clinic.flags(patient).getString("items[0].id");
        var events = clinic.notification("");
        await().atMost(SOON).untilAsserted(() -> assertThat(events(events, Map.of("patient", patient)))
                .anySatisfy(event -> assertThat(names(event)).contains("mail sent")));
        var mail = events(events, Map.of("patient", patient, "agent", "notification-service", "date", today()))
                .getFirst();
        assertThat(mail.at("/type/code").asText()).isEqualTo("110106");
        assertThat(mail.findValuesAsText("reference")).contains("Patient/" + patient, "Flag/" + flag);

        var page = new Browser()
                .login("http://localhost:" + stack.ports().notification() + "/inbox/" + flag, "clinician1");
        assertThat(page.status()).isEqualTo(200);
        leaves(
                events,
                "GET /inbox/{id}",
                "0",
                patient,
                Map.of("patient", patient, "agent", "clinician1", "action", "R"));
    }

    @Test
    void an_export_and_an_erasure_leave_a_trace_that_does_not_name_the_patient_afterwards() {
        var patient = Clinic.newPatient();
        clinic.submit(Clinic.headlinePatient(patient));
        clinic.as("admin1")
                .urlEncodingEnabled(false)
                .get(clinic.intake("/fhir/Patient/" + patient + "/$everything"))
                .then()
                .statusCode(200);
        var events = clinic.intake("");
        leaves(
                events,
                "GET /fhir/Patient/{id}/$everything",
                "0",
                patient,
                Map.of("patient", patient, "agent", "admin1"));

        var erasure = clinic.as("admin1")
                .delete(clinic.intake("/fhir/Patient/" + patient))
                .then()
                .statusCode(202)
                .extract()
                .header("Location");
        await().atMost(SOON).untilAsserted(() -> assertThat(clinic.as("admin1")
                        .get(erasure.startsWith("http") ? erasure : clinic.intake(erasure))
                        .jsonPath()
                        .getString("status"))
                .isEqualTo("complete"));
        assertThat(events(events, Map.of("agent", "admin1", "action", "D", "date", today())))
                .anySatisfy(event -> assertThat(names(event)).contains("DELETE /fhir/Patient/{id}"));
        assertThat(search(events, Map.of("agent", "admin1", "_count", "100")).prettify())
                .doesNotContain(patient);
    }

    @Test
    void rule_packs_and_dead_letters_leave_a_trace() throws Exception {
        clinic.as("admin1")
                .contentType("application/json")
                .body("{}")
                .post(clinic.assessment("/rule-packs/1.0.0/activate"))
                .then()
                .statusCode(200);
        var events = clinic.assessment("");
        assertThat(events(events, Map.of("agent", "admin1", "_count", "100"))).anySatisfy(event -> {
            assertThat(names(event)).contains("POST /rule-packs/{version}/activate");
            assertThat(event.path("outcome").asText()).isEqualTo("0");
        });

        var patient = Clinic.newPatient();
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", stack.kafkaBootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(
                            "questionnaire-submitted", patient, "no event".getBytes(StandardCharsets.UTF_8)))
                    .get();
        }
        await().atMost(SOON).untilAsserted(() -> assertThat(deadLetters()).containsKey(patient));
        clinic.as("admin1")
                .post(clinic.assessment("/dead-letters/" + deadLetters().get(patient) + "/replay"))
                .then()
                .statusCode(422);
        leaves(events, "POST /dead-letters/{id}/replay", "4", patient, Map.of("patient", patient, "agent", "admin1"));
    }

    @Test
    void tampering_by_the_database_superuser_shows() throws SQLException {
        clinic.submit(Clinic.headlinePatient(Clinic.newPatient()));
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(verification().getLong("links")).isPositive());
        assertThat(verification().getBoolean("valid")).isTrue();
        var agent = changeAgentOfFirst("somebody else");
        try {
            var verification = verification();
            assertThat(verification.getBoolean("valid")).isFalse();
            assertThat(verification.getLong("firstBroken.seq")).isEqualTo(1);
        } finally {
            changeAgentOfFirst(agent);
        }
        assertThat(verification().getBoolean("valid")).isTrue();
    }

    /** Past the triggers, which this session does without. Returns who stood there before. */
    private String changeAgentOfFirst(String agent) throws SQLException {
        try (var connection = DriverManager.getConnection(
                        stack.jdbcUrl("intake"), "postgres", stack.databasePassword("postgres"));
                var statement = connection.createStatement();
                var update = connection.prepareStatement("UPDATE audit_event SET agent = ?"
                        + " WHERE id = (SELECT event_id FROM audit_chain WHERE seq = 1)")) {
            statement.execute("SET session_replication_role = replica");
            try (var row = statement.executeQuery(
                    "SELECT agent FROM audit_event JOIN audit_chain ON event_id = id WHERE seq = 1")) {
                assertThat(row.next()).isTrue();
                var before = row.getString(1);
                update.setString(1, agent);
                assertThat(update.executeUpdate()).isEqualTo(1);
                return before;
            }
        }
    }

    private JsonPath verification() {
        return clinic.as("admin1")
                .urlEncodingEnabled(false)
                .get(clinic.intake(VERIFY))
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
    }

    /** Ids by patient. */
    private Map<String, String> deadLetters() {
        var letters =
                clinic.as("admin1").get(clinic.assessment("/dead-letters")).jsonPath();
        var ids = new HashMap<String, String>();
        for (Map<String, String> letter : letters.<Map<String, String>>getList("items")) {
            ids.put(letter.get("patientId"), letter.get("id"));
        }
        return ids;
    }

    /** That the search finds an event of this name with all that an audit asks for. */
    private void leaves(String service, String what, String outcome, String patient, Map<String, String> parameters) {
        var event = events(service, parameters).stream()
                .filter(each -> each.path("outcome").asText().equals(outcome))
                .filter(each -> names(each).contains(what))
                .findFirst()
                .orElseThrow(
                        () -> new AssertionError(what + " with outcome " + outcome + " is not found by " + parameters));
        assertThat(event.findValuesAsText("reference")).contains("Patient/" + patient);
        assertThat(Instant.parse(event.path("recorded").asText())).isBeforeOrEqualTo(Instant.now());
        assertThat(event.at("/agent/0/network/address").asText()).isEqualTo("127.0.0.1");
        assertThat(event.at("/agent/0/who").toString()).contains(parameters.getOrDefault("agent", "display"));
    }

    private List<JsonNode> events(String service, Map<String, String> parameters) {
        try {
            return JSON.readTree(search(service, parameters).prettify())
                    .path("entry")
                    .valueStream()
                    .map(entry -> entry.path("resource"))
                    .toList();
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> names(JsonNode event) {
        return event.path("entity")
                .valueStream()
                .map(entity -> entity.path("name").asText())
                .toList();
    }

    private static String today() {
        return LocalDate.now(ZoneOffset.UTC).toString();
    }

    private JsonPath search(String service, Map<String, String> parameters) {
        return clinic.as("admin1")
                .queryParams(parameters)
                .get(service + "/fhir/AuditEvent")
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
    }
}
