package org.calciwatch.intake.fhir;

import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;

/** Breaks, as only a bug can. */
@PermitAll
@Path("/broken")
public class BrokenEndpoint {
    @GET
    public String get() {
        throw new IllegalStateException("secret");
    }
}
