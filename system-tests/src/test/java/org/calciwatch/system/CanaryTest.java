package org.calciwatch.system;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.calciwatch.system.Clinic.SOON;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.restassured.response.Response;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.calciwatch.stack.LocalStack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Marked answers go everywhere that answers go, and are then looked for where no answer may be. */
@ExtendWith(WholeStack.class)
class CanaryTest {

    private static final String VITAMIN_D = "137.313";
    private static final String MAGNESIUM = "0.61373";
    private static final String TEXT = "canary-of-the-portal";
    private static final List<String> MARKS = List.of(VITAMIN_D, MAGNESIUM, TEXT);

    private static final List<String> TOPICS = List.of(
            "questionnaire-submitted",
            "assessment-completed",
            "flag-changed",
            "patient-erased",
            "patient-erasure-confirmed");

    private final LocalStack stack;
    private final Clinic clinic;

    CanaryTest(LocalStack stack, Clinic clinic) {
        this.stack = stack;
        this.clinic = clinic;
    }

    @Test
    void no_answer_stands_in_a_log_metric_dead_letter_listing_topic_name_or_error() throws Exception {
        var places = new TreeMap<String, String>();
        var patient = Clinic.newPatient();
        var submission = clinic.submit(marked(patient));
        clinic.result(submission);
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(clinic.flags(patient).getList("items")).hasSize(1));
        var flag = clinic.flags(patient).getString("items[0].id");
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(clinic.deliveries(flag).getList("items.status"))
                        .isEqualTo(List.of("SENT")));
        assertThat(clinic.as("clinician1")
                        .get(clinic.notification("/flags/" + flag))
                        .asString())
                .as("that the marks came through")
                .contains(VITAMIN_D, MAGNESIUM);
        clinic.as("clinician1")
                .contentType("application/json")
                .body(Map.of("note", TEXT))
                .post(clinic.notification("/flags/" + flag + "/acknowledge"))
                .then()
                .statusCode(200);

        var refused = refused(Clinic.newPatient());
        places.put("refused submission", error(clinic.post(refused)));
        places.put(
                "broken submission",
                error(clinic.asIntegration()
                        .contentType("application/fhir+json")
                        .body(broken(patient))
                        .post(clinic.intake("/fhir/QuestionnaireResponse"))));
        var lines = String.join("\n", marked(Clinic.newPatient()).toString(), refused.toString(), broken(patient));
        places.put(
                "import",
                clinic.asIntegration()
                        .urlEncodingEnabled(false)
                        .contentType("application/fhir+ndjson")
                        .body(lines.getBytes(StandardCharsets.UTF_8))
                        .post(clinic.intake("/fhir/$import"))
                        .then()
                        .statusCode(200)
                        .extract()
                        .asString());
        clinic.asIntegration()
                .urlEncodingEnabled(false)
                .contentType("application/json")
                .body(marked(patient).toString())
                .post(clinic.assessment("/assessments/$evaluate"))
                .then()
                .statusCode(200);
        for (var body : List.of(refused.toString(), broken(patient))) {
            places.put(
                    "refused evaluation of " + body.length(),
                    error(clinic.asIntegration()
                            .urlEncodingEnabled(false)
                            .contentType("application/json")
                            .body(body)
                            .post(clinic.assessment("/assessments/$evaluate"))));
        }
        var cds = clinic.as("clinician1")
                .contentType("application/json")
                .body(hook(patient))
                .post(clinic.assessment("/cds-services/calcification-risk"));
        assertThat(cds.statusCode()).as(cds.asString()).isEqualTo(200);
        places.put(
                "refused hook",
                error(clinic.as("clinician1")
                        .contentType("application/json")
                        .body(broken(patient))
                        .post(clinic.assessment("/cds-services/calcification-risk"))));
        var poisoned = Clinic.newPatient();
        poison(poisoned);
        var services = Map.of(
                "intake", clinic.intake(""),
                "assessment", clinic.assessment(""),
                "notification", clinic.notification(""));
        // Each service reads at least one of the topics.
        services.forEach((service, base) -> await().atMost(SOON).untilAsserted(() -> assertThat(clinic.as("admin1")
                        .get(base + "/dead-letters")
                        .jsonPath()
                        .getList("items.patientId"))
                .contains(poisoned)));

        services.forEach((service, base) -> {
            places.put(
                    "dead letters of " + service,
                    clinic.as("admin1").get(base + "/dead-letters").asString());
            places.put("metrics of " + service, given().get(base + "/q/metrics").asString());
        });
        places.put("topic names", topicNames());
        // There is no collector of traces: spans would stand in the logs or nowhere.
        clinic.logs().forEach((file, log) -> places.put("log " + file, log));

        assertThat(places).containsKeys("log intake-service.log", "log assessment-service.log");
        var found = new ArrayList<String>();
        places.forEach((place, text) -> MARKS.stream()
                .filter(text::contains)
                .forEach(mark -> found.add(mark + " in " + place + ": " + around(text, mark))));
        assertThat(found).isEmpty();
    }

    private static String around(String text, String mark) {
        var at = text.indexOf(mark);
        return text.substring(Math.max(0, at - 300), Math.min(text.length(), at + 100));
    }

    private static String error(Response response) {
        assertThat(response.statusCode()).as(response.asString()).isBetween(400, 499);
        return response.asString() + response.headers();
    }

    private static ObjectNode marked(String patient) {
        var response = Clinic.headlinePatient(patient);
        for (var item : response.get("item")) {
            switch (item.path("linkId").asText()) {
                case "vitd25" -> value(item.at("/answer/0/valueQuantity"), VITAMIN_D);
                case "mg" -> value(item.at("/answer/0/valueQuantity"), MAGNESIUM);
                case "smoking" -> {
                    ((ObjectNode) item).put("text", TEXT);
                    ((ObjectNode) item.at("/answer/0/valueCoding")).put("display", TEXT);
                }
                default -> {
                    // as it is
                }
            }
        }
        return response;
    }

    private static void value(JsonNode quantity, String value) {
        ((ObjectNode) quantity).set("value", DecimalNode.valueOf(new BigDecimal(value)));
    }

    /** With answers that no question allows. */
    private static ObjectNode refused(String patient) {
        var response = marked(patient);
        for (var item : response.get("item")) {
            switch (item.path("linkId").asText()) {
                case "mg" ->
                    ((ObjectNode) item.at("/answer/0/valueQuantity"))
                            .put("code", TEXT)
                            .put("unit", TEXT);
                case "smoking" -> ((ObjectNode) item.at("/answer/0/valueCoding")).put("code", TEXT);
                case "age_years" ->
                    ((ObjectNode) item.at("/answer/0")).removeAll().put("valueString", VITAMIN_D);
                default -> {
                    // as it is
                }
            }
        }
        return response;
    }

    /** No JSON, as it ends in the middle of a marked text. */
    private static String broken(String patient) {
        var text = marked(patient).toString();
        return text.substring(0, text.indexOf(TEXT) + TEXT.length());
    }

    private static String hook(String patient) {
        return """
                {"hook":"patient-view","hookInstance":"%s","context":{"userId":"Practitioner/1","patientId":"%s"},
                 "prefetch":{"questionnaireResponse":{"resourceType":"Bundle","type":"searchset",
                 "entry":[{"resource":%s}]}}}""".formatted(
                        UUID.randomUUID(),
                        patient,
                        marked(patient).put("id", UUID.randomUUID().toString()));
    }

    /** On every topic a message that is an event of its topic by its headers only. */
    private void poison(String patient) throws InterruptedException, ExecutionException {
        try (var producer = new KafkaProducer<>(broker(), new StringSerializer(), new ByteArraySerializer())) {
            for (var topic : TOPICS) {
                for (var content : List.of(marked(patient).toString(), broken(patient))) {
                    var message = new ProducerRecord<>(topic, patient, content.getBytes(StandardCharsets.UTF_8));
                    message.headers()
                            .add("ce_specversion", bytes("1.0"))
                            .add("ce_id", bytes(UUID.randomUUID().toString()))
                            .add("ce_source", bytes("/test"))
                            .add("ce_type", bytes(type(topic)));
                    producer.send(message).get();
                }
            }
        }
    }

    private static String type(String topic) {
        return switch (topic) {
            case "questionnaire-submitted" -> "org.calciwatch.questionnaire.submitted.v1";
            case "assessment-completed" -> "org.calciwatch.assessment.completed.v1";
            case "flag-changed" -> "org.calciwatch.flag.changed.v1";
            case "patient-erased" -> "org.calciwatch.patient.erased.v1";
            default -> "org.calciwatch.patient.erasure-confirmed.v1";
        };
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private String topicNames() {
        try (var consumer = new KafkaConsumer<>(broker(), new StringDeserializer(), new ByteArrayDeserializer())) {
            return String.join("\n", consumer.listTopics().keySet());
        }
    }

    private Map<String, Object> broker() {
        return Map.of("bootstrap.servers", stack.kafkaBootstrapServers());
    }
}
