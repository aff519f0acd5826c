package org.calciwatch.intake.fhir;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.ext.Provider;

/** FHIR's {@code _format} parameter, which overrules the Accept header. */
@Provider
@PreMatching
public class FormatParameter implements ContainerRequestFilter {

    @Override
    public void filter(ContainerRequestContext request) {
        var format = request.getUriInfo().getQueryParameters().getFirst("_format");
        if (format == null || !request.getUriInfo().getPath().startsWith("/fhir/")) {
            return;
        }
        // A '+' that was not escaped arrives as a blank.
        var wanted =
                switch (format.replace(' ', '+')) {
                    case "json", FhirJson.MEDIA_TYPE -> FhirJson.MEDIA_TYPE;
                    case MediaType.APPLICATION_JSON -> MediaType.APPLICATION_JSON;
                    case "xml", "application/fhir+xml", "application/xml", "text/xml" -> "application/fhir+xml";
                    default ->
                        throw new FhirProblem(
                                400, "value", "_format must be json, " + FhirJson.MEDIA_TYPE + " or application/json.");
                };
        request.getHeaders().putSingle(HttpHeaders.ACCEPT, wanted);
    }
}
