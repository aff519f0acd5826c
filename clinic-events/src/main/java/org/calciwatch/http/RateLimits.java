package org.calciwatch.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.calciwatch.http.RateLimitConfig.Limit;
import org.calciwatch.security.Roles;
import org.eclipse.microprofile.jwt.JsonWebToken;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Limits how many requests a client may send: by address until it has proved who it is, then by the subject of its
 * token. Each instance counts for itself, so with n instances a client has up to n times as much.
 *
 * <p>A request is charged to its address first, because checking a token costs more than counting. When the token turns
 * out to be good, the address gets it back: a portal speaks for thousands of patients from one address.
 */
@ApplicationScoped
class RateLimits {

    /** Before CORS (300) and authentication (200), so that a flood costs as little as possible. */
    private static final int FIRST = 400;

    private static final int TOO_MANY = 429;
    private static final String RETRY_AFTER = "Retry-After";

    /** Those who watch over the service must not be told that it is busy. */
    private static final String EXEMPT = "/q/health";

    private static final String ADDRESS = RateLimits.class.getName();

    /** What one customer of an internet provider has of IPv6 at least: 64 bits; counting single addresses were no limit. */
    private static final int IPV6_NETWORK = 8;

    private final RateLimitConfig config;
    private final EarlyAnswers answers;
    private final MeterRegistry metrics;
    private final Cache<String, Bucket> addresses;
    private final Cache<String, Bucket> subjects;

    RateLimits(RateLimitConfig config, EarlyAnswers answers, MeterRegistry metrics) {
        this.config = config;
        this.answers = answers;
        this.metrics = metrics;
        this.addresses = cache(config.address());
        this.subjects = cache(config.patient(), config.staff(), config.integration());
    }

    /** Forgets a bucket that was not used until it must be full again, which a new one is too. */
    private Cache<String, Bucket> cache(Limit... limits) {
        var slowest = Stream.of(limits)
                .mapToInt(limit -> limit.burst() / limit.perSecond() + 1)
                .max()
                .orElseThrow();
        return Caffeine.newBuilder()
                .maximumSize(config.clients())
                .expireAfterAccess(Duration.ofSeconds(slowest))
                .build();
    }

    void register(@Observes Filters filters) {
        if (config.enabled()) {
            filters.register(this::chargeAddress, FIRST);
        }
    }

    private void chargeAddress(RoutingContext request) {
        if (request.normalizedPath().startsWith(EXEMPT)) {
            request.next();
            return;
        }
        var bucket = addresses.get(network(request.request().remoteAddress()), _ -> bucket(config.address()));
        request.put(ADDRESS, bucket);
        var seconds = secondsToWait(bucket, "address");
        if (seconds == 0) {
            request.next();
            return;
        }
        request.response().putHeader(RETRY_AFTER, Long.toString(seconds));
        answers.refuse(request, TOO_MANY, "throttled", tooMany(seconds));
    }

    /** Runs after the rule of the endpoint has asked who it is; whoever it did not let in stays charged by address. */
    @ServerRequestFilter
    void chargeSubject(RoutingContext request) {
        Bucket address = request.get(ADDRESS);
        if (address == null
                || !(request.user() instanceof QuarkusHttpUser user)
                || user.getSecurityIdentity().isAnonymous()) {
            return;
        }
        var identity = user.getSecurityIdentity();
        var seconds = secondsToWait(subjects.get(subject(identity), _ -> bucket(limit(identity))), "subject");
        if (seconds > 0) {
            throw HttpProblem.builder()
                    .withStatus(TOO_MANY)
                    .withTitle("Too Many Requests")
                    .withDetail(tooMany(seconds))
                    .withHeader(RETRY_AFTER, seconds)
                    .build();
        }
        // Only now: a flood is charged to its address as well.
        address.addTokens(1);
    }

    private long secondsToWait(Bucket bucket, String by) {
        var charged = bucket.tryConsumeAndReturnRemaining(1);
        if (charged.isConsumed()) {
            return 0;
        }
        metrics.counter("calciwatch.http.rate.limited", "by", by).increment();
        // Rounded up to whole seconds, the header's unit.
        return TimeUnit.NANOSECONDS.toSeconds(charged.getNanosToWaitForRefill()) + 1;
    }

    private static String tooMany(long seconds) {
        return "Too many requests from this client. Send the next one in " + seconds + " s (Retry-After).";
    }

    private static Bucket bucket(Limit limit) {
        return Bucket.builder()
                .addLimit(rate -> rate.capacity(limit.burst()).refillGreedy(limit.perSecond(), Duration.ofSeconds(1)))
                .build();
    }

    private Limit limit(SecurityIdentity identity) {
        if (identity.hasRole(Roles.INTEGRATION)) {
            return config.integration();
        }
        return identity.hasRole(Roles.CLINICIAN) || identity.hasRole(Roles.ADMIN) ? config.staff() : config.patient();
    }

    private static String subject(SecurityIdentity identity) {
        return identity.getPrincipal() instanceof JsonWebToken token && token.getSubject() != null
                ? token.getSubject()
                : identity.getPrincipal().getName();
    }

    /** The address of IPv4, the network of IPv6. */
    private static String network(SocketAddress client) {
        // Without a literal address there is what a proxy, or a local socket, calls the client.
        var address = client.hostAddress() == null ? String.valueOf(client.host()) : client.hostAddress();
        try {
            var bytes = InetAddress.ofLiteral(address).getAddress();
            return HexFormat.of().formatHex(bytes.length > 4 ? Arrays.copyOf(bytes, IPV6_NETWORK) : bytes);
        } catch (IllegalArgumentException e) {
            return address;
        }
    }
}
