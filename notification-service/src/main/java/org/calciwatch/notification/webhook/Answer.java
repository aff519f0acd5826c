package org.calciwatch.notification.webhook;

/**
 * What an attempt came to.
 *
 * @param detail the status, or why there is none; nothing of what was sent or answered
 */
record Answer(Outcome outcome, String detail) {

    enum Outcome {
        /** 2xx. */
        TAKEN,
        /** To be tried again. */
        FAILED,
        /** 410: not to be tried again. */
        GONE
    }

    /** What a status of HTTP means. Redirects are failures: who is told is a matter of the settings. */
    static Answer of(int status) {
        var outcome =
                switch (status) {
                    case 410 -> Outcome.GONE;
                    default -> status >= 200 && status < 300 ? Outcome.TAKEN : Outcome.FAILED;
                };
        return new Answer(outcome, "HTTP " + status);
    }

    static Answer none(String why) {
        return new Answer(Outcome.FAILED, why);
    }
}
