package org.calciwatch.notification.delivery;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import java.time.Instant;

/**
 * One try at sending a mail, or its return.
 *
 * @param detail the mail server's reply codes, or why there are none; nothing of the mail and nobody's address
 */
@Embeddable
record Attempt(
        @Column(name = "at") Instant at,

        @Enumerated(EnumType.STRING) @Column(name = "outcome")
        Outcome outcome,

        @Column(name = "detail") String detail) {

    enum Outcome {
        /** The server took the mail for all recipients that were left. */
        SENT,
        /** The server took it for some of the recipients; the others were refused for good or are tried again. */
        PARTLY_SENT,
        /** The server could not be reached, did not answer in time or asks to try later (4xx). */
        FAILED,
        /** The server refused everybody who was left for good (5xx). */
        REFUSED,
        /** The server had taken the mail and sent it back later. */
        BOUNCED
    }
}
