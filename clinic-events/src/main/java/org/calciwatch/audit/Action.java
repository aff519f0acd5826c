package org.calciwatch.audit;

/** What was done, with the codes of FHIR's {@code AuditEvent.action}. */
public enum Action {
    CREATE("C"),
    READ("R"),
    UPDATE("U"),
    DELETE("D"),
    /** A search or an operation. */
    EXECUTE("E");

    private final String code;

    Action(String code) {
        this.code = code;
    }

    /** The FHIR code. */
    public String code() {
        return code;
    }
}
