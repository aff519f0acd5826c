package org.calciwatch.notification.routing;

import java.util.List;

/** A routing table, or a question to one, is not as it must be. */
final class InvalidRouting extends Exception {
    private static final long serialVersionUID = 1L;

    /**
     * One reason.
     *
     * @param path where, as a JSON Pointer (RFC 6901); empty for the whole
     * @param message what would be right; quotes nothing
     */
    record Problem(String path, String message) {}

    private final transient List<Problem> problems;

    InvalidRouting(List<Problem> problems) {
        super(problems.size() + " problem(s)");
        this.problems = List.copyOf(problems);
    }

    /** Every reason, at least one. */
    List<Problem> problems() {
        return problems;
    }
}
