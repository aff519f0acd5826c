package org.calciwatch.intake.result;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.calciwatch.intake.questionnaire.Languages;
import org.calciwatch.intake.result.Results.State;
import org.calciwatch.intake.submission.Submissions;
import org.calciwatch.security.Caller;
import org.calciwatch.security.Roles;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** What the patient's result page asks for. */
@Path("/submissions/{id}")
@RolesAllowed({Roles.PATIENT, Roles.CLINICIAN, Roles.INTEGRATION})
@RunOnVirtualThread
@Tag(name = "Results")
class ResultResource {

    /** A browser that still waits after this long asks again; nothing is left behind by one that went away. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

    /**
     * A result stored by this instance wakes the waiting at once. This finds one that another instance stored, and is
     * also how often a sign of life goes out, so that proxies keep the connection.
     */
    private static final Duration LOOK_AGAIN = Duration.ofMillis(1500);

    private static final Map<String, String> PENDING = Map.of("status", "pending");

    private final Submissions submissions;
    private final Results results;
    private final Arrivals arrivals;
    private final Languages languages;
    private final Caller caller;
    private final ObjectMapper json;
    private final Clock clock;

    ResultResource(
            Submissions submissions,
            Results results,
            Arrivals arrivals,
            Languages languages,
            Caller caller,
            ObjectMapper json,
            Clock clock) {
        this.submissions = submissions;
        this.results = results;
        this.arrivals = arrivals;
        this.languages = languages;
        this.caller = caller;
        this.json = json;
        this.clock = clock;
    }

    @GET
    @Path("result")
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "The patient's result; 202 until it is there")
    public Response result(
            @PathParam("id") String id,
            @QueryParam("_language") @Nullable String chosen,
            @HeaderParam(HttpHeaders.ACCEPT_LANGUAGE) @Nullable String accepted) {
        submissions.requireReadable(uuid(id));
        return switch (results.of(uuid(id), languages.best(chosen, accepted))) {
            case State.NoSubmission _ -> throw noSubmission();
            case State.Erased _ -> throw erased();
            case State.Draft _ -> throw draft();
            case State.Pending _ ->
                Response.accepted(PENDING).header(HttpHeaders.RETRY_AFTER, 1).build();
            case State.Ready ready ->
                Response.ok(ready.result())
                        .header(HttpHeaders.CONTENT_LANGUAGE, ready.result().language())
                        .header(HttpHeaders.VARY, HttpHeaders.ACCEPT_LANGUAGE)
                        .header(HttpHeaders.CACHE_CONTROL, "no-store")
                        .build();
        };
    }

    @GET
    @Path("events")
    @Operation(summary = "The patient's result as a server-sent event as soon as it is there")
    public Response events(
            @PathParam("id") String id,
            @QueryParam("_language") @Nullable String chosen,
            @HeaderParam(HttpHeaders.ACCEPT_LANGUAGE) @Nullable String accepted,
            @Context RoutingContext request) {
        submissions.requireReadable(uuid(id));
        var language = languages.best(chosen, accepted);
        return switch (results.of(uuid(id), language)) {
            case State.NoSubmission _ -> throw noSubmission();
            case State.Erased _ -> throw erased();
            case State.Draft _ -> throw draft();
            case State.Pending _, State.Ready _ -> {
                var arrival = arrivals.waitFor(uuid(id), caller.name()).orElseThrow(ResultResource::tooManyWait);
                // However the request ends, also before a word was sent.
                request.addEndHandler(_ -> arrival.close());
                yield Response.ok((StreamingOutput) browser -> send(arrival, language, browser, request.response()))
                        .type(MediaType.SERVER_SENT_EVENTS_TYPE)
                        .header(HttpHeaders.CACHE_CONTROL, "no-store")
                        .build();
            }
        };
    }

    /**
     * Runs on a virtual thread of its own while the browser waits; between two looks it holds no database connection.
     *
     * @param connection tells when the browser has gone away, which writing to it does not
     */
    private void send(Arrivals.Waiting arrival, String language, OutputStream browser, HttpServerResponse connection)
            throws IOException {
        var end = clock.instant().plus(LONGEST_WAIT);
        try (arrival) {
            while (!connection.closed()) {
                if (results.of(arrival.submissionId(), language) instanceof State.Ready ready) {
                    write(browser, "event: result\ndata: " + json.writeValueAsString(ready.result()) + "\n\n");
                    return;
                }
                if (arrivals.isStopping() || clock.instant().isAfter(end)) {
                    write(browser, "event: pending\ndata: " + json.writeValueAsString(PENDING) + "\n\n");
                    return;
                }
                write(browser, ": waiting\n\n");
                arrival.await(LOOK_AGAIN);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static HttpProblem tooManyWait() {
        return HttpProblem.builder()
                .withStatus(429)
                .withTitle("Too Many Requests")
                .withDetail("You wait for this result %d times already, the most at once. Close one, or ask in %d s."
                        .formatted(Arrivals.MOST_OF_ONE, LONGEST_WAIT.toSeconds()))
                .withHeader(HttpHeaders.RETRY_AFTER, LONGEST_WAIT.toSeconds())
                .build();
    }

    private static void write(OutputStream browser, String event) throws IOException {
        browser.write(event.getBytes(StandardCharsets.UTF_8));
        browser.flush();
    }

    static UUID uuid(String id) {
        try {
            return UUID.fromString(id);
        } catch (IllegalArgumentException e) {
            throw noSubmission();
        }
    }

    static HttpProblem noSubmission() {
        return HttpProblem.valueOf(Response.Status.NOT_FOUND, "There is no such submission.");
    }

    static HttpProblem erased() {
        return HttpProblem.valueOf(Response.Status.GONE, "The submission was erased with all data of its patient.");
    }

    static HttpProblem draft() {
        return HttpProblem.valueOf(
                Response.Status.NOT_FOUND,
                "The submission is a draft; it has a result once it is completed with"
                        + " PUT /fhir/QuestionnaireResponse/{id}.");
    }
}
