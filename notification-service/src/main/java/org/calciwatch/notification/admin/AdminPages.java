package org.calciwatch.notification.admin;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriBuilder;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.calciwatch.audit.Action;
import org.calciwatch.audit.AuditedAs;
import org.calciwatch.events.deadletter.DeadLetter;
import org.calciwatch.http.Page;
import org.calciwatch.notification.admin.ClinicServices.Answer;
import org.calciwatch.notification.admin.ClinicServices.Health;
import org.calciwatch.notification.admin.ClinicServices.Service;
import org.calciwatch.notification.delivery.Deliveries;
import org.calciwatch.notification.routing.Routing;
import org.calciwatch.pages.Frame;
import org.calciwatch.pages.Frames;
import org.calciwatch.pages.Localised;
import org.calciwatch.security.Roles;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** What an admin looks after: the services, mails that reached nobody, dead letters, rule packs. */
@Path("/admin")
@RolesAllowed(Roles.ADMIN)
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
@Tag(name = "Pages")
class AdminPages {

    private final ClinicServices services;
    private final Figures figures;
    private final Deliveries deliveries;
    private final Routing routing;
    private final Frames frames;
    private final ObjectMapper json;
    private final Clock clock;

    AdminPages(
            ClinicServices services,
            Figures figures,
            Deliveries deliveries,
            Routing routing,
            Frames frames,
            ObjectMapper json,
            Clock clock) {
        this.services = services;
        this.figures = figures;
        this.deliveries = deliveries;
        this.routing = routing;
        this.frames = frames;
        this.json = json;
        this.clock = clock;
    }

    /** What became of what another service was asked to do, or this one. */
    enum Outcome {
        DONE,
        /** It could not be done, or was done before. */
        REFUSED,
        /** The service did not answer; it may have been done. */
        NO_ANSWER
    }

    /**
     * Moments as the reader sees them.
     *
     * @param zone the clinic's
     */
    record Times(String language, ZoneId zone) {
        /** As in {@code 1 Mar 2026, 14:05}. */
        public String at(Instant moment) {
            return new Localised(language).moment(moment, zone);
        }
    }

    /**
     * What a service was asked for.
     *
     * @param items null where it gave none, which is not the same as having none
     * @param hasMore true where there are more than are shown
     */
    record Part<T>(Service service, @Nullable List<T> items, boolean hasMore) {}

    /**
     * How many dead letters of a service nobody has processed.
     *
     * @param number null where it gave no answer
     * @param orMore true where it may have more
     */
    record Waiting(Service service, @Nullable Long number, boolean orMore) {}

    /**
     * Flags that no row of the routing table was for.
     *
     * @param isRouted whether a row of the table in force is for them
     */
    record Unrouted(Figures.Unrouted flags, boolean isRouted) {}

    /** A rule pack, as far as the page shows it; see the assessment service's {@code GET /rule-packs}. */
    record Pack(
            String version,
            boolean active,
            Instant uploadedAt,
            String uploadedBy,
            @Nullable Instant activatedAt) {}

    /** What would change with another rule pack, as far as the page shows it; see its {@code $dry-run}. */
    record DryRun(Ref active, int patients, int changed, int notComparable, List<RuleChange> rules) {}

    /** A pack. */
    record Ref(String version) {}

    /** For how many patients a rule changes, and how. */
    record RuleChange(String ruleId, int nowFires, int noLongerFires, int nowUnknown, int noLongerUnknown) {}

    /** The templates. */
    @CheckedTemplate(basePath = "admin")
    static class Templates {
        static native TemplateInstance admin(
                Frame frame,
                Times times,
                @Nullable Outcome outcome,
                Map<Service, Health> health,
                List<Waiting> deadLetters,
                Figures.Waiting overdueFlags,
                Figures.Waiting overdueMails,
                Figures.Waiting failingFlags,
                Figures.Waiting failingMails,
                List<Unrouted> unrouted,
                Figures.Mails mails,
                List<Figures.Unreached> unreached,
                Figures.Hooks webhooks);

        static native TemplateInstance deadLetters(
                Frame frame, Times times, @Nullable Outcome outcome, List<Part<DeadLetter>> services);

        static native TemplateInstance rulePacks(Frame frame, Times times, @Nullable Outcome outcome, Part<Pack> packs);

        static native TemplateInstance rulePack(Frame frame, String version, int status, @Nullable DryRun report);

        private Templates() {}
    }

    @GET
    @AuditedAs(Action.EXECUTE)
    @Operation(summary = "How the services, the timers and the mails are, as a page")
    public TemplateInstance admin(@QueryParam("outcome") @Nullable Outcome outcome) {
        var now = clock.instant();
        var frame = frames.here();
        return Templates.admin(
                        frame,
                        times(frame),
                        outcome,
                        services.health(),
                        deadLetters().stream().map(AdminPages::waiting).toList(),
                        figures.overdueFlags(now),
                        figures.overdueMails(now),
                        figures.failingFlags(),
                        figures.failingMails(now),
                        figures.unrouted(now).stream().map(this::unrouted).toList(),
                        figures.mails(now),
                        figures.unreached(),
                        figures.webhooks())
                .setLocale(frame.language());
    }

