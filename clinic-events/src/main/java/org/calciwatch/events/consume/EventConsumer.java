package org.calciwatch.events.consume;

import static java.util.stream.Collectors.toUnmodifiableMap;

import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.quarkus.arc.All;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.persistence.LockTimeoutException;
import jakarta.persistence.OptimisticLockException;
import jakarta.persistence.PessimisticLockException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.calciwatch.events.Event;
import org.calciwatch.events.EventCodec;
import org.calciwatch.events.UnreadableEvent;
import org.calciwatch.events.deadletter.DeadLetters;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;
import org.jspecify.annotations.Nullable;

/**
 * Takes batches from the broker to the handlers: different patients side by side, each patient's events one after the
 * other. Returns when every message of the batch is handled or safe among the dead letters, so that the offsets are
 * committed after the work.
 */
@ApplicationScoped
public class EventConsumer {

    /** Below the size of the database pool (20), so that requests are served while a backlog is worked off. */
    private static final int PATIENTS_AT_ONCE = 8;

    /** Attempts at a message whose handler fails for a reason that waiting is not known to cure. */
    private static final int ATTEMPTS = 3;

    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    private static final Logger LOG = Logger.getLogger(EventConsumer.class);

    private final Map<String, EventHandler<?>> handlers;
    private final EventCodec codec;
    private final DeadLetters deadLetters;
    private final OpenTelemetry telemetry;
    private final MeterRegistry metrics;
    private final CountDownLatch stopping = new CountDownLatch(1);

    EventConsumer(
            @All List<EventHandler<?>> handlers,
            EventCodec codec,
            DeadLetters deadLetters,
            OpenTelemetry telemetry,
            MeterRegistry metrics) {
        this.handlers = handlers.stream()
                .collect(toUnmodifiableMap(handler -> handler.type().name(), Function.identity()));
        this.codec = codec;
        this.deadLetters = deadLetters;
        this.telemetry = telemetry;
        this.metrics = metrics;
    }

    void stop(@Observes ShutdownEvent stop) {
        stopping.countDown();
    }

