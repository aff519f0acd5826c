package org.calciwatch.notification.routing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.calciwatch.audit.Access;
import org.calciwatch.audit.Action;
import org.calciwatch.audit.AuditedAs;
import org.calciwatch.notification.routing.Routing.InForce;
import org.calciwatch.notification.routing.RoutingPage.Answer;
import org.calciwatch.notification.routing.RoutingPage.Meanwhile;
import org.calciwatch.notification.routing.RoutingPage.Question;
import org.calciwatch.pages.Frame;
import org.calciwatch.pages.Frames;
import org.calciwatch.pages.Localised;
import org.calciwatch.security.Roles;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The routing table as a page that an admin reads, tries and changes, without scripts. */
@Path("/admin/routing")
@RolesAllowed(Roles.ADMIN)
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
@Tag(name = "Pages")
class RoutingPages {

    private static final String CHANGE_LANGUAGE = "language-";

    /** What a button of the form does, and with which row or list. */
    private static final Pattern ACTION = Pattern.compile("([a-z-]+?)(?:-(\\d{1,3}))?");

    private final Routing routing;
    private final Access access;
    private final Frames frames;
    private final ObjectMapper json;
    private final Clock clock;

    RoutingPages(Routing routing, Access access, Frames frames, ObjectMapper json, Clock clock) {
        this.routing = routing;
        this.access = access;
        this.frames = frames;
        this.json = json;
        this.clock = clock;
    }

    /** The templates. */
    @CheckedTemplate(basePath = "routing")
    static class Templates {
        static native TemplateInstance table(Frame frame, RoutingPage page);

        static native TemplateInstance shown(Frame frame, RoutingPage page);

        private Templates() {}
    }

    @GET
    @Operation(summary = "Who hears of what, as a page to change it")
    public TemplateInstance table(@QueryParam("saved") @Nullable String saved) {
        var frame = frames.here();
        var inForce = routing.inForce();
        access.entity(Routing.AUDITED_AS, inForce.version());
        var page = page(inForce, RoutingForm.of(inForce.version(), inForce.table(), frame.language()), frame);
        if (!fits(page.form(), inForce.table())) {
            return Templates.shown(frame, page.readOnly()).setLocale(frame.language());
        }
        return show(frame, saved == null ? page : page.saved());
    }

    /** Whether the form says the same as the table: what it cannot hold must not get lost by saving something else. */
    private boolean fits(RoutingForm form, RoutingTable table) {
        try {
            return read(form).equals(normal(table));
        } catch (InvalidRouting e) {
            // Stored by a version that took it; the page says what is wrong with it now.
            return true;
        }
    }

