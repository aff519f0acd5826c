package org.calciwatch.privacy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.arc.All;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import org.calciwatch.audit.Access;
import org.calciwatch.security.Caller;
import org.calciwatch.security.Roles;

/** All that is known of a patient, as one FHIR R4 Bundle; on each service its own part, on intake everybody's. */
@Path("/fhir/Patient/{id}/$everything")
@RunOnVirtualThread
public class EverythingResource {

    private static final String FHIR = "application/fhir+json";

    /** Seconds after which asking again makes sense: about how long a service takes to start. */
    private static final int RETRY_AFTER = 10;

    private final List<PatientExport> parts;
    private final Caller caller;
    private final Access access;
    private final ObjectMapper json;

    EverythingResource(@All List<PatientExport> parts, Caller caller, Access access, ObjectMapper json) {
        this.parts = parts;
        this.caller = caller;
        this.access = access;
        this.json = json;
    }

    /** 200, 400 when the id cannot be a patient's, 503 when a part is missing: then nothing is told. */
    @GET
    @Produces({FHIR, MediaType.APPLICATION_JSON})
    @RolesAllowed({Roles.PATIENT, Roles.ADMIN})
    public Response everything(@PathParam("id") String id, @Context UriInfo uri) {
        if (!PatientIds.isValid(id)) {
            return problem(Response.Status.BAD_REQUEST, "value", PatientIds.RIGHT)
                    .build();
        }
        access.about(id);
        caller.requireAccessTo(id, Roles.ADMIN);
        try {
            var resources =
                    parts.stream().flatMap(part -> part.export(id).stream()).toList();
            return Response.ok(bundle(resources, uri).toString(), FHIR)
                    .header(HttpHeaders.CACHE_CONTROL, "no-store")
                    .build();
        } catch (ExportIncomplete incomplete) {
            return problem(
                            Response.Status.SERVICE_UNAVAILABLE,
                            "transient",
                            "The export would be incomplete: " + incomplete.getMessage() + ". Try again later.")
                    .header(HttpHeaders.RETRY_AFTER, RETRY_AFTER)
                    .build();
        }
    }

    private ObjectNode bundle(List<ObjectNode> resources, UriInfo uri) {
        var bundle = json.createObjectNode()
                .put("resourceType", "Bundle")
                .put("type", "searchset")
                .put("total", resources.size());
        bundle.putArray("link")
                .addObject()
                .put("relation", "self")
                .put("url", uri.getRequestUri().toString());
        if (!resources.isEmpty()) {
            var entries = bundle.putArray("entry");
            for (var resource : resources) {
                var entry = entries.addObject()
                        .put(
                                "fullUrl",
                                uri.getBaseUriBuilder()
                                        .path("fhir")
                                        .path(resource.get("resourceType").textValue())
                                        .path(resource.get("id").textValue())
                                        .build()
                                        .toString());
                entry.set("resource", resource);
                entry.putObject("search").put("mode", "match");
            }
        }
        return bundle;
    }

    private Response.ResponseBuilder problem(Response.Status status, String code, String diagnostics) {
        var outcome = json.createObjectNode().put("resourceType", "OperationOutcome");
        outcome.putArray("issue")
                .addObject()
                .put("severity", "error")
                .put("code", code)
                .put("diagnostics", diagnostics);
        return Response.status(status).type(FHIR).entity(outcome.toString());
    }
}