    /** Handles every message of the batch. */
    public void consume(ConsumerRecords<String, byte[]> batch) {
        Map<String, List<ConsumerRecord<String, byte[]>>> byPatient = new LinkedHashMap<>();
        for (var message : batch) {
            // A message without key is poison; its place in line is its partition's.
            var line = message.key() == null ? "partition " + message.partition() : message.key();
            byPatient.computeIfAbsent(line, ignored -> new ArrayList<>()).add(message);
        }
        var places = new Semaphore(PATIENTS_AT_ONCE);
        List<Future<?>> lines = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var line : byPatient.values()) {
                lines.add(threads.submit(() -> {
                    places.acquireUninterruptibly();
                    try {
                        line.forEach(this::consume);
                    } finally {
                        places.release();
                    }
                }));
            }
        }
        for (var line : lines) {
            try {
                line.get();
            } catch (ExecutionException e) {
                // Only when the service is stopping: not acknowledged, so it comes again after the restart.
                throw new IllegalStateException("A batch was left unfinished", e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("A batch was left unfinished", e);
            }
        }
    }

    /**
     * Handles one message that was a dead letter.
     *
     * @throws RuntimeException when it fails again, with the reason
     */
    public void replay(ConsumerRecord<String, byte[]> message) {
        inItsTrace(message, () -> handle(message));
    }

    private void consume(ConsumerRecord<String, byte[]> message) {
        inItsTrace(message, () -> handleOrSetAside(message));
    }

    private void handleOrSetAside(ConsumerRecord<String, byte[]> message) {
        var pause = FIRST_PAUSE;
        var attempts = 0;
        while (true) {
            try {
                handle(message);
                count(message, "handled");
                return;
            } catch (RuntimeException e) {
                // An outage, however long, does not use up the attempts.
                if (!passes(e)) {
                    attempts++;
                }
                if (e instanceof UnreadableEvent || attempts >= ATTEMPTS) {
                    if (setAside(message, e)) {
                        return;
                    }
                } else {
                    LOG.warnf("%s: failed, next attempt in %s: %s", place(message), pause, kindOf(e));
                }
            }
            waitOrStop(pause);
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
    }

    private boolean setAside(ConsumerRecord<String, byte[]> message, RuntimeException failure) {
        try {
            if (deadLetters.add(message, reason(failure))) {
                LOG.errorf("%s: set aside as a dead letter: %s", place(message), kindOf(failure));
                count(message, "dead-letter");
            } else {
                LOG.warnf("%s: dropped, as its submission was erased: %s", place(message), kindOf(failure));
                count(message, "erased");
            }
            return true;
        } catch (RuntimeException e) {
            LOG.errorf("%s: could not be set aside, will be tried again: %s", place(message), kindOf(e));
            return false;
        }
    }

    private void handle(ConsumerRecord<String, byte[]> message) {
        var event = codec.read(message);
        var handler = handlers.get(event.type().name());
        if (handler == null) {
            throw new UnreadableEvent(
                    "this service does not handle '" + event.type().name() + "'");
        }
        MDC.put("eventId", event.id());
        try {
            dispatch(handler, event);
        } catch (StackOverflowError | LinkageError e) {
            // One message's trouble, not the consumer's.
            throw new IllegalStateException(e);
        }
    }

    @SuppressWarnings("unchecked") // the handler was looked up by the event's type
    private static <T> void dispatch(EventHandler<T> handler, Event<?> event) {
        handler.handle((Event<T>) event);
    }

    private void inItsTrace(ConsumerRecord<String, byte[]> message, Runnable work) {
        var sender =
                telemetry.getPropagators().getTextMapPropagator().extract(Context.root(), message, new HeaderGetter());
        Span span = telemetry
                .getTracer("org.calciwatch.events")
                .spanBuilder("process " + message.topic())
                .setParent(sender)
                .setSpanKind(SpanKind.CONSUMER)
                .startSpan();
        try (var _ = span.makeCurrent()) {
            MDC.put("traceId", span.getSpanContext().getTraceId());
            work.run();
        } finally {
            MDC.remove("traceId");
            MDC.remove("eventId");
            span.end();
        }
    }

    /** True for failures that time cures: the database away or overloaded, a lost race, a handler that must wait. */
    private static boolean passes(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case NotNow _,
                        SQLTransientException _,
                        OptimisticLockException _,
                        PessimisticLockException _,
                        LockTimeoutException _ -> {
                    return true;
                }
                case SQLException sql -> {
                    var state = sql.getSQLState();
                    // No state: the pool gave no connection. 08 connection, 25006 read only, 40 lost race,
                    // 53 out of resources, 57 shutting down, 58 input or output error.
                    if (state == null || state.matches("08...|25006|40...|53...|57...|58...")) {
                        return true;
                    }
                }
                default -> {
                    // look at its cause
                }
            }
            for (var suppressed : cause.getSuppressed()) {
                if (passes(suppressed)) {
                    return true;
                }
            }
        }
        return false;
    }

    private void waitOrStop(Duration pause) {
        try {
            if (stopping.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("The service is stopping");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The service is stopping", e);
        }
    }

    private void count(ConsumerRecord<String, byte[]> message, String outcome) {
        metrics.counter("calciwatch.events.consumed", "topic", message.topic(), "outcome", outcome)
                .increment();
    }

    private static String place(ConsumerRecord<String, byte[]> message) {
        return message.topic() + "-" + message.partition() + "@" + message.offset();
    }

    /** For the log, which must not hold answers: the kinds of failure, without their messages. */
    private static String kindOf(Throwable failure) {
        var cause = failure.getCause();
        return failure.getClass().getSimpleName() + (cause == null ? "" : " caused by " + kindOf(cause));
    }

    /** Why a message failed, without anything of its content. */
    public static String reason(RuntimeException failure) {
        return failure instanceof UnreadableEvent
                ? String.valueOf(failure.getMessage())
                : "processing failed: " + kindOf(failure);
    }

    private static class HeaderGetter implements TextMapGetter<ConsumerRecord<String, byte[]>> {
        @Override
        public Iterable<String> keys(ConsumerRecord<String, byte[]> message) {
            var names = new ArrayList<String>();
            message.headers().forEach(header -> names.add(header.key()));
            return names;
        }

        @Override
        public @Nullable String get(@Nullable ConsumerRecord<String, byte[]> message, String name) {
            var header = message == null ? null : message.headers().lastHeader(name);
            return header == null || header.value() == null ? null : new String(header.value(), StandardCharsets.UTF_8);
        }
    }
}
