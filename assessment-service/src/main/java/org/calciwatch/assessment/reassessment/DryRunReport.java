package org.calciwatch.assessment.reassessment;

import java.util.List;
import java.util.UUID;
import org.calciwatch.assessment.rules.Severity;
import org.calciwatch.events.AssessmentCompleted.RulePackRef;
import org.jspecify.annotations.Nullable;

/**
 * What would change for the patients if another rule pack were active. Numbers are over all patients; {@code items} is
 * a page of the patients for whom something changes, by patient id.
 *
 * @param active the pack that is active now
 * @param candidate the pack that was tried
 * @param patients patients with an assessment; each counts with what they submitted last
 * @param changed those for whom something in {@link Change} changes
 * @param notComparable those whose answers were not kept, or cannot be read any more; nothing is known about them
 * @param rules the rules for which something changes, in knowledge-base order
 * @param next URL of the following page, null on the last one
 */
record DryRunReport(
        RulePackRef active,
        RulePackRef candidate,
        int patients,
        int changed,
        int notComparable,
        List<RuleChange> rules,
        List<Change> items,
        @Nullable String next) {

    /** The totals alone. */
    DryRunReport withoutPatients() {
        return new DryRunReport(active, candidate, patients, changed, notComparable, rules, List.of(), null);
    }

    /** For how many patients a rule changes, and how. */
    record RuleChange(String ruleId, int nowFires, int noLongerFires, int nowUnknown, int noLongerUnknown) {}

    /**
     * What changes for one patient.
     *
     * @param dataQuality ids of checks
     * @param textsChanged a rule that fires with both packs says something else, or is of another severity, category or
     *     mechanism
     */
    record Change(
            String patientId,
            String submissionId,
            UUID assessmentId,
            SeverityChange severity,
            Difference fired,
            Difference unknown,
            Difference suppressed,
            Difference dataQuality,
            boolean textsChanged) {

        boolean isOne() {
            return severity.from() != severity.to()
                    || !fired.isNone()
                    || !unknown.isNone()
                    || !suppressed.isNone()
                    || !dataQuality.isNone()
                    || textsChanged;
        }
    }

    /** The same on both sides when it does not change. */
    record SeverityChange(Severity from, Severity to) {}

    /** What one list has with the candidate only, and with the active pack only. */
    record Difference(List<String> added, List<String> removed) {

        static Difference between(List<String> from, List<String> to) {
            return new Difference(
                    to.stream().filter(id -> !from.contains(id)).toList(),
                    from.stream().filter(id -> !to.contains(id)).toList());
        }

        boolean isNone() {
            return added.isEmpty() && removed.isEmpty();
        }
    }
}
