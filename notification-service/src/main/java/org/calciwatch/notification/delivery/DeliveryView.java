package org.calciwatch.notification.delivery;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.calciwatch.crypto.SealBroken;
import org.jspecify.annotations.Nullable;

/**
 * A delivery as clients see it.
 *
 * @param flagId null for digests
 * @param mentions the flags that a digest names
 * @param failed recipients whom the mail will not reach
 */
public record DeliveryView(
        UUID id,
        @Nullable UUID flagId,
        List<UUID> mentions,
        String step,
        String messageId,
        List<String> recipients,
        List<String> failed,
        String subject,
        Delivery.Status status,
        @Nullable Instant nextAttemptAt,
        List<Attempt> attempts) {

    /** What of a mail cannot be opened must not hide the others of a list. */
    private static String subject(Delivery delivery) {
        try {
            return delivery.subject();
        } catch (SealBroken e) {
            return "(cannot be opened)";
        }
    }

    static DeliveryView of(Delivery delivery) {
        return new DeliveryView(
                delivery.id(),
                delivery.flagId(),
                delivery.flagId() == null ? delivery.flags() : List.of(),
                delivery.step(),
                delivery.messageId(),
                List.copyOf(delivery.recipients()),
                List.copyOf(delivery.failed()),
                subject(delivery),
                delivery.status(),
                delivery.nextAttemptAt(),
                List.copyOf(delivery.attempts()));
    }
}
