package org.calciwatch.assessment.detectedissue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response.Status;
import jakarta.ws.rs.core.UriInfo;
import java.io.UncheckedIOException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.calciwatch.assessment.detectedissue.DetectedIssues.Finding;
import org.calciwatch.assessment.stored.StoredAssessment;
import org.calciwatch.assessment.stored.StoredAssessments;
import org.calciwatch.audit.Access;
import org.calciwatch.audit.Action;
import org.calciwatch.audit.AuditedAs;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.http.Cursors;
import org.calciwatch.http.FhirErrors;
import org.calciwatch.http.Page;
import org.calciwatch.security.Roles;
import org.jspecify.annotations.Nullable;

/** The clinician-level findings of a patient's newest assessment, as FHIR R4. */
@Path("/fhir/DetectedIssue")
@RolesAllowed({Roles.CLINICIAN, Roles.INTEGRATION})
@Produces({FhirErrors.FHIR_JSON, MediaType.APPLICATION_JSON})
@RunOnVirtualThread
class DetectedIssueResource {

    private static final Pattern ID = Pattern.compile("([0-9a-f-]{36})\\.([1-9]\\d{0,3})");
    private static final Pattern COUNT = Pattern.compile("\\d{1,9}");
    private static final String PATIENT = "Patient/";

    private final StoredAssessments assessments;
    private final DetectedIssues issues;
    private final Access access;
    private final ObjectMapper json;

    DetectedIssueResource(StoredAssessments assessments, DetectedIssues issues, Access access, ObjectMapper json) {
        this.assessments = assessments;
        this.issues = issues;
        this.access = access;
        this.json = json;
    }

    /** One finding, also of an older assessment: 200, or 404. */
    @GET
    @Path("/{id}")
    @Transactional
    public String read(@PathParam("id") String id) {
        return find(id).map(finding -> {
                    access.about(finding.assessment().patientId());
                    access.entity("DetectedIssue", finding.id());
                    return write(issues.resource(finding));
                })
                .orElseThrow(() -> HttpProblem.valueOf(Status.NOT_FOUND, "There is no DetectedIssue with this id."));
    }

    /** A searchset Bundle, the most severe finding first: 200, or 400 for a malformed or missing parameter. */
    @GET
    @AuditedAs(Action.EXECUTE)
    @Transactional
    public String search(
            @QueryParam("patient") @Nullable String patient,
            @QueryParam("_count") @Nullable String count,
            @QueryParam("_cursor") @Nullable String cursor,
            @Context UriInfo request) {
        var patientId = patientId(patient);
        access.about(patientId);
        int size = count == null ? Page.DEFAULT_LIMIT : size(count);
        List<Finding> all;
        int shown = 0;
        if (cursor == null) {
            var newest = assessments.newestOf(patientId).map(this::assessment);
            all = newest.map(DetectedIssues::of).orElse(List.of());
            if (all.isEmpty()) {
                return write(nothing(newest, request));
            }
        } else {
            // The following pages are of the assessment the first one was of, though there may be a newer one by now.
            var last = find(cursor)
                    .filter(finding -> finding.assessment().patientId().equals(patientId))
                    .orElseThrow(() ->
                            HttpProblem.valueOf(Status.BAD_REQUEST, "_cursor must come from the next link of a page."));
            all = DetectedIssues.of(last.assessment());
            shown = last.place();
        }
        return write(bundle(all, all.subList(shown, Math.min(all.size(), shown + size)), request, size));
    }

    /** No findings is not an all-clear: says what it rests on. */
    private JsonNode nothing(Optional<AssessmentCompleted> newest, UriInfo request) {
        var why = newest.map(assessment ->
                        "No rule of clinician level fired in the assessment of %s; %d checks could not be judged. This does not mean that everything is fine."
                                .formatted(
                                        assessment.assessedAt().truncatedTo(ChronoUnit.SECONDS),
                                        assessment.unknown().size()))
                .orElse("Nothing of this patient was assessed. This does not mean that everything is fine.");
        var bundle = emptyBundle(0, request);
        var entry = bundle.putArray("entry").addObject();
        entry.put("fullUrl", "urn:uuid:" + UUID.randomUUID());
        var issue = entry.putObject("resource")
                .put("resourceType", "OperationOutcome")
                .putArray("issue")
                .addObject();
        issue.put("severity", "information").put("code", "informational").put("diagnostics", why);
        entry.putObject("search").put("mode", "outcome");
        return bundle;
    }

    private ObjectNode emptyBundle(int total, UriInfo request) {
        var bundle = json.createObjectNode()
                .put("resourceType", "Bundle")
                .put("type", "searchset")
                .put("total", total);
        bundle.putArray("link")
                .addObject()
                .put("relation", "self")
                .put("url", request.getRequestUri().toString());
        return bundle;
    }

    private JsonNode bundle(List<Finding> all, List<Finding> page, UriInfo request, int size) {
        var bundle = emptyBundle(all.size(), request);
        var links = (ArrayNode) bundle.get("link");
        if (!page.isEmpty() && page.getLast().place() < all.size()) {
            links.addObject()
                    .put("relation", "next")
                    .put(
                            "url",
                            request.getRequestUriBuilder()
                                    .replaceQueryParam("_count", size)
                                    .replaceQueryParam("_cursor", page.getLast().id())
                                    .build()
                                    .toString());
        }
        if (!page.isEmpty()) {
            var entries = bundle.putArray("entry");
            for (var finding : page) {
                var entry = entries.addObject();
                entry.put(
                        "fullUrl",
                        request.getBaseUriBuilder()
                                .path("fhir/DetectedIssue")
                                .path(finding.id())
                                .build()
                                .toString());
                entry.set("resource", issues.resource(finding));
                entry.putObject("search").put("mode", "match");
            }
        }
        return bundle;
    }

    private Optional<Finding> find(String id) {
        var parts = ID.matcher(id);
        if (!parts.matches()) {
            return Optional.empty();
        }
        return uuid(parts.group(1))
                .flatMap(found -> assessments.findByIdOptional(found))
                .map(this::assessment)
                .map(DetectedIssues::of)
                .flatMap(findings -> {
                    int place = Integer.parseInt(parts.group(2));
                    return place <= findings.size() ? Optional.of(findings.get(place - 1)) : Optional.empty();
                });
    }

    private static Optional<UUID> uuid(String text) {
        try {
            return Optional.of(UUID.fromString(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private AssessmentCompleted assessment(StoredAssessment stored) {
        try {
            return json.readValue(stored.data(), AssessmentCompleted.class);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String patientId(@Nullable String patient) {
        var id = patient != null && patient.startsWith(PATIENT) ? patient.substring(PATIENT.length()) : patient;
        if (id == null || id.isBlank() || id.contains("/") || id.contains(",")) {
            throw HttpProblem.valueOf(
                    Status.BAD_REQUEST,
                    "patient must be there, as Patient/<id> or <id>, and be one patient: it selects whose findings.");
        }
        Cursors.requireText("patient", id);
        return id;
    }

    private static int size(String count) {
        if (!COUNT.matcher(count).matches()) {
            throw HttpProblem.valueOf(Status.BAD_REQUEST, "_count must be a whole number that is not negative.");
        }
        return Math.min(Integer.parseInt(count), Page.MAX_LIMIT);
    }

    private String write(JsonNode resource) {
        try {
            return json.writeValueAsString(resource);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
