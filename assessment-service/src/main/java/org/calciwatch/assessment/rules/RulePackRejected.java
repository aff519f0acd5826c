package org.calciwatch.assessment.rules;

import java.util.List;
import java.util.stream.Collectors;

/** A rule pack that must not be used. Carries every problem found, not only the first. */
public final class RulePackRejected extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    public RulePackRejected(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    public List<Problem> problems() {
        return problems;
    }

    /**
     * One problem of a pack.
     *
     * @param line 1-based; 1 when the problem is with the file as a whole
     */
    public record Problem(String file, int line, String message) {
        @Override
        public String toString() {
            return file + ":" + line + ": " + message;
        }
    }
}
