package org.calciwatch.notification.delivery;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/**
 * Sends what is due: woken by the commit that made it due, and by a slow poll for what another instance left behind,
 * for pauses that are over and for restarts.
 *
 * <p>A process killed between the mail server's answer and its record sends the mail again when the claim has run out,
 * under the same Message-ID. SMTP offers no way around that.
 */
@ApplicationScoped
class DeliverySender {

    /** A few conversations side by side, so that one slow answer does not hold up all mails of this instance. */
    private static final int WORKERS = 4;

    private static final Duration POLL = Duration.ofSeconds(5);
    private static final Duration PAUSE_BEFORE_RECORDING_AGAIN = Duration.ofMillis(250);
    private static final Logger LOG = Logger.getLogger(DeliverySender.class);

    private final Deliveries deliveries;
    private final Smtp smtp;
    private final Semaphore wake = new Semaphore(0);
    private final List<Thread> workers = new ArrayList<>();
    private volatile boolean stopping;

    DeliverySender(Deliveries deliveries, Smtp smtp) {
        this.deliveries = deliveries;
        this.smtp = smtp;
    }

    void start(@Observes StartupEvent start) {
        for (int i = 1; i <= WORKERS; i++) {
            workers.add(Thread.ofVirtual().name("delivery-sender-" + i).start(this::run));
        }
    }

    /** Lets conversations that are under way end and be recorded, so that their mails are not sent twice. */
    void stop(@Observes ShutdownEvent stop) throws InterruptedException {
        stopping = true;
        wake.release(WORKERS);
        for (var worker : workers) {
            worker.join(Smtp.PATIENCE);
        }
    }

    void wake(@Observes(during = TransactionPhase.AFTER_SUCCESS) Deliveries.Due due) {
        // With a permit for each worker everybody who waits will look after this commit; more would be looks in vain.
        if (wake.availablePermits() < WORKERS) {
            wake.release();
        }
    }

    private void run() {
        try {
            while (!stopping) {
                if (!sendNext()) {
                    // Woken or not, it looks again.
                    var _ = wake.tryAcquire(POLL.toMillis(), TimeUnit.MILLISECONDS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean sendNext() throws InterruptedException {
        Optional<Outgoing> next;
        try {
            next = deliveries.claim();
        } catch (RuntimeException e) {
            LOG.warnf("Deliveries wait, they cannot be read: %s", e.getClass().getSimpleName());
            return false;
        }
        if (next.isPresent()) {
            MDC.put("traceId", next.get().traceId());
            try {
                record(next.get(), smtp.send(next.get()));
            } catch (RuntimeException e) {
                // A mistake in here must not stop the mails; this one comes again when its claim has run out.
                LOG.errorf(e, "Delivery %s: unexpected failure", next.get().deliveryId());
            } finally {
                MDC.remove("traceId");
            }
        }
        return next.isPresent();
    }

    /** Does not let go until the outcome is stored: a sent mail that is not recorded would be sent again. */
    private void record(Outgoing outgoing, Smtp.Answer answer) throws InterruptedException {
        while (true) {
            try {
                deliveries.record(outgoing.deliveryId(), answer);
                return;
            } catch (RuntimeException e) {
                LOG.warnf(
                        "Delivery %s: the attempt cannot be recorded yet: %s",
                        outgoing.deliveryId(), e.getClass().getSimpleName());
                if (stopping) {
                    return;
                }
                Thread.sleep(PAUSE_BEFORE_RECORDING_AGAIN);
            }
        }
    }
}
