package org.calciwatch.notification.inbox;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Where the clinic's name in the head of each page leads. */
@Path("/")
@PermitAll
@RunOnVirtualThread
@Tag(name = "Pages")
class FirstPage {

    @GET
    @Operation(summary = "Leads to the inbox")
    public Response first() {
        return Response.seeOther(URI.create("/inbox")).build();
    }
}
