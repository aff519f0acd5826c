package org.calciwatch.notification.flag;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.JsonMappingException.Reference;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** How bodies are taken: they may be left out, and one of the wrong shape is told what is right. */
class RequestBodies {
    /** A request without a body needs no content type, or may name any: every note is optional. */
    @ServerRequestFilter(preMatching = true)
    void withoutBody(ContainerRequestContext request) {
        if (request.getMediaType() == null || request.getLength() == 0) {
            request.getHeaders().putSingle(HttpHeaders.CONTENT_TYPE, MediaType.APPLICATION_JSON);
        }
    }

    /** Quarkus' own answer to JSON of the wrong shape is not problem+json. */
    @ServerExceptionMapper
    Response wrongShape(MismatchedInputException e) {
        var where = e.getPath().stream().map(Reference::getFieldName).collect(joining("."));
        return HttpProblem.valueOf(
                        Response.Status.BAD_REQUEST,
                        where.isEmpty() ? "The body must be a JSON object" : where + " must be a text")
                .toResponse();
    }
}
