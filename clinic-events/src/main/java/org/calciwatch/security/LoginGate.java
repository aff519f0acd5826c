package org.calciwatch.security;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/**
 * Tells whoever wants to log in while the identity provider is away, instead of sending the browser to where nobody
 * answers. Sessions go on.
 */
@ApplicationScoped
class LoginGate {
    /** Before the login itself, which comes with the routes. */
    private static final int PRIORITY = 100;

    private static final String RETRY_AFTER_SECONDS = "30";
    private static final String PAGE = """
            <!DOCTYPE html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Calciwatch</title><link rel="stylesheet" href="/assets/calciwatch.css"></head>
            <body><main>
            <h1>Signing in is not possible right now</h1>
            <p>Nothing is lost. Please try again in a few minutes.</p>
            <div lang="es"><h1>En este momento no es posible iniciar sesión</h1>
            <p>No se ha perdido nada. Inténtelo de nuevo en unos minutos.</p></div>
            </main></body>
            </html>
            """;

    private final IdentityProvider provider;
    private final Pages pages;

    LoginGate(IdentityProvider provider, Pages pages) {
        this.provider = provider;
        this.pages = pages;
    }

    void register(@Observes Filters filters) {
        filters.register(this::pass, PRIORITY);
    }

    private void pass(RoutingContext request) {
        if (!pages.include(request) || pages.hasSession(request)) {
            request.next();
            return;
        }
        var loop = request.vertx().getOrCreateContext();
        request.request().pause();
        var _ = provider.answeredLately()
                .thenAccept(answers -> loop.runOnContext(_ -> {
                    request.request().resume();
                    if (answers) {
                        request.next();
                    } else {
                        request.response()
                                .setStatusCode(503)
                                .putHeader(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS)
                                .putHeader(HttpHeaders.CONTENT_TYPE, "text/html;charset=UTF-8")
                                .end(PAGE);
                    }
                }));
    }
}
