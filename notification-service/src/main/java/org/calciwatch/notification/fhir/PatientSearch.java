package org.calciwatch.notification.fhir;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.ws.rs.core.Response.Status;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.calciwatch.http.Page;
import org.calciwatch.privacy.PatientIds;
import org.jspecify.annotations.Nullable;

/**
 * A FHIR search for what there is of one patient, answered by a searchset Bundle, a page at a time, the newest first.
 *
 * @param parameter name of the parameter that says whose
 * @param size most matches on the page; 0 asks for their number only
 * @param before only what is older than the one with this id; null at the start
 */
public record PatientSearch(
        String parameter,
        String patientId,
        int size,
        @Nullable UUID before) {

    private static final String PATIENT = "Patient/";
    private static final String COUNT = "_count";
    private static final String CURSOR = "_cursor";
    private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");

    /**
     * Reads the parameters of a request; those that are not known are ignored, which is FHIR's default.
     *
     * @throws HttpProblem 400 for a malformed one, and unless there is exactly one patient
     */
    public static PatientSearch of(String parameter, UriInfo request) {
        var query = request.getQueryParameters();
        var patients = query.getOrDefault(parameter, List.of());
        var given = patients.size() == 1 ? patients.getFirst() : "";
        var id = given.startsWith(PATIENT) ? given.substring(PATIENT.length()) : given;
        if (!PatientIds.isValid(id)) {
            throw bad(parameter + " must be there once, as Patient/<id> or <id>, and be one patient. "
                    + PatientIds.RIGHT);
        }
        return new PatientSearch(parameter, id, size(query.getFirst(COUNT)), before(query.getFirst(CURSOR)));
    }

    private static int size(@Nullable String count) {
        if (count == null) {
            return Page.DEFAULT_LIMIT;
        }
        if (!NUMBER.matcher(count).matches()) {
            throw bad(COUNT + " must be a whole number that is not negative.");
        }
        return Math.min(Integer.parseInt(count), Page.MAX_LIMIT);
    }

    private static @Nullable UUID before(@Nullable String cursor) {
        if (cursor == null) {
            return null;
        }
        try {
            return UUID.fromString(cursor);
        } catch (IllegalArgumentException e) {
            throw bad(CURSOR + " must come from the next link of a page.");
        }
    }

    private static HttpProblem bad(String detail) {
        return HttpProblem.valueOf(Status.BAD_REQUEST, detail);
    }

    /**
     * How many to look for: one more than the page holds tells whether there is another page.
     *
     * @return 1 or more
     */
    public int limit() {
        return size + 1;
    }

    /**
     * The page.
     *
     * @param total matches on all pages
     * @param found up to {@link #limit} resources
     * @param nothing what it means that there is nothing at all
     */
    public ObjectNode bundle(UriInfo request, long total, List<ObjectNode> found, String nothing) {
        var bundle = JsonNodeFactory.instance
                .objectNode()
                .put("resourceType", "Bundle")
                .put("type", "searchset")
                .put("total", total);
        var links = bundle.putArray("link");
        links.addObject().put("relation", "self").put("url", url(request, before));
        var page = found.subList(0, Math.min(size, found.size()));
        if (size > 0 && found.size() > size) {
            var last = UUID.fromString(page.getLast().path("id").asText());
            links.addObject().put("relation", "next").put("url", url(request, last));
        }
        if (total == 0) {
            var entry = bundle.putArray("entry").addObject();
            entry.put("fullUrl", "urn:uuid:" + UUID.randomUUID());
            entry.putObject("resource")
                    .put("resourceType", "OperationOutcome")
                    .putArray("issue")
                    .addObject()
                    .put("severity", "information")
                    .put("code", "informational")
                    .put("diagnostics", nothing);
            entry.putObject("search").put("mode", "outcome");
        } else if (!page.isEmpty()) {
            // FHIR knows no empty arrays.
            var entries = bundle.putArray("entry");
            for (var resource : page) {
                var entry = entries.addObject();
                entry.put(
                        "fullUrl",
                        request.getAbsolutePathBuilder()
                                .path(resource.path("id").asText())
                                .build()
                                .toString());
                entry.set("resource", resource);
                entry.putObject("search").put("mode", "match");
            }
        }
        return bundle;
    }

    /** With the parameters that were understood, as FHIR wants it. */
    private String url(UriInfo request, @Nullable UUID before) {
        var url = request.getAbsolutePathBuilder()
                .queryParam(parameter, patientId)
                .queryParam(COUNT, size);
        return (before == null ? url : url.queryParam(CURSOR, before)).build().toString();
    }
}
