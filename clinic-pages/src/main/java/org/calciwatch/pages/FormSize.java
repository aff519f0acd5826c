package org.calciwatch.pages;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/** Refuses a form that no page of ours sends before it is read. */
class FormSize {

    /** In bytes. A page with every option ticked and every field full takes less than 10 KiB. */
    private static final int MOST = 64 * 1024;

    @ServerRequestFilter(preMatching = true)
    public @Nullable Response refuse(ContainerRequestContext request) {
        var type = request.getMediaType();
        if (type == null || !type.isCompatible(MediaType.APPLICATION_FORM_URLENCODED_TYPE)) {
            return null;
        }
        // Browsers always say how long a form is.
        var length = request.getLength();
        return length >= 0 && length <= MOST ? null : Response.status(413).build();
    }
}
