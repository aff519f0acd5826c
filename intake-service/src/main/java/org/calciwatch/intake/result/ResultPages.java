package org.calciwatch.intake.result;

import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.ForbiddenException;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.calciwatch.intake.portal.Moments;
import org.calciwatch.intake.result.Results.State;
import org.calciwatch.intake.submission.Submissions;
import org.calciwatch.pages.Frame;
import org.calciwatch.pages.Frames;
import org.calciwatch.pages.Localised;
import org.calciwatch.pages.PdfDocuments;
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
    private final ResultStream stream;
    private final AnswerWording answers;
    private final PdfDocuments documents;
    private final Frames frames;
    private final Caller caller;
    private final Clock clock;

    ResultPages(
            Submissions submissions,
            Results results,
            ResultStream stream,
            AnswerWording answers,
            PdfDocuments documents,
            Frames frames,
            Caller caller,
            Clock clock) {
        this.submissions = submissions;
        this.results = results;
        this.stream = stream;
        this.answers = answers;
        this.documents = documents;
        this.frames = frames;
        this.caller = caller;
        this.clock = clock;
    }

    /**
     * A submission in the list.
     *
     * @param when it was sent, in words
     * @param assessed whether its result is there
     * @param summary what the list says of its result; says nothing while it is not there
     */
    record Listed(UUID id, String when, boolean assessed, Results.Summary summary) {}

    /** The templates. */
    @CheckedTemplate(basePath = "result")
    static class Templates {
        static native TemplateInstance list(Frame frame, List<Listed> submissions);

        static native TemplateInstance pending(Frame frame, UUID id);

        static native TemplateInstance ready(Frame frame, ResultView view);

        static native TemplateInstance pdf(Frame frame, ResultView view, String today);

        private Templates() {}
    }

    @GET
    @Path("results")
    @Operation(summary = "The patient's own questionnaires")
    public TemplateInstance list() {
        var patient = caller.patientId().orElseThrow(ForbiddenException::new);
        var frame = frames.here();
        var completed = submissions.completedOf(patient);
        var summaries = results.summaries(completed);
        var names = Moments.inWords(
                completed.stream().map(Submissions.Completed::storedAt).toList(), frame.language());
        var listed = IntStream.range(0, completed.size())
                .mapToObj(i -> {
                    var id = completed.get(i).id();
                    return new Listed(
                            id,
                            names.get(i),
                            summaries.containsKey(id),
                            summaries.getOrDefault(id, new Results.Summary(null)));
                })
                .toList();
        return Templates.list(frame, listed).setLocale(frame.language());
    }

    @GET
    @Path("results/{id}")
    @Operation(summary = "The result of one questionnaire")
    public TemplateInstance result(@PathParam("id") String id) {
        var submission = ResultResource.uuid(id);
        var frame = frames.here();
        return switch (state(submission, frame)) {
            case State.NoSubmission _ -> throw ResultResource.noSubmission();
            case State.Erased _ -> throw ResultResource.erased();
            case State.Draft _ -> throw ResultResource.draft();
            case State.Pending _ -> Templates.pending(frame, submission).setLocale(frame.language());
            case State.Ready ready -> Templates.ready(frame, view(ready)).setLocale(frame.language());
        };
    }

    @GET
    @Path("results/{id}/pdf")
    @Produces(PdfDocuments.MEDIA_TYPE)
    @Operation(summary = "The result of one questionnaire, to be taken to the clinic")
    public Response pdf(@PathParam("id") String id) {
        var submission = ResultResource.uuid(id);
        var frame = frames.here();
        return switch (state(submission, frame)) {
            case State.NoSubmission _ -> throw ResultResource.noSubmission();
            case State.Erased _ -> throw ResultResource.erased();
            case State.Draft _ -> throw ResultResource.draft();
            case State.Pending _ ->
                Response.seeOther(URI.create("/results/" + submission)).build();
            case State.Ready ready -> {
                var today = LocalDate.now(clock);
                var page = Templates.pdf(frame, view(ready), new Localised(frame.language()).day(today))
                        .setLocale(frame.language())
                        .render();
                yield Response.ok(documents.of(page))
                        .header(HttpHeaders.CONTENT_DISPOSITION, "inline; filename=\"calciwatch-" + today + ".pdf\"")
                        .header(HttpHeaders.CONTENT_LANGUAGE, frame.language())
                        .build();
            }
        };
    }

    @GET
    @Path("results/{id}/events")
    // Browsers ask for text/event-stream and nothing else.
    @Produces(MediaType.WILDCARD)
    @Operation(summary = "Tells the page of a result that it is there, as a server-sent event")
    public Response events(@PathParam("id") String id, @Context RoutingContext request) {
        return stream.of(ResultResource.uuid(id), frames.here().language(), request);
    }

    private State state(UUID submission, Frame frame) {
        submissions.requireReadable(submission);
        return results.of(submission, frame.language());
    }

    private ResultView view(State.Ready ready) {
        var result = ready.result();
        var submission = submissions.completed(UUID.fromString(result.submissionId()), result.submissionVersion());
        return ResultView.of(ready, submission, answers);
    }
}
