package org.calciwatch.intake.portal;

import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.calciwatch.pages.Frame;
import org.calciwatch.pages.Frames;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Where patients begin. */
@Path("/")
@PermitAll
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
@Tag(name = "Pages")
class WelcomePage {
    private final Frames frames;

    WelcomePage(Frames frames) {
        this.frames = frames;
    }

    /** The template. */
    @CheckedTemplate(basePath = "portal")
    static class Templates {
        static native TemplateInstance welcome(Frame frame);

        private Templates() {}
    }

    @GET
    @Operation(summary = "Where patients begin")
    public TemplateInstance welcome() {
        var frame = frames.here();
        return Templates.welcome(frame).setLocale(frame.language());
    }
}
