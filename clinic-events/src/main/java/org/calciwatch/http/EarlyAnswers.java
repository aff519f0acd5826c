package org.calciwatch.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.UncheckedIOException;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * What is decided before a request reaches a resource: the answers are the same as everywhere, OperationOutcome on FHIR
 * endpoints and problem+json on all others.
 */
@ApplicationScoped
class EarlyAnswers {

    /** After the rate limits (400), before everything that reads the body. */
    private static final int EARLY = 390;

    /** A year. Browsers that came once over TLS will not come without it; other hosts of the domain are not concerned. */
    private static final String ONLY_TLS = "max-age=31536000";

    private final ObjectMapper json;
    private final long largestBody;

    EarlyAnswers(
            ObjectMapper json, @ConfigProperty(name = "quarkus.http.limits.max-body-size") MemorySize largestBody) {
        this.json = json;
        this.largestBody = largestBody.asLongValue();
    }

    void register(@Observes Filters filters) {
        filters.register(EarlyAnswers::addHeaders, Integer.MAX_VALUE);
        filters.register(this::refuseLargeBody, EARLY);
    }

    /** The headers that depend on the request or its answer; all others are settings. */
    private static void addHeaders(RoutingContext request) {
        // What says nothing else is not stored anywhere. As a setting it would stand beside what the answer itself
        // says.
        request.addHeadersEndHandler(_ -> {
            var headers = request.response().headers();
            if (!headers.contains("Cache-Control")) {
                headers.set("Cache-Control", "no-store");
            }
        });
        // Browsers ignore it on plain HTTP; behind a proxy the scheme is the one it forwards.
        if ("https".equals(request.request().scheme())) {
            request.response().putHeader("Strict-Transport-Security", ONLY_TLS);
        }
        request.next();
    }

    private void refuseLargeBody(RoutingContext request) {
        var declared = request.request().getHeader("Content-Length");
        // More than 18 digits may be no long; they are too large in any case.
        if (declared == null || (declared.matches("\\d{1,18}") && Long.parseLong(declared) <= largestBody)) {
            request.next();
            return;
        }
        // Nobody reads the rest, so nothing else can follow on this connection.
        if (request.request().version() != HttpVersion.HTTP_2) { // which has streams, and forbids the header
            request.response().putHeader("Connection", "close");
        }
        refuse(
                request,
                413,
                "too-long",
                "The body is larger than " + largestBody / 1024 + " KiB, the most that is taken.");
    }

    /**
     * Ends the request.
     *
     * @param code code of the FHIR value set issue-type
     * @param detail what was wrong and what would be right
     */
    void refuse(RoutingContext request, int status, String code, String detail) {
        var path = request.normalizedPath();
        var body = json.createObjectNode();
        if (path.equals("/fhir") || path.startsWith("/fhir/")) {
            request.response().putHeader("Content-Type", "application/fhir+json");
            body.put("resourceType", "OperationOutcome")
                    .putArray("issue")
                    .addObject()
                    .put("severity", "error")
                    .put("code", code)
                    .put("diagnostics", detail);
        } else {
            request.response().putHeader("Content-Type", "application/problem+json");
            body.put("status", status)
                    .put("title", HttpResponseStatus.valueOf(status).reasonPhrase())
                    .put("detail", detail);
        }
        try {
            request.response().setStatusCode(status).end(json.writeValueAsString(body));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
