package org.calciwatch.intake.fhir;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads and writes FHIR JSON: strict about what it takes, exact about numbers. */
@Singleton
public class FhirJson {

    /** The media type of FHIR resources as JSON. */
    public static final String MEDIA_TYPE = "application/fhir+json";

    /** Most bytes of a request body. */
    public static final int MAX_BODY = 256 * 1024;

    /**
     * Of a body that is too large this much more is read and dropped, so that a client that is still sending gets the
     * answer instead of a broken connection.
     */
    private static final int MAX_DRAIN = 8 * MAX_BODY;

    /** A response with every group nested is about 12 deep. */
    private static final int MAX_DEPTH = 64;

    private final ObjectMapper json = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    /**
     * Reads a request body.
     *
     * @throws FhirProblem 413 when it is larger than {@link #MAX_BODY}, 400 when it is not one well-formed JSON object
     *     in UTF-8 with every key once
     */
    public ObjectNode read(InputStream body) {
        try {
            var bytes = body.readNBytes(MAX_BODY + 1);
            if (bytes.length > MAX_BODY) {
                body.readNBytes(MAX_DRAIN);
                throw new FhirProblem(
                        413,
                        "too-long",
                        "The body is larger than " + MAX_BODY / 1024 + " KiB, the most that is taken.");
            }
            return parse(bytes);
        } catch (CharacterCodingException e) {
            throw malformed("it is not UTF-8");
        } catch (JsonProcessingException e) {
            throw malformed(whatIsWrong(e));
        } catch (NumberFormatException | ArithmeticException e) {
            throw malformed("a number's exponent is too large");
        } catch (IOException e) {
            throw malformed("it ended early");
        }
    }

    private ObjectNode parse(byte[] bytes) throws IOException {
        // Decoded here because the JSON parser would guess other encodings and let some broken UTF-8 pass.
        var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
        if (json.readTree(text.toString()) instanceof ObjectNode object) {
            return object;
        }
        throw malformed("it is not a JSON object");
    }

    /** Reads what {@link #write} wrote. */
    public ObjectNode readOwn(String text) {
        try {
            return (ObjectNode) json.readTree(text);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The compact text. */
    public String write(JsonNode node) {
        try {
            return json.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An empty JSON object. */
    public ObjectNode object() {
        return json.createObjectNode();
    }

    /** An OperationOutcome with these issues, of which there must be at least one. */
    public ObjectNode operationOutcome(List<Issue> issues) {
        var outcome = object().put("resourceType", "OperationOutcome");
        var list = outcome.putArray("issue");
        for (var issue : issues) {
            var entry = list.addObject()
                    .put("severity", issue.severity())
                    .put("code", issue.code())
                    .put("diagnostics", issue.diagnostics());
            if (issue.expression() != null) {
                entry.putArray("expression").add(issue.expression());
            }
        }
        return outcome;
    }

    private static FhirProblem malformed(String what) {
        return new FhirProblem(400, "structure", "The body is not well-formed FHIR JSON: " + what + ".");
    }

    /** The parser's own words may quote the body, so they are replaced by what kind of mistake it is, and where. */
    private static String whatIsWrong(JsonProcessingException e) {
        var message = String.valueOf(e.getOriginalMessage());
        String what;
        if (message.startsWith("Duplicate field")) {
            what = "a key occurs twice in one object";
        } else if (message.contains("nesting depth")) {
            what = "it is nested more than " + MAX_DEPTH + " deep";
        } else if (message.startsWith("Trailing token")) {
            what = "something follows the first JSON value";
        } else {
            what = "a syntax error";
        }
        return what + place(e.getLocation());
    }

    private static String place(@Nullable JsonLocation location) {
        return location == null ? "" : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
    }
}
