package org.calciwatch.audit;

import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.runtime.QuarkusPrincipal;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/**
 * Says who calls, {@code Test-Login: <name> <role>}: here it matters what is recorded of a caller, not how one proves to
 * be one, which the services' tests do against the real provider.
 */
@ApplicationScoped
class TestLogin implements HttpAuthenticationMechanism {

    static final String HEADER = "Test-Login";

    @Override
    public Uni<SecurityIdentity> authenticate(RoutingContext request, IdentityProviderManager providers) {
        var login = Optional.ofNullable(request.request().getHeader(HEADER));
        return Uni.createFrom().optional(login.map(text -> {
            var parts = text.split(" ", 2);
            return QuarkusSecurityIdentity.builder()
                    .setPrincipal(new QuarkusPrincipal(parts[0]))
                    .addRole(parts[1])
                    .build();
        }));
    }

    @Override
    public Uni<ChallengeData> getChallenge(RoutingContext request) {
        return Uni.createFrom().item(new ChallengeData(401, "WWW-Authenticate", HEADER));
    }

    @Override
    public int getPriority() {
        return DEFAULT_PRIORITY + 1;
    }
}
