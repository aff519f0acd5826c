package org.calciwatch.security;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

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
    private final List<String> pages;

    /** @param pages the paths that need a login, as {@code /inbox} or {@code /inbox/*} */
    LoginGate(IdentityProvider provider, @ConfigProperty(name = "calciwatch.pages") Optional<List<String>> pages) {
        this.provider = provider;
        this.pages = pages.orElse(List.of());
    }

    void register(@Observes Filters filters) {
        if (!pages.isEmpty()) {
            filters.register(this::pass, PRIORITY);
        }
    }

    private void pass(RoutingContext request) {
        if (!isPage(request.normalizedPath()) || hasSession(request)) {
            request.next();
            return;
        }
        var loop = request.vertx().getOrCreateContext();
        request.request().pause();
        var _ = provider.answers()
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

    private boolean isPage(String path) {
        return pages.stream()
                .anyMatch(page -> page.endsWith("/*")
                        ? path.startsWith(page.substring(0, page.length() - 1))
                        : path.equals(page));
    }

    private static boolean hasSession(RoutingContext request) {
        return request.request().cookies().stream().map(Cookie::getName).anyMatch(name -> name.startsWith("q_session"));
    }
}