    private static Waiting waiting(Part<DeadLetter> part) {
        return new Waiting(
                part.service(),
                part.items() == null
                        ? null
                        : part.items().stream()
                                .filter(letter -> letter.replayedAt() == null)
                                .count(),
                part.hasMore());
    }

    private Unrouted unrouted(Figures.Unrouted flags) {
        return new Unrouted(
                flags,
                !routing.route(flags.severity(), flags.category(), flags.clinic())
                        .isFallback());
    }

    @POST
    @Path("/deliveries/{id}/retry")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @AuditedAs(Action.UPDATE)
    @Operation(summary = "Has a mail tried again at once for those it did not reach, from its page's form")
    public Response retry(@PathParam("id") UUID id) {
        Outcome outcome;
        try {
            deliveries.retry(id);
            outcome = Outcome.DONE;
        } catch (HttpProblem e) {
            // It has reached everybody meanwhile, or is gone; the list says so.
            outcome = Outcome.REFUSED;
        }
        return Response.seeOther(URI.create("/admin?outcome=" + outcome)).build();
    }

    @GET
    @Path("/dead-letters")
    @AuditedAs(Action.EXECUTE)
    @Operation(summary = "Messages that a service could not process, of all services, as a page")
    public TemplateInstance deadLetters(@QueryParam("outcome") @Nullable Outcome outcome) {
        var frame = frames.here();
        return Templates.deadLetters(frame, times(frame), outcome, deadLetters())
                .setLocale(frame.language());
    }

    private List<Part<DeadLetter>> deadLetters() {
        return services.askAll("/dead-letters?limit=" + Page.MAX_LIMIT).entrySet().stream()
                .map(asked -> part(asked.getKey(), asked.getValue(), new TypeReference<List<DeadLetter>>() {}))
                .toList();
    }

    @POST
    @Path("/dead-letters/{service}/{id}/replay")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @Operation(summary = "Has a service process a dead letter again, from its page's form")
    public Response replay(@PathParam("service") Service service, @PathParam("id") UUID id) {
        var outcome = outcome(services.post(service, "/dead-letters/" + id + "/replay"));
        return Response.seeOther(URI.create("/admin/dead-letters?outcome=" + outcome))
                .build();
    }

    @GET
    @Path("/rule-packs")
    @AuditedAs(Action.EXECUTE)
    @Operation(summary = "The stored rule packs and which is active, as a page")
    public TemplateInstance rulePacks(@QueryParam("outcome") @Nullable Outcome outcome) {
        var frame = frames.here();
        var answer = services.ask(Service.ASSESSMENT, "/rule-packs?limit=" + Page.MAX_LIMIT);
        var packs = part(Service.ASSESSMENT, answer, new TypeReference<List<Pack>>() {});
        return Templates.rulePacks(frame, times(frame), outcome, packs).setLocale(frame.language());
    }

    @GET
    @Path("/rule-packs/{version}")
    @AuditedAs(Action.EXECUTE)
    @Operation(summary = "For how many patients a rule pack would change something, as a page; changes nothing")
    public TemplateInstance rulePack(@PathParam("version") String version) {
        var frame = frames.here();
        var page =
                switch (services.post(Service.ASSESSMENT, pack(version) + "/$dry-run?limit=1")) {
                    case Answer.Given(int status, JsonNode body)
                    when status == 200 ->
                        Templates.rulePack(frame, version, status, json.convertValue(body, DryRun.class));
                    case Answer.Given given -> Templates.rulePack(frame, version, given.status(), null);
                    case Answer.None _ -> Templates.rulePack(frame, version, 0, null);
                };
        return page.setLocale(frame.language());
    }

    @POST
    @Path("/rule-packs/{version}/activate")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @Operation(summary = "Makes a rule pack the active one, from its page's form")
    public Response activate(@PathParam("version") String version) {
        var outcome = outcome(services.post(Service.ASSESSMENT, pack(version) + "/activate"));
        return Response.seeOther(URI.create("/admin/rule-packs?outcome=" + outcome))
                .build();
    }

    private static String pack(String version) {
        return UriBuilder.fromPath("/rule-packs/{version}").build(version).toString();
    }

    private static Outcome outcome(Answer answer) {
        return switch (answer) {
            case Answer.Given given -> given.status() == 200 ? Outcome.DONE : Outcome.REFUSED;
            case Answer.None _ -> Outcome.NO_ANSWER;
        };
    }

    private Times times(Frame frame) {
        return new Times(frame.language(), routing.zone());
    }

    private <T> Part<T> part(Service service, Answer answer, TypeReference<List<T>> type) {
        return switch (answer) {
            case Answer.Given(int status, JsonNode body)
            when status == 200 && body.path("items").isArray() ->
                new Part<>(service, json.convertValue(body.path("items"), type), body.hasNonNull("next"));
            case Answer.Given _, Answer.None _ -> new Part<>(service, null, false);
        };
    }
}
