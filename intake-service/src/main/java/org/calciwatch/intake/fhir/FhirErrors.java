package org.calciwatch.intake.fhir;

import io.opentelemetry.api.trace.Span;
import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;
import java.lang.annotation.Annotation;
import java.util.List;
import java.util.Objects;

/**
 * Errors of the FHIR endpoints as OperationOutcome: our own, and those the framework raised before or beside our code
 * (no such route, wrong method, wrong media type, a bug), which arrive here as a problem or without a body.
 */
@Provider
public class FhirErrors implements ExceptionMapper<FhirProblem>, ContainerResponseFilter {

    private static final MediaType FHIR = MediaType.valueOf(FhirJson.MEDIA_TYPE);

    private final FhirJson json;

    FhirErrors(FhirJson json) {
        this.json = json;
    }

    @Override
    public Response toResponse(FhirProblem problem) {
        return Response.status(problem.status())
                .type(FHIR)
                .entity(json.write(json.operationOutcome(problem.issues())))
                .build();
    }

    @Override
    public void filter(ContainerRequestContext request, ContainerResponseContext response) {
        var ours = response.getEntity() != null && !(response.getEntity() instanceof HttpProblem);
        if (response.getStatus() < 400 || ours || !isFhir(request.getUriInfo().getPath())) {
            return;
        }
        var outcome = json.operationOutcome(List.of(issue(request, response)));
        response.setEntity(json.write(outcome), new Annotation[0], FHIR);
    }

    private static boolean isFhir(String path) {
        return path.equals("/fhir") || path.startsWith("/fhir/");
    }

    private static Issue issue(ContainerRequestContext request, ContainerResponseContext response) {
        var status = response.getStatusInfo();
        if (status.getFamily() == Response.Status.Family.SERVER_ERROR) {
            var id = Span.current().getSpanContext().getTraceId();
            return new Issue("fatal", "exception", "Something went wrong on our side. Correlation id: " + id, null);
        }
        return switch (status.getStatusCode()) {
            case 401 -> Issue.error("login", "A valid bearer token of the clinic's identity provider is required.");
            case 403 -> Issue.error("forbidden", "Your role does not allow this, or the data are another patient's.");
            case 404 ->
                Issue.error(
                        "not-found",
                        "There is nothing to " + request.getMethod()
                                + " at this address. GET /fhir/metadata lists what there is.");
            case 405 ->
                Issue.error(
                        "not-supported",
                        request.getMethod() + " is not supported here; allowed: "
                                + Objects.requireNonNullElse(
                                        response.getHeaderString("Allow"), "see GET /fhir/metadata")
                                + ".");
            case 406 -> Issue.error("not-supported", "Answers are " + FhirJson.MEDIA_TYPE + " or application/json.");
            case 415 ->
                Issue.error("not-supported", "Send the body as " + FhirJson.MEDIA_TYPE + " or application/json.");
            default ->
                Issue.error(
                        "processing",
                        response.getEntity() instanceof HttpProblem problem && problem.getDetail() != null
                                ? problem.getDetail()
                                : status.getReasonPhrase());
        };
    }
}
