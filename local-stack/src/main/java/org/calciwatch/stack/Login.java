package org.calciwatch.stack;

import io.restassured.RestAssured;
import io.restassured.specification.RequestSpecification;
import java.net.URI;
import org.eclipse.microprofile.config.ConfigProvider;

/** Who sends a request of REST Assured in a {@code @QuarkusTest}; see {@link StaffByDefault} for those that do not say. */
public final class Login {
    static final String AUTHORIZATION = "Authorization";

    private Login() {}

    /** One of the demo accounts. */
    public static RequestSpecification as(String user) {
        return bearer(tokens().user(user));
    }

    /** The machine client. */
    public static RequestSpecification asIntegration() {
        return bearer(integrationToken());
    }

    /** For requests that are not REST Assured's. */
    public static String integrationToken() {
        return tokens().integration();
    }

    /** Nobody: no token. */
    public static RequestSpecification asNobody() {
        return RestAssured.given().header(AUTHORIZATION, "");
    }

    private static RequestSpecification bearer(String token) {
        return RestAssured.given().header(AUTHORIZATION, "Bearer " + token);
    }

    static Tokens tokens() {
        return Tokens.of(ConfigProvider.getConfig().getValue("quarkus.oidc.auth-server-url", URI.class));
    }
}
