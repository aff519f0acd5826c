package org.calciwatch.intake.form;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.UUID;
import org.calciwatch.intake.questionnaire.Answers;

/**
 * A response that is being filled in, as one version of it was saved.
 *
 * @param response the FHIR resource
 */
record Draft(UUID id, int version, Instant savedAt, ObjectNode response, Answers answers) {

    boolean isOpen() {
        return response.path("status").asText().equals("in-progress");
    }
}
