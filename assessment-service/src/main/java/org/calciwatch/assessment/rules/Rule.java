package org.calciwatch.assessment.rules;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A rule as people read it.
 *
 * @param condition the CQL text of its definition
 * @param suppressedBy names of the conditions and ids of the rules that suppress it
 * @param references full citations
 */
public record Rule(
        String id,
        String title,
        String category,
        Severity severity,
        @Nullable String mechanism,
        String condition,
        List<String> suppressedBy,
        String patientMessage,
        String clinicianMessage,
        List<String> references) {}
