package org.calciwatch.assessment.stored;

import io.quarkiverse.resteasy.problem.HttpProblem;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response.Status;
import jakarta.ws.rs.core.UriBuilder;
import java.util.UUID;
import org.calciwatch.audit.Access;
import org.calciwatch.audit.Action;
import org.calciwatch.audit.AuditedAs;
import org.calciwatch.http.Cursors;
import org.calciwatch.http.Page;
import org.calciwatch.security.Roles;
import org.jspecify.annotations.Nullable;

/** The stored assessments. */
@Path("/assessments")
@RolesAllowed({Roles.CLINICIAN, Roles.INTEGRATION})
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
class AssessmentResource {

    private final StoredAssessments assessments;
    private final Access access;

    AssessmentResource(StoredAssessments assessments, Access access) {
        this.assessments = assessments;
        this.access = access;
    }

    /** One assessment. */
    @GET
    @Path("/{id}")
    @Transactional
    public StoredAssessment get(@PathParam("id") String text) {
        var assessment = assessments
                .findByIdOptional(id(text, Status.NOT_FOUND))
                .orElseThrow(() -> HttpProblem.valueOf(Status.NOT_FOUND, "There is no assessment " + text));
        access.about(assessment.patientId);
        access.entity("assessments", assessment.id);
        return assessment;
    }

    /** The assessments of a submission, one per version, or of a patient; newest first. */
    @GET
    @AuditedAs(Action.EXECUTE)
    @Transactional
    public Page<StoredAssessment> list(
            @QueryParam("submission") @Nullable String submission,
            @QueryParam("patient") @Nullable String patient,
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue("" + Page.DEFAULT_LIMIT) String limit) {
        int size = Cursors.limit(limit);
        Cursors.requireText("submission", submission);
        Cursors.requireText("patient", patient);
        var found =
                assessments.find(submission, patient, cursor == null ? null : id(cursor, Status.BAD_REQUEST), size + 1);
        if (patient != null) {
            access.about(patient);
        }
        var page = Cursors.page(found, size, last -> next(submission, patient, size, last.id));
        for (var assessment : page.items()) {
            access.about(assessment.patientId);
            access.entity("assessments", assessment.id);
        }
        return page;
    }

    private static String next(@Nullable String submission, @Nullable String patient, int size, UUID last) {
        var next = UriBuilder.fromPath("/assessments").queryParam("limit", size).queryParam("cursor", last);
        if (submission != null) {
            next.queryParam("submission", submission);
        }
        if (patient != null) {
            next.queryParam("patient", patient);
        }
        return next.build().toString();
    }

    private static UUID id(String text, Status otherwise) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw HttpProblem.valueOf(otherwise, "An assessment's id is a UUID");
        }
    }
}
