package org.calciwatch.events.deadletter;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A message this service could not process. The content is not shown, only where it is and why it failed.
 *
 * @param patientId the message's key
 * @param eventId CloudEvents id, if the message has one
 * @param type CloudEvents type, if the message has one
 * @param replayedAt when it was processed after all
 */
public record DeadLetter(
        UUID id,
        String topic,
        int partition,
        long offset,
        @Nullable String patientId,
        @Nullable String eventId,
        @Nullable String type,
        String reason,
        Instant failedAt,
        @Nullable Instant replayedAt) {}
