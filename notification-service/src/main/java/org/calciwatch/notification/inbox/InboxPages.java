package org.calciwatch.notification.inbox;

import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.net.URI;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.temporal.TemporalAdjusters;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.calciwatch.audit.Action;
import org.calciwatch.audit.AuditedAs;
import org.calciwatch.notification.flag.Flag;
import org.calciwatch.notification.flag.FlagResource;
import org.calciwatch.notification.flag.Flags;
import org.calciwatch.notification.flag.ImpossibleTransition;
import org.calciwatch.notification.inbox.Typed.Form;
import org.calciwatch.notification.inbox.Typed.Problem;
import org.calciwatch.notification.routing.Routing;
import org.calciwatch.pages.Frame;
import org.calciwatch.pages.Frames;
import org.calciwatch.pages.Localised;
import org.calciwatch.pages.PdfDocuments;
import org.calciwatch.security.Caller;
import org.calciwatch.security.Roles;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The flags as pages for a browser; the links in each mail lead here, after a login. */
@Path("/inbox")
@RolesAllowed(Roles.CLINICIAN)
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
@Tag(name = "Pages")
class InboxPages {

    private static final LocalTime MORNING = LocalTime.of(8, 0);
    private static final int MOST_DIGITS_OF_A_YEAR = 4;

    private final FlagReader reader;
    private final Flags flags;
    private final Routing routing;
    private final Caller caller;
    private final Frames frames;
    private final PdfDocuments documents;
    private final Clock clock;

    InboxPages(
            FlagReader reader,
            Flags flags,
            Routing routing,
            Caller caller,
            Frames frames,
            PdfDocuments documents,
            Clock clock) {
        this.reader = reader;
        this.flags = flags;
        this.routing = routing;
        this.caller = caller;
        this.frames = frames;
        this.documents = documents;
        this.clock = clock;
    }

    /** The templates. */
    @CheckedTemplate(basePath = "inbox")
    static class Templates {
        static native TemplateInstance list(Frame frame, Listing listing, List<String> categories);

        static native TemplateInstance flags(Listing listing);

        static native TemplateInstance flag(Frame frame, FlagPage flag, Typed typed);

        static native TemplateInstance acknowledge(Frame frame, FlagPage flag);

        static native TemplateInstance pdf(Frame frame, FlagPage flag, String printedAt);

        private Templates() {}
    }

    @GET
    @AuditedAs(Action.EXECUTE)
    @Operation(summary = "The worklist, as a page")
    public TemplateInstance list(@Context UriInfo uri) {
        var frame = frames.here();
        return Templates.list(
                        frame,
                        reader.list(Filters.of(uri.getQueryParameters()), caller.name(), ""),
                        reader.categories())
                .setLocale(frame.language());
    }

    @GET
    @Path("/flags")
    @AuditedAs(Action.EXECUTE)
    @Operation(summary = "The flags of the worklist, for a page that is open; 204 while it shows them already")
    public Response flags(@Context UriInfo uri, @QueryParam("state") @DefaultValue("") String known) {
        var listing = reader.list(Filters.of(uri.getQueryParameters()), caller.name(), known);
        return listing.state().equals(known)
                ? Response.noContent().build()
                : Response.ok(Templates.flags(listing).setLocale(frames.here().language()))
                        .build();
    }

    @GET
    @Path("/{id}")
    @Operation(summary = "One flag, as a page")
    public TemplateInstance flag(@PathParam("id") UUID id) {
        return page(id, Typed.NOTHING);
    }

    private TemplateInstance page(UUID id, Typed typed) {
        var frame = frames.here();
        // A form that was refused stands at its own address, which cannot be opened in another language.
        var around = typed.problem() == null
                ? frame
                : new Frame(frame.language(), frame.languages(), frame.clinic(), frame.user(), "/inbox/" + id);
        return Templates.flag(around, reader.flag(id, frame.language()), typed).setLocale(frame.language());
    }

    @GET
    @Path("/{id}/flag.pdf")
    @Produces(PdfDocuments.MEDIA_TYPE)
    @Operation(summary = "One flag, for the patient's chart")
    public Response pdf(@PathParam("id") UUID id) {
        var frame = frames.here();
        var flag = reader.flag(id, frame.language());
        var page = Templates.pdf(frame, flag, new Localised(frame.language()).moment(clock.instant(), routing.zone()))
                .setLocale(frame.language())
                .render();
        return Response.ok(documents.of(page))
                .header(HttpHeaders.CONTENT_DISPOSITION, "inline; filename=\"" + flag.reference() + ".pdf\"")
                .header(HttpHeaders.CONTENT_LANGUAGE, frame.language())
                .build();
    }

    @GET
    @Path("/{id}/acknowledge")
    @Operation(summary = "Asks whether to take note of a flag; changes nothing by itself")
    public TemplateInstance confirm(@PathParam("id") UUID id) {
        var frame = frames.here();
        return Templates.acknowledge(frame, reader.flag(id, frame.language())).setLocale(frame.language());
    }

