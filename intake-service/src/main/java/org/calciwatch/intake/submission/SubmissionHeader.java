package org.calciwatch.intake.submission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a submission is found by, read from a response without problems.
 *
 * @param identifier the sender's own name for it, under which it can be sent again safely; null when there is none
 * @param authored null when the response does not say
 * @param clinic the organization that is its author, as a portal for several clinics says; null when there is none
 */
record SubmissionHeader(
        String patientId,
        SubmissionStatus status,
        @Nullable Identifier identifier,
        @Nullable FhirTime authored,
        @Nullable ClinicId clinic) {

    /** Longest part of an identifier: 2 x 255 x 4 bytes stay below PostgreSQL's 2,704 bytes for an index entry. */
    static final int MAX_IDENTIFIER = 255;

    private static final Pattern PATIENT = Pattern.compile("(?:https?://[^\\s?#]+/)?Patient/([A-Za-z0-9.-]{1,64})");

    /** @param system empty when the identifier has none */
    record Identifier(String system, String value) {}

    static SubmissionHeader of(ObjectNode response) {
        var authored = response.path("authored").textValue();
        return new SubmissionHeader(
                patientId(response.path("subject").path("reference").asText()).orElseThrow(),
                SubmissionStatus.find(response.path("status").asText()).orElseThrow(),
                identifier(response),
                authored == null ? null : FhirTime.parse(authored).orElseThrow(),
                ClinicId.referredTo(response.path("author").path("reference").asText())
                        .orElse(null));
    }

    /** The id in {@code Patient/<id>} or in a URL that ends so. */
    static Optional<String> patientId(String reference) {
        var match = PATIENT.matcher(reference);
        return match.matches() ? Optional.of(match.group(1)) : Optional.empty();
    }

    private static @Nullable Identifier identifier(ObjectNode response) {
        var value = response.path("identifier").path("value").textValue();
        return value == null
                ? null
                : new Identifier(response.path("identifier").path("system").asText(), value);
    }
}
