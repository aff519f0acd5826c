package org.calciwatch.intake.fhir;

import org.jspecify.annotations.Nullable;

/**
 * One issue of an OperationOutcome.
 *
 * @param severity code of the FHIR value set issue-severity
 * @param code code of the FHIR value set issue-type
 * @param diagnostics what was wrong and what would be right
 * @param expression FHIRPath of the place, null when it concerns the request as a whole
 */
public record Issue(
        String severity,
        String code,
        String diagnostics,
        @Nullable String expression) {

    /** A problem of the request as a whole. */
    public static Issue error(String code, String diagnostics) {
        return new Issue("error", code, diagnostics, null);
    }

    /** A problem at one place of the resource. */
    public static Issue error(String code, String diagnostics, String expression) {
        return new Issue("error", code, diagnostics, expression);
    }
}
