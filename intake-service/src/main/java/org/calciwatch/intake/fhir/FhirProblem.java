package org.calciwatch.intake.fhir;

import java.util.List;

/** A request to a FHIR endpoint that cannot be done; answered with an OperationOutcome. */
public class FhirProblem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final transient List<Issue> issues;

    public FhirProblem(int status, List<Issue> issues) {
        super(status + ": " + issues.size() + " issues");
        this.status = status;
        this.issues = List.copyOf(issues);
    }

    /**
     * @param status HTTP status, 400 to 499
     * @param code code of the FHIR value set issue-type
     */
    public FhirProblem(int status, String code, String diagnostics) {
        this(status, List.of(Issue.error(code, diagnostics)));
    }

    public int status() {
        return status;
    }

    public List<Issue> issues() {
        return issues;
    }
}
