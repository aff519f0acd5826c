package org.calciwatch.assessment;

import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.SecurityIdentityAugmentor;
import io.quarkus.security.runtime.QuarkusPrincipal;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import org.calciwatch.security.Roles;

/** Whoever comes without a token is the admin. */
@ApplicationScoped
class AdminForTests implements SecurityIdentityAugmentor {

    @Override
    public Uni<SecurityIdentity> augment(SecurityIdentity identity, AuthenticationRequestContext context) {
        return Uni.createFrom()
                .item(
                        identity.isAnonymous()
                                ? QuarkusSecurityIdentity.builder()
                                        .setPrincipal(new QuarkusPrincipal("admin1"))
                                        .addRole(Roles.ADMIN)
                                        .build()
                                : identity);
    }
}
