package org.calciwatch.assessment.rules;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A rule as people read it.
 *
 * @param condition the CQL text of its definition
 * @param thresholds the named amounts its condition rests on, directly or through other definitions
 * @param suppressedBy names of the conditions and ids of the rules that suppress it
 * @param references full citations
 * @param translations patient texts in the other languages
 */
public record Rule(
        String id,
        String title,
        String category,
        Severity severity,
        @Nullable String mechanism,
        String condition,
        List<Threshold> thresholds,
        List<String> suppressedBy,
        String patientMessage,
        String clinicianMessage,
        List<String> references,
        Map<String, Evaluation.PatientText> translations) {

    /** A limit by its name in the pack, with its UCUM unit. */
    public record Threshold(String name, BigDecimal value, String unit) {}
}
