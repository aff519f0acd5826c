package org.calciwatch.notification.delivery;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A delivery as clients see it. */
record DeliveryView(
        UUID id,
        UUID flagId,
        String step,
        String messageId,
        List<String> recipients,
        String subject,
        Delivery.Status status,
        @Nullable Instant nextAttemptAt,
        List<Attempt> attempts) {

    static DeliveryView of(Delivery delivery) {
        return new DeliveryView(
                delivery.id(),
                delivery.flagId(),
                delivery.step(),
                delivery.messageId(),
                List.copyOf(delivery.recipients()),
                delivery.subject(),
                delivery.status(),
                delivery.nextAttemptAt(),
                List.copyOf(delivery.attempts()));
    }
}
