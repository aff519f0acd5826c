package org.calciwatch.notification.flag;

import io.quarkiverse.resteasy.problem.HttpProblem;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.util.UUID;
import org.calciwatch.audit.Access;
import org.calciwatch.audit.Action;
import org.calciwatch.audit.AuditedAs;
import org.calciwatch.http.FhirErrors;
import org.calciwatch.notification.fhir.PatientSearch;
import org.calciwatch.security.Roles;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;

/** A patient's flags as FHIR R4, as they are in the patient's export. */
@Path("/fhir/Flag")
@RolesAllowed({Roles.CLINICIAN, Roles.INTEGRATION})
@Produces({FhirErrors.FHIR_JSON, MediaType.APPLICATION_JSON})
@RunOnVirtualThread
class FhirFlagResource {

    private static final String NOTHING =
            "This patient was never flagged, or was erased. This does not mean that everything is fine.";

    private final FlagRepository flags;
    private final FlagData data;
    private final Access access;

    FhirFlagResource(FlagRepository flags, FlagData data, Access access) {
        this.flags = flags;
        this.data = data;
        this.access = access;
    }

    /** One flag: 200, or 404. */
    @GET
    @Path("/{id}")
    @Transactional
    public String read(@PathParam("id") UUID id) {
        var flag = flags.findByIdOptional(id).orElseThrow(() -> Flags.unknown(id));
        access.about(flag.patientId());
        access.entity("Flag", id);
        return data.resource(flag).toString();
    }

    /**
     * A searchset Bundle, the last opened first.
     *
     * @throws HttpProblem 400 for a malformed or missing parameter
     */
    @GET
    @AuditedAs(Action.EXECUTE)
    @Transactional
    @Operation(summary = "A patient's flags as a searchset Bundle, the last opened first")
    @Parameter(in = ParameterIn.QUERY, name = "patient", description = "Patient/<id> or <id>; required")
    @Parameter(
            in = ParameterIn.QUERY,
            name = "_count",
            description = "most matches on a page, 50 unless told, at most 200")
    public String search(@Context UriInfo request) {
        var search = PatientSearch.of("patient", request);
        access.about(search.patientId());
        var found = flags.newestOf(search.patientId(), search.before(), search.limit());
        found.stream().limit(search.size()).forEach(flag -> access.entity("Flag", flag.id()));
        return search.bundle(
                        request,
                        flags.count("patientId", search.patientId()),
                        found.stream().map(data::resource).toList(),
                        NOTHING)
                .toString();
    }
}
