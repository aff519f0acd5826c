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
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.Event;
import org.calciwatch.events.EventCodec;
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

    /** The mails about a flag, newest first. */
    public List<Received> mailsAbout(UUID flagId) {
        try {
            var answer = http.send(
                    HttpRequest.newBuilder(URI.create(mailApi + "/api/messages"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return json.readerForListOf(Received.class).<List<Received>>readValue(answer.body()).stream()
                    .filter(mail -> String.valueOf(mail.messageId()).contains(flagId.toString()))
                    .toList();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
