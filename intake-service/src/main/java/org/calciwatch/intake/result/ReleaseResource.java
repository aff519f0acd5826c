package org.calciwatch.intake.result;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import org.calciwatch.audit.Action;
import org.calciwatch.audit.AuditedAs;
import org.calciwatch.http.Cursors;
import org.calciwatch.http.Page;
import org.calciwatch.security.Roles;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** What waits for clinicians, for their own systems; {@link ReleasePages} are the pages for it. */
@Path("/releases")
@RolesAllowed(Roles.CLINICIAN)
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Results")
class ReleaseResource {

    private final Releases releases;

    ReleaseResource(Releases releases) {
        this.releases = releases;
    }

    @GET
    @AuditedAs(Action.EXECUTE)
    @Operation(summary = "The results that wait for a clinician's release, the oldest first")
    public Page<Releases.Waiting> waiting(
            @QueryParam("limit") @DefaultValue("" + Page.DEFAULT_LIMIT) String limit,
            @QueryParam("cursor") @Nullable String cursor) {
        return releases.waiting(Cursors.limit(limit), cursor, "/releases");
    }
}
