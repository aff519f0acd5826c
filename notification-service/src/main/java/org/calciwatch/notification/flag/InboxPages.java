package org.calciwatch.notification.flag;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.transaction.Transactional;
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
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.calciwatch.audit.Access;
import org.calciwatch.audit.Action;
import org.calciwatch.audit.AuditedAs;
import org.calciwatch.http.Cursors;
import org.calciwatch.http.Page;
import org.calciwatch.security.Caller;
import org.calciwatch.security.Roles;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** The flags as pages for a browser; the link in each mail leads here, after a login. */
@Path("/inbox")
@RolesAllowed(Roles.CLINICIAN)
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
class InboxPages {
    private static final List<String> NOT_CLOSED = Arrays.stream(Flag.Status.values())
            .filter(status -> status != Flag.Status.CLOSED)
            .map(Enum::name)
            .toList();

    private final Flags flags;
    private final FlagRepository repository;
    private final Caller caller;
    private final Access access;
    private final ObjectMapper json;
    private final Clock clock;

    InboxPages(Flags flags, FlagRepository repository, Caller caller, Access access, ObjectMapper json, Clock clock) {
        this.flags = flags;
        this.repository = repository;
        this.caller = caller;
        this.access = access;
        this.json = json;
        this.clock = clock;
    }

    /** One finding; the values as they were entered and as they were judged. */
    record Finding(String title, String severity, String message, List<String> values) {
        static Finding of(JsonNode fired) {
            return new Finding(
                    fired.path("title").asText(),
                    fired.path("severity").asText().replace('_', ' '),
                    fired.path("clinicianMessage").asText(),
                    fired.path("because").valueStream().map(Finding::value).toList());
        }

        private static String value(JsonNode input) {
            var judged = input.path("label").asText() + ": " + amount(input);
            var entered = input.path("entered");
            return entered.isObject() ? judged + " (entered " + amount(entered) + ")" : judged;
        }

        private static String amount(JsonNode quantity) {
            return (quantity.path("value").asText("") + " "
                            + quantity.path("unit").asText(""))
                    .strip();
        }
    }

    /** The templates. */
    @CheckedTemplate(basePath = "inbox")
    static class Templates {
        static native TemplateInstance list(String user, Page<FlagView> flags);

        static native TemplateInstance flag(
                String user, FlagView flag, boolean canAcknowledge, List<Finding> findings, List<String> unjudged);

        private Templates() {}
    }

    private void note(Flag flag) {
        access.about(flag.patientId());
        access.entity("Flag", flag.id());
    }

    @GET
    @AuditedAs(Action.EXECUTE)
    @Transactional
    @Operation(summary = "The flags that are not closed, as a page")
    public TemplateInstance list(@QueryParam("cursor") @Nullable String cursor) {
        var query = FlagQuery.parse(NOT_CLOSED, List.of(), null, null, cursor);
        var page = Cursors.page(
                repository.list(query, Page.DEFAULT_LIMIT + 1),
                Page.DEFAULT_LIMIT,
                last -> "/inbox?cursor=" + FlagQuery.Position.of(last).cursor());
        page.items().forEach(this::note);
        return Templates.list(
                caller.name(),
                new Page<>(page.items().stream().map(FlagView::of).toList(), page.next()));
    }

    @GET
    @Path("/{id}")
    @Transactional
    @Operation(summary = "One flag, as a page")
    public TemplateInstance flag(@PathParam("id") UUID id) throws JsonProcessingException {
        var flag = repository.findByIdOptional(id).orElseThrow(() -> Flags.unknown(id));
        note(flag);
        var assessment = json.readTree(flag.assessment());
        return Templates.flag(
                caller.name(),
                FlagView.of(flag),
                flag.status() == Flag.Status.OPEN || flag.status() == Flag.Status.SNOOZED,
                assessment.path("fired").valueStream().map(Finding::of).toList(),
                assessment
                        .path("unknown")
                        .valueStream()
                        .map(rule -> rule.path("title").asText())
                        .toList());
    }

    @POST
    @Path("/{id}/acknowledge")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @Operation(summary = "Takes note of a flag, from its page's form")
    public Response acknowledge(@PathParam("id") UUID id, @FormParam("note") @Nullable String note) {
        var checked = FlagResource.note(note);
        flags.change(id, flag -> flag.acknowledge(caller.name(), checked, clock.instant()));
        return Response.seeOther(URI.create("/inbox/" + id)).build();
    }
}
