package org.calciwatch.notification.flag;

import java.time.Instant;
import java.util.UUID;
import org.calciwatch.events.Severity;
import org.jspecify.annotations.Nullable;

/** What the digest needs to know of a flag that waits for somebody. */
record WaitingFlag(
        UUID id,
        String reference,
        Severity severity,
        String headline,
        String category,
        @Nullable String clinic,
        Flag.Status status,
        Instant openedAt) {}
