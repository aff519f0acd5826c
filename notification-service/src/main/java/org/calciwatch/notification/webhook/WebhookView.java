package org.calciwatch.notification.webhook;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A webhook delivery as admins see it: not what it said.
 *
 * @param eventId the {@code webhook-id}
 * @param lastAnswer status of the last attempt's answer, or why there was none
 */
public record WebhookView(
        UUID id,
        String endpoint,
        UUID eventId,
        UUID flagId,
        WebhookDelivery.Status status,
        Instant createdAt,
        @Nullable Instant nextAttemptAt,
        int attempts,
        @Nullable Instant lastAttemptAt,
        @Nullable String lastAnswer) {

    static WebhookView of(WebhookDelivery delivery) {
        return new WebhookView(
                delivery.id(),
                delivery.endpoint(),
                delivery.eventId(),
                delivery.flagId(),
                delivery.status(),
                delivery.createdAt(),
                delivery.nextAttemptAt(),
                delivery.attempts(),
                delivery.lastAttemptAt(),
                delivery.lastAnswer());
    }
}
