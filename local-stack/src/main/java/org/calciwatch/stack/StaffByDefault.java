package org.calciwatch.stack;

import io.quarkus.test.junit.callback.QuarkusTestBeforeEachCallback;
import io.quarkus.test.junit.callback.QuarkusTestMethodContext;
import io.restassured.RestAssured;

/**
 * In a {@code @QuarkusTest}, requests of REST Assured that say nothing else come from a user with all of the clinic's
 * roles, so that a test about something else need not care. Who may do what is the matter of tests with {@link Login}.
 */
public final class StaffByDefault implements QuarkusTestBeforeEachCallback {

    @Override
    public void beforeEach(QuarkusTestMethodContext context) {
        var tokens = Login.tokens();
        RestAssured.replaceFiltersWith((request, response, next) -> {
            if (!request.getHeaders().hasHeaderWithName(Login.AUTHORIZATION)) {
                request.header(Login.AUTHORIZATION, "Bearer " + tokens.user(LocalStackResource.STAFF));
            } else if (request.getHeaders().getValue(Login.AUTHORIZATION).isEmpty()) {
                request.removeHeader(Login.AUTHORIZATION);
            }
            return next.next(request, response);
        });
    }
}
