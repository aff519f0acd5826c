package org.calciwatch.events.outbox;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.sql.SQLException;
import java.util.concurrent.Semaphore;
import javax.sql.DataSource;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Wakes the relay, in whichever instance it runs, right after a commit.
 *
 * <p>NOTIFY inside the transaction would be simpler, but PostgreSQL lets only one committing transaction with a NOTIFY
 * through at a time, which would end group commit and with it most of the intake's throughput. So it is sent after the
 * commit, one for all commits since the last. A lost one costs at most the relay's poll interval.
 */
@ApplicationScoped
class OutboxBell {

    static final String CHANNEL = "calciwatch_outbox";

    private static final Logger LOG = Logger.getLogger(OutboxBell.class);

    private final DataSource database;
    private final TransactionSynchronizationRegistry transaction;
    private final Semaphore rung = new Semaphore(0);
    private @Nullable Thread thread;

    OutboxBell(DataSource database, TransactionSynchronizationRegistry transaction) {
        this.database = database;
        this.transaction = transaction;
    }

    void start(@Observes StartupEvent start) {
        thread = Thread.ofVirtual().name("outbox-bell").start(this::run);
    }

    void stop(@Observes ShutdownEvent stop) {
        if (thread != null) {
            thread.interrupt();
        }
    }

    void ringAfterCommit() {
        transaction.registerInterposedSynchronization(new Synchronization() {
            @Override
            public void beforeCompletion() {
                // only the outcome matters
            }

            @Override
            public void afterCompletion(int status) {
                if (status == Status.STATUS_COMMITTED) {
                    rung.release();
                }
            }
        });
    }

    private void run() {
        try {
            while (true) {
                rung.acquire();
                rung.drainPermits();
                ring();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void ring() {
        try (var connection = database.getConnection();
                var notify = connection.createStatement()) {
            notify.execute("NOTIFY " + CHANNEL);
        } catch (SQLException | RuntimeException e) {
            LOG.debug("The outbox relay was not woken and will find the message by its poll", e);
        }
    }
}
