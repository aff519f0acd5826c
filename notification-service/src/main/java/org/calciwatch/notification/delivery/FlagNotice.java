package org.calciwatch.notification.delivery;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.Severity;
import org.jspecify.annotations.Nullable;

/**
 * Something about a flag that clinicians have to hear.
 *
 * @param reference the flag's pseudonymous name
 * @param severity the flag's severity
 * @param headline title of the rule that matters most
 * @param step names the occasion among all of the flag, as in {@code escalation-3}; a flag has one mail per step
 * @param decisive the assessment that set the severity; null when what is stored of it cannot be opened
 * @param newer the newest assessment, where that is a milder one; null when {@code decisive} is the newest
 * @param recipients e-mail addresses, at least one
 * @param notBefore when the mail may go out
 */
public record FlagNotice(
        UUID flagId,
        String reference,
        Severity severity,
        String headline,
        String step,
        Occasion occasion,
        @Nullable AssessmentCompleted decisive,
        @Nullable AssessmentCompleted newer,
        List<String> recipients,
        Instant notBefore) {

    /** The step of a flag's first mail, which all later ones answer to. */
    static final String OPENED = "opened";

    public FlagNotice {
        if (recipients.isEmpty()) {
            throw new IllegalArgumentException("Flag " + flagId + ", step " + step + ": nobody would hear of it");
        }
        recipients = recipients.stream().distinct().toList();
    }
}
