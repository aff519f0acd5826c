package org.calciwatch.intake.privacy;

import io.quarkiverse.resteasy.problem.HttpProblem;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response.Status;
import java.util.UUID;
import org.calciwatch.http.Cursors;
import org.calciwatch.http.Page;
import org.calciwatch.security.Roles;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** For admins: how far erasures are. */
@Path("/erasures")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@RolesAllowed(Roles.ADMIN)
@Tag(name = "Patient rights")
class ErasureResource {

    private final Erasures erasures;

    ErasureResource(Erasures erasures) {
        this.erasures = erasures;
    }

    @GET
    @Path("{id}")
    @Operation(summary = "How far an erasure is, by service")
    public Erasure get(@PathParam("id") String text) {
        var id = id(text, Status.NOT_FOUND);
        return erasures.find(id)
                .orElseThrow(() -> HttpProblem.valueOf(Status.NOT_FOUND, "There is no erasure " + id + "."));
    }

    @GET
    @Operation(summary = "All erasures, the newest first")
    public Page<Erasure> list(
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue("" + Page.DEFAULT_LIMIT) String limit) {
        int size = Cursors.limit(limit);
        var found = erasures.list(cursor == null ? null : id(cursor, Status.BAD_REQUEST), size + 1);
        return Cursors.page(found, size, last -> "/erasures?limit=" + size + "&cursor=" + last.id());
    }

    private static UUID id(String text, Status otherwise) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw HttpProblem.valueOf(otherwise, "The id of an erasure is a UUID.");
        }
    }
}
