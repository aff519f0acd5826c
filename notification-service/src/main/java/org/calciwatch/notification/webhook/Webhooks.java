package org.calciwatch.notification.webhook;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.uuid.Generators;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.trace.Span;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.interceptor.Interceptor;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.calciwatch.audit.Access;
import org.calciwatch.audit.Action;
import org.calciwatch.audit.AuditLog;
import org.calciwatch.crypto.SealBroken;
import org.calciwatch.events.Event;
import org.calciwatch.events.EventCodec;
import org.calciwatch.events.FlagChanged;
import org.calciwatch.notification.NotificationConfig;
import org.calciwatch.notification.delivery.RetrySchedule;
import org.calciwatch.privacy.Expiring;
import org.calciwatch.privacy.RetentionConfig;
import org.jboss.logging.Logger;

/** Tells endpoints of changes of flags: stored with the change, claimed by a sender, recorded with what came of it. */
@ApplicationScoped
public class Webhooks {

    /** How long what was claimed belongs to its sender: longer than an attempt can take. */
    private static final Duration CLAIM = Duration.ofMinutes(1);

    private static final Logger LOG = Logger.getLogger(Webhooks.class);

    /** Something is due now; senders hear of it once the transaction has committed. */
    record Due() {}

    /** What is due and belongs to one sender for a while. */
    sealed interface Claimed {

        UUID deliveryId();

        String traceId();

        /**
         * A message.
         *
         * @param eventId its id, by which receivers drop repeats
         */
        record Message(UUID deliveryId, String traceId, UUID eventId, String body) implements Claimed {}

        /** The stored message cannot be opened. */
        record Unreadable(UUID deliveryId, String traceId) implements Claimed {}
    }

    private final WebhookRepository deliveries;
    private final EventCodec codec;
    private final NotificationConfig config;
    private final RetrySchedule schedule;
    private final Access access;
    private final AuditLog audit;
    private final jakarta.enterprise.event.Event<Due> due;
    private final MeterRegistry metrics;
    private final Clock clock;
    private volatile List<Endpoint> endpoints = List.of();

    Webhooks(
            WebhookRepository deliveries,
            EventCodec codec,
            NotificationConfig config,
            Access access,
            AuditLog audit,
            jakarta.enterprise.event.Event<Due> due,
            MeterRegistry metrics,
            Clock clock) {
        this.deliveries = deliveries;
        this.codec = codec;
        this.config = config;
        this.schedule =
                new RetrySchedule(config.mail().firstRetry(), config.mail().longestRetry());
        this.access = access;
        this.audit = audit;
        this.due = due;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** Before the first event is consumed. */
    void start(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) StartupEvent start) {
        endpoints = Endpoint.all(config);
    }

    /** Who is told. */
    List<Endpoint> endpoints() {
        return endpoints;
    }

    /**
     * Has every endpoint told of a change once the caller's transaction has committed.
     *
     * @param sequence place of the change in the flag's history, from 1: messages may overtake each other
     */
    @Transactional(Transactional.TxType.MANDATORY)
    public void enqueue(Event<FlagChanged> event, int sequence) {
        if (endpoints.isEmpty()) {
            return;
        }
        // CloudEvents has it as a text that sorts.
        var body = codec.structured(event, Map.of("sequence", "%010d".formatted(sequence)));
        for (var endpoint : endpoints) {
            deliveries.persist(new WebhookDelivery(
                    Generators.timeBasedEpochGenerator().generate(),
                    endpoint.name(),
                    event,
                    body,
                    config.mail().attempts(),
                    Span.current().getSpanContext().getTraceId(),
                    clock.instant()));
        }
        due.fire(new Due());
    }

    /**
     * Claims what is due longest for an endpoint. The transaction is over when the message goes out, so that no
     * connection is held meanwhile; a sender that dies loses its claim with time.
     */
    @Transactional
    Optional<Claimed> claim(Endpoint endpoint) {
        var now = clock.instant();
        return deliveries.nextDue(endpoint.name(), now).map(delivery -> {
            delivery.claim(now.plus(CLAIM));
            try {
                return new Claimed.Message(delivery.id(), delivery.traceId(), delivery.eventId(), delivery.body());
            } catch (SealBroken e) {
                // One that cannot be opened must not keep back all others. It comes again, as after every failure.
                LOG.errorf(
                        "Webhook delivery %s is not sent: %s. Restore the keyset it was sealed with.",
                        delivery.id(), e.getMessage());
                metrics.counter("calciwatch.webhook.unreadable").increment();
                return new Claimed.Unreadable(delivery.id(), delivery.traceId());
            }
        });
    }

