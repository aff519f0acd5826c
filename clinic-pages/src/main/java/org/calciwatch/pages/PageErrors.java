package org.calciwatch.pages;

import io.opentelemetry.api.trace.Span;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.ext.Provider;
import java.lang.annotation.Annotation;
import java.util.Arrays;

/** Tells people, in their language, what APIs are told as JSON. */
@Provider
public class PageErrors implements ContainerResponseFilter {
    private final Frames frames;
    private final ResourceInfo endpoint;

    PageErrors(Frames frames, ResourceInfo endpoint) {
        this.frames = frames;
        this.endpoint = endpoint;
    }

    /** The template. */
    @CheckedTemplate(basePath = "pages")
    static class Templates {
        static native TemplateInstance error(Frame frame, int status, String correlationId);

        private Templates() {}
    }

    @Override
    public void filter(ContainerRequestContext request, ContainerResponseContext response) {
        if (response.getStatus() < 400 || response.getEntity() instanceof TemplateInstance || !isPage(request)) {
            return;
        }
        var frame = frames.here();
        var page = Templates.error(
                        frame,
                        response.getStatus(),
                        Span.current().getSpanContext().getTraceId())
                .setLocale(frame.language());
        response.setEntity(page.render(), new Annotation[0], MediaType.TEXT_HTML_TYPE);
    }

    /** An address that nothing belongs to is a page to a browser, which alone asks for pages by name. */
    private boolean isPage(ContainerRequestContext request) {
        var resource = endpoint.getResourceClass();
        if (resource == null) {
            return !request.getUriInfo().getPath().startsWith("/fhir")
                    && request.getAcceptableMediaTypes().contains(MediaType.TEXT_HTML_TYPE);
        }
        var produces = resource.getAnnotation(Produces.class);
        return produces != null && Arrays.asList(produces.value()).contains(MediaType.TEXT_HTML);
    }
}
