package org.calciwatch.events;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.calciwatch.events.consume.EventConsumer;
import org.calciwatch.events.consume.EventHandler;
import org.calciwatch.events.inbox.Inbox;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/** The consumer under test: writes down what it handled, and fails as it is told. */
@ApplicationScoped
class FlagRecorder implements EventHandler<FlagChanged> {

    private final Inbox inbox;
    private final Map<String, List<String>> handled = new ConcurrentHashMap<>();
    private final Map<String, RuntimeException> failures = new ConcurrentHashMap<>();
    private final AtomicInteger attempts = new AtomicInteger();

    FlagRecorder(Inbox inbox) {
        this.inbox = inbox;
    }

    @Override
    public EventType<FlagChanged> type() {
        return EventType.FLAG_CHANGED;
    }

    @Override
    @Transactional
    public void handle(Event<FlagChanged> event) {
        attempts.incrementAndGet();
        if (!inbox.firstTime(event.id())) {
            return;
        }
        var failure = failures.get(event.patientId());
        if (failure != null) {
            throw failure;
        }
        handled.computeIfAbsent(event.patientId(), _ -> new CopyOnWriteArrayList<>())
                .add(event.data().action());
    }

    /** The actions handled for a patient, in order. */
    List<String> of(String patient) {
        return handled.getOrDefault(patient, List.of());
    }

    int attempts() {
        return attempts.get();
    }

    void failFor(String patient, RuntimeException failure) {
        failures.put(patient, failure);
    }

    void databaseAwayFor(String patient) {
        failFor(patient, new IllegalStateException(new SQLTransientConnectionException("away")));
    }

    void workFor(String patient) {
        failures.remove(patient);
    }

    @ApplicationScoped
    static class Listener {
        private final EventConsumer consumer;

        Listener(EventConsumer consumer) {
            this.consumer = consumer;
        }

        @Incoming("flag-changed")
        @Blocking
        void on(ConsumerRecords<String, byte[]> batch) {
            consumer.consume(batch);
        }
    }
}
