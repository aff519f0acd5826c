package org.calciwatch.assessment.cds;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.ws.rs.core.Response.Status;
import java.util.ArrayList;
import java.util.regex.Pattern;

/**
 * The call of a CDS service when a chart is opened.
 *
 * @param prefetch the JSON object of that name
 */
record HookRequest(String patientId, JsonNode prefetch) {

    static final String HOOK = "patient-view";

    static final Pattern UUID_TEXT = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
    private static final String PATIENT = "Patient/";

    /** @throws HttpProblem 400 with everything that is wrong, 412 when nothing is prefetched */
    static HookRequest of(JsonNode body) {
        var problems = new ArrayList<String>();
        if (!HOOK.equals(body.path("hook").textValue())) {
            problems.add("hook must be '" + HOOK + "', the only one this service answers");
        }
        if (!UUID_TEXT.matcher(body.path("hookInstance").asText()).matches()) {
            problems.add("hookInstance must be a UUID");
        }
        var context = body.path("context");
        if (!context.isObject()) {
            problems.add("context must be an object with patientId and userId");
        } else {
            for (var required : new String[] {"patientId", "userId"}) {
                if (context.path(required).asText("").isBlank()) {
                    problems.add("context." + required + " must be there");
                }
            }
        }
        var prefetch = body.path("prefetch");
        if (!prefetch.isObject() && !prefetch.isNull() && !prefetch.isMissingNode()) {
            problems.add("prefetch must be an object");
        }
        if (!problems.isEmpty()) {
            throw HttpProblem.builder()
                    .withStatus(Status.BAD_REQUEST)
                    .withTitle("Not a call of this service")
                    .withDetail(String.join("; ", problems))
                    .with("problems", problems)
                    .build();
        }
        if (!prefetch.isObject()) {
            throw nothingToJudge();
        }
        var patient = context.path("patientId").asText();
        return new HookRequest(patient.startsWith(PATIENT) ? patient.substring(PATIENT.length()) : patient, prefetch);
    }

    /** The answer to a call that brings no data: this service does not fetch any by itself. */
    static HttpProblem nothingToJudge() {
        return HttpProblem.valueOf(
                Status.PRECONDITION_FAILED,
                "The prefetch holds nothing about this patient that could be judged. Send at least one Patient,"
                        + " Observation, Condition, MedicationStatement, MedicationRequest or QuestionnaireResponse;"
                        + " GET /cds-services has the queries.");
    }
}
