package org.calciwatch.intake.result;

import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.ForbiddenException;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.PermitAll;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.UUID;
import org.calciwatch.intake.questionnaire.Languages;
import org.calciwatch.intake.result.Results.State;
import org.calciwatch.intake.submission.Submissions;
import org.calciwatch.intake.submission.Submissions.Completed;
import org.calciwatch.security.Caller;
import org.calciwatch.security.Roles;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** What patients read in their browser, after a login. */
@Path("/")
@RolesAllowed(Roles.PATIENT)
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
@Tag(name = "Pages")
class ResultPages {
    private final Submissions submissions;
    private final Results results;
    private final Languages languages;
    private final Caller caller;

    ResultPages(Submissions submissions, Results results, Languages languages, Caller caller) {
        this.submissions = submissions;
        this.results = results;
        this.languages = languages;
        this.caller = caller;
    }

    /** The templates. */
    @CheckedTemplate(basePath = "result")
    static class Templates {
        static native TemplateInstance welcome(String language);

        static native TemplateInstance list(String language, List<Completed> submissions);

        static native TemplateInstance pending(String language);

        static native TemplateInstance ready(PatientResult result);

        private Templates() {}
    }

    @GET
    @PermitAll
    @Operation(summary = "Where patients begin")
    public TemplateInstance welcome(
            @QueryParam("_language") @Nullable String chosen,
            @HeaderParam(HttpHeaders.ACCEPT_LANGUAGE) @Nullable String accepted) {
        var language = languages.best(chosen, accepted);
        return Templates.welcome(language).setLocale(language);
    }

    @GET
    @Path("results")
    @Operation(summary = "The patient's own questionnaires")
    public TemplateInstance list(
            @QueryParam("_language") @Nullable String chosen,
            @HeaderParam(HttpHeaders.ACCEPT_LANGUAGE) @Nullable String accepted) {
        var patient = caller.patientId().orElseThrow(ForbiddenException::new);
        var language = languages.best(chosen, accepted);
        return Templates.list(language, submissions.completedOf(patient)).setLocale(language);
    }

    @GET
    @Path("results/{id}")
    @Operation(summary = "The result of one questionnaire")
    public TemplateInstance result(
            @PathParam("id") String id,
            @QueryParam("_language") @Nullable String chosen,
            @HeaderParam(HttpHeaders.ACCEPT_LANGUAGE) @Nullable String accepted) {
        UUID submission = ResultResource.uuid(id);
        submissions.requireReadable(submission);
        var language = languages.best(chosen, accepted);
        return switch (results.of(submission, language)) {
            case State.NoSubmission _ -> throw ResultResource.noSubmission();
            case State.Erased _ -> throw ResultResource.erased();
            case State.Draft _ -> throw ResultResource.draft();
            case State.Pending _ -> Templates.pending(language).setLocale(language);
            case State.Ready ready -> Templates.ready(ready.result()).setLocale(language);
        };
    }
}
