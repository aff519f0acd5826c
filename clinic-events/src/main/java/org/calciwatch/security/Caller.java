package org.calciwatch.security;

import io.quarkus.security.ForbiddenException;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import jakarta.enterprise.context.RequestScoped;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.jwt.JsonWebToken;

/** Who makes the request that is being served. */
@RequestScoped
public class Caller {
    private final SecurityIdentity identity;
    private final CurrentVertxRequest request;
    private final String patientClaim;

    Caller(
            SecurityIdentity identity,
            CurrentVertxRequest request,
            @ConfigProperty(name = "calciwatch.identity.patient-claim") String patientClaim) {
        this.identity = identity;
        this.request = request;
        this.patientClaim = patientClaim;
    }

    /**
     * True once the endpoint's rule has asked who it is, and somebody is known. Never asks by itself: an open endpoint
     * does not care, and asking may take a while.
     */
    public boolean isLoggedIn() {
        return request.getCurrent() != null
                && request.getCurrent().user() instanceof QuarkusHttpUser user
                && !user.getSecurityIdentity().isAnonymous();
    }

    /** The user's name at the identity provider, or "anonymous". */
    public String name() {
        return identity.isAnonymous() ? "anonymous" : identity.getPrincipal().getName();
    }

    /** Whether the caller has this one of the {@link Roles}. */
    public boolean has(String role) {
        return identity.hasRole(role);
    }

    /** The caller's {@link Roles}; none for nobody. */
    public Set<String> roles() {
        return identity.getRoles();
    }

    /** Whose own data the caller may see: the patient claim of the token; empty for staff and machines. */
    public Optional<String> patientId() {
        return identity.getPrincipal() instanceof JsonWebToken token
                ? token.<String>claim(patientClaim).filter(id -> !id.isBlank())
                : Optional.empty();
    }

    /**
     * Lets through who has one of the roles that may see any patient, and a patient to the own data. What the endpoint
     * itself allows is checked before.
     *
     * @param anyPatient the roles that see everybody's data here
     * @throws ForbiddenException (403) for somebody else's data
     */
    public void requireAccessTo(String patientId, String... anyPatient) {
        if (!seesAny(anyPatient)
                && !(has(Roles.PATIENT) && patientId().filter(patientId::equals).isPresent())) {
            throw new ForbiddenException();
        }
    }

    /** True with one of these roles; a patient without them sees the own data only. */
    public boolean seesAny(String... anyPatient) {
        return Arrays.stream(anyPatient).anyMatch(this::has);
    }
}
