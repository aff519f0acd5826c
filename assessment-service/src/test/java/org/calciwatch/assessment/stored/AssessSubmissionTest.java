package org.calciwatch.assessment.stored;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import jakarta.inject.Inject;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import javax.sql.DataSource;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.calciwatch.assessment.Responses;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.AssessmentCompleted.ReferenceRange;
import org.calciwatch.events.Event;
import org.calciwatch.events.EventCodec;
import org.calciwatch.events.EventType;
import org.calciwatch.events.QuestionnaireSubmitted;
import org.calciwatch.stack.LocalStackResource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = LocalStackResource.class, initArgs = @ResourceArg(name = "database", value = "assessment"))
class AssessSubmissionTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    @Inject
    EventCodec codec;

    @Inject
    ObjectMapper json;

    @Inject
    DataSource database;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String broker;

    @Test
    void a_submission_is_assessed_stored_and_published() throws Exception {
        var submission = submission(lowMagnesium());
        send(event(submission));

        var stored = assessmentsOf(submission, 1);
        assertThat(stored.getString("items[0].severity")).isEqualTo("CLINICIAN_REVIEW");
        assertThat(stored.getList("items[0].fired.ruleId")).contains("mg-low");
        given().get("/assessments/" + stored.getString("items[0].id"))
                .then()
                .statusCode(200)
                .body("submissionId", equalTo(submission.submissionId()))
                .body("fired.ruleId", hasItem("mg-low"))
                .body("clinic", equalTo("north"));

        await().atMost(SOON).untilAsserted(() -> assertThat(published(submission.patientId()))
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.data().id().toString()).isEqualTo(stored.getString("items[0].id"));
                    assertThat(event.data().fired())
                            .extracting(AssessmentCompleted.Fired::ruleId)
                            .contains("mg-low");
                    assertThat(event.data().clinic()).isEqualTo("north");
                    assertThat(event.data().fired().getFirst().because())
                            .extracting(AssessmentCompleted.Because::reference)
                            .containsExactly(new ReferenceRange(new BigDecimal("1.7"), new BigDecimal("2.6")));
                    assertThat(event.data().profile().get("mg"))
                            .hasToString(
                                    "{\"label\":\"Magnesium\",\"value\":1.50,\"unit\":\"mg/dL\",\"reference\":{\"low\":1.7,\"high\":2.6}}");
                }));
    }

    @Test
    void the_same_event_twice_gives_one_assessment() throws Exception {
        var submission = submission(lowMagnesium());
        var event = event(submission);
        send(event);
        send(event);
        var later = new QuestionnaireSubmitted(
                submission.submissionId(), 2, submission.patientId(), Instant.now(), lowMagnesium(), null);
        send(event(later));

        var stored = assessmentsOf(submission, 2);
        assertThat(stored.getList("items.submissionVersion")).isEqualTo(List.of(2, 1));
        assertThat(published(submission.patientId())).hasSize(2);
    }

    @Test
    void of_a_submission_without_a_clinic_none_is_made_up() throws Exception {
        var submission = new QuestionnaireSubmitted(
                UUID.randomUUID().toString(), 1, "T-" + UUID.randomUUID(), Instant.now(), lowMagnesium(), null);
        send(event(submission));
        assertThat(assessmentsOf(submission, 1).<String, Object>getMap("items[0]"))
                .doesNotContainKey("clinic");
    }

    @Test
    void a_submission_waits_while_there_is_no_usable_rule_pack() throws Exception {
        run("insert into rule_pack (version, digest, archive, uploaded_by) values ('0.1', 'sha256:0', '', 'a test')");
        run("insert into rule_pack_activation (version, activated_by) values ('0.1', 'a test')");
        var submission = submission(lowMagnesium());
        try {
            send(event(submission));
            // Long enough for all the attempts after which a failing event is set aside.
            await().during(Duration.ofSeconds(3)).untilAsserted(() -> given().get("/dead-letters?limit=200")
                    .then()
                    .body("items.patientId", not(hasItem(submission.patientId()))));
            assertThat(assessmentsOf(submission, 0).getList("items")).isEmpty();
        } finally {
            given().post("/rule-packs/1.0.0/activate").then().statusCode(200);
        }
        assertThat(assessmentsOf(submission, 1).getString("items[0].rulePack.version"))
                .isEqualTo("1.0.0");
    }

    @Test
    void answers_that_cannot_be_assessed_become_a_dead_letter() throws Exception {
        var submission = submission(Responses.consented().age(12).json());
        send(event(submission));
        await().atMost(SOON).untilAsserted(() -> given().get("/dead-letters?limit=200")
                .then()
                .body("items.patientId", hasItem(submission.patientId())));
        assertThat(assessmentsOf(submission, 0).getList("items")).isEmpty();
    }

    @Test
    void answers_without_consent_are_not_assessed_and_become_a_dead_letter() throws Exception {
        var submission = submission(
                Responses.empty().age(60).quantity("mg", "1.5", "mg/dL").json());
        send(event(submission));
        await().atMost(SOON).untilAsserted(() -> given().get("/dead-letters?limit=200")
                .then()
                .body(
                        "items.find { it.patientId == '" + submission.patientId() + "' }.reason",
                        equalTo("the response carries no consent; without one nothing is assessed")));
        assertThat(assessmentsOf(submission, 0).getList("items")).isEmpty();
    }

    @Test
    void the_golden_event_is_understood() throws Exception {
        try (var sample = getClass().getResourceAsStream("/golden/questionnaire-submitted.json")) {
            var golden = json.readTree(Objects.requireNonNull(sample));
            send(
                    golden.get("key").textValue(),
                    json.convertValue(
                            golden.get("headers"),
                            json.getTypeFactory().constructMapType(Map.class, String.class, String.class)),
                    json.writeValueAsBytes(golden.get("data")));
            await().atMost(SOON).untilAsserted(() -> given().get("/assessments?submission="
                            + golden.at("/data/submissionId").textValue())
                    .then()
                    .body("items", hasSize(1))
                    .body("items[0].fired.ruleId", hasItem("high-vitd-low-mg-ckd")));
        }
    }

    @Test
    void the_assessments_of_a_patient_are_paged_newest_first() throws Exception {
        var first = submission(lowMagnesium());
        send(event(first));
        for (int i = 0; i < 2; i++) {
            send(event(new QuestionnaireSubmitted(
                    UUID.randomUUID().toString(), 1, first.patientId(), Instant.now(), lowMagnesium(), null)));
        }
        var all = "/assessments?patient=" + first.patientId();
        await().atMost(SOON).untilAsserted(() -> given().get(all).then().body("items", hasSize(3)));
        var ids = new ArrayList<String>();
        for (@Nullable String next = all + "&limit=2"; next != null; ) {
            var page = given().get(next).then().statusCode(200).extract().jsonPath();
            ids.addAll(page.getList("items.id"));
            next = page.getString("next");
        }
        assertThat(ids).isEqualTo(given().get(all).jsonPath().getList("items.id"));
    }

    @Test
    void wrong_requests_are_told_so() {
        given().get("/assessments/" + UUID.randomUUID()).then().statusCode(404).contentType("application/problem+json");
        given().get("/assessments/x").then().statusCode(404);
        given().get("/assessments?limit=0").then().statusCode(400);
        given().get("/assessments?cursor=x").then().statusCode(400);
        given().urlEncodingEnabled(false).get("/assessments?patient=%00").then().statusCode(400);
    }

    private void run(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    private static JsonNode lowMagnesium() {
        return Responses.consented().age(60).quantity("mg", "1.5", "mg/dL").json();
    }

    private static QuestionnaireSubmitted submission(JsonNode response) {
        return new QuestionnaireSubmitted(
                UUID.randomUUID().toString(), 1, "T-" + UUID.randomUUID(), Instant.now(), response, "north");
    }

    private static JsonPath assessmentsOf(QuestionnaireSubmitted submission, int count) {
        var list = "/assessments?submission=" + submission.submissionId();
        await().atMost(SOON).untilAsserted(() -> given().get(list).then().body("items", hasSize(count)));
        return given().get(list).jsonPath();
    }

    private static Event<QuestionnaireSubmitted> event(QuestionnaireSubmitted submission) {
        return new Event<>(
                UUID.randomUUID(),
                EventType.QUESTIONNAIRE_SUBMITTED,
                submission.patientId(),
                submission.submittedAt(),
                submission);
    }

    private void send(Event<?> event) throws InterruptedException, ExecutionException {
        send(event.patientId(), codec.headers(event), codec.data(event));
    }

    private void send(String key, Map<String, String> headers, byte[] value)
            throws InterruptedException, ExecutionException {
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", broker),
                new StringSerializer(),
                new ByteArraySerializer())) {
            var message = new ProducerRecord<>(EventType.QUESTIONNAIRE_SUBMITTED.topic(), key, value);
            headers.forEach((name, text) -> message.headers().add(name, text.getBytes(StandardCharsets.UTF_8)));
            producer.send(message).get();
        }
    }

    @SuppressWarnings("unchecked") // the topic holds one type
    private List<Event<AssessmentCompleted>> published(String patient) {
        try (var consumer = new KafkaConsumer<>(
                Map.<String, Object>of("bootstrap.servers", broker),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            var partitions = consumer.partitionsFor(EventType.ASSESSMENT_COMPLETED.topic()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            var ends = consumer.endOffsets(partitions);
            var found = new ArrayList<Event<AssessmentCompleted>>();
            while (partitions.stream()
                    .anyMatch(partition -> consumer.position(partition) < ends.getOrDefault(partition, 0L))) {
                consumer.poll(Duration.ofMillis(100)).forEach(message -> {
                    if (patient.equals(message.key())) {
                        found.add((Event<AssessmentCompleted>) codec.read(message));
                    }
                });
            }
            return found;
        }
    }
}
