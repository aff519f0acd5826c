package org.calciwatch.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.opentelemetry.api.trace.Span;
import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.annotation.Priority;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response.Status.Family;
import jakarta.ws.rs.ext.Provider;
import java.lang.annotation.Annotation;
import java.util.Optional;

/**
 * Errors of the FHIR endpoints as OperationOutcome, whether ours or the framework's. A service that has more to say has
 * said it before.
 */
@Provider
@Priority(Priorities.USER - 1000)
public class FhirErrors implements ContainerResponseFilter {

    /** The media type of FHIR resources as JSON. */
    public static final String FHIR_JSON = "application/fhir+json";

    private final ObjectMapper json;

    FhirErrors(ObjectMapper json) {
        this.json = json;
    }

    @Override
    public void filter(ContainerRequestContext request, ContainerResponseContext response) {
        var isSaid = response.getEntity() instanceof String;
        if (response.getStatus() < 400
                || isSaid
                || !request.getUriInfo().getPath().startsWith("/fhir/")) {
            return;
        }
        var status = response.getStatusInfo();
        boolean ourFault = status.getFamily() == Family.SERVER_ERROR;
        var detail = response.getEntity() instanceof HttpProblem problem
                ? Optional.ofNullable(problem.getDetail())
                : Optional.<String>empty();
        var outcome = json.createObjectNode().put("resourceType", "OperationOutcome");
        outcome.putArray("issue")
                .addObject()
                .put("severity", ourFault ? "fatal" : "error")
                .put("code", code(status.getStatusCode()))
                .put(
                        "diagnostics",
                        ourFault
                                ? "Something went wrong on our side. Correlation id: "
                                        + Span.current().getSpanContext().getTraceId()
                                : detail.orElse(status.getReasonPhrase()));
        response.setEntity(outcome.toString(), new Annotation[0], MediaType.valueOf(FHIR_JSON));
    }

    private static String code(int status) {
        return switch (status) {
            case 400 -> "value";
            case 401 -> "login";
            case 403 -> "forbidden";
            case 429 -> "throttled";
            case 404 -> "not-found";
            case 405, 406, 415 -> "not-supported";
            default -> status >= 500 ? "exception" : "processing";
        };
    }
}