    private static RoutingTable normal(RoutingTable table) {
        return new RoutingTable(
                table.rows().stream()
                        .map(row -> new RoutingTable.Row(
                                RoutingForm.ticks(row.severity()).equals(RoutingTableReader.SEVERITIES)
                                        ? List.of(RoutingTable.ANY)
                                        : RoutingForm.ticks(row.severity()),
                                row.category(),
                                row.clinic(),
                                row.recipients(),
                                row.when(),
                                row.escalation()))
                        .toList(),
                table.fallback(),
                table.quietHours(),
                table.digest(),
                table.onCall());
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @Operation(summary = "Changes or tries the table on the page; stores nothing")
    public Response edit(MultivaluedMap<String, String> sent) {
        var action = Objects.requireNonNullElse(sent.getFirst("action"), "");
        var frame = action.startsWith(CHANGE_LANGUAGE)
                ? frames.in(action.substring(CHANGE_LANGUAGE.length()))
                : frames.here();
        var inForce = routing.inForce();
        access.entity(Routing.AUDITED_AS, inForce.version());
        var form = RoutingForm.of(sent);
        var question = question(sent);
        var button = ACTION.matcher(action);
        var name = button.matches() ? button.group(1) : "";
        var index = button.matches() && button.group(2) != null ? Integer.parseInt(button.group(2)) : -1;
        var page =
                switch (name) {
                    case "add-row" ->
                        page(inForce, form.withRow(), frame)
                                .focusedOn("row-" + form.rows().size());
                    case "remove-row" -> page(inForce, form.withoutRow(index), frame);
                    case "up" ->
                        page(inForce, form.withRowsSwapped(index - 1), frame).focusedOn("row-" + (index - 1));
                    case "down" ->
                        page(inForce, form.withRowsSwapped(index), frame).focusedOn("row-" + (index + 1));
                    case "add-oncall" ->
                        page(inForce, form.withOnCall(), frame)
                                .focusedOn("oncall-" + form.onCall().size() + "-name");
                    case "remove-oncall" -> page(inForce, form.withoutOnCall(index), frame);
                    case "try" -> answered(page(inForce, form, frame).asked(question), frame);
                    // Another language, or the Enter key in a field.
                    default -> page(inForce, form, frame);
                };
        var shown = page.asked(question);
        return Response.status(shown.wrong().isEmpty() ? 200 : 422)
                .entity(show(frame, shown))
                .build();
    }

    private RoutingPage answered(RoutingPage page, Frame frame) {
        try {
            var table = read(page.form());
            var asked = page.question();
            var body = JsonNodeFactory.instance.objectNode();
            body.put("severity", asked.severity());
            if (!asked.category().isBlank()) {
                body.put("category", asked.category().strip());
            }
            if (!asked.clinic().isBlank()) {
                body.put("clinic", asked.clinic().strip());
            }
            if (!asked.at().isBlank()) {
                body.put("at", moment(asked.at(), table.digestZone()));
            }
            var question = RoutingTableReader.question(json, json.writeValueAsBytes(body));
            var row = table.match(question.severity(), question.category(), question.clinic());
            var simulation = Simulation.of(
                    table,
                    row,
                    routing.route(table, row),
                    question.severity(),
                    Objects.requireNonNullElseGet(question.at(), clock::instant));
            return page.answered(Answer.of(simulation, table.digestZone(), new Localised(frame.language())));
        } catch (InvalidRouting e) {
            return page.refused(Wrong.of(e));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As the API takes it; what is no time stays as it is, to be refused there. */
    private static String moment(String typed, ZoneId zone) {
        try {
            return LocalDateTime.parse(typed.strip()).atZone(zone).toInstant().toString();
        } catch (DateTimeException e) {
            return typed;
        }
    }

    @POST
    @Path("/save")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @AuditedAs(Action.UPDATE)
    @Operation(summary = "Puts the table of the page in force")
    public Response save(MultivaluedMap<String, String> sent) {
        var frame = frames.here();
        var form = RoutingForm.of(sent);
        try {
            routing.replace(form.version(), read(form));
            return Response.seeOther(URI.create("/admin/routing?saved=true")).build();
        } catch (InvalidRouting e) {
            var page =
                    page(routing.inForce(), form, frame).asked(question(sent)).refused(Wrong.of(e));
            return Response.status(422).entity(show(frame, page)).build();
        } catch (HttpProblem e) {
            if (e.getStatusCode() != Status.PRECONDITION_FAILED.getStatusCode()) {
                throw e;
            }
            return Response.status(Status.CONFLICT)
                    .entity(show(frame, overtaken(form, frame).asked(question(sent))))
                    .build();
        }
    }

    /** What was typed, to be stored over the table that somebody else has put in force, with what they changed. */
    private RoutingPage overtaken(RoutingForm form, Frame frame) {
        var inForce = routing.inForce();
        var now = RoutingForm.of(inForce.version(), inForce.table(), frame.language());
        var before = routing.version(form.version())
                .map(earlier -> RoutingForm.of(earlier.version(), earlier.table(), frame.language()))
                .orElse(now);
        var page = page(inForce, form.over(inForce.version()), frame);
        return page.overtaken(Meanwhile.of(
                before,
                now,
                Objects.requireNonNullElse(inForce.by(), ""),
                Objects.requireNonNullElse(page.since(), "")));
    }

    private RoutingTable read(RoutingForm form) throws InvalidRouting {
        try {
            return RoutingTableReader.table(json, json.writeValueAsBytes(form.json()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Question question(MultivaluedMap<String, String> sent) {
        return new Question(
                Objects.requireNonNullElse(sent.getFirst("try-severity"), ""),
                Objects.requireNonNullElse(sent.getFirst("try-category"), ""),
                Objects.requireNonNullElse(sent.getFirst("try-clinic"), ""),
                Objects.requireNonNullElse(sent.getFirst("try-at"), ""));
    }

    private RoutingPage page(InForce inForce, RoutingForm form, Frame frame) {
        return RoutingPage.of(
                inForce, form, new Localised(frame.language()), inForce.table().digestZone());
    }

    /** All forms keep what was typed when the language is changed. */
    private static TemplateInstance show(Frame frame, RoutingPage page) {
        return Templates.table(frame.aroundForm(), page).setLocale(frame.language());
    }
}
