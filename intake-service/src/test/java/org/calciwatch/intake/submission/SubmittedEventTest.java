package org.calciwatch.intake.submission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.calciwatch.intake.Api.json;
import static org.calciwatch.intake.Api.newPatient;
import static org.calciwatch.intake.Api.post;
import static org.calciwatch.intake.Api.put;
import static org.calciwatch.intake.Api.stored;
import static org.calciwatch.intake.Responses.completed;
import static org.calciwatch.intake.Responses.draft;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.calciwatch.events.Event;
import org.calciwatch.events.EventCodec;
import org.calciwatch.events.EventType;
import org.calciwatch.events.QuestionnaireSubmitted;
import org.calciwatch.intake.Api;
import org.calciwatch.intake.Broker;
import org.calciwatch.intake.Responses;
import org.junit.jupiter.api.Test;

/** What intake publishes, read from the real topic. */
@QuarkusTest
class SubmittedEventTest {

    private static final String TOPIC = EventType.QUESTIONNAIRE_SUBMITTED.topic();

    @Inject
    EventCodec codec;

    private QuestionnaireSubmitted data(ConsumerRecord<String, byte[]> message) {
        Event<?> event = codec.read(message);
        return (QuestionnaireSubmitted) event.data();
    }

    @Test
    void a_completed_response_becomes_the_golden_event() {
        var golden = Broker.golden("questionnaire-submitted");
        ObjectNode response = golden.at("/data/response").deepCopy();
        response.without(List.of("id", "meta"));
        var patient = newPatient();
        response.putObject("subject").put("reference", "Patient/" + patient);
        response.putObject("author")
                .put("reference", "Organization/" + golden.at("/data/clinic").textValue());
        var stored = json(Api.fhir().body(response.toString()).post(Api.RESPONSES));

        var message = Broker.await(TOPIC, patient, 1).getFirst();
        golden.get("headers")
                .fieldNames()
                .forEachRemaining(name ->
                        assertThat(message.headers().lastHeader(name)).as(name).isNotNull());
        assertThat(new String(message.headers().lastHeader("ce_type").value(), StandardCharsets.UTF_8))
                .isEqualTo(golden.at("/headers/ce_type").textValue());
        assertThat(new String(message.headers().lastHeader("ce_source").value(), StandardCharsets.UTF_8))
                .isEqualTo(golden.at("/headers/ce_source").textValue());
        assertThat(codec.read(message).id().version()).isEqualTo(7);

        ObjectNode expected = golden.get("data").deepCopy();
        expected.put("patientId", patient).put("submissionId", stored.get("id").textValue());
        expected.put("submittedAt", stored.at("/meta/lastUpdated").textValue());
        ((ObjectNode) expected.get("response")).put("id", stored.get("id").textValue());
        ((ObjectNode) expected.at("/response/meta"))
                .put("lastUpdated", stored.at("/meta/lastUpdated").textValue());
        ((ObjectNode) expected.at("/response/subject")).put("reference", "Patient/" + patient);
        assertThat(Responses.json(new String(message.value(), StandardCharsets.UTF_8)))
                .isEqualTo(expected);
    }

    @Test
    void only_what_is_completed_is_published_and_versions_come_in_order() {
        var patient = newPatient();
        var id = stored(draft(patient));
        put(id, 1, draft(patient).choice("smoking", "never")).then().statusCode(200);
        put(id, 2, completed(patient)).then().statusCode(200);
        put(id, 3, completed(patient).quantity("mg", "2.0", "mg/dL")).then().statusCode(200);
        var events = Broker.await(TOPIC, patient, 2).stream().map(this::data).toList();
        assertThat(events).extracting(QuestionnaireSubmitted::submissionVersion).containsExactly(3, 4);
        assertThat(events).extracting(QuestionnaireSubmitted::submissionId).containsOnly(id);
        assertThat(events.getLast().response().get("status").textValue()).isEqualTo("amended");
        assertThat(events.getLast().response().toString()).contains("\"value\":2.0,");
    }

    @Test
    void a_refused_or_repeated_request_publishes_nothing_more() {
        var patient = newPatient();
        var identifier = UUID.randomUUID().toString();
        var id = stored(completed(patient).identifier(identifier));
        post(completed(patient).identifier(identifier)).then().statusCode(200);
        post(completed(patient).identifier(identifier).choice("smoking", "never"))
                .then()
                .statusCode(409);
        post(completed(patient).choice("smoking", "sometimes")).then().statusCode(422);
        put(id, 7, completed(patient)).then().statusCode(412);
        // The order of a patient's events is kept, so the next event shows that none came between.
        put(id, 1, completed(patient)).then().statusCode(200);
        assertThat(Broker.await(TOPIC, patient, 2).stream().map(this::data))
                .extracting(QuestionnaireSubmitted::submissionVersion)
                .containsExactly(1, 2);
    }

    @Test
    void an_event_carries_nothing_that_names_the_patient_or_is_not_needed() {
        var patient = newPatient();
        stored(completed(patient)
                .identifier(UUID.randomUUID().toString())
                .with(
                        "subject",
                        Responses.json("{'reference': 'https://ehr.example/Patient/%s', 'display': 'Jane Doe'}"
                                .formatted(patient)))
                .with("author", Responses.json("{'display': 'Jane Doe'}"))
                .with("language", "sv-FI"));
        var message = Broker.await(TOPIC, patient, 1).getFirst();
        assertThat(new String(message.value(), StandardCharsets.UTF_8))
                .doesNotContain("Jane", "portal", "sv-FI", "clinic\"");
        assertThat(data(message).response().at("/subject/reference").textValue())
                .isEqualTo("Patient/" + patient);
    }
}
