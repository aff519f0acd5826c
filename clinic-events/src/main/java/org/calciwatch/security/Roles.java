package org.calciwatch.security;

/** The roles of the identity provider; who may do what stands at each endpoint and in docs/security.md. */
public final class Roles {
    /** Answers the questionnaire and reads the results: the own ones only. */
    public static final String PATIENT = "patient";
    /** Reads assessments and works on flags. */
    public static final String CLINICIAN = "clinician";
    /** Configures, replays, exports and erases. */
    public static final String ADMIN = "admin";
    /** A machine: a portal or a record system that acts for any patient. */
    public static final String INTEGRATION = "integration";

    private Roles() {}
}
