package org.calciwatch.pages;

import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import jakarta.enterprise.context.RequestScoped;
import java.time.Duration;
import java.util.Locale;
import org.calciwatch.security.Caller;

/**
 * Finds the language of the page being served: the one just chosen ({@code ?_language=}), else the one chosen before (a
 * cookie), else the browser's.
 */
@RequestScoped
public class Frames {
    private static final String COOKIE = "language";
    private static final Duration KEPT = Duration.ofDays(365);

    private final CurrentVertxRequest request;
    private final Languages languages;
    private final Clinic clinic;
    private final Caller caller;

    Frames(CurrentVertxRequest request, Languages languages, Clinic clinic, Caller caller) {
        this.request = request;
        this.languages = languages;
        this.clinic = clinic;
        this.caller = caller;
    }

    /** The frame of this page. */
    public Frame here() {
        var page = request.getCurrent();
        var chosen = page.queryParams().get("_language");
        if (chosen != null) {
            return in(chosen);
        }
        var cookie = page.request().getCookie(COOKIE);
        return frame(languages.best(
                cookie == null ? null : cookie.getValue(), page.request().getHeader("Accept-Language")));
    }

    /** The frame in a language that was chosen now; all later pages have it too. */
    public Frame in(String chosen) {
        var page = request.getCurrent();
        var language = languages.best(chosen, null);
        page.response()
                .addCookie(Cookie.cookie(COOKIE, language)
                        .setPath("/")
                        .setMaxAge(KEPT.toSeconds())
                        .setHttpOnly(true)
                        .setSecure("https".equals(page.request().scheme()))
                        .setSameSite(CookieSameSite.LAX));
        return frame(language);
    }

    private Frame frame(String language) {
        return new Frame(
                language,
                languages.all().stream()
                        .filter(other -> !other.equals(language))
                        .map(other -> new Frame.Other(other, name(other)))
                        .toList(),
                clinic,
                caller.isLoggedIn() ? new Frame.User(caller.name(), caller.roles()) : null,
                request.getCurrent().normalizedPath());
    }

    private static String name(String language) {
        var locale = Locale.forLanguageTag(language);
        var name = locale.getDisplayLanguage(locale);
        return name.substring(0, 1).toUpperCase(locale) + name.substring(1);
    }
}
