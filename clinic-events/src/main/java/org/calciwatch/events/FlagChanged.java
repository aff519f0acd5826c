package org.calciwatch.events;

import java.time.Instant;
import java.util.UUID;

/**
 * A clinician flag was opened or changed.
 *
 * @param reference the short pseudonymous name used in e-mail
 * @param status state after the change: OPEN, ACKNOWLEDGED, SNOOZED or CLOSED
 * @param action what happened, as in the flag's history
 * @param by who did it; {@code system} for the service itself
 */
public record FlagChanged(
        UUID flagId,
        String reference,
        String patientId,
        Severity severity,
        String status,
        String action,
        String by,
        Instant at,
        UUID assessmentId,
        String submissionId) {}
