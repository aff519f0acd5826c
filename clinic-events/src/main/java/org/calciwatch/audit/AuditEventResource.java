package org.calciwatch.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response.Status;
import jakarta.ws.rs.core.UriInfo;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.calciwatch.audit.AuditChain.Head;
import org.calciwatch.http.FhirErrors;
import org.calciwatch.security.Roles;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** For admins: who did what with whose data in this service, as FHIR R4. */
@Path("/fhir/AuditEvent")
@Produces({FhirErrors.FHIR_JSON, MediaType.APPLICATION_JSON})
@RolesAllowed(Roles.ADMIN)
@RunOnVirtualThread
@Tag(name = "FHIR R4")
public class AuditEventResource {

    private final AuditLog log;
    private final AuditEventJson events;
    private final AuditChain chain;
    private final Pseudonyms pseudonyms;
    private final Access access;
    private final ObjectMapper json;
    private final String service;

    AuditEventResource(
            AuditLog log,
            AuditEventJson events,
            AuditChain chain,
            Pseudonyms pseudonyms,
            Access access,
            ObjectMapper json,
            @ConfigProperty(name = "quarkus.application.name") String service) {
        this.log = log;
        this.events = events;
        this.chain = chain;
        this.pseudonyms = pseudonyms;
        this.access = access;
        this.json = json;
        this.service = service;
    }

    /** A searchset Bundle, the newest event first: 200, or 400 for a parameter that is malformed or not known. */
    @GET
    @AuditedAs(Action.EXECUTE)
    @Operation(summary = "Search the audit trail by patient, agent, date and action")
    public String search(@Context UriInfo request) throws JsonProcessingException {
        var search = new AuditSearch(request.getQueryParameters(), pseudonyms);
        search.patientId().ifPresent(access::about);
        var found = search.count() == 0 ? List.<AuditEvent>of() : log.find(search, search.count() + 1);
        var page = found.subList(0, Math.min(found.size(), search.count()));
        var bundle = json.createObjectNode()
                .put("resourceType", "Bundle")
                .put("type", "searchset")
                .put("total", log.count(search));
        var links = bundle.putArray("link");
        links.addObject().put("relation", "self").put("url", url(request, search.understood()));
        if (found.size() > page.size()) {
            links.addObject()
                    .put("relation", "next")
                    .put("url", url(request, search.after(page.getLast().id())));
        }
        if (!page.isEmpty()) {
            var entries = bundle.putArray("entry");
            for (var resource : events.of(page)) {
                var entry = entries.addObject()
                        .put(
                                "fullUrl",
                                request.getAbsolutePath() + "/"
                                        + resource.get("id").asText());
                entry.set("resource", resource);
                entry.putObject("search").put("mode", "match");
            }
        }
        return json.writeValueAsString(bundle);
    }

    private static String url(UriInfo request, Map<String, List<String>> parameters) {
        var query = parameters.entrySet().stream()
                .flatMap(entry -> entry.getValue().stream()
                        .map(value -> entry.getKey() + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8)))
                .collect(Collectors.joining("&"));
        return request.getAbsolutePath() + (query.isEmpty() ? "" : "?" + query);
    }

    /** One event: 200, or 404. */
    @GET
    @Path("/{id}")
    @Operation(summary = "One audit event")
    public String read(@PathParam("id") String id) throws JsonProcessingException {
        var event = uuid(id).flatMap(log::find)
                .orElseThrow(() -> HttpProblem.valueOf(Status.NOT_FOUND, "There is no AuditEvent with this id."));
        access.entity("AuditEvent", event.id());
        return json.writeValueAsString(events.of(List.of(event)).getFirst());
    }

    /**
     * Computes the chain anew: 200 with {@code valid} true or false and what was found, 400 for a malformed head.
     *
     * @param head noted earlier, {@code <seq>:<hash>}; shows also that the end of the chain was cut off
     */
    @GET
    @Path("/$verify")
    @Produces(MediaType.APPLICATION_JSON)
    @AuditedAs(Action.EXECUTE)
    @Operation(summary = "Verify the chain of the audit trail; head=<seq>:<hash> compares with a head noted earlier")
    public Verification verify(@QueryParam("head") @Nullable String head) {
        if (head == null) {
            return Verification.of(service, chain, null);
        }
        var noted = Head.parse(head)
                .orElseThrow(() -> HttpProblem.valueOf(
                        Status.BAD_REQUEST, "head must be <seq>:<hash> as an earlier verification or the log said."));
        return Verification.of(service, chain, noted);
    }

    private static Optional<UUID> uuid(String text) {
        try {
            return Optional.of(UUID.fromString(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
