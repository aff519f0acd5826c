package org.calciwatch.assessment.reassessment;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import org.calciwatch.audit.Access;
import org.calciwatch.http.Cursors;
import org.calciwatch.http.Page;
import org.calciwatch.security.Caller;
import org.calciwatch.security.Roles;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jspecify.annotations.Nullable;

/** For the clinical lead, before a rule pack is activated: which patients would change? */
@Path("/rule-packs")
@RolesAllowed({Roles.CLINICIAN, Roles.ADMIN})
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
class DryRunResource {

    private final DryRun dryRun;
    private final Access access;
    private final Caller caller;

    DryRunResource(DryRun dryRun, Access access, Caller caller) {
        this.dryRun = dryRun;
        this.caller = caller;
        this.access = access;
    }

    /**
     * Judges what every patient submitted last by the active pack and by this one. Stores nothing. Who is no clinician
     * gets the totals only.
     */
    @POST
    @Path("/{version}/$dry-run")
    @Operation(summary = "Which patients would change with this rule pack; nothing is stored or sent")
    @APIResponse(
            responseCode = "200",
            description = "Totals over all patients and, for clinicians, a page of those who change")
    @APIResponse(responseCode = "422", description = "The pack does not pass the checks")
    public DryRunReport dryRun(
            @PathParam("version") String version,
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue("" + Page.DEFAULT_LIMIT) String limit) {
        Cursors.requireText("version", version);
        Cursors.requireText("cursor", cursor);
        var report = dryRun.of(version, cursor, Cursors.limit(limit));
        if (!caller.has(Roles.CLINICIAN)) {
            return report.withoutPatients();
        }
        report.items().forEach(change -> access.about(change.patientId()));
        return report;
    }
}
