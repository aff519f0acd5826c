package org.calciwatch.intake.submission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.calciwatch.audit.Action;
import org.calciwatch.audit.AuditedAs;
import org.calciwatch.intake.fhir.FhirJson;
import org.calciwatch.intake.fhir.FhirProblem;
import org.calciwatch.intake.fhir.Issue;
import org.calciwatch.intake.submission.Submissions.Stored;
import org.calciwatch.security.Roles;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The FHIR endpoints of QuestionnaireResponse. */
@Path("/fhir/QuestionnaireResponse")
@RolesAllowed({Roles.PATIENT, Roles.CLINICIAN, Roles.INTEGRATION})
@Produces({FhirJson.MEDIA_TYPE, MediaType.APPLICATION_JSON})
@RunOnVirtualThread
@Tag(name = "FHIR R4")
class SubmissionResource {

    private static final String PATH = "/fhir/QuestionnaireResponse/";
    static final EnumSet<SubmissionStatus> TO_CREATE =
            EnumSet.of(SubmissionStatus.IN_PROGRESS, SubmissionStatus.COMPLETED);
    private static final EnumSet<SubmissionStatus> TO_UPDATE = EnumSet.allOf(SubmissionStatus.class);
    private static final Pattern VERSION_TAG = Pattern.compile("(?:W/)?\"(\\d{1,9})\"");

    private final Submissions submissions;
    private final ResponseValidator validator;
    private final FhirJson json;

    SubmissionResource(Submissions submissions, ResponseValidator validator, FhirJson json) {
        this.submissions = submissions;
        this.validator = validator;
        this.json = json;
    }

    @POST
    @RolesAllowed({Roles.PATIENT, Roles.INTEGRATION})
    @Consumes({FhirJson.MEDIA_TYPE, MediaType.APPLICATION_JSON})
    @AuditedAs(Action.CREATE)
    @Operation(summary = "Submit answers, or save a draft")
    public Response create(InputStream body, @HeaderParam("Prefer") @Nullable String prefer) {
        var response = questionnaireResponse(json.read(body));
        refuseProblems(response, TO_CREATE);
        var posted = submissions.create(response, Roles.INTEGRATION);
        var answer = posted.created()
                ? Response.created(URI.create(PATH + posted.stored().id()))
                : Response.ok().location(URI.create(PATH + posted.stored().id()));
        return withStored(answer, posted.stored(), prefer);
    }

    @PUT
    @RolesAllowed({Roles.PATIENT, Roles.INTEGRATION})
    @Path("{id}")
    @Consumes({FhirJson.MEDIA_TYPE, MediaType.APPLICATION_JSON})
    @Operation(summary = "Save or complete a draft, or amend what is completed")
    public Response update(
            @PathParam("id") String id,
            InputStream body,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch,
            @HeaderParam("Prefer") @Nullable String prefer) {
        var response = questionnaireResponse(json.read(body));
        if (!id.equals(response.path("id").textValue())) {
            throw new FhirProblem(400, "value", "The id in the body must be the one in the URL.");
        }
        var expected = version(ifMatch);
        refuseProblems(response, TO_UPDATE);
        return withStored(Response.ok(), submissions.update(uuid(id), expected, response), prefer);
    }

    @GET
    @Path("{id}")
    @Operation(summary = "The newest version")
    public Response get(@PathParam("id") String id, @Context Request request) {
        return read(submissions.get(uuid(id)), request);
    }

    @GET
    @Path("{id}/_history/{version}")
    @Operation(summary = "One version")
    public Response getVersion(
            @PathParam("id") String id, @PathParam("version") String version, @Context Request request) {
        if (!version.matches("\\d{1,9}")) {
            throw Submissions.unknown();
        }
        return read(submissions.get(uuid(id), Integer.parseInt(version)), request);
    }

    @GET
    @AuditedAs(Action.EXECUTE)
    @Operation(summary = "Search by subject, status and authored")
    public Response search(@Context UriInfo uri, @HeaderParam("Prefer") @Nullable String prefer) {
        var isStrict = prefer != null && prefer.contains("handling=strict");
        var search = new SubmissionSearch(uri.getQueryParameters(), isStrict);
        var found = submissions.search(search);
        var base = uri.getBaseUri().resolve("/fhir/QuestionnaireResponse").toString();
        var bundle = json.object()
                .put("resourceType", "Bundle")
                .put("type", "searchset")
                .put("total", found.total());
        var links = bundle.putArray("link");
        links.addObject().put("relation", "self").put("url", base + query(search.understood()));
        if (found.more()) {
            links.addObject()
                    .put("relation", "next")
                    .put("url", base + query(search.after(found.page().getLast().id())));
        }
        if (!found.page().isEmpty()) {
            var entries = bundle.putArray("entry");
            for (var stored : found.page()) {
                var entry = entries.addObject().put("fullUrl", base + "/" + stored.id());
                entry.set("resource", json.readOwn(stored.resource()));
                entry.putObject("search").put("mode", "match");
            }
        }
        return Response.ok(json.write(bundle)).build();
    }

