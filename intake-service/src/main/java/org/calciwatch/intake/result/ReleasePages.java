package org.calciwatch.intake.result;

import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.calciwatch.audit.Action;
import org.calciwatch.audit.AuditedAs;
import org.calciwatch.events.Severity;
import org.calciwatch.http.Page;
import org.calciwatch.intake.result.Results.State;
import org.calciwatch.intake.submission.Submissions;
import org.calciwatch.pages.Frame;
import org.calciwatch.pages.Frames;
import org.calciwatch.pages.Localised;
import org.calciwatch.security.Roles;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Where clinicians read what a patient would read, and release it. */
@Path("/release")
@RolesAllowed(Roles.CLINICIAN)
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
@Tag(name = "Pages")
class ReleasePages {
    private final Submissions submissions;
    private final Results results;
    private final Releases releases;
    private final AnswerWording answers;
    private final Frames frames;

    ReleasePages(Submissions submissions, Results results, Releases releases, AnswerWording answers, Frames frames) {
        this.submissions = submissions;
        this.results = results;
        this.releases = releases;
        this.answers = answers;
        this.frames = frames;
    }

    /**
     * A result that waits.
     *
     * @param day when it was assessed, in words
     */
    record Listed(UUID id, String patient, Severity severity, String day) {}

    /** The templates. */
    @CheckedTemplate(basePath = "release")
    static class Templates {
        static native TemplateInstance list(Frame frame, List<Listed> waiting, @Nullable String next);

        static native TemplateInstance result(
                Frame frame, ResultView view, String patient, Instant assessedAt, boolean waits);

        private Templates() {}
    }

    @GET
    @AuditedAs(Action.EXECUTE)
    @Operation(summary = "The results that wait for a release, as a page")
    public TemplateInstance list(@QueryParam("cursor") @Nullable String cursor) {
        var frame = frames.here();
        var localised = new Localised(frame.language());
        var page = releases.waiting(Page.DEFAULT_LIMIT, cursor, "/release");
        var listed = page.items().stream()
                .map(one -> new Listed(
                        one.submissionId(),
                        one.patientId(),
                        one.severity(),
                        localised.day(LocalDate.ofInstant(one.assessedAt(), ZoneOffset.UTC))))
                .toList();
        return Templates.list(frame, listed, page.next()).setLocale(frame.language());
    }

    @GET
    @Path("{id}")
    @Operation(summary = "What the patient would read of one result, as a page")
    public TemplateInstance result(@PathParam("id") String id) {
        var submission = ResultResource.uuid(id);
        submissions.requireReadable(submission);
        var frame = frames.here();
        return switch (results.asReleased(submission, frame.language())) {
            case State.NoSubmission _ -> throw ResultResource.noSubmission();
            case State.Erased _ -> throw ResultResource.erased();
            case State.Draft _ -> throw ResultResource.draft();
            case State.Pending _ ->
                throw HttpProblem.valueOf(
                        Response.Status.CONFLICT, "The newest version of the answers is not assessed yet.");
            case State.Ready ready -> {
                var version = submissions.completed(submission, ready.result().submissionVersion());
                yield Templates.result(
                                frame,
                                ResultView.of(ready, version, answers),
                                version.patientId(),
                                ready.assessedAt(),
                                releases.waits(submission))
                        .setLocale(frame.language());
            }
        };
    }

    @POST
    @Path("{id}")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @AuditedAs(Action.UPDATE)
    @Operation(summary = "Releases one result, from its page's form")
    public Response release(
            @PathParam("id") String id,
            @FormParam("version") int version,
            @FormParam("assessedAt") @Nullable String assessedAt) {
        releases.release(ResultResource.uuid(id), version, read(assessedAt));
        return Response.seeOther(URI.create("/release")).build();
    }

    private static Instant read(@Nullable String assessedAt) {
        try {
            return Instant.parse(assessedAt == null ? "" : assessedAt);
        } catch (DateTimeException e) {
            throw HttpProblem.valueOf(
                    Response.Status.BAD_REQUEST, "assessedAt must be the time that the page of the result names");
        }
    }
}
