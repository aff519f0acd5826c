package org.calciwatch.notification;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.Event;
import org.calciwatch.events.EventCodec;
import org.calciwatch.events.EventType;
import org.calciwatch.events.FlagChanged;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** What surrounds the service: the broker that brings assessments and the mailbox that clinicians read. */
@Singleton
public class Clinic {

    /** A mail in the mail catcher. */
    public record Received(
            String id,
            String from,
            List<String> to,
            String subject,
            @Nullable String text,
            @Nullable String html,
            @Nullable String messageId) {}

    private final EventCodec codec;
    private final ObjectMapper json;
    private final String mailApi;
    private final String broker;
    private final KafkaProducer<String, byte[]> producer;
    private final HttpClient http = HttpClient.newHttpClient();

    Clinic(
            EventCodec codec,
            ObjectMapper json,
            @ConfigProperty(name = "calciwatch.test.mail.api") String mailApi,
            @ConfigProperty(name = "kafka.bootstrap.servers") String broker) {
        this.codec = codec;
        this.json = json;
        this.mailApi = mailApi;
        this.broker = broker;
        this.producer = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, broker),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    @PreDestroy
    void close() {
        producer.close();
        http.close();
    }

    /** Puts an event on its real topic and waits until the broker has it. */
    public void send(Event<AssessmentCompleted> event) {
        var message = new ProducerRecord<>(event.type().topic(), event.patientId(), codec.data(event));
        codec.headers(event)
                .forEach((name, value) -> message.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        try {
            producer.send(message).get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Every flag-changed event about a patient so far, read and checked as a consumer would. */
    public List<FlagChanged> flagChangesOf(String patientId) {
        try (var consumer = new KafkaConsumer<>(
                Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, broker),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            var partitions = consumer.partitionsFor(EventType.FLAG_CHANGED.topic()).stream()
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            var ends = consumer.endOffsets(partitions);
            var changes = new ArrayList<FlagChanged>();
            while (partitions.stream()
                    .anyMatch(partition -> consumer.position(partition) < ends.getOrDefault(partition, 0L))) {
                for (var message : consumer.poll(Duration.ofSeconds(1))) {
                    if (patientId.equals(message.key()) && codec.read(message).data() instanceof FlagChanged change) {
                        changes.add(change);
                    }
                }
            }
            return changes;
        }
    }

    /** The mails about a flag, newest first. */
    public List<Received> mailsAbout(UUID flagId) {
        return mails().stream()
                .filter(mail -> String.valueOf(mail.messageId()).contains(flagId.toString()))
                .toList();
    }

    /** The mail with a Message-ID, if it has come. */
    public Optional<Received> mail(String messageId) {
        return mails().stream()
                .filter(mail -> messageId.equals(mail.messageId()))
                .findFirst();
    }

    /** All mails, newest first. */
    public List<Received> mails() {
        try {
            var answer = http.send(
                    HttpRequest.newBuilder(URI.create(mailApi + "/api/messages"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return json.readerForListOf(Received.class).readValue(answer.body());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
