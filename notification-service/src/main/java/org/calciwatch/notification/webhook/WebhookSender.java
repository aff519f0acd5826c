package org.calciwatch.notification.webhook;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.calciwatch.notification.Workers;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/**
 * Sends what is due. Each endpoint has threads of its own, so that one that does not answer holds up neither the others
 * nor the mails.
 *
 * <p>A process killed between an endpoint's answer and its record sends the message again when the claim has run out,
 * under the same id, by which receivers drop repeats.
 */
@ApplicationScoped
class WebhookSender {

    /** Messages side by side to one endpoint. */
    private static final int WORKERS = 4;

    /** For the connection and the answer together. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Logger LOG = Logger.getLogger(WebhookSender.class);

    private final Webhooks webhooks;
    private final Clock clock;
    private final List<Workers> workers = new ArrayList<>();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(PATIENCE)
            .build();

    WebhookSender(Webhooks webhooks, Clock clock) {
        this.webhooks = webhooks;
        this.clock = clock;
    }

    void start(@Observes StartupEvent start) {
        for (var endpoint : webhooks.endpoints()) {
            var own = new Workers("webhook-" + endpoint.name(), WORKERS, () -> sendNext(endpoint));
            workers.add(own);
            own.start();
        }
    }

    /** Lets what is under way end and be recorded, so that it is not sent twice. */
    void stop(@Observes ShutdownEvent stop) throws InterruptedException {
        for (var own : workers) {
            own.stop(PATIENCE);
        }
        http.shutdownNow();
    }

    void wake(@Observes(during = TransactionPhase.AFTER_SUCCESS) Webhooks.Due due) {
        workers.forEach(Workers::wake);
    }

    private boolean sendNext(Endpoint endpoint) throws InterruptedException {
        Optional<Webhooks.Claimed> next;
        try {
            next = webhooks.claim(endpoint);
        } catch (RuntimeException e) {
            LOG.warnf("Webhooks wait, they cannot be read: %s", e.getClass().getSimpleName());
            return false;
        }
        if (next.isPresent()) {
            MDC.put("traceId", next.get().traceId());
            try {
                var answer =
                        switch (next.get()) {
                            case Webhooks.Claimed.Message message -> send(endpoint, message);
                            case Webhooks.Claimed.Unreadable _ -> Answer.none("the stored message cannot be opened");
                        };
                webhooks.record(next.get().deliveryId(), answer);
            } catch (RuntimeException e) {
                // It comes again when its claim has run out.
                LOG.errorf(
                        e, "Webhook delivery %s: unexpected failure", next.get().deliveryId());
            } finally {
                MDC.remove("traceId");
            }
        }
        return next.isPresent();
    }

    private Answer send(Endpoint endpoint, Webhooks.Claimed.Message message) throws InterruptedException {
        var now = clock.instant();
        var request = HttpRequest.newBuilder(endpoint.url())
                .timeout(PATIENCE)
                .header("content-type", "application/cloudevents+json")
                .header("user-agent", "Calciwatch")
                .header("webhook-id", message.eventId().toString())
                .header("webhook-timestamp", Long.toString(now.getEpochSecond()))
                .header(
                        "webhook-signature",
                        endpoint.signature(message.eventId().toString(), now, message.body()))
                .POST(HttpRequest.BodyPublishers.ofString(message.body()))
                .build();
        try {
            return Answer.of(http.send(request, status -> new NotRead()).statusCode());
        } catch (HttpTimeoutException e) {
            return Answer.none("no answer within " + PATIENCE.toSeconds() + " s");
        } catch (IOException e) {
            return Answer.none(e.getClass().getSimpleName());
        }
    }

    /** The status says all: an answer that is endless or slow costs nothing. */
    private static final class NotRead implements BodySubscriber<Void> {

        private final CompletableFuture<Void> done = new CompletableFuture<>();

        @Override
        public CompletionStage<Void> getBody() {
            return done;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.cancel();
            done.complete(null);
        }

        @Override
        public void onNext(List<ByteBuffer> item) {
            // not asked for
        }

        @Override
        public void onError(Throwable failure) {
            done.complete(null);
        }

        @Override
        public void onComplete() {
            done.complete(null);
        }
    }
}
