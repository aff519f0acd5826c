package org.calciwatch.audit;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Chains new audit events once a second, all of them at once, rather than with each request: chaining is strictly one
 * after the other, requests are not.
 */
@ApplicationScoped
class AuditSealer {

    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** How often the log, which is kept elsewhere, says how far the chain is. */
    private static final Duration NOTE = Duration.ofHours(1);

    private static final Logger LOG = Logger.getLogger(AuditSealer.class);

    private final AuditChain chain;
    private @Nullable Thread thread;

    AuditSealer(AuditChain chain) {
        this.chain = chain;
    }

    void start(@Observes StartupEvent start) {
        thread = Thread.ofVirtual().name("audit-sealer").start(this::run);
    }

    void stop(@Observes ShutdownEvent stop) throws InterruptedException {
        if (thread != null) {
            thread.interrupt();
            thread.join(Duration.ofSeconds(2));
        }
    }

    private void run() {
        long noted = 0;
        var nextNote = System.nanoTime();
        try {
            while (true) {
                try {
                    if (chain.chainNext() > 0) {
                        continue;
                    }
                    if (System.nanoTime() - nextNote >= 0) {
                        noted = note(noted);
                        nextNote = System.nanoTime() + NOTE.toNanos();
                    }
                } catch (RuntimeException e) {
                    LOG.warnf("Audit events wait to be chained: %s", e);
                }
                Thread.sleep(PAUSE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private long note(long noted) {
        var head = chain.head();
        if (head.seq() > noted) {
            LOG.infof("The head of the audit chain is %s", head);
        }
        return head.seq();
    }
}
