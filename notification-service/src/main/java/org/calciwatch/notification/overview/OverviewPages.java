package org.calciwatch.notification.overview;

import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.calciwatch.audit.Action;
import org.calciwatch.audit.AuditedAs;
import org.calciwatch.notification.routing.Routing;
import org.calciwatch.pages.Frame;
import org.calciwatch.pages.Frames;
import org.calciwatch.security.Roles;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The lead's overview: how many flags, how soon somebody took note, which rules raise false alarms. */
@Path("/inbox")
@RolesAllowed(Roles.CLINICIAN)
@RunOnVirtualThread
@Tag(name = "Pages")
class OverviewPages {
    private static final int LONGEST = 104;

    private final Statistics statistics;
    private final Routing routing;
    private final Frames frames;
    private final Clock clock;

    OverviewPages(Statistics statistics, Routing routing, Frames frames, Clock clock) {
        this.statistics = statistics;
        this.routing = routing;
        this.frames = frames;
        this.clock = clock;
    }

    /** The template. */
    @CheckedTemplate(basePath = "overview")
    static class Templates {
        static native TemplateInstance overview(
                Frame frame,
                int weeks,
                List<Statistics.Week> perWeek,
                List<Statistics.Attention> attention,
                List<Statistics.Rule> rules);

        private Templates() {}
    }

    /**
     * The overview as a page.
     *
     * @param weeks how far back to look, 1 to 104
     */
    @GET
    @Path("/overview")
    @Produces(MediaType.TEXT_HTML)
    @AuditedAs(Action.EXECUTE)
    @Transactional
    @Operation(summary = "The lead's overview, as a page")
    public TemplateInstance overview(@QueryParam("weeks") @DefaultValue("12") int weeks) {
        var frame = frames.here();
        var shown = shown(weeks);
        var since = since(shown);
        return Templates.overview(
                        frame,
                        shown,
                        statistics.weeks(since, routing.zone()),
                        statistics.attention(since),
                        statistics.rules(since))
                .setLocale(frame.language());
    }

    /**
     * The flags of the overview as a file.
     *
     * @param weeks how far back to look, 1 to 104
     */
    @GET
    @Path("/overview.csv")
    @Produces("text/csv")
    @AuditedAs(Action.EXECUTE)
    @Transactional
    @Operation(summary = "The flags of the overview, for a spreadsheet")
    public Response csv(@QueryParam("weeks") @DefaultValue("12") int weeks) {
        try (var lines = statistics.lines(since(shown(weeks)))) {
            return Response.ok(
                            CsvFile.of(lines).collect(Collectors.joining()), "text/csv; charset=utf-8; header=present")
                    .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"flags.csv\"")
                    .build();
        }
    }

    private static int shown(int weeks) {
        return Math.clamp(weeks, 1, LONGEST);
    }

    private Instant since(int weeks) {
        return clock.instant().minus(Duration.ofDays(7L * weeks));
    }
}
