package org.calciwatch.events;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.notNullValue;

import io.opentelemetry.api.OpenTelemetry;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import jakarta.inject.Inject;
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
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.calciwatch.events.outbox.Outbox;
import org.calciwatch.privacy.ErasedSubmissions;
import org.calciwatch.stack.LocalStackResource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@QuarkusTestResource(value = LocalStackResource.class, initArgs = @ResourceArg(name = "database", value = "intake"))
class DeliveryTest {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String TOPIC = EventType.FLAG_CHANGED.topic();

    @Inject
    Outbox outbox;

    @Inject
    FlagRecorder recorder;

    @Inject
    ErasedSubmissions tombstones;

    @Inject
    DataSource database;

    @Inject
    EventCodec codec;

    @Inject
    OpenTelemetry telemetry;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String broker;

    @Test
    void events_reach_their_consumer_in_the_order_of_each_patient_and_leave_the_outbox() {
        var patients = IntStream.range(0, 10).mapToObj(i -> newPatient()).toList();
        var actions = IntStream.range(0, 30).mapToObj(Integer::toString).toList();
        for (var action : actions) {
            patients.forEach(patient -> store(patient, action));
        }
        await().atMost(SOON).untilAsserted(() -> assertThat(patients)
                .allSatisfy(patient -> assertThat(recorder.of(patient)).isEqualTo(actions)));
        await().atMost(SOON).untilAsserted(() -> assertThat(outboxRows()).isZero());
    }

