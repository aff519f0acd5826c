package org.calciwatch.security;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Default;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Whether the identity provider answers. Without it the service is not ready, as nobody new can log in; who has a token
 * is still served, by the keys the service has kept. The check that comes with the extension would wait for a silent
 * provider without end.
 */
@Default
@Readiness
@ApplicationScoped
class IdentityProvider implements HealthCheck {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** So that a flood of logins, or of strangers, is not a flood of requests to the provider. */
    private static final Duration REMEMBERED = Duration.ofSeconds(2);

    private final HttpRequest discovery;
    private final AsyncCache<URI, Boolean> answered =
            Caffeine.newBuilder().expireAfterWrite(REMEMBERED).buildAsync();
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();

    IdentityProvider(@ConfigProperty(name = "quarkus.oidc.auth-server-url") String issuer) {
        discovery = HttpRequest.newBuilder(
                        URI.create(issuer.replaceFirst("/$", "") + "/.well-known/openid-configuration"))
                .timeout(PATIENCE)
                .build();
    }

    /** True when it answers within two seconds. */
    CompletableFuture<Boolean> answers() {
        return http.sendAsync(discovery, BodyHandlers.discarding())
                .handle((answer, failure) -> failure == null && answer.statusCode() == 200);
    }

    /** As {@link #answers}, or as it was within the last two seconds; those who ask at once share one request. */
    CompletableFuture<Boolean> answeredLately() {
        return answered.get(discovery.uri(), (_, _) -> answers());
    }

    @Override
    public HealthCheckResponse call() {
        var response = HealthCheckResponse.named("Identity provider");
        return answers().join()
                ? response.up().build()
                : response.down()
                        .withData("problem", "no answer within " + PATIENCE.toSeconds() + " s; nobody new can log in")
                        .build();
    }

    @PreDestroy
    void close() {
        http.shutdownNow();
    }
}
