package org.calciwatch.notification.flag;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response.Status;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.calciwatch.audit.Access;
import org.calciwatch.audit.Action;
import org.calciwatch.audit.AuditedAs;
import org.calciwatch.http.Cursors;
import org.calciwatch.http.Page;
import org.calciwatch.notification.flag.FlagView.AssessmentSummary;
import org.calciwatch.security.Caller;
import org.calciwatch.security.Roles;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;
import org.jspecify.annotations.Nullable;

/** The flags, for clinicians to read and work on. */
@Path("/flags")
@RolesAllowed(Roles.CLINICIAN)
@RunOnVirtualThread
public class FlagResource {

    /** Characters of a note. */
    public static final int LONGEST_NOTE = 2000;

    /** Characters of a user name. */
    public static final int LONGEST_ASSIGNEE = 200;

    /** A finding older than this says little; the flag must be back by then. */
    public static final Duration LONGEST_SNOOZE = Duration.ofDays(366);

    private final Flags flags;
    private final FlagRepository repository;
    private final Caller caller;
    private final Access access;
    private final ObjectMapper json;
    private final Clock clock;

    FlagResource(Flags flags, FlagRepository repository, Caller caller, Access access, ObjectMapper json, Clock clock) {
        this.flags = flags;
        this.repository = repository;
        this.caller = caller;
        this.access = access;
        this.json = json;
        this.clock = clock;
    }

    /** Flags, the last opened first. */
    @GET
    @AuditedAs(Action.EXECUTE)
    @RolesAllowed({Roles.CLINICIAN, Roles.INTEGRATION})
    @Transactional
    public Page<FlagView> list(
            @QueryParam("status") List<String> statuses,
            @QueryParam("severity") List<String> severities,
            @QueryParam("patient") @Nullable String patient,
            @QueryParam("q") @Nullable String q,
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue("" + Page.DEFAULT_LIMIT) String limitText) {
        var query = FlagQuery.parse(statuses, severities, patient, q, cursor);
        int limit = Cursors.limit(limitText);
        var page = Cursors.page(repository.list(query, limit + 1), limit, last -> query.urlAfter(last, limit));
        if (query.patient() != null) {
            access.about(query.patient());
        }
        for (var flag : page.items()) {
            access.about(flag.patientId());
            access.entity("Flag", flag.id());
        }
        return new Page<>(page.items().stream().map(FlagView::of).toList(), page.next());
    }

    /** One flag with what its assessment found. Its ETag, sent as If-Match with a change, is its state. */
    @GET
    @RolesAllowed({Roles.CLINICIAN, Roles.INTEGRATION})
    @Path("/{id}")
    @Transactional
    public RestResponse<FlagView> read(@PathParam("id") UUID id) throws JsonProcessingException {
        var flag = repository.findByIdOptional(id).orElseThrow(() -> Flags.unknown(id));
        access.about(flag.patientId());
        access.entity("Flag", id);
        var decisive = flag.decisiveAssessment();
        return answer(
                flag,
                FlagView.of(
                        flag,
                        AssessmentSummary.of(json.readTree(flag.assessment())),
                        decisive.isEmpty() ? null : AssessmentSummary.of(json.readTree(decisive.get()))));
    }

    private static RestResponse<FlagView> answer(Flag flag, FlagView view) {
        return ResponseBuilder.ok(view)
                .tag(new EntityTag(String.valueOf(flag.version())))
                .build();
    }

    private RestResponse<FlagView> change(UUID id, @Nullable String ifMatch, Consumer<Flag> action) {
        var flag = flags.change(id, current -> {
            if (ifMatch != null && !ifMatch.strip().equals("\"" + current.version() + "\"")) {
                throw HttpProblem.valueOf(
                        Status.PRECONDITION_FAILED,
                        "Flag " + id + " is not as If-Match says any more. Read it again, nothing was done.");
            }
            action.accept(current);
        });
        return answer(flag, FlagView.of(flag));
    }

    /** Body of an acknowledgement; may be left out. */
    public record Acknowledgement(@Nullable String note) {}

