package org.calciwatch.intake.history;

import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.ForbiddenException;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.calciwatch.intake.result.Results;
import org.calciwatch.intake.submission.Submissions;
import org.calciwatch.pages.Frame;
import org.calciwatch.pages.Frames;
import org.calciwatch.security.Caller;
import org.calciwatch.security.Roles;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** How a patient's test results moved over time. */
@Path("/results/history")
@RolesAllowed(Roles.PATIENT)
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
@Tag(name = "Pages")
class HistoryPage {
    private final Submissions submissions;
    private final Results results;
    private final Histories histories;
    private final Frames frames;
    private final Caller caller;

    HistoryPage(Submissions submissions, Results results, Histories histories, Frames frames, Caller caller) {
        this.submissions = submissions;
        this.results = results;
        this.histories = histories;
        this.frames = frames;
        this.caller = caller;
    }

    /** The template. */
    @CheckedTemplate(basePath = "history")
    static class Templates {
        static native TemplateInstance history(Frame frame, List<Series> all);

        private Templates() {}
    }

    @GET
    @Operation(summary = "How the patient's own test results moved over time")
    public TemplateInstance history() {
        var frame = frames.here();
        var completed = submissions.completedOf(caller.patientId().orElseThrow(ForbiddenException::new));
        return Templates.history(frame, histories.of(completed, results.values(completed), frame.language()))
                .setLocale(frame.language());
    }
}
