package org.calciwatch.notification.delivery;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.uuid.Generators;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.trace.Span;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.calciwatch.audit.Access;
import org.calciwatch.audit.Action;
import org.calciwatch.audit.AuditLog;
import org.calciwatch.crypto.SealBroken;
import org.calciwatch.notification.NotificationConfig;
import org.calciwatch.privacy.Expiring;
import org.calciwatch.privacy.RetentionConfig;
import org.jboss.logging.Logger;

/** The mails to be sent: made with the change they tell of, claimed by a sender, and recorded with what came of it. */
@ApplicationScoped
public class Deliveries {

    /** How long a claimed delivery belongs to its sender: longer than {@link Smtp} can take for a mail. */
    static final Duration CLAIM = Duration.ofMinutes(2);

    private static final Smtp.Answer UNREADABLE = new Smtp.Answer(List.of(), false, "the stored mail cannot be opened");

    private static final Logger LOG = Logger.getLogger(Deliveries.class);

    /** A delivery is due now; senders hear of it once the transaction has committed. */
    record Due() {}

    private final DeliveryRepository deliveries;
    private final FlagMails mails;
    private final NotificationConfig config;
    private final Access access;
    private final AuditLog audit;
    private final RetrySchedule schedule;
    private final Event<Due> due;
    private final MeterRegistry metrics;
    private final Clock clock;

    Deliveries(
            DeliveryRepository deliveries,
            FlagMails mails,
            NotificationConfig config,
            Access access,
            AuditLog audit,
            Event<Due> due,
            MeterRegistry metrics,
            Clock clock) {
        this.deliveries = deliveries;
        this.mails = mails;
        this.config = config;
        this.access = access;
        this.audit = audit;
        this.schedule =
                new RetrySchedule(config.mail().firstRetry(), config.mail().longestRetry());
        this.due = due;
        this.metrics = metrics;
        this.clock = clock;
    }

    void start(@Observes StartupEvent start) {
        for (var status : new Delivery.Status[] {Delivery.Status.PENDING, Delivery.Status.FAILED}) {
            Gauge.builder("calciwatch.deliveries", this, all -> all.count(status))
                    .description("Mails not delivered, in the whole database")
                    .tag("status", status.name().toLowerCase(Locale.ROOT))
                    .register(metrics);
        }
    }

    private long count(Delivery.Status status) {
        return QuarkusTransaction.requiringNew().call(() -> deliveries.count("status", status));
    }

    /** Has clinicians told of a flag once the caller's transaction has committed. */
    @Transactional(Transactional.TxType.MANDATORY)
    public void enqueue(FlagNotice notice) {
        var delivery = new Delivery(
                Generators.timeBasedEpochGenerator().generate(),
                notice,
                config.mail().messageIdDomain(),
                config.clinicians(),
                mails.write(notice),
                config.mail().attempts(),
                Span.current().getSpanContext().getTraceId(),
                clock.instant());
        deliveries.persist(delivery);
        due.fire(new Due());
    }

    /**
     * Claims the delivery that is due longest for {@link #CLAIM}. The transaction is over when the mail goes out, so no
     * connection is held while a mail server thinks; a sender that dies loses its claim with time.
     */
    @Transactional
    Optional<Outgoing> claim() {
        var now = clock.instant();
        for (var next = deliveries.nextDue(now); next.isPresent(); next = deliveries.nextDue(now)) {
            var delivery = next.get();
            try {
                var outgoing = Outgoing.of(delivery);
                delivery.claim(now.plus(CLAIM));
                return Optional.of(outgoing);
            } catch (SealBroken e) {
                // One mail that cannot be opened must not keep back all others. It comes again, as after every failure.
                LOG.errorf(
                        "Delivery %s is not sent: %s. Restore the keyset it was sealed with.",
                        delivery.id(), e.getMessage());
                metrics.counter("calciwatch.delivery.unreadable").increment();
                record(delivery, UNREADABLE);
            }
        }
        return Optional.empty();
    }

    /** Records what came of an attempt. */
    @Transactional
    void record(UUID id, Smtp.Answer answer) {
        // Gone when the patient was erased meanwhile.
        deliveries.forChange(id).ifPresent(delivery -> {
            record(delivery, answer);
            metrics.counter(
                            "calciwatch.delivery.attempts",
                            "outcome",
                            delivery.attempts().getLast().outcome().name().toLowerCase(Locale.ROOT))
                    .increment();
        });
    }

    private void record(Delivery delivery, Smtp.Answer answer) {
        var now = clock.instant();
        var failures = delivery.failuresOf(config.mail().attempts()) + 1;
        var pause = schedule.pauseAfter(failures, RandomGenerator.getDefault());
        delivery.attempted(answer, pause, now);
        switch (delivery.status()) {
            case SENT -> {
                audit.record(
                        Action.EXECUTE,
                        "mail sent",
                        deliveries.patientsOf(List.of(delivery.flagId())),
                        List.of("Flag/" + delivery.flagId(), "Communication/" + delivery.id()));
                LOG.infof("Delivery %s of flag %s: sent", delivery.id(), delivery.flagId());
            }
            case PENDING ->
                LOG.warnf(
                        "Delivery %s of flag %s: attempt failed, next at %s",
                        delivery.id(), delivery.flagId(), delivery.nextAttemptAt());
            case FAILED ->
                LOG.errorf(
                        "Delivery %s of flag %s: failed after %d attempts; the clinic was not told by mail. "
                                + "POST /deliveries/%s/retry tries again",
                        delivery.id(), delivery.flagId(), delivery.attempts().size(), delivery.id());
        }
    }

    /** The mails about a flag as FHIR R4 Communication. */
    @Transactional(Transactional.TxType.MANDATORY)
    public List<ObjectNode> export(UUID flagId, String patientId) {
        return deliveries.of(flagId).stream()
                .map(delivery -> Communications.of(delivery, patientId))
                .toList();
    }

    @Produces
    @Dependent
    Expiring content(RetentionConfig periods) {
        return new Expiring("contents of sent mails", periods.mailContent(), deliveries::removeContent);
    }

    /**
     * Has a delivery tried again at once.
     *
     * @throws HttpProblem 404 when there is no such delivery, 409 when it was sent
     */
    @Transactional
    DeliveryView retry(UUID id) {
        var delivery = deliveries
                .forChange(id)
                .orElseThrow(() -> HttpProblem.valueOf(Response.Status.NOT_FOUND, "There is no delivery " + id));
        access.entity("Communication", id);
        deliveries.patientsOf(List.of(delivery.flagId())).forEach(access::about);
        delivery.retry(config.mail().attempts(), clock.instant());
        access.recordNow(200);
        due.fire(new Due());
        return DeliveryView.of(delivery);
    }
}
