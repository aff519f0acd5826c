package org.calciwatch.http;

import io.smallrye.config.ConfigMapping;
import jakarta.validation.constraints.Positive;

/**
 * How many requests a client may send. The defaults, with the reason for each, stand in
 * {@code META-INF/microprofile-config.properties}.
 */
@ConfigMapping(prefix = "calciwatch.rate-limit")
public interface RateLimitConfig {

    /** Off where something before this service counts requests. */
    boolean enabled();

    /** Most addresses, and most subjects, that are counted at the same time; beyond it the least used are forgotten. */
    @Positive
    int clients();

    /** For an address that has not proved who it is. */
    Limit address();

    /** For a patient, and for everybody without one of the other roles. */
    Limit patient();

    /** For a clinician or an admin. */
    Limit staff();

    /** For a portal or another machine. */
    Limit integration();

    /** One limit. */
    interface Limit {

        /** Requests a second that a client may go on sending for ever. */
        @Positive
        int perSecond();

        /** Requests that a client which was quiet may send at once. */
        @Positive
        int burst();
    }
}