    @Test
    void an_event_of_a_transaction_that_rolls_back_is_never_sent() {
        var patient = newPatient();
        QuarkusTransaction.begin();
        outbox.add(EventType.FLAG_CHANGED, patient, flag(patient, "rolled back"));
        QuarkusTransaction.rollback();
        store(patient, "committed");
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(recorder.of(patient)).isNotEmpty());
        assertThat(recorder.of(patient)).containsExactly("committed");
    }

    @Test
    void an_event_delivered_twice_takes_effect_once() throws Exception {
        var patient = newPatient();
        var event =
                new Event<>(UUID.randomUUID(), EventType.FLAG_CHANGED, patient, Instant.now(), flag(patient, "once"));
        send(patient, codec.headers(event), codec.data(event));
        send(patient, codec.headers(event), codec.data(event));
        store(patient, "after");
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(recorder.of(patient)).contains("after"));
        assertThat(recorder.of(patient)).containsExactly("once", "after");
    }

    @Test
    void the_trace_of_the_sender_travels_with_the_event() {
        var patient = newPatient();
        var span = telemetry.getTracer("test").spanBuilder("submit").startSpan();
        try (var _ = span.makeCurrent()) {
            store(patient, "traced");
        }
        await().atMost(SOON).untilAsserted(() -> assertThat(messages(TOPIC))
                .filteredOn(message -> patient.equals(message.key()))
                .singleElement()
                .satisfies(message -> assertThat(header(message, "traceparent"))
                        .contains(span.getSpanContext().getTraceId())));
    }

    @Test
    void a_passing_failure_is_tried_again_until_it_is_over_and_keeps_the_order() {
        var patient = newPatient();
        var before = recorder.attempts();
        recorder.databaseAwayFor(patient);
        store(patient, "first");
        store(patient, "second");
        await().atMost(SOON).until(() -> recorder.attempts() > before + 4);
        assertThat(deadLetterOf(patient)).isNull();

        recorder.workFor(patient);
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(recorder.of(patient)).containsExactly("first", "second"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            not json                 | org.calciwatch.flag.changed.v1 | not well-formed JSON
            {"patientId":"%s"}       | org.calciwatch.flag.changed.v1 | break the schema
            {"patientId":"%s"}       | org.calciwatch.flag.changed.v2 | another version; this service reads
            {"patientId":"%s"}       | org.example.unknown.v1         | not a known event type
            """)
    void a_poison_message_becomes_a_dead_letter_with_its_reason_and_blocks_nothing(
            String value, String type, String reason) throws Exception {
        var patient = newPatient();
        var event = new Event<>(UUID.randomUUID(), EventType.FLAG_CHANGED, patient, Instant.now(), flag(patient, "x"));
        var headers = codec.headers(event);
        headers.put("ce_type", type);
        send(patient, headers, value.formatted(patient).getBytes(StandardCharsets.UTF_8));
        store(patient, "behind it");

        await().atMost(SOON)
                .untilAsserted(() -> assertThat(recorder.of(patient)).containsExactly("behind it"));
        var letter = Objects.requireNonNull(deadLetterOf(patient));
        assertThat(String.valueOf(letter.get("reason"))).contains(reason);
        assertThat(letter).containsEntry("topic", TOPIC).containsEntry("type", type);
        await().atMost(SOON).untilAsserted(() -> assertThat(messages(EventType.deadLetterTopic(TOPIC)))
                .filteredOn(message -> patient.equals(message.key()))
                .singleElement()
                .satisfies(message -> {
                    assertThat(message.value())
                            .isEqualTo(value.formatted(patient).getBytes(StandardCharsets.UTF_8));
                    assertThat(header(message, "dead-letter-reason")).contains(reason);
                    assertThat(header(message, "dead-letter-service")).isEqualTo("events-test");
                }));

        given().post("/dead-letters/" + letter.get("id") + "/replay")
                .then()
                .statusCode(422)
                .contentType("application/problem+json")
                .body("detail", containsString(reason));
    }

    @Test
    void a_poison_message_about_an_erased_submission_is_kept_nowhere() throws Exception {
        var patient = newPatient();
        var submission = UUID.randomUUID().toString();
        QuarkusTransaction.requiringNew()
                .run(() -> tombstones.remember(
                        new PatientErased(patient, UUID.randomUUID(), Instant.now(), List.of(submission))));
        var event = new Event<>(UUID.randomUUID(), EventType.FLAG_CHANGED, patient, Instant.now(), flag(patient, "x"));
        var headers = codec.headers(event);
        send(patient, headers, "{\"submissionId\":\"%s\"}".formatted(submission).getBytes(StandardCharsets.UTF_8));
        send(patient, headers, "{\"submissionId\":\"another\\u0000\"}".getBytes(StandardCharsets.UTF_8));

        // The letter behind it tells that the first message has been dealt with, here and on the dead-letter topic.
        await().atMost(SOON).untilAsserted(() -> assertThat(messages(EventType.deadLetterTopic(TOPIC)))
                .filteredOn(message -> patient.equals(message.key()))
                .singleElement()
                .satisfies(message -> assertThat(new String(message.value(), StandardCharsets.UTF_8))
                        .contains("another")));
        assertThat(page("/dead-letters?limit=200").getList("items.findAll { it.patientId == '" + patient + "' }"))
                .hasSize(1);
    }

    @Test
    void a_message_that_cannot_be_opened_is_set_aside_and_the_others_go_out() throws SQLException {
        var name = UUID.randomUUID();
        execute("""
            INSERT INTO outbox (name, topic, header_names, header_values, payload)
            VALUES ('%s', '%s', '{}', '{}', '\\x0102')""".formatted(name, TOPIC));
        try {
            var patient = newPatient();
            store(patient, "behind it");
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(recorder.of(patient)).containsExactly("behind it"));
            assertThat(count("SELECT count(*) FROM outbox WHERE set_aside_at IS NOT NULL AND name = '" + name + "'"))
                    .isOne();
            given().get("/q/metrics").then().body(containsString("calciwatch_outbox_unreadable_total 1.0"));
        } finally {
            execute("DELETE FROM outbox WHERE name = '" + name + "'");
        }
    }

    @Test
    void a_message_of_pure_rubbish_becomes_a_dead_letter_too() throws Exception {
        var marker = "rubbish\0" + UUID.randomUUID();
        send(null, Map.of(marker, "\0\1\2"), new byte[] {0, -1, -2});
        send(marker, Map.of(), null);
        await().atMost(SOON).untilAsserted(() -> assertThat(messages(EventType.deadLetterTopic(TOPIC)))
                .anySatisfy(message -> assertThat(message.value()).isEqualTo(new byte[] {0, -1, -2}))
                .anySatisfy(message -> assertThat(message.key()).isEqualTo(marker)));
    }

    @Test
    void a_dead_letter_can_be_replayed_once_its_cause_is_mended() {
        var patient = newPatient();
        recorder.failFor(patient, new IllegalArgumentException("a bug"));
        store(patient, "in time");
        await().atMost(SOON).until(() -> deadLetterOf(patient) != null);
        var letter = Objects.requireNonNull(deadLetterOf(patient));
        assertThat(String.valueOf(letter.get("reason")))
                .contains("IllegalArgumentException")
                .doesNotContain("a bug");

        recorder.workFor(patient);
        var replay = "/dead-letters/" + letter.get("id") + "/replay";
        given().post(replay).then().statusCode(200).body("replayedAt", notNullValue());
        assertThat(recorder.of(patient)).containsExactly("in time");
        given().post(replay).then().statusCode(409);
    }

    @Test
    void the_list_of_dead_letters_is_paged_and_refuses_wrong_parameters() throws Exception {
        for (int i = 0; i < 3; i++) {
            send(newPatient(), Map.of(), new byte[0]);
        }
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(page("/dead-letters?limit=200").getList("items"))
                        .hasSizeGreaterThanOrEqualTo(3));
        var ids = new ArrayList<String>();
        for (@Nullable String next = "/dead-letters?limit=2"; next != null; ) {
            var page = page(next);
            ids.addAll(page.getList("items.id"));
            next = page.getString("next");
        }
        assertThat(ids)
                .doesNotHaveDuplicates()
                .isEqualTo(page("/dead-letters?limit=200").getList("items.id"));

        given().get("/dead-letters?limit=0").then().statusCode(400).contentType("application/problem+json");
        given().get("/dead-letters?limit=201").then().statusCode(400);
        given().get("/dead-letters?limit=many").then().statusCode(400);
        given().get("/dead-letters?cursor=x").then().statusCode(400);
        given().post("/dead-letters/" + UUID.randomUUID() + "/replay").then().statusCode(404);
    }

    private static String newPatient() {
        return "T-" + UUID.randomUUID();
    }

    private void store(String patient, String action) {
        QuarkusTransaction.requiringNew().run(() -> outbox.add(EventType.FLAG_CHANGED, patient, flag(patient, action)));
    }

    private static FlagChanged flag(String patient, String action) {
        return new FlagChanged(
                UUID.randomUUID(),
                "CW-TEST",
                patient,
                Severity.CLINICIAN_REVIEW,
                "OPEN",
                action,
                "system",
                Instant.now(),
                UUID.randomUUID(),
                "submission");
    }

    private static JsonPath page(String url) {
        return given().get(url).then().statusCode(200).extract().jsonPath();
    }

    private static @Nullable Map<String, Object> deadLetterOf(String patient) {
        return page("/dead-letters?limit=200").getMap("items.find { it.patientId == '" + patient + "' }");
    }

    private void execute(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    private long outboxRows() throws SQLException {
        return count("SELECT count(*) FROM outbox");
    }

    private long count(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var count = statement.executeQuery(sql)) {
            count.next();
            return count.getLong(1);
        }
    }

    private void send(@Nullable String key, Map<String, String> headers, byte @Nullable [] value)
            throws InterruptedException, ExecutionException {
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", broker),
                new StringSerializer(),
                new ByteArraySerializer())) {
            var message = new ProducerRecord<>(TOPIC, key, value);
            headers.forEach((name, text) -> message.headers().add(name, text.getBytes(StandardCharsets.UTF_8)));
            producer.send(message).get();
        }
    }

    /** All that is on a topic now. */
    private List<ConsumerRecord<String, byte[]>> messages(String topic) {
        try (var consumer = new KafkaConsumer<>(
                Map.<String, Object>of("bootstrap.servers", broker),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            var partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            var ends = consumer.endOffsets(partitions);
            var found = new ArrayList<ConsumerRecord<String, byte[]>>();
            while (partitions.stream()
                    .anyMatch(partition -> consumer.position(partition) < ends.getOrDefault(partition, 0L))) {
                consumer.poll(Duration.ofMillis(100)).forEach(found::add);
            }
            return found;
        }
    }

    private static String header(ConsumerRecord<String, byte[]> message, String name) {
        return new String(
                Objects.requireNonNull(message.headers().lastHeader(name)).value(), StandardCharsets.UTF_8);
    }
}
