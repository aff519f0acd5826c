package org.calciwatch.privacy;

import io.quarkus.arc.All;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.calciwatch.events.Event;
import org.calciwatch.events.EventType;
import org.calciwatch.events.PatientErased;
import org.calciwatch.events.PatientErasureConfirmed;
import org.calciwatch.events.consume.EventConsumer;
import org.calciwatch.events.consume.EventHandler;
import org.calciwatch.events.inbox.Inbox;
import org.calciwatch.events.outbox.Outbox;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;

/** In every service: removes what it holds on an erased patient, and confirms that. */
@ApplicationScoped
public class ErasePatient implements EventHandler<PatientErased> {

    private static final Logger LOG = Logger.getLogger(ErasePatient.class);

    private final Inbox inbox;
    private final PatientLock lock;
    private final ErasedSubmissions tombstones;
    private final List<PatientData> holders;
    private final Outbox outbox;
    private final String service;
    private final Clock clock;

    ErasePatient(
            Inbox inbox,
            PatientLock lock,
            ErasedSubmissions tombstones,
            @All List<PatientData> holders,
            Outbox outbox,
            @ConfigProperty(name = "quarkus.application.name") String service,
            Clock clock) {
        this.inbox = inbox;
        this.lock = lock;
        this.tombstones = tombstones;
        this.holders = holders;
        this.outbox = outbox;
        this.service = service;
        this.clock = clock;
    }

    @Override
    public EventType<PatientErased> type() {
        return EventType.PATIENT_ERASED;
    }

    @Override
    @Transactional
    public void handle(Event<PatientErased> event) {
        if (!inbox.firstTime(event.id())) {
            return;
        }
        var erased = event.data();
        erase(erased);
        outbox.add(
                EventType.PATIENT_ERASURE_CONFIRMED,
                erased.patientId(),
                new PatientErasureConfirmed(erased.patientId(), erased.erasureId(), service, clock.instant()));
        LOG.infof("Erasure %s is done here", erased.erasureId());
    }

    /**
     * Removes what this service holds. Whoever stores something about a patient takes the same lock and then looks for
     * the tombstone, so either it sees the tombstone, or what it stored is seen and removed here.
     */
    @Transactional(Transactional.TxType.MANDATORY)
    public void erase(PatientErased erased) {
        lock.take(erased.patientId());
        tombstones.remember(erased);
        holders.forEach(holder -> holder.erase(erased));
    }

    /** Takes what arrives on {@code patient-erased}. */
    @ApplicationScoped
    static class Listener {
        private final EventConsumer consumer;

        Listener(EventConsumer consumer) {
            this.consumer = consumer;
        }

        @Incoming("patient-erased")
        @Blocking
        void on(ConsumerRecords<String, byte[]> batch) {
            consumer.consume(batch);
        }
    }
}
