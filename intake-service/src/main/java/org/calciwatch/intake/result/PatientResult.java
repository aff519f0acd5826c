package org.calciwatch.intake.result;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.calciwatch.events.Severity;
import org.jspecify.annotations.Nullable;

/**
 * What the patient reads, as JSON. The fixed sentences are left out where they do not apply. While the clinic holds the
 * rest back ({@code status} is {@code held}) only the emergency and same-day texts are there.
 *
 * @param status {@code ready} or {@code held}
 * @param language of the texts, a BCP 47 tag
 * @param openQuestions which test or question would settle how many of the unknown checks
 * @param pleaseCheck values the patient should look at again
 * @param notice that nothing was found, which does not mean that there is no risk
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record PatientResult(
        String status,
        String language,
        String submissionId,
        int submissionVersion,
        @Nullable Severity severity,
        @Nullable String emergencyBlock,
        List<Entry> emergency,
        @Nullable String sameDayBlock,
        List<Entry> sameDay,
        @Nullable String reviewLine,
        @Nullable List<Entry> review,
        @Nullable List<Entry> education,
        @Nullable String notice,
        @Nullable List<Entry> unknown,
        @Nullable List<OpenQuestion> openQuestions,
        @Nullable List<String> pleaseCheck,
        String closingLine,
        String disclaimer) {

    /** One text. */
    record Entry(String ruleId, String title, String message, List<String> references) {}

    /** What a test or question would do for the unknown checks, in a sentence. */
    record OpenQuestion(String text, List<String> ruleIds) {}
}
