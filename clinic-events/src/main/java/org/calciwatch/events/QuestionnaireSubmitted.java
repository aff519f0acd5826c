package org.calciwatch.events;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A patient completed or amended the questionnaire.
 *
 * @param submissionId id of the FHIR QuestionnaireResponse
 * @param submissionVersion its version, counted from 1; a later version replaces the earlier ones
 * @param response the FHIR R4 QuestionnaireResponse itself
 * @param clinic the clinic it belongs to, by which flags are routed; null when it is not known
 */
public record QuestionnaireSubmitted(
        String submissionId,
        int submissionVersion,
        String patientId,
        Instant submittedAt,
        JsonNode response,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String clinic) {}
