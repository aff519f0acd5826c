package org.calciwatch.notification.delivery;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.uuid.Generators;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.inject.Produces;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.calciwatch.audit.Access;
import org.calciwatch.audit.Action;
import org.calciwatch.audit.AuditLog;
import org.calciwatch.crypto.SealBroken;
import org.calciwatch.notification.NotificationConfig;
import org.calciwatch.notification.routing.Routing;
import org.calciwatch.privacy.Expiring;
import org.calciwatch.privacy.RetentionConfig;
import org.jboss.logging.Logger;

/** The mails to be sent: made with the change they tell of, claimed by a sender, and recorded with what came of it. */
@ApplicationScoped
public class Deliveries {

    /** How long a claimed delivery belongs to its sender: longer than {@link Smtp} can take for a mail. */
    static final Duration CLAIM = Duration.ofMinutes(2);

    private static final Logger LOG = Logger.getLogger(Deliveries.class);

    /** A delivery is due now; senders hear of it once the transaction has committed. */
    record Due() {}

    private final DeliveryRepository deliveries;
    private final FlagMails mails;
    private final DigestMails digests;
    private final Routing routing;
    private final NotificationConfig config;
    private final Access access;
    private final AuditLog audit;
    private final RetrySchedule schedule;
    private final Event<Due> due;
    private final Event<Undeliverable> undeliverable;
    private final MeterRegistry metrics;
    private final Clock clock;

