package org.calciwatch.stack;

import io.quarkus.test.junit.callback.QuarkusTestBeforeEachCallback;
import io.quarkus.test.junit.callback.QuarkusTestMethodContext;
import io.restassured.RestAssured;
import java.net.URI;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * In a {@code @QuarkusTest}, requests of REST Assured that say nothing else come from a user with all of the clinic's
 * roles, so that a test about something else need not care. Who may do what is the matter of tests with other tokens.
 */
public final class StaffByDefault implements QuarkusTestBeforeEachCallback {
    private static final String AUTHORIZATION = "Authorization";

    @Override
    public void beforeEach(QuarkusTestMethodContext context) {
        var issuer = ConfigProvider.getConfig().getOptionalValue("quarkus.oidc.auth-server-url", URI.class);
        var tokens = issuer.map(Tokens::of).orElseThrow();
        RestAssured.replaceFiltersWith((request, response, next) -> {
            if (!request.getHeaders().hasHeaderWithName(AUTHORIZATION)) {
                request.header(AUTHORIZATION, "Bearer " + tokens.user(LocalStackResource.STAFF));
            } else if (request.getHeaders().getValue(AUTHORIZATION).isEmpty()) {
                request.removeHeader(AUTHORIZATION);
            }
            return next.next(request, response);
        });
    }
}
