package org.calciwatch.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventCodecTest {

    private final ObjectMapper json = json();
    private final EventCodec codec = new EventCodec(json, "some-service");

    static java.util.List<EventType<?>> types() {
        return EventType.ALL;
    }

    @ParameterizedTest
    @MethodSource("types")
    void the_golden_sample_of_every_event_is_read_and_written_back_unchanged(EventType<?> type) throws IOException {
        var golden = golden(type.topic());
        Event<?> event = codec.read(message(type.topic(), golden));

        assertThat(event.type()).isEqualTo(type);
        assertThat(event.patientId()).isEqualTo("P-0001");
        assertThat(json.readTree(codec.data(event))).isEqualTo(golden.get("data"));
        assertThat(codec.headers(event))
                .containsEntry("ce_id", golden.at("/headers/ce_id").textValue())
                .containsEntry("ce_type", type.name())
                .containsEntry("ce_specversion", "1.0")
                .containsEntry("ce_source", "/some-service")
                .containsEntry("content-type", "application/json");
    }

    @ParameterizedTest
    @MethodSource("types")
    void every_event_and_its_dead_letters_stand_in_the_asyncapi_document(EventType<?> type) throws IOException {
        try (var file = EventCodecTest.class.getResourceAsStream("/asyncapi.yaml")) {
            var document = new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
            assertThat(document)
                    .contains("address: " + type.topic() + "\n")
                    .contains("address: " + EventType.deadLetterTopic(type.topic()) + "\n")
                    .contains("name: " + type.name() + "\n")
                    .contains("'" + type.schema().substring(1) + "'");
        }
    }

    @Test
    void decimals_keep_the_digits_that_were_typed() throws IOException {
        var golden = golden("questionnaire-submitted");
        var response = golden.at("/data/response").toString();
        assertThat(response).contains("\"value\":0.62").contains("\"value\":1.5,");
        assertThat(new String(
                        codec.data(codec.read(message("questionnaire-submitted", golden))), StandardCharsets.UTF_8))
                .contains("\"value\":0.62")
                .contains("\"value\":1.5,");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ce_id", "ce_type", "ce_time", "ce_specversion", "content-type"})
    void a_message_without_a_needed_header_is_unreadable(String header) {
        unreadable(golden -> ((ObjectNode) golden.get("headers")).remove(header), "header '" + header + "' is missing");
    }

    @ParameterizedTest
    @CsvSource({
        "ce_id, 17, ce_id is not a UUID",
        "ce_time, yesterday, ce_time is not",
        "ce_specversion, 0.3, ce_specversion is '0.3'",
        "content-type, text/plain, content-type is 'text/plain'",
        "ce_type, org.calciwatch.assessment.completed.v2, is another version; this service reads",
        "ce_type, org.example.something.v1, is not a known event type",
        "ce_type, org.calciwatch.flag.changed.v1, belongs on topic 'flag-changed'"
    })
    void a_message_with_a_wrong_header_is_unreadable_and_says_why(String header, String value, String reason) {
        unreadable(golden -> ((ObjectNode) golden.get("headers")).put(header, value), reason);
    }

    @Test
    void data_that_break_the_schema_are_unreadable_and_name_the_place() {
        unreadable(golden -> ((ObjectNode) golden.get("data")).put("severity", "MILD"), ".severity.enum");
        unreadable(golden -> ((ObjectNode) golden.get("data")).remove("fired"), "'fired'");
    }

    @Test
    void the_reason_quotes_nothing_of_the_data() throws IOException {
        var golden = golden("assessment-completed");
        var data = (ObjectNode) golden.get("data");
        data.put("severity", "CANARY-1").put("assessedAt", "CANARY-2").put("fired", "CANARY-3");
        ((ObjectNode) data.get("profile")).put("CANARY-4", "CANARY-5");
        data.putArray("dataQuality").addObject().put("checkId", 7).put("CANARY-6", "CANARY-7");
        var message = message("assessment-completed", golden);

        assertThatThrownBy(() -> codec.read(message))
                .isInstanceOf(UnreadableEvent.class)
                .hasMessageContaining("break the schema")
                .hasMessageNotContaining("CANARY");
    }

    @Test
    void a_property_that_a_later_minor_version_adds_is_ignored() throws IOException {
        var golden = golden("assessment-completed");
        ((ObjectNode) golden.get("data")).put("addedLater", true);
        assertThat(codec.read(message("assessment-completed", golden)).patientId())
                .isEqualTo("P-0001");
    }

    @Test
    void a_key_other_than_the_patient_is_unreadable() {
        unreadable(golden -> ((ObjectNode) golden).put("key", "P-0002"), "the key is not the patientId");
        unreadable(golden -> ((ObjectNode) golden).putNull("key"), "has no key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "not json", "[]", "\"text\"", "null", "{} {}", "{\"a\":1,\"a\":2}", "{\"a\":"})
    void a_value_that_is_not_one_json_object_is_unreadable(String value) throws IOException {
        var message = message("assessment-completed", golden("assessment-completed"));
        var broken =
                new ConsumerRecord<>(message.topic(), 0, 0L, message.key(), value.getBytes(StandardCharsets.UTF_8));
        message.headers().forEach(broken.headers()::add);
        assertThatThrownBy(() -> codec.read(broken)).isInstanceOf(UnreadableEvent.class);
    }

    private void unreadable(Consumer<JsonNode> change, String reason) {
        assertThatThrownBy(() -> {
                    var golden = golden("assessment-completed");
                    change.accept(golden);
                    codec.read(message("assessment-completed", golden));
                })
                .isInstanceOf(UnreadableEvent.class)
                .hasMessageContaining(reason);
    }

    private JsonNode golden(String name) throws IOException {
        try (var sample = EventCodecTest.class.getResourceAsStream("/golden/" + name + ".json")) {
            return json.readTree(Objects.requireNonNull(sample));
        }
    }

    @SuppressWarnings("NullAway") // a message without a key is one of the cases
    private ConsumerRecord<String, byte[]> message(String topic, JsonNode golden) throws IOException {
        var message = new ConsumerRecord<String, byte[]>(
                topic, 0, 0L, golden.get("key").textValue(), json.writeValueAsBytes(golden.get("data")));
        golden.get("headers").properties().forEach(header -> message.headers()
                .add(header.getKey(), header.getValue().textValue().getBytes(StandardCharsets.UTF_8)));
        return message;
    }

    private static ObjectMapper json() {
        var json = new ObjectMapper()
                .registerModule(new JavaTimeModule())
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
        new ExactNumbers().customize(json);
        return json;
    }
}
