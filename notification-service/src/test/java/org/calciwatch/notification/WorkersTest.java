package org.calciwatch.notification;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WorkersTest {

    @Test
    void a_worker_survives_errors_and_goes_on_when_it_is_woken() throws InterruptedException {
        var looks = new AtomicInteger();
        var done = new CountDownLatch(1);
        var workers = new Workers("test", 1, () -> {
            switch (looks.incrementAndGet()) {
                case 1 -> throw new NoClassDefFoundError("gone");
                case 2 -> throw new IllegalStateException("broken");
                default -> done.countDown();
            }
            return false;
        });
        workers.start();
        workers.wake();

        assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
        workers.stop(Duration.ofSeconds(5));
    }

    @Test
    void a_worker_that_is_interrupted_ends() throws InterruptedException {
        var looks = new AtomicInteger();
        var ended = new CountDownLatch(1);
        var workers = new Workers("test", 1, () -> {
            looks.incrementAndGet();
            ended.countDown();
            throw new InterruptedException();
        });
        workers.start();

        assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
        workers.stop(Duration.ofSeconds(30));
        assertThat(looks).hasValue(1);
    }
}
