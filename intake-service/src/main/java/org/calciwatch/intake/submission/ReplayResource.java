package org.calciwatch.intake.submission;

import io.quarkiverse.resteasy.problem.HttpProblem;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response.Status;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.calciwatch.security.Roles;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** For admins, after a database was restored: closes the gap between it and what the others know. */
@Path("/replay")
@RolesAllowed(Roles.ADMIN)
@RunOnVirtualThread
class ReplayResource {

    /** Submissions sent again in one transaction. */
    private static final int BATCH = 200;
    /** Submissions sent again by one request, which is to end before a proxy gives it up. */
    static final int MOST = 10_000;

    private static final Logger LOG = Logger.getLogger(ReplayResource.class);

    private final Submissions submissions;

    ReplayResource(Submissions submissions) {
        this.submissions = submissions;
    }

    /**
     * What was sent again.
     *
     * @param sent versions of submissions that became events again
     * @param next where to go on; null when nothing is left
     */
    record Replayed(int sent, @Nullable String next) {}

    /**
     * Sends the events of all versions that were completed or amended since then once more, in the order they came.
     * Whoever knows one already does nothing about it, so too much does no harm.
     *
     * @param since as in 2026-11-23T12:00:00Z
     */
    @POST
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "Send the events of submissions since a moment again, after a restoration")
    public Replayed replay(@QueryParam("since") @Nullable String since) {
        var from = instant(since);
        var sent = 0;
        var last = SubmissionVersion.Place.before(from);
        while (sent < MOST) {
            var batch = submissions.sendAgain(last, BATCH);
            sent += batch.sent();
            if (batch.last() == null) {
                LOG.infof("%d submissions since %s were sent again", sent, from);
                return new Replayed(sent, null);
            }
            last = batch.last();
        }
        return new Replayed(sent, "/replay?since=" + last.storedAt());
    }

    private static Instant instant(@Nullable String since) {
        try {
            return Instant.parse(since == null ? "" : since);
        } catch (DateTimeParseException e) {
            throw HttpProblem.valueOf(
                    Status.BAD_REQUEST, "The parameter since takes a moment, such as 2026-11-23T12:00:00Z.");
        }
    }
}
