package org.calciwatch.notification.routing;

import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.calciwatch.audit.Access;
import org.calciwatch.pages.Frames;
import org.calciwatch.pages.Localised;
import org.calciwatch.security.Roles;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The routing table as a page that clinicians read. */
@Path("/inbox")
@RolesAllowed(Roles.CLINICIAN)
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
@Tag(name = "Pages")
class RoutingReadPage {

    private final Routing routing;
    private final Access access;
    private final Frames frames;

    RoutingReadPage(Routing routing, Access access, Frames frames) {
        this.routing = routing;
        this.access = access;
        this.frames = frames;
    }

    @GET
    @Path("/routing")
    @Operation(summary = "Who hears of what, as a page")
    public TemplateInstance shown() {
        var frame = frames.here();
        var inForce = routing.inForce();
        access.entity(Routing.AUDITED_AS, inForce.version());
        var page = RoutingPage.of(
                inForce,
                RoutingForm.of(inForce.version(), inForce.table(), frame.language()),
                new Localised(frame.language()),
                inForce.table().digestZone());
        return RoutingPages.Templates.shown(frame, page).setLocale(frame.language());
    }
}