    @POST
    @RolesAllowed({Roles.PATIENT, Roles.CLINICIAN, Roles.ADMIN, Roles.INTEGRATION})
    @Path("$validate")
    @Consumes({FhirJson.MEDIA_TYPE, MediaType.APPLICATION_JSON})
    @Operation(summary = "Check answers without storing them")
    public Response validate(InputStream body, @Context UriInfo uri) {
        var sent = json.read(body);
        var mode = uri.getQueryParameters().getFirst("mode");
        var resource = sent;
        if ("Parameters".equals(sent.path("resourceType").textValue())) {
            resource = json.object();
            for (var parameter : sent.path("parameter")) {
                var name = parameter.path("name").asText();
                if (name.equals("resource") && parameter.path("resource") instanceof ObjectNode given) {
                    resource = given;
                } else if (name.equals("mode")) {
                    mode = parameter.path("valueCode").textValue();
                }
            }
        }
        var problems =
                validator.problems(questionnaireResponse(resource), "update".equals(mode) ? TO_UPDATE : TO_CREATE);
        return Response.ok(json.write(json.operationOutcome(
                        problems.isEmpty()
                                ? List.of(new Issue("information", "informational", "No problems found.", null))
                                : problems)))
                .build();
    }

    static ObjectNode questionnaireResponse(ObjectNode sent) {
        if (!"QuestionnaireResponse".equals(sent.path("resourceType").textValue())) {
            throw new FhirProblem(400, "structure", "The body must have the resourceType QuestionnaireResponse.");
        }
        return sent;
    }

    private void refuseProblems(ObjectNode response, EnumSet<SubmissionStatus> allowed) {
        var problems = validator.problems(response, allowed);
        if (!problems.isEmpty()) {
            throw new FhirProblem(422, problems);
        }
    }

    /** Ids are given out here and are UUIDs; nothing else can exist. */
    private static UUID uuid(String id) {
        try {
            var uuid = UUID.fromString(id);
            if (uuid.toString().equals(id)) {
                return uuid;
            }
        } catch (IllegalArgumentException e) {
            // said below, as for a UUID in another spelling
        }
        throw Submissions.unknown();
    }

    private static int version(@Nullable String ifMatch) {
        if (ifMatch == null) {
            throw new FhirProblem(
                    428, "required", "If-Match is missing; send the ETag of the version you have changed.");
        }
        var tag = VERSION_TAG.matcher(ifMatch.strip());
        if (!tag.matches()) {
            throw new FhirProblem(400, "value", "If-Match must be the ETag of one version, such as W/\"1\".");
        }
        return Integer.parseInt(tag.group(1));
    }

    private static Response read(Stored stored, Request request) {
        var answer = request.evaluatePreconditions(tag(stored));
        if (answer == null) {
            answer = Response.ok(stored.resource());
        }
        return answer.tag(tag(stored))
                .lastModified(Date.from(stored.storedAt()))
                .build();
    }

    private Response withStored(Response.ResponseBuilder answer, Stored stored, @Nullable String prefer) {
        answer.tag(tag(stored))
                .lastModified(Date.from(stored.storedAt()))
                .contentLocation(URI.create(PATH + stored.id() + "/_history/" + stored.version()));
        if (prefer != null && prefer.contains("return=minimal")) {
            return answer.build();
        }
        if (prefer != null && prefer.contains("return=OperationOutcome")) {
            var done = "Stored as version " + stored.version() + ".";
            return answer.entity(json.write(
                            json.operationOutcome(List.of(new Issue("information", "informational", done, null)))))
                    .build();
        }
        return answer.entity(stored.resource()).build();
    }

    private static EntityTag tag(Stored stored) {
        return new EntityTag(Integer.toString(stored.version()), true);
    }

    private static String query(Map<String, List<String>> parameters) {
        var query = parameters.entrySet().stream()
                .flatMap(entry -> entry.getValue().stream().map(value -> encode(entry.getKey()) + "=" + encode(value)))
                .collect(Collectors.joining("&"));
        return query.isEmpty() ? "" : "?" + query;
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
