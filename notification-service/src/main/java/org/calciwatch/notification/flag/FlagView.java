package org.calciwatch.notification.flag;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.calciwatch.events.Severity;
import org.jspecify.annotations.Nullable;

/**
 * A flag as clients see it.
 *
 * @param assessment the latest, only when a single flag is read
 * @param decisiveAssessment the one that set the severity, only when a single flag is read and that was an earlier,
 *     more severe one
 */
record FlagView(
        UUID id,
        String reference,
        String patientId,
        Severity severity,
        Flag.Status status,
        Headline headline,
        List<String> ruleIds,
        UUID assessmentId,
        String submissionId,
        @Nullable String assignee,
        Instant openedAt,
        Instant updatedAt,
        List<Entry> history,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable AssessmentSummary assessment,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable AssessmentSummary decisiveAssessment) {

    /** The fired rule of the highest severity, the first in knowledge-base order among equals. */
    record Headline(String ruleId, String title) {}

    /** One thing that happened, oldest first. */
    record Entry(
            Instant at, String by, String action, @Nullable String note) {}

    /** What the assessment that the flag points to found; each part as in the assessment's own JSON. */
    record AssessmentSummary(
            JsonNode severity,
            JsonNode assessedAt,
            JsonNode rulePack,
            JsonNode fired,
            JsonNode unknown,
            JsonNode openQuestions,
            JsonNode dataQuality,
            JsonNode outsideReference,
            JsonNode staleLabs) {

        static AssessmentSummary of(JsonNode assessment) {
            return new AssessmentSummary(
                    assessment.path("severity"),
                    assessment.path("assessedAt"),
                    assessment.path("rulePack"),
                    assessment.path("fired"),
                    assessment.path("unknown"),
                    assessment.path("openQuestions"),
                    assessment.path("dataQuality"),
                    assessment.path("outsideReference"),
                    assessment.path("staleLabs"));
        }
    }

    static FlagView of(Flag flag) {
        return of(flag, null, null);
    }

    static FlagView of(
            Flag flag, @Nullable AssessmentSummary assessment, @Nullable AssessmentSummary decisiveAssessment) {
        return new FlagView(
                flag.id(),
                flag.reference(),
                flag.patientId(),
                flag.severity(),
                flag.status(),
                new Headline(flag.headlineRuleId(), flag.headlineTitle()),
                List.copyOf(flag.ruleIds()),
                flag.assessmentId(),
                flag.submissionId(),
                flag.assignee(),
                flag.openedAt(),
                flag.updatedAt(),
                flag.history().stream()
                        .map(entry ->
                                new Entry(entry.at(), entry.by(), entry.action().wireName(), entry.note()))
                        .toList(),
                assessment,
                decisiveAssessment);
    }
}
