package org.calciwatch.notification.flag;

import io.quarkus.scheduler.Scheduled;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Has flags do in time what nobody may forget: escalate, come back, remind, stand in the digest. All times are in the
 * database, so they survive restarts, and a row's lock lets one instance act and not two.
 *
 * <p>As a health check it says whether it still looks. It does not ask the database: a restart would not bring that back.
 */
@Liveness
@ApplicationScoped
class FlagTimers implements HealthCheck {

    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMinutes(1);

    /** Twice what a connection to the database waits for an answer; after that a look has ended, one way or the other. */
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(60);

    private static final Logger LOG = Logger.getLogger(FlagTimers.class);

    private final Flags flags;
    private final Digests digests;
    private final Clock clock;
    private @Nullable Instant digestFailedAt;
    private volatile long lastLook = System.nanoTime();

    FlagTimers(Flags flags, Digests digests, Clock clock) {
        this.flags = flags;
        this.digests = digests;
        this.clock = clock;
    }

    /** Looks what is due. What fails here is due still a second later; neither part waits for the other. */
    @Scheduled(every = "1s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void tick() {
        try {
            actOnAllDue();
        } catch (Throwable e) {
            LOG.warnf("Timers of flags wait: %s", e.getClass().getSimpleName());
        }
        lastLook = System.nanoTime();
        sendDigests();
        lastLook = System.nanoTime();
    }

    private void actOnAllDue() {
        for (var more = true; more; ) {
            try {
                more = flags.actOnNextDue().isPresent();
            } catch (Flags.NotDone e) {
                LOG.errorf(e.getCause(), "Flag %s: what is due could not be done, it is tried again", e.flag());
                lastLook = System.nanoTime();
                flags.postpone(e.flag(), PAUSE_AFTER_FAILURE);
            }
            // Many that are due at once are work and no silence.
            lastLook = System.nanoTime();
        }
    }

    /** A digest may wait a minute, and making it for all recipients each second to no avail would be much work. */
    private void sendDigests() {
        var now = clock.instant();
        var failed = digestFailedAt;
        // A clock that was set back does not put it off.
        if (failed != null && !now.isBefore(failed) && now.isBefore(failed.plus(PAUSE_AFTER_FAILURE))) {
            return;
        }
        try {
            digestFailedAt = digests.sendDue() ? null : now;
        } catch (Throwable e) {
            digestFailedAt = now;
            LOG.warnf("The digest waits: %s", e.getClass().getSimpleName());
        }
    }

    @Override
    public HealthCheckResponse call() {
        return health(Duration.ofNanos(System.nanoTime() - lastLook));
    }

    /**
     * How the timers are.
     *
     * @param silence since they last looked, or did something
     */
    static HealthCheckResponse health(Duration silence) {
        return HealthCheckResponse.named("Timers of flags")
                .status(silence.compareTo(LONGEST_SILENCE) <= 0)
                .withData("secondsSinceLastLook", silence.toSeconds())
                .build();
    }
}