    /** Takes note of a flag; 409 the second time. */
    @POST
    @Path("/{id}/acknowledge")
    @AuditedAs(Action.UPDATE)
    public RestResponse<FlagView> acknowledge(
            @PathParam("id") UUID id,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch,
            @Nullable Acknowledgement body) {
        var note = body == null ? null : note(body.note());
        return change(id, ifMatch, flag -> flag.acknowledge(caller.name(), note, clock.instant()));
    }

    /** Body of an assignment; {@code assignee} is required, 1 to 200 characters. */
    public record Assignment(
            @Nullable String assignee, @Nullable String note) {}

    /** Makes somebody responsible. */
    @POST
    @Path("/{id}/assign")
    @AuditedAs(Action.UPDATE)
    public RestResponse<FlagView> assign(
            @PathParam("id") UUID id,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch,
            @Nullable Assignment body) {
        var assignee =
                body == null || body.assignee() == null ? "" : body.assignee().strip();
        if (assignee.isEmpty()
                || assignee.length() > LONGEST_ASSIGNEE
                || assignee.chars().anyMatch(Character::isISOControl)) {
            throw unprocessable("assignee is required: the user name of the clinician, one line of 1 to "
                    + LONGEST_ASSIGNEE + " characters");
        }
        var note = note(body == null ? null : body.note());
        return change(id, ifMatch, flag -> flag.assign(assignee, caller.name(), note, clock.instant()));
    }

    /** Body of a snooze; {@code until} is required, an instant in the future. */
    public record Snooze(@Nullable String until, @Nullable String note) {}

    /** Puts a flag out of sight until a time; an urgent one for {@link Flag#LONGEST_URGENT_SNOOZE} at most. */
    @POST
    @Path("/{id}/snooze")
    @AuditedAs(Action.UPDATE)
    public RestResponse<FlagView> snooze(
            @PathParam("id") UUID id,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch,
            @Nullable Snooze body) {
        var until = until(body == null ? null : body.until());
        var note = note(body == null ? null : body.note());
        return change(id, ifMatch, flag -> flag.snooze(until, caller.name(), note, clock.instant()));
    }

    /** Body of a closure; {@code outcome} is required. */
    public record Closure(
            @Nullable String outcome, @Nullable String note) {}

    /** Ends a flag, from every status but CLOSED. */
    @POST
    @Path("/{id}/close")
    @AuditedAs(Action.UPDATE)
    public RestResponse<FlagView> close(
            @PathParam("id") UUID id,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch,
            @Nullable Closure body) {
        var outcome = outcome(body == null ? null : body.outcome());
        var note = note(body == null ? null : body.note());
        return change(id, ifMatch, flag -> flag.close(outcome, caller.name(), note, clock.instant()));
    }

    private Instant until(@Nullable String given) {
        var now = clock.instant();
        try {
            if (given != null) {
                var until = Instant.parse(given);
                if (until.isAfter(now) && until.isBefore(now.plus(LONGEST_SNOOZE))) {
                    return until;
                }
            }
        } catch (DateTimeParseException e) {
            // said below, as for a time out of range
        }
        throw unprocessable("until is required: an instant in the future, at most " + LONGEST_SNOOZE.toDays()
                + " days from now, as in 2030-01-31T08:00:00Z");
    }

    private static Flag.Outcome outcome(@Nullable String given) {
        return Arrays.stream(Flag.Outcome.values())
                .filter(outcome -> outcome.wireName().equals(given))
                .findFirst()
                .orElseThrow(() -> unprocessable("outcome is required, one of "
                        + Arrays.stream(Flag.Outcome.values())
                                .map(Flag.Outcome::wireName)
                                .collect(joining(", "))));
    }

    static @Nullable String note(@Nullable String given) {
        if (given == null || given.isBlank()) {
            return null;
        }
        if (given.length() > LONGEST_NOTE) {
            throw unprocessable("note must have at most " + LONGEST_NOTE + " characters; it has " + given.length());
        }
        if (given.indexOf('\0') >= 0) {
            throw unprocessable("note must not contain the NUL character");
        }
        return given.strip();
    }

    private static HttpProblem unprocessable(String detail) {
        return HttpProblem.builder()
                .withStatus(422)
                .withTitle("Unprocessable Content")
                .withDetail(detail)
                .build();
    }
}
