package org.calciwatch.intake.form;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * Remembers, in the browser, that a page of the form was sent after the session had ended. The login leads back to the
 * page without what was typed there, which must not go unnoticed.
 */
@Singleton
class LostPage {

    /** Its value is the path of the page that was lost. */
    static final String COOKIE = "lost-page";

    static final String PATH = "/form";

    /** Long enough to sign in again. */
    private static final Duration KEPT = Duration.ofMinutes(30);

    /** Before the login (200). */
    private static final int EARLY = 250;

    /** A page with questions; what is only looked at or checked has nothing to lose. */
    private static final Pattern PAGE = Pattern.compile("/form/[^/]+/(?!check$)[^/]+");

    void register(@Observes Filters filters) {
        filters.register(LostPage::watch, EARLY);
    }

    private static void watch(RoutingContext request) {
        var path = request.normalizedPath();
        if (request.request().method().equals(HttpMethod.POST)
                && PAGE.matcher(path).matches()) {
            request.addHeadersEndHandler(_ -> {
                if (isLost(request.response().getStatusCode())) {
                    request.response()
                            .addCookie(Cookie.cookie(COOKIE, path)
                                    .setPath(PATH)
                                    .setMaxAge(KEPT.toSeconds())
                                    .setHttpOnly(true)
                                    .setSecure("https".equals(request.request().scheme()))
                                    .setSameSite(CookieSameSite.LAX));
                }
            });
        }
        request.next();
    }

    /** To the login (302), or told that it is away (503); the form itself leads on with 303. */
    private static boolean isLost(int status) {
        return status == 302 || status == 503;
    }
}
