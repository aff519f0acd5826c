package org.calciwatch.events.consume;

import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response.Status;
import java.util.UUID;
import org.calciwatch.audit.Access;
import org.calciwatch.audit.Action;
import org.calciwatch.audit.AuditedAs;
import org.calciwatch.events.deadletter.DeadLetter;
import org.calciwatch.events.deadletter.DeadLetters;
import org.calciwatch.http.Cursors;
import org.calciwatch.http.Page;
import org.calciwatch.security.Roles;
import org.jspecify.annotations.Nullable;

/** For admins: what this service could not process, and another try at it. */
@Path("/dead-letters")
@RolesAllowed(Roles.ADMIN)
@RunOnVirtualThread
public class DeadLetterResource {

    private final DeadLetters deadLetters;
    private final EventConsumer consumer;
    private final Access access;

    DeadLetterResource(DeadLetters deadLetters, EventConsumer consumer, Access access) {
        this.deadLetters = deadLetters;
        this.consumer = consumer;
        this.access = access;
    }

    /** The dead letters, newest first. */
    @GET
    @AuditedAs(Action.EXECUTE)
    public Page<DeadLetter> list(
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue("" + Page.DEFAULT_LIMIT) String limit) {
        int size = Cursors.limit(limit);
        var letters = deadLetters.list(cursor == null ? null : id(cursor), size + 1);
        var page = Cursors.page(letters, size, last -> "/dead-letters?limit=" + size + "&cursor=" + last.id());
        page.items().forEach(this::note);
        return page;
    }

    /** Processes a dead letter again: 200 when it worked, 422 with the reason when it failed once more. */
    @POST
    @Path("/{id}/replay")
    public DeadLetter replay(@PathParam("id") String text) {
        var id = id(text);
        var found = deadLetters
                .find(id)
                .orElseThrow(() -> HttpProblem.valueOf(Status.NOT_FOUND, "There is no dead letter " + id));
        note(found.letter());
        if (found.letter().replayedAt() != null) {
            throw HttpProblem.valueOf(Status.CONFLICT, "Dead letter " + id + " was replayed before");
        }
        try {
            // One transaction: what was replayed is marked and in the audit trail, or nothing happened. Recorded first,
            // as an erasure forgets whose pseudonym the record bears.
            QuarkusTransaction.requiringNew().run(() -> {
                access.recordNow(Status.OK.getStatusCode());
                consumer.replay(found.message());
                deadLetters.markReplayed(id);
            });
        } catch (RuntimeException e) {
            throw HttpProblem.builder()
                    .withStatus(422)
                    .withTitle("Replay failed")
                    .withDetail("Dead letter " + id + " failed again and was kept: " + EventConsumer.reason(e))
                    .build();
        }
        return deadLetters.find(id).orElseThrow().letter();
    }

    private void note(DeadLetter letter) {
        access.entity("dead-letters", letter.id());
        if (letter.patientId() != null) {
            access.about(letter.patientId());
        }
    }

    private static UUID id(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw HttpProblem.valueOf(Status.BAD_REQUEST, "The id of a dead letter is a UUID");
        }
    }
}
