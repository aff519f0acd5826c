package org.calciwatch.privacy;

import io.quarkus.arc.All;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/** Removes what has been kept long enough, in small transactions, one instance of the service at a time. */
@ApplicationScoped
public class Retention {

    /** Any number no other user of the database takes. */
    private static final long LOCK = 0x72657461696eL;

    /** Small enough for a transaction of about a second. */
    private static final int BATCH = 1000;

    private static final Logger LOG = Logger.getLogger(Retention.class);

    private final List<Expiring> kinds;
    private final DataSource database;
    private final Clock clock;

    Retention(@All List<Expiring> kinds, DataSource database, Clock clock) {
        this.kinds = kinds;
        this.database = database;
        this.clock = clock;
    }

    /** Not at once: a start has better things to do. */
    @Scheduled(every = "1h", delayed = "5m", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void hourly() {
        purge();
    }

    /**
     * Removes all that has expired.
     *
     * @return how many records went, by kind; kinds another instance is at are left out
     */
    public Map<String, Integer> purge() {
        var removed = new LinkedHashMap<String, Integer>();
        for (var kind : kinds) {
            try {
                purge(kind).ifPresent(count -> removed.put(kind.kind(), count));
            } catch (RuntimeException e) {
                // One kind's trouble is not the others'; it is tried again within the hour.
                LOG.errorf(e, "Retention: %s could not be removed", kind.kind());
            }
        }
        removed.forEach((kind, count) -> {
            if (count > 0) {
                LOG.infof("Retention: removed %d %s", count, kind);
            }
        });
        return removed;
    }

    private Optional<Integer> purge(Expiring kind) {
        var before =
                clock.instant().atOffset(ZoneOffset.UTC).minus(kind.period()).toInstant();
        var sum = 0;
        while (true) {
            var batch = QuarkusTransaction.requiringNew()
                    .call(() ->
                            takeTurn() ? Optional.of(kind.purge().purge(before, BATCH)) : Optional.<Integer>empty());
            if (batch.isEmpty()) {
                return Optional.empty();
            }
            sum += batch.get();
            if (batch.get() < BATCH) {
                return Optional.of(sum);
            }
        }
    }

    /** False while another instance is at it. */
    private boolean takeTurn() {
        try (var connection = database.getConnection();
                var lock = connection.prepareStatement("SELECT pg_try_advisory_xact_lock(?)")) {
            lock.setLong(1, LOCK);
            try (var answer = lock.executeQuery()) {
                return answer.next() && answer.getBoolean(1);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("Could not ask for the turn", e);
        }
    }
}