    Deliveries(
            DeliveryRepository deliveries,
            FlagMails mails,
            DigestMails digests,
            Routing routing,
            NotificationConfig config,
            Access access,
            AuditLog audit,
            Event<Due> due,
            Event<Undeliverable> undeliverable,
            MeterRegistry metrics,
            Clock clock) {
        this.deliveries = deliveries;
        this.mails = mails;
        this.digests = digests;
        this.routing = routing;
        this.config = config;
        this.access = access;
        this.audit = audit;
        this.schedule =
                new RetrySchedule(config.mail().firstRetry(), config.mail().longestRetry());
        this.due = due;
        this.undeliverable = undeliverable;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** Has clinicians told of a flag once the caller's transaction has committed, or when the notice says. */
    @Transactional(Transactional.TxType.MANDATORY)
    public void enqueue(FlagNotice notice) {
        var since = notice.occasion() == Occasion.ESCALATED
                ? deliveries.waitsSince(notice.flagId())
                : Optional.<Instant>empty();
        enqueue(Delivery.of(
                Generators.timeBasedEpochGenerator().generate(),
                notice,
                config.mail().messageIdDomain(),
                mails.write(notice, since),
                config.mail().attempts(),
                StoredTrace.ofCurrent(),
                clock.instant()));
    }

    /** Has somebody sent the digest of a time once the caller's transaction has committed; once, however often asked. */
    @Transactional(Transactional.TxType.MANDATORY)
    public void enqueue(DigestNotice notice) {
        var digest = Delivery.of(
                Generators.timeBasedEpochGenerator().generate(),
                notice,
                config.mail().messageIdDomain(),
                digests.write(notice),
                config.mail().attempts(),
                StoredTrace.ofCurrent(),
                clock.instant());
        enqueueOnce(digest);
    }

    /** Has a mail sent unless one with its Message-ID was made before. */
    void enqueueOnce(Delivery delivery) {
        if (!deliveries.isMade(delivery.messageId())) {
            enqueue(delivery);
        }
    }

    private void enqueue(Delivery delivery) {
        deliveries.persist(delivery);
        due.fire(new Due());
    }

    /**
     * Keeps the mails about a flag from those who have not got them yet, as somebody has seen to it or a mail that says
     * more takes their place. Digests, which tell of other flags too, stay. The caller has locked the flag.
     *
     * <p>A mail that a sender is at right now may still arrive; it is not tried again, and nobody else is told because
     * of it.
     */
    @Transactional(Transactional.TxType.MANDATORY)
    public void withdraw(UUID flagId) {
        var now = clock.instant();
        deliveries.pendingOf(flagId).forEach(delivery -> {
            if (delivery.withdraw(now)) {
                changed(delivery, Delivery.Status.PENDING);
            }
        });
    }

    /**
     * Removes what digests tell of a flag that is about to be erased: those not sent go, the words of the others too.
     * The other flags that were in them are in the next digest, as long as they wait.
     */
    @Transactional(Transactional.TxType.MANDATORY)
    public void forget(UUID flagId) {
        deliveries.forget(flagId);
    }

    /**
     * Claims the delivery that is due longest for {@link #CLAIM}. The transaction is over when the mail goes out, so no
     * connection is held while a mail server thinks; a sender that dies loses its claim with time.
     */
    @Transactional
    Optional<Claimed> claim() {
        var now = clock.instant();
        var next = deliveries.nextDue(now);
        // Withdrawn under the hands of a sender that died.
        while (next.filter(Delivery::endWithdrawn).isPresent()) {
            changed(next.get(), Delivery.Status.PENDING);
            deliveries.flush();
            next = deliveries.nextDue(now);
        }
        return next.map(delivery -> claim(delivery, now));
    }

    private Claimed claim(Delivery delivery, Instant now) {
        delivery.claim(now.plus(CLAIM));
        try {
            return Outgoing.of(delivery);
        } catch (SealBroken e) {
            // One mail that cannot be opened must not keep back all others. It comes again, as after every failure.
            LOG.errorf(
                    "Delivery %s is not sent: %s. Restore the keyset it was sealed with.",
                    delivery.id(), e.getMessage());
            metrics.counter("calciwatch.delivery.unreadable").increment();
            return new Claimed.Unreadable(delivery.id(), delivery.traceParent());
        }
    }

    /** Records what came of an attempt. */
    @Transactional
    void record(UUID id, Smtp.Answer answer) {
        deliveries.lockFlagOf(id);
        // Gone when the patient was erased meanwhile.
        deliveries.forChange(id).ifPresent(delivery -> {
            var now = clock.instant();
            var failures = delivery.failuresOf(config.mail().attempts()) + 1;
            var before = delivery.status();
            delivery.attempted(answer, schedule.pauseAfter(failures, RandomGenerator.getDefault()), now);
            metrics.counter(
                            "calciwatch.delivery.attempts",
                            "outcome",
                            delivery.attempts().getLast().outcome().name().toLowerCase(Locale.ROOT))
                    .increment();
            if (!answer.accepted().isEmpty()) {
                audit.record(
                        Action.EXECUTE,
                        "mail sent",
                        deliveries.patientsOf(delivery.flags()),
                        Stream.concat(
                                        delivery.flags().stream().map(flag -> "Flag/" + flag),
                                        Stream.of("Communication/" + delivery.id()))
                                .toList());
            }
            changed(delivery, before);
        });
    }

    /**
     * Records that a mail came back. Only who is a recipient of a mail of ours is believed to have sent it back.
     *
     * @return false when it is to be told again, as the mail is being sent right now
     */
    @Transactional
    boolean bounced(BounceReport report) {
        var found = deliveries.withMessageId(report.messageId()).flatMap(id -> {
            deliveries.lockFlagOf(id);
            return deliveries.forChange(id);
        });
        if (found.isEmpty()) {
            LOG.infof("A mail came back that is none of ours");
            return true;
        }
        var delivery = found.get();
        var now = clock.instant();
        if (delivery.isClaimed(now)) {
            return false;
        }
        var before = delivery.status();
        for (var failure : report.failures()) {
            var recipient = delivery.recipients().stream()
                    .filter(address -> failure.addresses().stream().anyMatch(address::equalsIgnoreCase))
                    .findFirst();
            if (recipient.isEmpty()) {
                LOG.warnf("Delivery %s came back from somebody it was not sent to", delivery.id());
            } else if (delivery.bounced(recipient.get(), failure.status(), now)) {
                metrics.counter("calciwatch.delivery.bounces").increment();
                LOG.warnf(
                        "Delivery %s of flags %s: came back from a recipient with %s",
                        delivery.id(), delivery.flags(), failure.status());
            }
        }
        if (delivery.status() != before) {
            changed(delivery, before);
        }
        return true;
    }

    private void changed(Delivery delivery, Delivery.Status before) {
        switch (delivery.status()) {
            case SENT -> {
                LOG.infof("Delivery %s of flags %s: sent", delivery.id(), delivery.flags());
                if (!delivery.failed().isEmpty()) {
                    LOG.warnf(
                            "Delivery %s of flags %s: %d of %d recipients cannot be reached. "
                                    + "POST /deliveries/%s/retry tries them again",
                            delivery.id(),
                            delivery.flags(),
                            delivery.failed().size(),
                            delivery.recipients().size(),
                            delivery.id());
                }
            }
            case PENDING ->
                LOG.warnf(
                        "Delivery %s of flags %s: attempt failed, next at %s",
                        delivery.id(), delivery.flags(), delivery.nextAttemptAt());
            case FAILED -> {
                LOG.errorf(
                        "Delivery %s of flags %s: failed after %d attempts; the clinic was not told by mail. "
                                + "POST /deliveries/%s/retry tries again",
                        delivery.id(), delivery.flags(), delivery.attempts().size(), delivery.id());
                if (before != Delivery.Status.FAILED) {
                    // Whoever decides whom else to tell reads what was recorded.
                    deliveries.flush();
                    var flag = delivery.flagId();
                    if (flag == null) {
                        tellFallback(delivery);
                    } else {
                        undeliverable.fire(new Undeliverable(flag, delivery.step()));
                    }
                }
            }
            case WITHDRAWN -> LOG.infof("Delivery %s of flags %s: withdrawn", delivery.id(), delivery.flags());
        }
    }

    /**
     * A digest that reached nobody goes to the fallback as it is, once: a mail for each flag in it would be a storm.
     * Where other digests tell of all its flags, nobody needs it.
     */
    private void tellFallback(Delivery digest) {
        // Of two that fail at the same time, the second has to see that the first has.
        deliveries.takeTurn(digest.step());
        if (digest.flags().stream().allMatch(flag -> deliveries.isToldByAnotherDigest(flag, digest))) {
            return;
        }
        var others = routing.fallback().stream()
                .filter(address -> digest.recipients().stream().noneMatch(address::equalsIgnoreCase))
                .toList();
        if (others.isEmpty() || digest.step().endsWith(Delivery.FALLBACK)) {
            LOG.errorf("Digest %s: not even the fallback can be reached by mail", digest.id());
            return;
        }
        enqueueOnce(Delivery.of(
                Generators.timeBasedEpochGenerator().generate(),
                digest,
                others,
                digests.forOthers(digest),
                config.mail().attempts(),
                clock.instant()));
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

    @Produces
    @Dependent
    Expiring digests(RetentionConfig periods) {
        return new Expiring("digests", periods.mailContent(), deliveries::removeDigests);
    }

    /**
     * Has a delivery tried again at once for those it did not reach.
     *
     * @throws HttpProblem 404 when there is no such delivery, 409 when it reached everybody, was withdrawn or its words
     *     are gone
     */
    @Transactional
    public DeliveryView retry(UUID id) {
        var delivery = deliveries
                .forChange(id)
                .orElseThrow(() -> HttpProblem.valueOf(Response.Status.NOT_FOUND, "There is no delivery " + id));
        access.entity("Communication", id);
        deliveries.patientsOf(delivery.flags()).forEach(access::about);
        delivery.retry(config.mail().attempts(), clock.instant());
        access.recordNow(200);
        due.fire(new Due());
        return DeliveryView.of(delivery);
    }
}
