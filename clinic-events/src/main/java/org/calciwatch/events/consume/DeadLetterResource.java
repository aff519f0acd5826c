package org.calciwatch.events.consume;

import io.quarkiverse.resteasy.problem.HttpProblem;
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

    DeadLetterResource(DeadLetters deadLetters, EventConsumer consumer) {
        this.deadLetters = deadLetters;
        this.consumer = consumer;
    }

    /** The dead letters, newest first. */
    @GET
    public Page<DeadLetter> list(
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue("" + Page.DEFAULT_LIMIT) String limit) {
        int size = Cursors.limit(limit);
        var letters = deadLetters.list(cursor == null ? null : id(cursor), size + 1);
        return Cursors.page(letters, size, last -> "/dead-letters?limit=" + size + "&cursor=" + last.id());
    }

    /** Processes a dead letter again: 200 when it worked, 422 with the reason when it failed once more. */
    @POST
    @Path("/{id}/replay")
    public DeadLetter replay(@PathParam("id") String text) {
        var id = id(text);
        var found = deadLetters
                .find(id)
                .orElseThrow(() -> HttpProblem.valueOf(Status.NOT_FOUND, "There is no dead letter " + id));
        if (found.letter().replayedAt() != null) {
            throw HttpProblem.valueOf(Status.CONFLICT, "Dead letter " + id + " was replayed before");
        }
        try {
            consumer.replay(found.message());
        } catch (RuntimeException e) {
            throw HttpProblem.builder()
                    .withStatus(422)
                    .withTitle("Replay failed")
                    .withDetail("Dead letter " + id + " failed again and was kept: " + EventConsumer.reason(e))
                    .build();
        }
        deadLetters.markReplayed(id);
        return deadLetters.find(id).orElseThrow().letter();
    }

    private static UUID id(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw HttpProblem.valueOf(Status.BAD_REQUEST, "The id of a dead letter is a UUID");
        }
    }
}
