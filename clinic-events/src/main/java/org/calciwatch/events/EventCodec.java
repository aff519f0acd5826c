package org.calciwatch.events;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** CloudEvents 1.0 in Kafka's binary mode: attributes in {@code ce_} headers, the data as JSON in the value. */
@ApplicationScoped
public class EventCodec {

    private static final int MOST_REASONS = 5;

    /** How headers with attributes begin. */
    private static final String ATTRIBUTE = "ce_";

    private final ObjectMapper json;
    private final ObjectReader strictTree;
    private final String source;
    private final Map<String, EventType<?>> types =
            EventType.ALL.stream().collect(Collectors.toUnmodifiableMap(EventType::name, Function.identity()));
    private final Map<String, JsonSchema> schemas =
            EventType.ALL.stream().collect(Collectors.toUnmodifiableMap(EventType::name, EventCodec::schemaOf));

    EventCodec(ObjectMapper json, @ConfigProperty(name = "quarkus.application.name") String serviceName) {
        this.json = json;
        this.strictTree = json.readerFor(JsonNode.class)
                .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .with(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);
        this.source = "/" + serviceName;
    }

    /** The headers of an event, without the trace context. */
    public <T> Map<String, String> headers(Event<T> event) {
        var headers = new LinkedHashMap<String, String>();
        headers.put("ce_specversion", "1.0");
        headers.put("ce_id", event.id().toString());
        headers.put("ce_type", event.type().name());
        headers.put("ce_source", source);
        headers.put("ce_time", event.time().toString());
        headers.put("content-type", "application/json");
        return headers;
    }

    /** The value of an event. */
    public byte[] data(Event<?> event) {
        try {
            return json.writeValueAsBytes(event.data());
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * An event as CloudEvents' JSON format, for those who do not listen on Kafka.
     *
     * @param extensions further attributes by name, such as {@code sequence}
     */
    public String structured(Event<?> event, Map<String, String> extensions) {
        var envelope = json.createObjectNode();
        headers(event).forEach((name, value) -> {
            if (name.startsWith(ATTRIBUTE)) {
                envelope.put(name.substring(ATTRIBUTE.length()), value);
            }
        });
        extensions.forEach(envelope::put);
        envelope.put("datacontenttype", "application/json").set("data", json.valueToTree(event.data()));
        return envelope.toString();
    }

    /**
     * Reads and checks a message.
     *
     * @throws UnreadableEvent when it is not a known event of its topic or its data break the schema; names the first
     *     problems
     */
    public Event<?> read(ConsumerRecord<String, byte[]> message) {
        var version = header(message, "ce_specversion");
        if (!version.equals("1.0")) {
            throw new UnreadableEvent("ce_specversion is '" + version + "', not '1.0'");
        }
        return read(message, typeOf(message));
    }

    private <T> Event<T> read(ConsumerRecord<String, byte[]> message, EventType<T> type) {
        var contentType = header(message, "content-type");
        if (!contentType.startsWith("application/json")) {
            throw new UnreadableEvent("content-type is '" + contentType + "', not 'application/json'");
        }
        if (message.key() == null || message.key().isBlank()) {
            throw new UnreadableEvent("the message has no key; the key is the patient id");
        }
        var data = tree(message.value());
        var problems = Objects.requireNonNull(schemas.get(type.name())).validate(data);
        if (!problems.isEmpty()) {
            throw new UnreadableEvent("the data break the schema of " + type.name() + ": "
                    + problems.stream()
                            .limit(MOST_REASONS)
                            .map(EventCodec::brokenRule)
                            .collect(Collectors.joining("; ")));
        }
        if (!message.key().equals(data.get("patientId").textValue())) {
            throw new UnreadableEvent("the key is not the patientId of the data");
        }
        try {
            return new Event<>(
                    UUID.fromString(header(message, "ce_id")),
                    type,
                    message.key(),
                    Instant.parse(header(message, "ce_time")),
                    json.treeToValue(data, type.dataClass()));
        } catch (IllegalArgumentException e) {
            throw new UnreadableEvent("ce_id is not a UUID");
        } catch (DateTimeParseException e) {
            throw new UnreadableEvent("ce_time is not an RFC 3339 time in UTC");
        } catch (JsonProcessingException e) {
            throw new UnreadableEvent("the data do not fit " + type.dataClass().getSimpleName() + ": "
                    + e.getClass().getSimpleName());
        }
    }

    /**
     * Which rule of the schema is broken. The validator's own message and place may hold what was sent; the path of the
     * rule holds the schema's words only.
     */
    private static String brokenRule(ValidationMessage problem) {
        var rule = String.valueOf(problem.getEvaluationPath());
        return problem.getType().equals("required") ? rule + " '" + problem.getProperty() + "'" : rule;
    }

    private EventType<?> typeOf(ConsumerRecord<String, byte[]> message) {
        var name = header(message, "ce_type");
        var type = types.get(name);
        if (type == null) {
            var unversioned = name.replaceFirst("\\.v\\d+$", "");
            var readable = types.keySet().stream()
                    .filter(known -> known.startsWith(unversioned + ".v"))
                    .findFirst();
            throw new UnreadableEvent(
                    readable.map(known -> "'" + name + "' is another version; this service reads '" + known + "'")
                            .orElse("'" + name + "' is not a known event type"));
        }
        if (!type.topic().equals(message.topic())) {
            throw new UnreadableEvent("'" + name + "' belongs on topic '" + type.topic() + "'");
        }
        return type;
    }

    private JsonNode tree(byte @Nullable [] value) {
        if (value == null || value.length == 0) {
            throw new UnreadableEvent("the message has no value");
        }
        try {
            JsonNode data = strictTree.readValue(value);
            if (data == null || !data.isObject()) {
                throw new UnreadableEvent("the value is not a JSON object");
            }
            return data;
        } catch (IOException e) {
            throw new UnreadableEvent(
                    "the value is not well-formed JSON: " + e.getClass().getSimpleName());
        }
    }

    private static String header(ConsumerRecord<String, byte[]> message, String name) {
        Header header = message.headers().lastHeader(name);
        if (header == null || header.value() == null) {
            throw new UnreadableEvent("header '" + name + "' is missing");
        }
        return new String(header.value(), StandardCharsets.UTF_8);
    }

    private static JsonSchema schemaOf(EventType<?> type) {
        try (InputStream schema = EventCodec.class.getResourceAsStream(type.schema())) {
            return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                    .getSchema(Objects.requireNonNull(schema, type.schema()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
