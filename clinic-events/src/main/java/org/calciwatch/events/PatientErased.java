package org.calciwatch.events;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * All services remove what they hold on this patient. A later submission of the same patient starts afresh, whatever the
 * order in which a service reads it and this event.
 *
 * @param erasedAt by the clock of intake, which also gives submissions their ids
 * @param submissionIds all submissions of the patient at that moment; null in events of before it was added
 */
public record PatientErased(
        String patientId,
        UUID erasureId,
        Instant erasedAt,
        @Nullable List<String> submissionIds) {

    /** More than clocks differ: a submission made just after the erasure by another instance must not go. */
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(1);

    /** The submissions that are named; others may be covered too. */
    public List<String> listedSubmissions() {
        return submissionIds == null ? List.of() : submissionIds;
    }

    /**
     * Whether a submission of this patient is erased: it is named, or it was made before, though intake does not know it
     * any more. Its id, a UUIDv7, tells when that was; of other ids only the named ones are covered.
     */
    public boolean covers(String submissionId) {
        var before = submissionIds == null ? erasedAt : erasedAt.minus(CLOCK_SKEW);
        return listedSubmissions().contains(submissionId) || isMadeBefore(submissionId, before);
    }

    /**
     * Until when something of before the erasure may have been stored, by any service's or database's clock. A minute
     * too much forgets what a patient did who came back at once; too little would keep what must go.
     */
    public Instant latestBefore() {
        return erasedAt.plus(CLOCK_SKEW);
    }

    private static boolean isMadeBefore(String submissionId, Instant time) {
        try {
            var id = UUID.fromString(submissionId);
            // RFC 9562: the first 48 bits are milliseconds since 1970.
            return id.version() == 7 && (id.getMostSignificantBits() >>> 16) < time.toEpochMilli();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
