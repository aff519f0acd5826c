package org.calciwatch.system;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.calciwatch.system.Clinic.SOON;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import jakarta.mail.BodyPart;
import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.calciwatch.stack.LocalStack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(WholeStack.class)
class MainPathTest {

    private static final String CLINICIAN = "clinician1@clinic.example";

    private final LocalStack stack;
    private final Clinic clinic;

    MainPathTest(LocalStack stack, Clinic clinic) {
        this.stack = stack;
        this.clinic = clinic;
    }

    @Test
    void a_questionnaire_becomes_a_result_a_flag_and_a_mail() throws Exception {
        var patient = Clinic.newPatient();
        var submission = clinic.submit(Clinic.headlinePatient(patient));

        var result = clinic.result(submission);
        assertThat(result.getString("severity")).isEqualTo("CLINICIAN_REVIEW");
        assertThat(result.getList("review.ruleId")).containsExactly("high-vitd-low-mg-ckd", "mg-low");
        assertThat(result.getString("closingLine"))
                .isEqualTo("Talk to your clinician before starting high-dose supplements.");

        var assessments = clinic.assessments(submission);
        assertThat(assessments.getList("items.severity")).isEqualTo(List.of("CLINICIAN_REVIEW"));
        assertThat(assessments.getList("items[0].fired.ruleId"))
                .containsExactly("high-vitd-low-mg-ckd", "vitd-level-above-50", "mg-low", "k2-mgp-education");

        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(clinic.flags(patient).getList("items")).hasSize(1));
        var flag = clinic.flags(patient);
        assertThat(flag.getString("items[0].headline.ruleId")).isEqualTo("high-vitd-low-mg-ckd");
        assertThat(flag.getString("items[0].status")).isEqualTo("OPEN");
        assertThat(flag.getString("items[0].submissionId")).isEqualTo(submission);

        var mail = onlyMail(flag.getString("items[0].reference"));
        var parts = (Multipart) mail.getContent();
        var text = body(parts.getBodyPart(0));
        var html = body(parts.getBodyPart(1));
        assertThat(List.of(text, html)).allSatisfy(body -> assertThat(body)
                .contains("1.51", "0.62", "72", "180", "mg/dL", "mmol/L", "calcification-risk")
                .contains("/inbox/" + flag.getString("items[0].id"))
                .doesNotContain(patient));
        assertThat(mail.getSubject()).doesNotContain(patient);

        await().atMost(SOON).untilAsserted(() -> {
            var deliveries = clinic.deliveries(flag.getString("items[0].id"));
            assertThat(deliveries.getList("items.status")).isEqualTo(List.of("SENT"));
            assertThat(deliveries.getString("items[0].messageId")).isEqualTo(mail.getMessageID());
        });
    }

    @Test
    void the_events_of_a_submission_delivered_twice_change_nothing() throws Exception {
        var patient = Clinic.newPatient();
        var submission = clinic.submit(Clinic.headlinePatient(patient));
        clinic.result(submission);
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(clinic.flags(patient).getList("items")).hasSize(1));
        var reference = clinic.flags(patient).getString("items[0].reference");
        onlyMail(reference);

        repeat("questionnaire-submitted", patient);
        repeat("assessment-completed", patient);
        // The next event of the patient stands behind the repeated ones, so they are done when it is.
        var amended = Clinic.headlinePatient(patient);
        amended.put("id", submission).put("status", "amended");
        clinic.asIntegration()
                .contentType("application/fhir+json")
                .header("If-Match", "W/\"1\"")
                .body(amended.toString())
                .put(clinic.intake("/fhir/QuestionnaireResponse/" + submission))
                .then()
                .statusCode(200);
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(clinic.assessments(submission).getList("items.submissionVersion"))
                        .isEqualTo(List.of(2, 1)));
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(clinic.flags(patient).getString("items[0].assessmentId"))
                        .isEqualTo(clinic.assessments(submission).getString("items[0].id")));
        assertThat(clinic.flags(patient).getList("items")).hasSize(1);
        onlyMail(reference);
    }

    @Test
    void a_trace_id_follows_the_submission_through_all_logs_and_no_answer_does() {
        var random = new byte[16];
        new SecureRandom().nextBytes(random);
        var trace = HexFormat.of().formatHex(random);
        var patient = Clinic.newPatient();
        String submission = clinic.asIntegration()
                .contentType("application/fhir+json")
                .header("traceparent", "00-" + trace + "-00f067aa0ba902b7-01")
                .body(Clinic.headlinePatient(patient).toString())
                .post(clinic.intake("/fhir/QuestionnaireResponse"))
                .then()
                .statusCode(201)
                .extract()
                .path("id");
        clinic.result(submission);
        assertThat(List.of("intake-service", "assessment-service", "notification-service"))
                .allSatisfy(service -> {
                    await().atMost(SOON)
                            .untilAsserted(() -> assertThat(clinic.log(service)).contains(trace));
                    assertThat(clinic.log(service)).doesNotContain("mmol/L", "valueQuantity", "G3b");
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"intake", "assessment", "notification"})
    void every_service_tells_its_health_and_metrics(String service) {
        var base =
                switch (service) {
                    case "intake" -> clinic.intake("");
                    case "assessment" -> clinic.assessment("");
                    default -> clinic.notification("");
                };
        given().get(base + "/q/health/live").then().statusCode(200).body("status", equalTo("UP"));
        given().get(base + "/q/health/ready").then().statusCode(200).body("status", equalTo("UP"));
        given().get(base + "/q/metrics").then().statusCode(200).body(containsString("jvm_memory"));
        given().get(base + "/q/openapi").then().statusCode(200).body(containsString("/dead-letters"));
    }

    private MimeMessage onlyMail(String reference) {
        await().atMost(SOON).untilAsserted(() -> assertThat(clinic.mailbox(CLINICIAN, reference))
                .hasSize(1));
        return clinic.mailbox(CLINICIAN, reference).getFirst();
    }

    private static String body(BodyPart part) throws MessagingException, IOException {
        return part.getContent() instanceof Multipart nested
                ? body(nested.getBodyPart(0))
                : part.getContent().toString();
    }

    /** Sends every message of a patient on a topic once more, as it is. */
    private void repeat(String topic, String patient) throws InterruptedException, ExecutionException {
        Map<String, Object> broker = Map.of("bootstrap.servers", stack.kafkaBootstrapServers());
        try (var consumer = new KafkaConsumer<>(broker, new StringDeserializer(), new ByteArrayDeserializer());
                var producer = new KafkaProducer<>(broker, new StringSerializer(), new ByteArraySerializer())) {
            var partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            var ends = consumer.endOffsets(partitions);
            var repeated = 0;
            while (partitions.stream()
                    .anyMatch(partition -> consumer.position(partition) < ends.getOrDefault(partition, 0L))) {
                for (ConsumerRecord<String, byte[]> message : consumer.poll(Duration.ofMillis(100))) {
                    if (patient.equals(message.key())) {
                        producer.send(new ProducerRecord<>(
                                        topic, null, message.key(), message.value(), message.headers()))
                                .get();
                        repeated++;
                    }
                }
            }
            assertThat(repeated).isEqualTo(1);
        }
    }
}
