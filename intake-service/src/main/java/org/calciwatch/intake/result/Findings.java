package org.calciwatch.intake.result;

import java.util.List;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.Severity;

/** What intake keeps of an assessment: what the patient may read, and no more. */
record Findings(Severity severity, List<Fired> fired, List<Unknown> unknown) {

    /** A rule that fired, with its text for the patient. */
    record Fired(String ruleId, String title, Severity severity, String message, List<String> references) {}

    /** A rule that could not be judged; {@code missing} are keys of inputs. */
    record Unknown(String ruleId, String title, List<String> missing) {}

    static Findings of(AssessmentCompleted assessment) {
        return new Findings(
                assessment.severity(),
                assessment.fired().stream()
                        .map(fired -> new Fired(
                                fired.ruleId(),
                                fired.title(),
                                fired.severity(),
                                fired.patientMessage(),
                                fired.references()))
                        .toList(),
                assessment.unknown().stream()
                        .map(unknown -> new Unknown(unknown.ruleId(), unknown.title(), unknown.missing()))
                        .toList());
    }
}
