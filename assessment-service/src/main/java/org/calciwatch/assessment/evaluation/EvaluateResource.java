package org.calciwatch.assessment.evaluation;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response.Status;
import java.io.IOException;
import java.time.Clock;
import java.time.LocalDate;
import org.calciwatch.assessment.response.QuestionnaireResponseReader;
import org.calciwatch.assessment.response.ResponseRefused;
import org.calciwatch.audit.Access;
import org.calciwatch.security.Roles;

/** What would come of these answers? Stores nothing. */
@Path("/assessments")
@RolesAllowed({Roles.CLINICIAN, Roles.ADMIN, Roles.INTEGRATION})
@RunOnVirtualThread
public class EvaluateResource {

    /** As many bytes as intake takes of a response. */
    private static final int LARGEST_BODY = 256 * 1024;

    private final Assessor assessor;
    private final Access access;
    private final ObjectMapper json;
    private final ObjectReader strictTree;
    private final Clock clock = Clock.systemUTC();

    EvaluateResource(Assessor assessor, Access access, ObjectMapper json) {
        this.assessor = assessor;
        this.access = access;
        this.json = json;
        this.strictTree = json.readerFor(JsonNode.class)
                .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .with(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);
    }

    /**
     * Assesses a QuestionnaireResponse: 200 with the assessment, 400 when it is none, 422 with every problem when it
     * cannot be judged, 503 when there is no usable rule pack.
     */
    @POST
    @Path("/$evaluate")
    @Consumes({"application/fhir+json", MediaType.APPLICATION_JSON})
    @Produces(MediaType.APPLICATION_JSON)
    public JsonNode evaluate(byte[] body) {
        var response = parse(body);
        var patient = patient(response);
        access.about(patient.asText(""));
        try {
            var assessment =
                    assessor.assess("", 1, "", QuestionnaireResponseReader.read(response, LocalDate.now(clock)), null);
            ObjectNode answer = json.valueToTree(assessment);
            // Nothing is stored, so these are only what the response itself says.
            answer.set("submissionId", response.path("id").isTextual() ? response.get("id") : null);
            answer.set("patientId", patient);
            return answer;
        } catch (ResponseRefused refused) {
            throw HttpProblem.builder()
                    .withStatus(422)
                    .withTitle("The answers cannot be assessed")
                    .withDetail(refused.getMessage())
                    .with("problems", refused.problems())
                    .build();
        }
    }

    private JsonNode patient(JsonNode response) {
        var reference = response.path("subject").path("reference").asText();
        var at = reference.lastIndexOf("Patient/");
        return at < 0 ? json.nullNode() : json.getNodeFactory().textNode(reference.substring(at + "Patient/".length()));
    }

    private JsonNode parse(byte[] body) {
        if (body.length > LARGEST_BODY) {
            throw HttpProblem.valueOf(
                    Status.REQUEST_ENTITY_TOO_LARGE,
                    "The body is larger than %d KiB, the most that is taken".formatted(LARGEST_BODY / 1024));
        }
        try {
            JsonNode response = strictTree.readValue(body);
            if (response != null
                    && "QuestionnaireResponse"
                            .equals(response.path("resourceType").textValue())) {
                return response;
            }
        } catch (IOException | ArithmeticException | NumberFormatException e) {
            throw HttpProblem.valueOf(
                    Status.BAD_REQUEST,
                    "The body is not well-formed JSON: " + e.getClass().getSimpleName());
        }
        throw HttpProblem.valueOf(
                Status.BAD_REQUEST, "The body must be a FHIR resource with resourceType 'QuestionnaireResponse'");
    }
}
