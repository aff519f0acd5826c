package org.calciwatch.notification.delivery;

import java.util.UUID;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.Severity;

/**
 * Something about a flag that clinicians have to hear.
 *
 * @param reference the flag's pseudonymous name
 * @param severity the flag's severity
 * @param headline title of the rule that matters most
 * @param step names the occasion; a flag has one mail per step
 * @param assessment what was found
 */
public record FlagNotice(
        UUID flagId,
        String reference,
        Severity severity,
        String headline,
        String step,
        AssessmentCompleted assessment) {}
