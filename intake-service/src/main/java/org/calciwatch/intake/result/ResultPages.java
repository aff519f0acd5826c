package org.calciwatch.intake.result;

import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.ForbiddenException;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.UUID;
import org.calciwatch.intake.portal.Frame;
import org.calciwatch.intake.portal.Frames;
import org.calciwatch.intake.result.Results.State;
import org.calciwatch.intake.submission.Submissions;
import org.calciwatch.intake.submission.Submissions.Completed;
import org.calciwatch.security.Caller;
import org.calciwatch.security.Roles;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** What patients read in their browser, after a login. */
@Path("/")
@RolesAllowed(Roles.PATIENT)
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
@Tag(name = "Pages")
class ResultPages {
    private final Submissions submissions;
    private final Results results;
    private final Frames frames;
    private final Caller caller;

    ResultPages(Submissions submissions, Results results, Frames frames, Caller caller) {
        this.submissions = submissions;
        this.results = results;
        this.frames = frames;
        this.caller = caller;
    }

    /** The templates. */
    @CheckedTemplate(basePath = "result")
    static class Templates {
        static native TemplateInstance list(Frame frame, List<Completed> submissions);

        static native TemplateInstance pending(Frame frame);

        static native TemplateInstance ready(Frame frame, PatientResult result);

        private Templates() {}
    }

    @GET
    @Path("results")
    @Operation(summary = "The patient's own questionnaires")
    public TemplateInstance list() {
        var patient = caller.patientId().orElseThrow(ForbiddenException::new);
        var frame = frames.here();
        return Templates.list(frame, submissions.completedOf(patient)).setLocale(frame.language());
    }

    @GET
    @Path("results/{id}")
    @Operation(summary = "The result of one questionnaire")
    public TemplateInstance result(@PathParam("id") String id) {
        UUID submission = ResultResource.uuid(id);
        submissions.requireReadable(submission);
        var frame = frames.here();
        return switch (results.of(submission, frame.language())) {
            case State.NoSubmission _ -> throw ResultResource.noSubmission();
            case State.Erased _ -> throw ResultResource.erased();
            case State.Draft _ -> throw ResultResource.draft();
            case State.Pending _ -> Templates.pending(frame).setLocale(frame.language());
            case State.Ready ready -> Templates.ready(frame, ready.result()).setLocale(frame.language());
        };
    }
}
