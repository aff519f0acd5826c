package org.calciwatch.intake.submission;

import java.util.Arrays;
import java.util.Optional;

/** How far a submission is. */
public enum SubmissionStatus {
    /** A draft: kept, not assessed. */
    IN_PROGRESS("in-progress"),
    /** Answered; assessed. */
    COMPLETED("completed"),
    /** Changed after completion; assessed again. */
    AMENDED("amended");

    private final String code;

    SubmissionStatus(String code) {
        this.code = code;
    }

    /** The FHIR code. */
    public String code() {
        return code;
    }

    /** The status with this FHIR code; empty for those not used here, such as {@code stopped}. */
    public static Optional<SubmissionStatus> find(String code) {
        return Arrays.stream(values())
                .filter(status -> status.code.equals(code))
                .findFirst();
    }

    /**
     * The status after an update of a submission that has this one.
     *
     * @param wanted the status the update carries
     * @return empty when there is no way from here to there
     */
    Optional<SubmissionStatus> after(SubmissionStatus wanted) {
        return switch (this) {
            case IN_PROGRESS -> wanted == AMENDED ? Optional.empty() : Optional.of(wanted);
            // Whoever sends a completed one again amends it.
            case COMPLETED, AMENDED -> wanted == IN_PROGRESS ? Optional.empty() : Optional.of(AMENDED);
        };
    }
}
