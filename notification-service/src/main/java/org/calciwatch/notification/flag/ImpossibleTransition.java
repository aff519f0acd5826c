package org.calciwatch.notification.flag;

import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.ws.rs.core.Response.Status;

/** An action the flag's status does not allow; answered with 409. */
public class ImpossibleTransition extends HttpProblem {
    private static final long serialVersionUID = 1L;

    ImpossibleTransition(Flag flag, String action) {
        super(HttpProblem.builder()
                .withStatus(Status.CONFLICT)
                .withTitle("Impossible transition")
                .withDetail("Flag " + flag.reference() + " is " + flag.status() + " and cannot be " + action + "; "
                        + possible(flag.status())));
    }

    private static String possible(Flag.Status status) {
        return switch (status) {
            case OPEN, SNOOZED -> "possible now: acknowledge, assign, snooze, close";
            case ACKNOWLEDGED -> "possible now: assign, snooze, close";
            case CLOSED -> "a closed flag stays as it is; a new finding opens a new flag";
        };
    }
}
