package org.calciwatch.notification.routing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.util.Objects;
import java.util.regex.Pattern;
import org.calciwatch.audit.Access;
import org.calciwatch.notification.routing.Routing.InForce;
import org.calciwatch.security.Roles;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jspecify.annotations.Nullable;

/** The routing table, for clinicians to read and admins to change. */
@Path("/routing")
@RolesAllowed(Roles.ADMIN)
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class RoutingResource {

    /** Weak ones too: a proxy that compresses answers makes them so. */
    private static final Pattern VERSION_TAG = Pattern.compile("(?:W/)?\"(\\d{1,9})\"");

    private final Routing routing;
    private final Access access;
    private final ObjectMapper json;
    private final Clock clock;

    RoutingResource(Routing routing, Access access, ObjectMapper json, Clock clock) {
        this.routing = routing;
        this.access = access;
        this.json = json;
        this.clock = clock;
    }

    /** The table in force. */
    @GET
    @RolesAllowed({Roles.CLINICIAN, Roles.ADMIN})
    @Operation(summary = "Who hears of what; the ETag is needed to change it")
    public Response read() {
        var inForce = routing.inForce();
        access.entity(Routing.AUDITED_AS, inForce.version());
        return answer(inForce);
    }

    /** Puts another table in force. */
    @PUT
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Change who hears of what, from the next mail on")
    @APIResponse(responseCode = "200", description = "The table is in force")
    @APIResponse(responseCode = "412", description = "Somebody else has changed it since it was read")
    @APIResponse(responseCode = "422", description = "Every reason, with its place; nothing is changed")
    @APIResponse(responseCode = "428", description = "If-Match is missing")
    public Response replace(InputStream body, @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch)
            throws IOException {
        var expected = version(ifMatch);
        try {
            var table = RoutingTableReader.table(json, body.readAllBytes());
            return answer(routing.replace(expected, table));
        } catch (JsonProcessingException e) {
            throw notJson();
        } catch (InvalidRouting e) {
            throw refused("The routing table is not valid", e);
        }
    }

    /** Says who would hear of a flag, when. */
    @POST
    @Path("/$simulate")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Who would hear of a flag of this severity, category and clinic, opened at this time, and when;"
                    + " by the table in force, or by one given as \"table\". Nothing is sent or changed")
    @APIResponse(responseCode = "422", description = "Every reason, with its place")
    public Simulation simulate(InputStream body) throws IOException {
        try {
            var question = RoutingTableReader.question(json, body.readAllBytes());
            var table = Objects.requireNonNullElseGet(
                    question.table(), () -> routing.inForce().table());
            var row = table.match(question.severity(), question.category(), question.clinic());
            return Simulation.of(
                    table,
                    row,
                    routing.route(table, row),
                    question.severity(),
                    Objects.requireNonNullElseGet(question.at(), clock::instant));
        } catch (JsonProcessingException e) {
            throw notJson();
        } catch (InvalidRouting e) {
            throw refused("The question is not valid", e);
        }
    }

    private static Response answer(InForce inForce) {
        return Response.ok(inForce.table())
                .tag(new EntityTag(String.valueOf(inForce.version())))
                .build();
    }

    private static int version(@Nullable String ifMatch) {
        if (ifMatch == null) {
            throw HttpProblem.builder()
                    .withStatus(428)
                    .withTitle("Precondition Required")
                    .withDetail(
                            "If-Match is missing; send the ETag that GET /routing gave with the table you have changed")
                    .build();
        }
        var tag = VERSION_TAG.matcher(ifMatch.strip());
        if (!tag.matches()) {
            throw HttpProblem.valueOf(Status.BAD_REQUEST, "If-Match must be the ETag of one version, such as \"1\"");
        }
        return Integer.parseInt(tag.group(1));
    }

    private static HttpProblem notJson() {
        return HttpProblem.valueOf(Status.BAD_REQUEST, "The body must be one JSON object and nothing else");
    }

    private static HttpProblem refused(String title, InvalidRouting reasons) {
        return HttpProblem.builder()
                .withStatus(422)
                .withTitle(title)
                .withDetail("It has %d problem(s). Nothing was changed."
                        .formatted(reasons.problems().size()))
                .with("problems", reasons.problems())
                .build();
    }
}
