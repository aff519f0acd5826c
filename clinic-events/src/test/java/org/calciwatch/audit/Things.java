package org.calciwatch.audit;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import org.calciwatch.security.Roles;

/** Endpoints of every kind, for {@link AccessFilterTest}. */
@Path("/things")
@RolesAllowed({Roles.CLINICIAN, Roles.ADMIN})
@RunOnVirtualThread
public class Things {

    private final Access access;

    Things(Access access) {
        this.access = access;
    }

    @GET
    @AuditedAs(Action.EXECUTE)
    public String list(@QueryParam("patient") String patient) {
        access.about(patient);
        return "[]";
    }

    /** Answers with the status that the id is. */
    @GET
    @Path("/{status}/{patient}")
    public Response get(@PathParam("status") int status, @PathParam("patient") String patient) {
        access.about(patient);
        access.entity("Flag", "7");
        return Response.status(status)
                .entity(status == 204 ? null : "secret")
                .header("ETag", "\"1\"")
                .build();
    }

    @PUT
    @Path("/{patient}")
    @Transactional
    public String put(@PathParam("patient") String patient, @QueryParam("fail") boolean fail) {
        access.about(patient);
        access.recordNow(200);
        if (fail) {
            throw new IllegalStateException("after it was recorded");
        }
        return "done";
    }

    /** Many transactions in one request, as an import has. */
    @POST
    @Path("/import/{patients}")
    public String many(@PathParam("patients") String patients) {
        for (var patient : patients.split(",", -1)) {
            QuarkusTransaction.requiringNew().run(() -> {
                access.about(patient);
                access.recordNow(200);
            });
        }
        return "done";
    }

    /** Parts as {@code patient=status,…}; one with 201 is recorded in its own transaction. */
    @POST
    @Path("/parts/{parts}")
    public String parts(@PathParam("parts") String parts) {
        for (var part : parts.split(",", -1)) {
            var status = Integer.parseInt(part.substring(part.indexOf('=') + 1));
            access.about(part.substring(0, part.indexOf('=')));
            if (status == 201) {
                QuarkusTransaction.requiringNew().run(() -> access.recordNow(status));
            }
            access.endPart(status);
        }
        return "done";
    }

    @POST
    @AuditedAs(Action.CREATE)
    public Response post() {
        return Response.status(201).build();
    }

    @DELETE
    @Path("/{patient}")
    public Response delete(@PathParam("patient") String patient) {
        access.about(patient);
        return Response.accepted().build();
    }
}
