package org.calciwatch.intake.privacy;

import com.fasterxml.uuid.Generators;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Produces;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.calciwatch.audit.Access;
import org.calciwatch.events.Event;
import org.calciwatch.events.EventType;
import org.calciwatch.events.PatientErased;
import org.calciwatch.events.PatientErasureConfirmed;
import org.calciwatch.events.consume.EventConsumer;
import org.calciwatch.events.consume.EventHandler;
import org.calciwatch.events.inbox.Inbox;
import org.calciwatch.events.outbox.Outbox;
import org.calciwatch.intake.submission.Submissions;
import org.calciwatch.privacy.ErasePatient;
import org.calciwatch.privacy.Expiring;
import org.calciwatch.privacy.PatientLock;
import org.calciwatch.privacy.RetentionConfig;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Begins erasures, and notes which services have confirmed them. */
@ApplicationScoped
class Erasures implements EventHandler<PatientErasureConfirmed> {

    /** The services that hold data on patients; an erasure is complete when all of them have confirmed. */
    private static final List<String> SERVICES =
            List.of("intake-service", "assessment-service", "notification-service");

    private static final Logger LOG = Logger.getLogger(Erasures.class);

    private final ErasureTable table;
    private final Submissions submissions;
    private final ErasePatient erasePatient;
    private final PatientLock lock;
    private final Access access;
    private final Inbox inbox;
    private final Outbox outbox;
    private final Clock clock;

    Erasures(
            ErasureTable table,
            Submissions submissions,
            ErasePatient erasePatient,
            PatientLock lock,
            Access access,
            Inbox inbox,
            Outbox outbox,
            Clock clock) {
        this.table = table;
        this.submissions = submissions;
        this.erasePatient = erasePatient;
        this.lock = lock;
        this.access = access;
        this.inbox = inbox;
        this.outbox = outbox;
        this.clock = clock;
    }

    /**
     * Erases at once what is held here and asks the other services to do the same. Also for a patient unknown here: the
     * others may hold something, and whether a patient is known is private.
     *
     * @return the id of the erasure
     */
    @Transactional
    UUID begin(String patientId, String requestedBy) {
        // Before the list is made and the time is taken: what is submitted later waits, and is not part of it.
        lock.take(patientId);
        // Milliseconds, as in the ids of submissions.
        var now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        var id = Generators.timeBasedEpochGenerator().generate();
        var erased = new PatientErased(patientId, id, now, submissions.idsOf(patientId));
        // Before the erasure, which forgets whose pseudonym the record of it bears.
        access.about(patientId);
        access.entity("erasures", id);
        access.recordNow(202);
        erasePatient.erase(erased);
        table.add(new Erasure(
                id,
                now,
                requestedBy,
                SERVICES.stream()
                        .map(service -> new Erasure.Confirmation(service, null))
                        .toList()));
        outbox.add(EventType.PATIENT_ERASED, patientId, erased);
        LOG.infof("Erasure %s: %d submissions", id, erased.listedSubmissions().size());
        return id;
    }

    @Transactional
    Optional<Erasure> find(UUID id) {
        return table.find(id);
    }

    /** The newest first; {@code before} is the id of the last one already seen. */
    @Transactional
    List<Erasure> list(@Nullable UUID before, int limit) {
        return table.list(before, limit);
    }

    @Override
    public EventType<PatientErasureConfirmed> type() {
        return EventType.PATIENT_ERASURE_CONFIRMED;
    }

    @Override
    @Transactional
    public void handle(Event<PatientErasureConfirmed> event) {
        if (!inbox.firstTime(event.id())) {
            return;
        }
        var confirmed = event.data();
        if (table.confirm(confirmed.erasureId(), confirmed.service(), confirmed.confirmedAt())) {
            LOG.infof("Erasure %s confirmed by %s", confirmed.erasureId(), confirmed.service());
        } else {
            LOG.warnf("Erasure %s awaits no confirmation by %s", confirmed.erasureId(), confirmed.service());
        }
    }

    @Produces
    @Dependent
    Expiring records(RetentionConfig periods) {
        return new Expiring("erasure records", periods.erasures(), table::purge);
    }

    /** Takes what arrives on {@code patient-erasure-confirmed}. */
    @ApplicationScoped
    static class Listener {
        private final EventConsumer consumer;

        Listener(EventConsumer consumer) {
            this.consumer = consumer;
        }

        @Incoming("patient-erasure-confirmed")
        @Blocking
        void on(ConsumerRecords<String, byte[]> batch) {
            consumer.consume(batch);
        }
    }
}
