package org.calciwatch.intake;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.calciwatch.intake.fhir.FhirJson;
import org.eclipse.microprofile.config.ConfigProvider;

/** The real broker, as the other services see it. */
public final class Broker {

    private static final FhirJson JSON = new FhirJson();
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private Broker() {}

    private static String address() {
        return ConfigProvider.getConfig().getValue("kafka.bootstrap.servers", String.class);
    }

    /** The golden sample of an event kind: {@code headers}, {@code key}, {@code data}. */
    public static ObjectNode golden(String name) {
        var file = "/golden/" + name + ".json";
        try (var sample = Objects.requireNonNull(Broker.class.getResourceAsStream(file), file)) {
            return JSON.readOwn(new String(sample.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Publishes an event in the form of a golden sample. */
    public static void publish(String topic, ObjectNode event) {
        Map<String, Object> settings = Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, address());
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer())) {
            var message = new ProducerRecord<>(
                    topic,
                    event.get("key").textValue(),
                    JSON.write(event.get("data")).getBytes(StandardCharsets.UTF_8));
            for (var header : event.get("headers").properties()) {
                message.headers()
                        .add(header.getKey(), header.getValue().textValue().getBytes(StandardCharsets.UTF_8));
            }
            producer.send(message).get();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits until a patient has this many messages on a topic, and gives them in order. */
    public static List<ConsumerRecord<String, byte[]>> await(String topic, String patientId, int count) {
        return await(topic, patientId, found -> found.size() >= count);
    }

    /** Waits until what a patient has on a topic is enough, and gives it in order. */
    public static List<ConsumerRecord<String, byte[]>> await(
            String topic, String patientId, Predicate<List<ConsumerRecord<String, byte[]>>> enough) {
        Map<String, Object> settings = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                address(),
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest");
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList());
            consumer.seekToBeginning(List.of());
            var found = new ArrayList<ConsumerRecord<String, byte[]>>();
            Awaitility.await().atMost(PATIENCE).until(() -> {
                for (var message : consumer.poll(Duration.ofMillis(200))) {
                    if (message.key().equals(patientId)) {
                        found.add(message);
                    }
                }
                return enough.test(found);
            });
            return found;
        }
    }
}
