package org.calciwatch.http;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.UriBuilder;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Some clients write the {@code $} of a FHIR operation as {@code %24}; the two are the same path here. */
class EncodedOperations {

    @ServerRequestFilter(preMatching = true)
    public void decode(ContainerRequestContext request) {
        var uri = request.getUriInfo().getRequestUri();
        if (uri.getRawPath().contains("%24")) {
            request.setRequestUri(UriBuilder.fromUri(uri)
                    .replacePath(uri.getRawPath().replace("%24", "$"))
                    .build());
        }
    }
}
