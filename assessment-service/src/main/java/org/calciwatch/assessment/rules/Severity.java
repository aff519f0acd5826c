package org.calciwatch.assessment.rules;

/** How soon a clinician should look, in rising order. NONE: no rule fired, which never means "no risk". */
public enum Severity {
    NONE,
    EDUCATION,
    CLINICIAN_REVIEW,
    URGENT_SAME_DAY,
    EMERGENCY
}
