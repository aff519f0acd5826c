package org.calciwatch.notification.delivery;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** Who was told of a flag, for those who work on it. */
@ApplicationScoped
public class SentMails {

    private static final String DIGEST = "digest";

    private final DeliveryRepository deliveries;

    SentMails(DeliveryRepository deliveries) {
        this.deliveries = deliveries;
    }

    /**
     * A mail that tells of a flag.
     *
     * @param kind the step without its number, such as {@code escalation}; {@code digest} for those that tell of several
     * @param reached whose server took the mail
     * @param failed whom it will not reach
     * @param waiting for whom it is tried again
     */
    public record Sent(String kind, Instant madeAt, List<String> reached, List<String> failed, List<String> waiting) {}

    /** The mails that tell of a flag, the first made first; not those that were withdrawn before anybody got them. */
    public List<Sent> of(UUID flag) {
        return deliveries.tellingOf(flag).stream()
                .filter(delivery -> delivery.status() != Delivery.Status.WITHDRAWN)
                .map(SentMails::sent)
                .toList();
    }

    private static Sent sent(Delivery delivery) {
        return new Sent(
                delivery.flagId() == null ? DIGEST : delivery.step().replaceFirst("-[0-9]+$", ""),
                delivery.createdAt(),
                List.copyOf(delivery.reached()),
                List.copyOf(delivery.failed()),
                delivery.remaining());
    }
}
