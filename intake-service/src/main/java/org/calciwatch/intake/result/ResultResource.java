package org.calciwatch.intake.result;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import java.util.UUID;
import org.calciwatch.audit.Action;
import org.calciwatch.audit.AuditedAs;
import org.calciwatch.intake.result.Results.State;
import org.calciwatch.intake.submission.Submissions;
import org.calciwatch.pages.Languages;
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

    private static final Map<String, String> PENDING = Map.of("status", "pending");

    private final Submissions submissions;
    private final Results results;
    private final ResultStream stream;
    private final Releases releases;
    private final Languages languages;

    ResultResource(
            Submissions submissions, Results results, ResultStream stream, Releases releases, Languages languages) {
        this.submissions = submissions;
        this.results = results;
        this.stream = stream;
        this.releases = releases;
        this.languages = languages;
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
        return stream.of(uuid(id), languages.best(chosen, accepted), request);
    }

    @POST
    @Path("release")
    @RolesAllowed(Roles.CLINICIAN)
    @Consumes(MediaType.APPLICATION_JSON)
    @AuditedAs(Action.UPDATE)
    @Operation(summary = "Lets the patient read a result in full; 409 when it is not the newest or released already")
    public Response release(@PathParam("id") String id, @Nullable JsonNode body) {
        var version = body == null ? null : body.get("submissionVersion");
        if (version == null || !version.isInt()) {
            throw HttpProblem.valueOf(
                    Response.Status.BAD_REQUEST,
                    "submissionVersion must be the version of the answers whose result was read, a whole number");
        }
        releases.release(uuid(id), version.intValue(), null);
        return Response.noContent().build();
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
