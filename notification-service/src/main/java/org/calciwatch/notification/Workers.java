package org.calciwatch.notification;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Threads that do what is due, one thing each at a time: woken when there may be something, and looking by themselves
 * every few seconds for what another instance left behind, for pauses that are over and after restarts.
 */
public final class Workers {

    private static final Duration POLL = Duration.ofSeconds(5);

    private static final Logger LOG = Logger.getLogger(Workers.class);

    /** What they do. */
    @FunctionalInterface
    public interface Work {
        /**
         * Does one thing. Whatever it throws is logged, and after a pause the worker goes on.
         *
         * @return false when there was nothing to do
         */
        boolean next() throws InterruptedException;
    }

    private final String name;
    private final int number;
    private final Work work;
    private final Semaphore wake = new Semaphore(0);
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopping;

    public Workers(String name, int number, Work work) {
        this.name = name;
        this.number = number;
        this.work = work;
    }

    public void start() {
        for (int i = 1; i <= number; i++) {
            threads.add(Thread.ofVirtual().name(name + "-" + i).start(this::run));
        }
    }

    /** Has one of them look. */
    public void wake() {
        // With a permit for each worker everybody who waits will look after this; more would be looks in vain.
        if (wake.availablePermits() < number) {
            wake.release();
        }
    }

    /**
     * Lets what is under way end.
     *
     * @param patience how long to wait for each
     */
    public void stop(Duration patience) throws InterruptedException {
        stopping = true;
        wake.release(number);
        for (var thread : threads) {
            thread.join(patience);
        }
    }

    /** True once they are to stop. */
    public boolean isStopping() {
        return stopping;
    }

    private void run() {
        try {
            while (!stopping) {
                if (!hasDoneOne()) {
                    // Woken or not, it looks again.
                    var _ = wake.tryAcquire(POLL.toMillis(), TimeUnit.MILLISECONDS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Errors too: a worker that died of one class that cannot be loaded would send nothing until a restart. */
    private boolean hasDoneOne() throws InterruptedException {
        try {
            return work.next();
        } catch (InterruptedException e) {
            throw e;
        } catch (Throwable e) {
            LOG.errorf(e, "Worker %s: unexpected failure, it goes on in %s", name, POLL);
            return false;
        }
    }
}
