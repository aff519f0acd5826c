package org.calciwatch.notification.delivery;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.calciwatch.notification.Workers;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/**
 * Sends what is due: woken by the commit that made it due, and by a slow poll for what another instance left behind,
 * for pauses that are over and for restarts.
 *
 * <p>A process killed between the mail server's answer and its record sends the mail again when the claim has run out,
 * under the same Message-ID. SMTP offers no way around that.
 */
@ApplicationScoped
class DeliverySender {

    /** Conversations side by side, so that slow answers to some mails do not hold up the others of this instance. */
    private static final int WORKERS = 12;

    private static final Duration PAUSE_BEFORE_RECORDING_AGAIN = Duration.ofMillis(250);
    private static final Smtp.Answer UNREADABLE =
            new Smtp.Answer(List.of(), List.of(), "the stored mail cannot be opened");
    private static final Logger LOG = Logger.getLogger(DeliverySender.class);

    private final Deliveries deliveries;
    private final Smtp smtp;
    private final OpenTelemetry telemetry;
    private final Workers workers;

    DeliverySender(Deliveries deliveries, Smtp smtp, OpenTelemetry telemetry) {
        this.deliveries = deliveries;
        this.smtp = smtp;
        this.telemetry = telemetry;
        this.workers = new Workers("delivery-sender", WORKERS, this::sendNext);
    }

    void start(@Observes StartupEvent start) {
        workers.start();
    }

    /** Lets conversations that are under way end and be recorded, so that their mails are not sent twice. */
    void stop(@Observes ShutdownEvent stop) throws InterruptedException {
        workers.stop(Smtp.PATIENCE);
    }

    void wake(@Observes(during = TransactionPhase.AFTER_SUCCESS) Deliveries.Due due) {
        workers.wake();
    }

    private boolean sendNext() throws InterruptedException {
        Optional<Claimed> next;
        try {
            next = deliveries.claim();
        } catch (RuntimeException e) {
            LOG.warnf("Deliveries wait, they cannot be read: %s", e.getClass().getSimpleName());
            return false;
        }
        if (next.isPresent()) {
            var span = telemetry
                    .getTracer("org.calciwatch.notification")
                    .spanBuilder("send mail")
                    .setParent(StoredTrace.context(next.get().traceParent()))
                    .setSpanKind(SpanKind.CLIENT)
                    .startSpan();
            MDC.put("traceId", span.getSpanContext().getTraceId());
            try (var _ = span.makeCurrent()) {
                var answer =
                        switch (next.get()) {
                            case Outgoing mail -> smtp.send(mail);
                            case Claimed.Unreadable _ -> UNREADABLE;
                        };
                if (answer.accepted().isEmpty()) {
                    span.setStatus(StatusCode.ERROR, "nobody got it");
                }
                record(next.get(), answer);
            } catch (RuntimeException | Error e) {
                // A mistake in here must not stop the mails; this one comes again when its claim has run out.
                LOG.errorf(e, "Delivery %s: unexpected failure", next.get().deliveryId());
            } finally {
                MDC.remove("traceId");
                span.end();
            }
        }
        return next.isPresent();
    }

    /**
     * Does not let go until the outcome is stored: a sent mail that is not recorded would be sent again. Where nothing
     * was sent it may come again when the claim has run out, and the other mails go on meanwhile.
     */
    private void record(Claimed claimed, Smtp.Answer answer) throws InterruptedException {
        while (true) {
            try {
                deliveries.record(claimed.deliveryId(), answer);
                return;
            } catch (RuntimeException | Error e) {
                LOG.warnf(
                        "Delivery %s: the attempt cannot be recorded yet: %s",
                        claimed.deliveryId(), e.getClass().getSimpleName());
                if (workers.isStopping() || answer.accepted().isEmpty()) {
                    return;
                }
                Thread.sleep(PAUSE_BEFORE_RECORDING_AGAIN);
            }
        }
    }
}
