package org.calciwatch.intake.privacy;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.calciwatch.intake.Api.RESPONSES;
import static org.calciwatch.intake.Api.fhir;
import static org.calciwatch.intake.Api.newPatient;
import static org.calciwatch.intake.Api.post;
import static org.calciwatch.intake.Api.put;
import static org.calciwatch.intake.Api.stored;
import static org.calciwatch.intake.Responses.completed;
import static org.calciwatch.intake.Responses.draft;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.startsWith;

import ca.uhn.fhir.context.FhirContext;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.uuid.Generators;
import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import javax.sql.DataSource;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.Event;
import org.calciwatch.events.EventType;
import org.calciwatch.events.PatientErasureConfirmed;
import org.calciwatch.events.consume.EventHandler;
import org.calciwatch.intake.Broker;
import org.calciwatch.privacy.Retention;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hl7.fhir.r4.model.Bundle;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ErasureTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    @Inject
    DataSource database;

    @Inject
    EventHandler<PatientErasureConfirmed> confirmations;

    @Inject
    EventHandler<AssessmentCompleted> results;

    @Inject
    Retention retention;

    @Inject
    ObjectMapper json;

    @ConfigProperty(name = "calciwatch.assessment-url")
    URI assessmentUrl;

    @ConfigProperty(name = "calciwatch.notification-url")
    URI notificationUrl;

    private final String patient = newPatient();

    @Test
    void an_erased_patients_answers_and_results_are_gone_and_answer_410() throws Exception {
        var id = stored(completed(patient).identifier("A-" + patient));
        put(id, 1, completed(patient).with("status", "amended").identifier("B-" + patient))
                .then()
                .statusCode(200);
        var draft = stored(draft(patient));
        results.handle(assessment(id));
        given().get("/submissions/" + id + "/result").then().statusCode(202);

        erase();

        for (var path : List.of(id, id + "/_history/1", id + "/_history/2", draft)) {
            fhir().get(RESPONSES + "/" + path)
                    .then()
                    .statusCode(410)
                    .body("resourceType", equalTo("OperationOutcome"))
                    .body("issue[0].code", equalTo("deleted"));
        }
        put(id, 2, completed(patient)).then().statusCode(410);
        given().get("/submissions/" + id + "/result").then().statusCode(410).contentType("application/problem+json");
        given().get("/submissions/" + id + "/events").then().statusCode(410);
        fhir().get(RESPONSES + "?subject=Patient/" + patient).then().body("total", equalTo(0));
        for (var table : List.of("submission_version", "submission_identifier", "result")) {
            assertThat(count("SELECT count(*) FROM " + table + " WHERE submission_id IN ('" + id + "', '" + draft
                            + "')"))
                    .as(table)
                    .isZero();
        }
    }

    @Test
    void the_event_names_the_erased_submissions() throws Exception {
        var id = stored(completed(patient));
        var draft = stored(draft(patient));

        var erasure = erase();

        var data = json.readTree(Broker.await(EventType.PATIENT_ERASED.topic(), patient, 1)
                .getFirst()
                .value());
        assertThat(data.get("erasureId").textValue()).isEqualTo(erasure);
        assertThat(data.get("submissionIds"))
                .extracting(each -> each.textValue())
                .containsExactlyInAnyOrder(id, draft);
    }

    @Test
    void an_erasure_is_complete_when_every_service_has_confirmed_and_does_not_tell_who_was_erased() {
        var erasure = erase();
        var status = "/erasures/" + erasure;
        // Intake's own confirmation comes over the real topics.
        await().atMost(SOON).untilAsserted(() -> given().get(status)
                .then()
                .statusCode(200)
                .body("services.find { it.service == 'intake-service' }.status", equalTo("complete")));
        given().get(status).then().body("status", equalTo("pending")).body("requestedBy", equalTo("staff"));

        confirm(erasure, "assessment-service");
        given().get(status).then().body("status", equalTo("pending"));
        confirm(erasure, "notification-service");

        var answer = given().get(status);
        answer.then()
                .body("status", equalTo("complete"))
                .body("services.status", not(hasItem("pending")))
                .body("services.confirmedAt", not(hasItem((Object) null)));
        assertThat(answer.asString()).doesNotContain(patient);
        given().get("/erasures?limit=200").then().statusCode(200).body("items.id", hasItem(erasure));
    }

    @Test
    void a_patient_nobody_knows_is_erased_alike_and_a_wrong_id_is_refused() {
        assertThat(erase()).isNotBlank();
        fhir().delete("/fhir/Patient/not_an_id")
                .then()
                .statusCode(400)
                .body("resourceType", equalTo("OperationOutcome"))
                .body("issue[0].diagnostics", startsWith("A patient's id is"));
        given().get("/erasures/" + UUID.randomUUID()).then().statusCode(404);
        given().get("/erasures/x").then().statusCode(404);
    }

    @Test
    void a_late_result_of_an_erased_submission_is_not_kept_and_a_new_submission_starts_afresh() throws Exception {
        var old = stored(completed(patient).identifier("I-" + patient));
        erase();

        results.handle(assessment(old));
        assertThat(count("SELECT count(*) FROM result WHERE submission_id = '" + old + "'"))
                .isZero();

        // Also under the identifier that the erased one had.
        var fresh = stored(completed(patient).identifier("I-" + patient));
        assertThat(fresh).isNotEqualTo(old);
        results.handle(assessment(fresh));
        given().get("/submissions/" + fresh + "/result").then().statusCode(200);
    }

    @Test
    void submissions_that_come_while_a_patient_is_erased_are_there_whole_or_not_at_all() throws Exception {
        var statuses = new ConcurrentLinkedQueue<Integer>();
        try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 30; i++) {
                var response = completed(patient).identifier(i % 5 + "-" + patient);
                clients.execute(() -> statuses.add(post(response).statusCode()));
                if (i % 6 == 0) {
                    clients.execute(() -> statuses.add(
                            fhir().delete("/fhir/Patient/" + patient).statusCode()));
                }
            }
        }
        assertThat(statuses).hasSize(35).isSubsetOf(200, 201, 202);
        assertThat(count("SELECT count(*) FROM submission_version v"
                        + " WHERE NOT EXISTS (SELECT 1 FROM submission s WHERE s.id = v.submission_id)"))
                .isZero();
        assertThat(count("SELECT count(*) FROM submission s JOIN erased_submission e ON e.submission_id = s.id::text"))
                .isZero();
    }

    @Test
    void an_export_that_would_be_incomplete_is_refused() {
        stored(completed(patient));
        everything(patient)
                .then()
                .statusCode(503)
                .header("Retry-After", notNullValue())
                .body("resourceType", equalTo("OperationOutcome"))
                .body("issue[0].diagnostics", startsWith("The export would be incomplete: assessment-service"))
                .body("entry", equalTo(null));
    }

    @Test
    void an_export_holds_every_version_the_result_and_what_the_other_services_hold() throws Exception {
        var id = stored(completed(patient).quantity("mg", "0.620", "mmol/L"));
        put(id, 1, completed(patient).with("status", "amended")).then().statusCode(200);
        results.handle(assessment(id));
        var assessment =
                otherService(assessmentUrl, "{\"resourceType\":\"DetectedIssue\",\"id\":\"d\",\"status\":\"final\"}");
        var notification = otherService(
                notificationUrl, "{\"resourceType\":\"Communication\",\"id\":\"c\",\"status\":\"completed\"}");
        try {
            var answer = everything(patient);

            answer.then().statusCode(200).contentType(startsWith("application/fhir+json"));
            assertThat(answer.asString()).contains("\"value\":0.620");
            var bundle = (Bundle) FhirContext.forR4Cached().newJsonParser().parseResource(answer.asString());
            assertThat(bundle.getType()).isEqualTo(Bundle.BundleType.SEARCHSET);
            assertThat(bundle.getEntry())
                    .extracting(entry -> entry.getResource().fhirType())
                    .filteredOn(type -> !type.equals("AuditEvent"))
                    .containsExactlyInAnyOrder(
                            "Patient",
                            "QuestionnaireResponse",
                            "QuestionnaireResponse",
                            "DocumentReference",
                            "DetectedIssue",
                            "Communication");
        } finally {
            assessment.stop(0);
            notification.stop(0);
        }
    }

    @Test
    void drafts_go_three_months_after_they_were_saved_and_answers_after_ten_years() throws Exception {
        var draft = stored(draft(patient));
        var answers = stored(completed(patient));
        age(draft, "89 days");
        age(answers, "91 days");
        retention.purge();
        fhir().get(RESPONSES + "/" + draft).then().statusCode(200);

        age(draft, "91 days");
        retention.purge();
        fhir().get(RESPONSES + "/" + draft).then().statusCode(404);
        fhir().get(RESPONSES + "/" + answers).then().statusCode(200);

        age(answers, "11 years");
        retention.purge();
        fhir().get(RESPONSES + "/" + answers).then().statusCode(404);
    }

    private void age(String submission, String age) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.executeUpdate("UPDATE submission_version SET stored_at = now() - interval '" + age
                    + "' WHERE submission_id = '" + submission + "'");
        }
    }

    private String erase() {
        var answer = fhir().delete("/fhir/Patient/" + patient);
        answer.then().statusCode(202);
        var location = answer.header("Location");
        return location.substring(location.lastIndexOf('/') + 1);
    }

    private static Response everything(String patient) {
        return given().urlEncodingEnabled(false).get("/fhir/Patient/" + patient + "/$everything");
    }

    /** The other services are other processes; system-tests ask the real ones. */
    private static HttpServer otherService(URI address, String resource) throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), address.getPort()), 0);
        server.createContext("/", exchange -> {
            var body = ("{\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":" + resource + "}]}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        return server;
    }

    private void confirm(String erasure, String service) {
        var data = new PatientErasureConfirmed(patient, UUID.fromString(erasure), service, Instant.now());
        confirmations.handle(
                new Event<>(newId(), EventType.PATIENT_ERASURE_CONFIRMED, patient, data.confirmedAt(), data));
    }

    private Event<AssessmentCompleted> assessment(String submission) throws IOException {
        var data = (ObjectNode) Broker.golden("assessment-completed").get("data");
        data.put("submissionId", submission).put("patientId", patient).put("submissionVersion", 1);
        return new Event<>(
                newId(),
                EventType.ASSESSMENT_COMPLETED,
                patient,
                Instant.now(),
                json.treeToValue(data, AssessmentCompleted.class));
    }

    private static UUID newId() {
        return Generators.timeBasedEpochGenerator().generate();
    }

    private int count(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getInt(1);
        }
    }
}