    /** Records what came of an attempt. */
    @Transactional
    void record(UUID id, Answer answer) {
        // Gone when the patient was erased meanwhile.
        deliveries.forChange(id).ifPresent(delivery -> {
            var failures = delivery.failuresOf(config.mail().attempts()) + 1;
            delivery.attempted(answer, schedule.pauseAfter(failures, RandomGenerator.getDefault()), clock.instant());
            metrics.counter(
                            "calciwatch.webhook.attempts",
                            "endpoint",
                            delivery.endpoint(),
                            "outcome",
                            answer.outcome().name().toLowerCase(Locale.ROOT))
                    .increment();
            if (answer.outcome() == Answer.Outcome.TAKEN) {
                audit.record(
                        Action.EXECUTE,
                        "webhook sent to " + delivery.endpoint(),
                        List.of(delivery.patientId()),
                        List.of("Flag/" + delivery.flagId(), "Communication/" + id));
            }
            switch (delivery.status()) {
                case SENT ->
                    LOG.infof("Webhook delivery %s of flag %s: %s took it", id, delivery.flagId(), delivery.endpoint());
                case PENDING ->
                    LOG.warnf(
                            "Webhook delivery %s of flag %s: %s answers %s, next attempt at %s",
                            id, delivery.flagId(), delivery.endpoint(), answer.detail(), delivery.nextAttemptAt());
                case FAILED ->
                    LOG.errorf(
                            "Webhook delivery %s of flag %s: failed after %d attempts; %s was not told (%s). "
                                    + "POST /webhooks/deliveries/%s/retry tries again",
                            id, delivery.flagId(), delivery.attempts(), delivery.endpoint(), answer.detail(), id);
            }
        });
    }

    /**
     * Has something tried again at once.
     *
     * @throws HttpProblem 404 when there is no such delivery, 409 when the endpoint took it or is not in the settings
     */
    @Transactional
    WebhookView retry(UUID id) {
        var delivery = deliveries
                .forChange(id)
                .orElseThrow(
                        () -> HttpProblem.valueOf(Response.Status.NOT_FOUND, "There is no webhook delivery " + id));
        access.entity("Communication", id);
        access.about(delivery.patientId());
        if (endpoints.stream().noneMatch(endpoint -> endpoint.name().equals(delivery.endpoint()))) {
            throw HttpProblem.valueOf(
                    Response.Status.CONFLICT,
                    "Endpoint " + delivery.endpoint() + " is not in the settings any more: set calciwatch.webhooks."
                            + delivery.endpoint() + ".url and .secret first");
        }
        delivery.retry(config.mail().attempts(), clock.instant());
        access.recordNow(200);
        due.fire(new Due());
        return WebhookView.of(delivery);
    }

    /** What endpoints were told of a flag, as FHIR R4 Communication. */
    @Transactional(Transactional.TxType.MANDATORY)
    public List<ObjectNode> export(UUID flagId) {
        return deliveries.of(flagId).stream().map(Webhooks::communication).toList();
    }

    private static ObjectNode communication(WebhookDelivery delivery) {
        var resource = JsonNodeFactory.instance
                .objectNode()
                .put("resourceType", "Communication")
                .put("id", delivery.id().toString())
                .put(
                        "status",
                        switch (delivery.status()) {
                            case PENDING -> "preparation";
                            case SENT -> "completed";
                            case FAILED -> "stopped";
                        });
        resource.putObject("subject").put("reference", "Patient/" + delivery.patientId());
        resource.putArray("about").addObject().put("reference", "Flag/" + delivery.flagId());
        var at = delivery.lastAttemptAt();
        if (delivery.status() == WebhookDelivery.Status.SENT && at != null) {
            resource.put("sent", at.truncatedTo(ChronoUnit.MILLIS).toString());
        }
        resource.putArray("recipient").addObject().put("display", "webhook " + delivery.endpoint());
        resource.putArray("payload").addObject().put("contentString", delivery.body());
        return resource;
    }

    @Produces
    @Dependent
    Expiring told(RetentionConfig periods) {
        return new Expiring("webhook deliveries", periods.mailContent(), deliveries::purge);
    }
}
