package org.calciwatch.notification.delivery;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A mail on its way to the mail server.
 *
 * @param traceParent what led to it, as {@link StoredTrace} keeps it
 * @param inReplyTo Message-ID of the first mail of its conversation, if it is not that itself
 * @param to everybody the mail is addressed to
 * @param remaining those who have not got it yet and may still get it
 * @param date when the mail was written, the same in every attempt
 */
record Outgoing(
        UUID deliveryId,
        String traceParent,
        String messageId,
        Optional<String> inReplyTo,
        List<String> to,
        List<String> remaining,
        Instant date,
        Mail mail)
        implements Claimed {

    static Outgoing of(Delivery delivery) {
        return new Outgoing(
                delivery.id(),
                delivery.traceParent(),
                delivery.messageId(),
                delivery.inReplyTo(),
                List.copyOf(delivery.recipients()),
                inTurn(delivery),
                delivery.createdAt(),
                new Mail(delivery.subject(), delivery.text(), delivery.html()));
    }

    /** Another one first in each attempt: where the time is over before the end, the last are not always the same. */
    private static List<String> inTurn(Delivery delivery) {
        var remaining = new ArrayList<>(delivery.remaining());
        Collections.rotate(remaining, -delivery.attempts().size());
        return List.copyOf(remaining);
    }
}
