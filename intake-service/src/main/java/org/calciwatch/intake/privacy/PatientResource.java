package org.calciwatch.intake.privacy;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.List;
import org.calciwatch.intake.fhir.FhirJson;
import org.calciwatch.intake.fhir.FhirProblem;
import org.calciwatch.intake.fhir.Issue;
import org.calciwatch.privacy.PatientIds;
import org.calciwatch.security.Caller;
import org.calciwatch.security.Roles;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Erasure of a patient, across all services. */
@Path("/fhir/Patient/{id}")
@Produces({FhirJson.MEDIA_TYPE, MediaType.APPLICATION_JSON})
@RunOnVirtualThread
@Tag(name = "Patient rights")
class PatientResource {

    private final Erasures erasures;
    private final Caller caller;
    private final FhirJson json;

    PatientResource(Erasures erasures, Caller caller, FhirJson json) {
        this.erasures = erasures;
        this.caller = caller;
        this.json = json;
    }

    @DELETE
    @RolesAllowed(Roles.ADMIN)
    @Operation(summary = "Erase all that any service holds on a patient; Location tells how far that is")
    public Response erase(@PathParam("id") String id) {
        if (!PatientIds.isValid(id)) {
            throw new FhirProblem(400, "value", PatientIds.RIGHT);
        }
        var location = URI.create("/erasures/" + erasures.begin(id, caller.name()));
        var done = "Erased here; GET " + location + " tells when all services have confirmed.";
        return Response.accepted(json.write(
                        json.operationOutcome(List.of(new Issue("information", "informational", done, null)))))
                .location(location)
                .build();
    }
}
