package org.calciwatch.events;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;

/**
 * A patient completed or amended the questionnaire.
 *
 * @param submissionId id of the FHIR QuestionnaireResponse
 * @param submissionVersion its version, counted from 1; a later version replaces the earlier ones
 * @param response the FHIR R4 QuestionnaireResponse itself
 */
public record QuestionnaireSubmitted(
        String submissionId, int submissionVersion, String patientId, Instant submittedAt, JsonNode response) {}