    @POST
    @Path("/{id}/acknowledge")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @AuditedAs(Action.UPDATE)
    @Operation(summary = "Takes note of a flag, from a page's form")
    public Response acknowledge(
            @PathParam("id") UUID id,
            @FormParam("seen") @DefaultValue("-1") int seen,
            @FormParam("note") @Nullable String note) {
        return act(
                id,
                seen,
                note,
                Form.ACKNOWLEDGE,
                "",
                text -> flag -> flag.acknowledge(caller.name(), text, clock.instant()));
    }

    @POST
    @Path("/{id}/assign")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @AuditedAs(Action.UPDATE)
    @Operation(summary = "Makes somebody responsible for a flag, from its page's form")
    public Response assign(
            @PathParam("id") UUID id,
            @FormParam("seen") @DefaultValue("-1") int seen,
            @FormParam("me") @Nullable String me,
            @FormParam("assignee") @DefaultValue("") String assignee,
            @FormParam("note") @Nullable String note) {
        var who = me == null ? assignee.strip() : caller.name();
        if (who.isEmpty()
                || who.length() > FlagResource.LONGEST_ASSIGNEE
                || who.chars().anyMatch(Character::isISOControl)) {
            return refused(id, Problem.NO_ASSIGNEE, Form.ASSIGN, note, assignee);
        }
        return act(
                id,
                seen,
                note,
                Form.ASSIGN,
                assignee,
                text -> flag -> flag.assign(who, caller.name(), text, clock.instant()));
    }

    @POST
    @Path("/{id}/snooze")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @AuditedAs(Action.UPDATE)
    @Operation(summary = "Puts a flag out of sight until a time, from its page's form")
    public Response snooze(
            @PathParam("id") UUID id,
            @FormParam("seen") @DefaultValue("-1") int seen,
            @FormParam("until") @DefaultValue("") String until,
            @FormParam("at") @DefaultValue("") String at,
            @FormParam("note") @Nullable String note) {
        var now = clock.instant();
        var time = time(until, at, now)
                .filter(given -> given.isAfter(now) && given.isBefore(now.plus(FlagResource.LONGEST_SNOOZE)));
        return time.isEmpty()
                ? refused(id, Problem.NO_TIME, Form.SNOOZE, note, at)
                : act(
                        id,
                        seen,
                        note,
                        Form.SNOOZE,
                        at,
                        text -> flag -> flag.snooze(time.get(), caller.name(), text, now));
    }

    /** The time that a button stands for, or the one that was typed, in the clinic's zone. */
    private Optional<Instant> time(String until, String typed, Instant now) {
        var today = now.atZone(routing.zone()).toLocalDate();
        return switch (until) {
            case "hour" -> Optional.of(now.plus(Duration.ofHours(1)));
            case "tomorrow" ->
                Optional.of(
                        today.plusDays(1).atTime(MORNING).atZone(routing.zone()).toInstant());
            case "monday" ->
                Optional.of(today.with(TemporalAdjusters.next(DayOfWeek.MONDAY))
                        .atTime(MORNING)
                        .atZone(routing.zone())
                        .toInstant());
            default -> {
                try {
                    // A year of more digits is beyond what an instant's arithmetic can do.
                    yield typed.indexOf('-') == MOST_DIGITS_OF_A_YEAR
                            ? Optional.of(LocalDateTime.parse(typed)
                                    .atZone(routing.zone())
                                    .toInstant())
                            : Optional.empty();
                } catch (DateTimeException e) {
                    yield Optional.empty();
                }
            }
        };
    }

    @POST
    @Path("/{id}/close")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @AuditedAs(Action.UPDATE)
    @Operation(summary = "Ends a flag, from its page's form")
    public Response close(
            @PathParam("id") UUID id,
            @FormParam("seen") @DefaultValue("-1") int seen,
            @FormParam("outcome") @DefaultValue("") String given,
            @FormParam("note") @Nullable String note) {
        var outcome = Arrays.stream(Flag.Outcome.values())
                .filter(one -> one.wireName().equals(given))
                .findFirst();
        return outcome.isEmpty()
                ? refused(id, Problem.NO_OUTCOME, Form.CLOSE, note, "")
                : act(
                        id,
                        seen,
                        note,
                        Form.CLOSE,
                        given,
                        text -> flag -> flag.close(outcome.get(), caller.name(), text, clock.instant()));
    }

    /** What to do with a flag, given the note. */
    private interface Noted {
        Consumer<Flag> with(@Nullable String note);
    }

    private Response act(UUID id, int seen, @Nullable String note, Form form, String field, Noted action) {
        // Browsers send two characters for a new line and count one.
        var text =
                note == null ? "" : note.replace("\r\n", "\n").replace("\0", "").strip();
        if (text.length() > FlagResource.LONGEST_NOTE) {
            return refused(id, Problem.NOTE_TOO_LONG, form, note, field);
        }
        try {
            return flags.change(id, seen, action.with(text.isEmpty() ? null : text))
                    ? Response.seeOther(URI.create("/inbox/" + id)).build()
                    : refused(id, Problem.CHANGED, form, note, field);
        } catch (ImpossibleTransition e) {
            return refused(id, Problem.IMPOSSIBLE, form, note, field);
        }
    }

    private Response refused(UUID id, Problem problem, Form form, @Nullable String note, String field) {
        var typed = new Typed(problem, form, note == null ? "" : note, field);
        return Response.status(typed.isConflict() ? 409 : 422)
                .entity(page(id, typed))
                .build();
    }
}
