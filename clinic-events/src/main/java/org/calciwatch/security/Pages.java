package org.calciwatch.security;

import io.quarkus.oidc.TenantResolver;
import io.quarkus.oidc.runtime.OidcUtils;
import io.vertx.core.http.Cookie;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Which paths are pages for people, who log in with a session, and which are not. Left to itself the extension would
 * take a session's cookie everywhere, and a foreign site could use it.
 */
@ApplicationScoped
class Pages implements TenantResolver {
    private final List<String> paths;
    private final Optional<String> tenant;

    /**
     * @param paths of the pages, as {@code /inbox} or {@code /inbox/*}
     * @param tenant name of the settings of their login, {@code quarkus.oidc.<name>.…}
     */
    Pages(
            @ConfigProperty(name = "calciwatch.pages") Optional<List<String>> paths,
            @ConfigProperty(name = "calciwatch.pages-tenant") Optional<String> tenant) {
        this.paths = paths.orElse(List.of());
        this.tenant = tenant;
    }

    @Override
    public String resolve(RoutingContext request) {
        return include(request) ? tenant.orElseThrow() : OidcUtils.DEFAULT_TENANT_ID;
    }

    boolean include(RoutingContext request) {
        var path = request.normalizedPath();
        return paths.stream()
                .anyMatch(page -> page.endsWith("/*")
                        ? path.startsWith(page.substring(0, page.length() - 1))
                        : path.equals(page));
    }

    boolean hasSession(RoutingContext request) {
        var name = OidcUtils.SESSION_COOKIE_NAME + "_" + tenant.orElse("");
        return request.request().cookies().stream().map(Cookie::getName).anyMatch(cookie -> cookie.startsWith(name));
    }
}
