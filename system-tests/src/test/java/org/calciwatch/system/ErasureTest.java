package org.calciwatch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.calciwatch.system.Clinic.SOON;

import io.restassured.path.json.JsonPath;
import java.nio.charset.StandardCharsets;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.calciwatch.stack.LocalStack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(WholeStack.class)
class ErasureTest {

    private static final List<String> DATABASES = List.of("intake", "assessment", "notification");

    /** Pseudonymised by their own rules. */
    private static final String AUDIT = "audit";

    private final LocalStack stack;
    private final Clinic clinic;

    ErasureTest(LocalStack stack, Clinic clinic) {
        this.stack = stack;
        this.clinic = clinic;
    }

    @Test
    void an_erased_patient_is_nowhere_stays_away_and_may_come_back() throws Exception {
        var patient = Clinic.newPatient();
        var submission = clinic.submit(Clinic.headlinePatient(patient));
        clinic.result(submission);
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(clinic.flags(patient).getList("items")).hasSize(1));
        var flag = clinic.flags(patient).getString("items[0].id");
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(clinic.deliveries(flag).getList("items.status"))
                        .isEqualTo(List.of("SENT")));
        assertThat(everything(patient).getList("entry.resource.resourceType"))
                .contains(
                        "Patient",
                        "QuestionnaireResponse",
                        "DocumentReference",
                        "DetectedIssue",
                        "Flag",
                        "Communication");
        assertThat(tablesWith(patient)).isNotEmpty();

        erase(patient);

        await().atMost(SOON).untilAsserted(() -> assertThat(tablesWith(patient)).isEmpty());
        assertThat(everything(patient).getList("entry.resource.resourceType")).containsExactly("Patient");

        publishAgain("questionnaire-submitted", patient);
        publishAgain("assessment-completed", patient);
        // Behind the old events on the same partitions, so they are done when this one is.
        var later = clinic.submit(Clinic.headlinePatient(patient));
        assertThat(clinic.result(later).getString("severity")).isEqualTo("CLINICIAN_REVIEW");
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(clinic.flags(patient).getList("items.submissionId"))
                        .isEqualTo(List.of(later)));
        assertThat(clinic.flags(patient).getList("items[0].history.action")).isEqualTo(List.of("opened"));
        assertThat(clinic.assessments(submission).getList("items")).isEmpty();
        clinic.asIntegration()
                .get(clinic.intake("/submissions/" + submission + "/result"))
                .then()
                .statusCode(410);
    }

    @Test
    void patients_export_their_own_data_and_nobody_elses() {
        clinic.submit(Clinic.headlinePatient("P-0001"));
        var own = clinic.as("patient1")
                .urlEncodingEnabled(false)
                .get(clinic.intake("/fhir/Patient/P-0001/$everything"))
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
        assertThat(own.getList("entry.resource.resourceType")).contains("Patient", "QuestionnaireResponse");
        assertThat(own.getList(
                        "entry.resource.findAll { it.resourceType == 'QuestionnaireResponse' }.subject.reference"))
                .containsOnly("Patient/P-0001");
        clinic.as("patient1")
                .urlEncodingEnabled(false)
                .get(clinic.intake("/fhir/Patient/P-0002/$everything"))
                .then()
                .statusCode(403);
    }

    private void erase(String patient) {
        var location = clinic.as("admin1")
                .delete(clinic.intake("/fhir/Patient/" + patient))
                .then()
                .statusCode(202)
                .extract()
                .header("Location");
        var status = location.startsWith("http") ? location : clinic.intake(location);
        await().atMost(SOON).untilAsserted(() -> assertThat(
                        clinic.as("admin1").get(status).jsonPath().getString("status"))
                .isEqualTo("complete"));
    }

    private JsonPath everything(String patient) {
        return clinic.as("admin1")
                .urlEncodingEnabled(false)
                .get(clinic.intake("/fhir/Patient/" + patient + "/$everything"))
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
    }

    /** Every table of every database, but the audit trail, in which the text stands anywhere. */
    private List<String> tablesWith(String text) throws SQLException {
        var found = new ArrayList<String>();
        for (var database : DATABASES) {
            try (var connection = DriverManager.getConnection(
                            stack.jdbcUrl(database), database, stack.databasePassword(database));
                    var tables = connection.getMetaData().getTables(null, "public", "%", new String[] {"TABLE"})) {
                while (tables.next()) {
                    var table = tables.getString("TABLE_NAME");
                    if (table.startsWith(AUDIT)) {
                        continue;
                    }
                    // bytea is shown as hexadecimal digits
                    try (var search = connection.prepareStatement(
                            "SELECT count(*) FROM \"" + table + "\" AS t"
                                    + " WHERE t::text LIKE ? OR t::text LIKE '%' || encode(convert_to(?, 'UTF8'), 'hex') || '%'")) {
                        search.setString(1, "%" + text + "%");
                        search.setString(2, text);
                        try (var row = search.executeQuery()) {
                            row.next();
                            if (row.getInt(1) > 0) {
                                found.add(database + "." + table);
                            }
                        }
                    }
                }
            }
        }
        return found;
    }

    /** Sends the patient's messages on a topic again, each as an event that no inbox knows. */
    private void publishAgain(String topic, String patient) throws InterruptedException, ExecutionException {
        Map<String, Object> broker = Map.of("bootstrap.servers", stack.kafkaBootstrapServers());
        try (var consumer = new KafkaConsumer<>(broker, new StringDeserializer(), new ByteArrayDeserializer());
                var producer = new KafkaProducer<>(broker, new StringSerializer(), new ByteArraySerializer())) {
            var partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            var ends = consumer.endOffsets(partitions);
            var again = 0;
            while (partitions.stream()
                    .anyMatch(partition -> consumer.position(partition) < ends.getOrDefault(partition, 0L))) {
                for (ConsumerRecord<String, byte[]> message : consumer.poll(Duration.ofMillis(100))) {
                    if (patient.equals(message.key())) {
                        var headers = new RecordHeaders(message.headers().toArray());
                        headers.remove("ce_id");
                        headers.add("ce_id", UUID.randomUUID().toString().getBytes(StandardCharsets.UTF_8));
                        producer.send(new ProducerRecord<>(topic, null, message.key(), message.value(), headers))
                                .get();
                        again++;
                    }
                }
            }
            assertThat(again).isPositive();
        }
    }
}
