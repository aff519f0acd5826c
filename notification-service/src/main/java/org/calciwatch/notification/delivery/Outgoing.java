package org.calciwatch.notification.delivery;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * A mail on its way to the mail server.
 *
 * @param traceId trace of the submission that led to it
 * @param to everybody the mail is addressed to
 * @param remaining those who have not got it yet
 * @param date when the mail was written, the same in every attempt
 */
record Outgoing(
        UUID deliveryId,
        String traceId,
        String messageId,
        List<String> to,
        List<String> remaining,
        Instant date,
        Mail mail) {

    static Outgoing of(Delivery delivery) {
        return new Outgoing(
                delivery.id(),
                delivery.traceId(),
                delivery.messageId(),
                List.copyOf(delivery.recipients()),
                delivery.remaining(),
                delivery.createdAt(),
                new Mail(delivery.subject(), delivery.text(), delivery.html()));
    }
}
