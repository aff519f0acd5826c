package org.calciwatch.assessment.privacy;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.FhirContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.uuid.Generators;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import javax.sql.DataSource;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.calciwatch.assessment.Responses;
import org.calciwatch.events.Event;
import org.calciwatch.events.EventType;
import org.calciwatch.events.PatientErased;
import org.calciwatch.events.QuestionnaireSubmitted;
import org.calciwatch.events.consume.EventHandler;
import org.calciwatch.events.deadletter.DeadLetters;
import org.calciwatch.privacy.Retention;
import org.calciwatch.stack.LocalStackResource;
import org.hl7.fhir.r4.model.Bundle;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = LocalStackResource.class, initArgs = @ResourceArg(name = "database", value = "assessment"))
class ErasureTest {

    @Inject
    EventHandler<QuestionnaireSubmitted> assess;

    @Inject
    EventHandler<PatientErased> erase;

    @Inject
    Retention retention;

    @Inject
    DataSource database;

    @Inject
    DeadLetters deadLetters;

    private final String patient = "P-" + UUID.randomUUID();

    @Test
    void assessments_and_dead_letters_of_erased_submissions_go_and_those_of_later_ones_stay() throws SQLException {
        var old = submission();
        var later = submission();
        assess.handle(event(old));
        assess.handle(event(later));
        setAside(old, 1);
        setAside(later, 2);

        erase.handle(erased(old));

        assertThat(assessed()).containsExactly(later.submissionId());
        assertThat(count("SELECT count(*) FROM dead_letter WHERE key = convert_to('" + patient + "', 'UTF8')"))
                .isOne();
    }

    @Test
    void an_erased_submission_that_comes_late_or_again_is_not_assessed() {
        var old = submission();
        erase.handle(erased(old));

        assess.handle(event(old));

        assertThat(assessed()).isEmpty();
    }

    @Test
    void assessment_and_erasure_at_the_same_moment_leave_nothing() {
        for (int i = 0; i < 20; i++) {
            var submission = submission();
            try (var instances = Executors.newVirtualThreadPerTaskExecutor()) {
                instances.execute(() -> assess.handle(event(submission)));
                instances.execute(() -> erase.handle(erased(submission)));
            }
            assertThat(assessed()).isEmpty();
        }
    }

    @Test
    void an_export_holds_the_assessment_the_answers_and_the_findings() {
        assess.handle(event(submission()));

        var answer = given().urlEncodingEnabled(false).get("/fhir/Patient/" + patient + "/$everything");

        answer.then().statusCode(200);
        var bundle = (Bundle) FhirContext.forR4Cached().newJsonParser().parseResource(answer.asString());
        assertThat(bundle.getEntry())
                .extracting(entry -> entry.getResource().fhirType())
                .containsExactly("DocumentReference", "DetectedIssue");
        assertThat(answer.jsonPath().getList("entry[0].resource.content.attachment.contentType"))
                .containsExactly("application/json", "application/fhir+json");
    }

    @Test
    void assessments_go_after_ten_years() throws SQLException {
        var submission = submission();
        assess.handle(event(submission));
        retention.purge();
        assertThat(assessed()).hasSize(1);

        run("UPDATE assessment SET assessed_at = now() - interval '11 years' WHERE patient_id = '" + patient + "'");
        retention.purge();

        assertThat(assessed()).isEmpty();
    }

    @Test
    void cds_cards_go_after_a_year() throws SQLException {
        var card = UUID.randomUUID();
        run("INSERT INTO cds_card (uuid, about, rule_pack_version, issued_at) VALUES ('" + card
                + "', 'mg-low', '1.0.0', now() - interval '367 days')");

        retention.purge();

        assertThat(count("SELECT count(*) FROM cds_card WHERE uuid = '" + card + "'"))
                .isZero();
    }

    private List<String> assessed() {
        return given().get("/assessments?patient=" + patient).jsonPath().getList("items.submissionId");
    }

    private QuestionnaireSubmitted submission() {
        JsonNode response =
                Responses.consented().age(60).quantity("mg", "1.5", "mg/dL").json();
        return new QuestionnaireSubmitted(UUID.randomUUID().toString(), 1, patient, Instant.now(), response, null);
    }

    private Event<QuestionnaireSubmitted> event(QuestionnaireSubmitted submission) {
        return new Event<>(newId(), EventType.QUESTIONNAIRE_SUBMITTED, patient, submission.submittedAt(), submission);
    }

    private Event<PatientErased> erased(QuestionnaireSubmitted... of) {
        var submissions =
                Arrays.stream(of).map(QuestionnaireSubmitted::submissionId).toList();
        var data = new PatientErased(patient, UUID.randomUUID(), Instant.now(), submissions);
        return new Event<>(newId(), EventType.PATIENT_ERASED, patient, data.erasedAt(), data);
    }

    private static UUID newId() {
        return Generators.timeBasedEpochGenerator().generate();
    }

    private void run(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    private int count(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getInt(1);
        }
    }

    /** Makes a submission's message a dead letter that was sent after the erasure. */
    private void setAside(QuestionnaireSubmitted submission, int offset) {
        var data = "{\"submissionId\":\"" + submission.submissionId() + "\"}";
        deadLetters.add(
                new ConsumerRecord<>(
                        "questionnaire-submitted",
                        0,
                        offset,
                        Instant.now().plusSeconds(60).toEpochMilli(),
                        TimestampType.CREATE_TIME,
                        ConsumerRecord.NULL_SIZE,
                        ConsumerRecord.NULL_SIZE,
                        patient,
                        data.getBytes(StandardCharsets.UTF_8),
                        new RecordHeaders(),
                        Optional.empty()),
                "a test");
    }
}
