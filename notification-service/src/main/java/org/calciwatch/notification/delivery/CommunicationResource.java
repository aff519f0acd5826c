package org.calciwatch.notification.delivery;

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
import jakarta.ws.rs.core.Response.Status;
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

/** The mails about a patient's flags as FHIR R4. Digests, which are about several patients, are nobody's. */
@Path("/fhir/Communication")
@RolesAllowed({Roles.CLINICIAN, Roles.INTEGRATION})
@Produces({FhirErrors.FHIR_JSON, MediaType.APPLICATION_JSON})
@RunOnVirtualThread
class CommunicationResource {

    private static final String NOTHING =
            "No mail was made about this patient. Flags may still wait in the inbox or stand in a digest.";

    private final DeliveryRepository deliveries;
    private final Access access;

    CommunicationResource(DeliveryRepository deliveries, Access access) {
        this.deliveries = deliveries;
        this.access = access;
    }

    /** One mail: 200, or 404, also for digests. */
    @GET
    @Path("/{id}")
    @Transactional
    public String read(@PathParam("id") UUID id) {
        var delivery = deliveries
                .findByIdOptional(id)
                .filter(mail -> mail.flagId() != null)
                .orElseThrow(() -> HttpProblem.valueOf(Status.NOT_FOUND, "There is no Communication with this id."));
        // A mail about a flag does not outlive it, so there is one.
        var patient = deliveries.patientsOf(delivery.flags()).getFirst();
        access.about(patient);
        access.entity("Communication", id);
        return Communications.of(delivery, patient).toString();
    }

    /**
     * A searchset Bundle, the last made first.
     *
     * @throws HttpProblem 400 for a malformed or missing parameter
     */
    @GET
    @AuditedAs(Action.EXECUTE)
    @Transactional
    @Operation(summary = "The mails about a patient's flags as a searchset Bundle, the last made first")
    @Parameter(in = ParameterIn.QUERY, name = "subject", description = "Patient/<id> or <id>; required")
    @Parameter(
            in = ParameterIn.QUERY,
            name = "_count",
            description = "most matches on a page, 50 unless told, at most 200")
    public String search(@Context UriInfo request) {
        var search = PatientSearch.of("subject", request);
        access.about(search.patientId());
        var found = deliveries.newestOf(search.patientId(), search.before(), search.limit());
        found.stream().limit(search.size()).forEach(delivery -> access.entity("Communication", delivery.id()));
        return search.bundle(
                        request,
                        deliveries.numberOf(search.patientId()),
                        found.stream()
                                .map(delivery -> Communications.of(delivery, search.patientId()))
                                .toList(),
                        NOTHING)
                .toString();
    }
}
