package org.calciwatch.events;

/** How soon somebody has to look, in rising order (knowledge base section 2). */
public enum Severity {
    /** No rule fired. Never shown as "no risk". */
    NONE,
    /** For the patient to read. */
    EDUCATION,
    /** A clinician looks within days to two weeks. */
    CLINICIAN_REVIEW,
    /** A clinician looks today. */
    URGENT_SAME_DAY,
    /** The patient calls the emergency number now. */
    EMERGENCY;

    /** True when {@code this} asks for help sooner than {@code other}. */
    public boolean isAbove(Severity other) {
        return compareTo(other) > 0;
    }

    /** True from {@link #CLINICIAN_REVIEW} up: somebody in the clinic has to see it. */
    public boolean needsClinician() {
        return compareTo(CLINICIAN_REVIEW) >= 0;
    }
}
