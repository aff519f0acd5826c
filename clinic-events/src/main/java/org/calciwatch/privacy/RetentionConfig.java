package org.calciwatch.privacy;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Period;

/**
 * How long each kind of data is kept, as ISO 8601 periods of days, months or years. Audit events have no period: the
 * application's role cannot delete them, so that whoever took the application over cannot hide what was done.
 */
@ConfigMapping(prefix = "calciwatch.retention")
public interface RetentionConfig {

    /** Drafts, from the last time they were saved. A patient who comes back later starts afresh. */
    @WithDefault("P90D")
    Period drafts();

    /**
     * Clinical records, from their last change: submissions with their results, assessments, closed flags with their
     * mails. Ten years is what the professional rules of many countries ask for. Flags that are not closed never go.
     */
    @WithDefault("P10Y")
    Period clinicalRecords();

    /** Subject and text of sent mails, from when they were made; that and when they were sent stays with the flag. */
    @WithDefault("P1Y")
    Period mailContent();

    /** Dead letters, from their failure or, where they were replayed, from the replay: time to repair and replay. */
    @WithDefault("P90D")
    Period deadLetters();

    /** Ids of handled events. Must be longer than topics keep events (7 days), or a repeat would be handled again. */
    @WithDefault("P30D")
    Period inbox();

    /** CDS cards, which tell nothing of patients, from when they were shown: time for the feedback on them. */
    @WithDefault("P1Y")
    Period cdsCards();

    /** Records that an erasure was asked for and completed: the time in which somebody may want proof of it. */
    @WithDefault("P3Y")
    Period erasures();
}
