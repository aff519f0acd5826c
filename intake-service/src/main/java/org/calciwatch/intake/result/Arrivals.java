package org.calciwatch.intake.result;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Wakes whoever waits for a result in this instance, once the result is committed. */
@ApplicationScoped
class Arrivals {

    /** Some windows and devices of one person; each who waits costs a connection and a look every 1.5 s. */
    static final int MOST_OF_ONE = 5;

    private final Map<UUID, Set<Waiting>> waiting = new ConcurrentHashMap<>();
    private final Event<Arrival> committed;
    private volatile boolean stopping;

    Arrivals(Event<Arrival> committed, MeterRegistry metrics) {
        this.committed = committed;
        metrics.gauge("calciwatch.results.awaited", waiting, Map::size);
    }

    record Arrival(UUID submissionId) {}

    /** Inside the transaction that stores the result. */
    void announceAfterCommit(UUID submissionId) {
        committed.fire(new Arrival(submissionId));
    }

    void wake(@Observes(during = TransactionPhase.AFTER_SUCCESS) Arrival arrival) {
        waiting.getOrDefault(arrival.submissionId(), Set.of()).forEach(one -> one.arrived.release());
    }

    void stop(@Observes ShutdownEvent stop) {
        stopping = true;
        waiting.values().forEach(all -> all.forEach(one -> one.arrived.release()));
    }

    /** True when the service is going down and nobody should wait any longer. */
    boolean isStopping() {
        return stopping;
    }

    /**
     * Registers before the first look at the database, so that no arrival falls between the look and the wait.
     *
     * @param who waits
     * @return empty when they wait for this submission {@value #MOST_OF_ONE} times already
     */
    Optional<Waiting> waitFor(UUID submissionId, String who) {
        var one = new Waiting(submissionId, who);
        var all = waiting.compute(submissionId, (id, others) -> {
            var set = others == null ? ConcurrentHashMap.<Waiting>newKeySet() : others;
            if (set.stream().filter(other -> other.who.equals(who)).count() < MOST_OF_ONE) {
                set.add(one);
            }
            return set;
        });
        return all.contains(one) ? Optional.of(one) : Optional.empty();
    }

    /** One who waits, until closed. */
    final class Waiting implements AutoCloseable {
        private final UUID submissionId;
        private final String who;
        private final Semaphore arrived = new Semaphore(0);

        private Waiting(UUID submissionId, String who) {
            this.submissionId = submissionId;
            this.who = who;
        }

        UUID submissionId() {
            return submissionId;
        }

        /** Waits until something arrives here, at most this long. */
        void await(Duration longest) throws InterruptedException {
            arrived.tryAcquire(longest.toMillis(), TimeUnit.MILLISECONDS);
        }

        @Override
        public void close() {
            waiting.computeIfPresent(submissionId, (id, all) -> {
                all.remove(this);
                return all.isEmpty() ? null : all;
            });
        }
    }
}
