package org.calciwatch.assessment.response;

import java.util.List;
import java.util.stream.Collectors;

/** A QuestionnaireResponse that cannot be read as answers. */
public class ResponseRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * One thing that is wrong.
     *
     * @param expression where, as FHIRPath
     * @param message what is wrong and what would be right; quotes nothing of the response
     */
    public record Problem(String expression, String message) {}

    private final transient List<Problem> problems;

    ResponseRefused(List<Problem> problems) {
        super(problems.stream()
                .map(problem -> problem.expression() + ": " + problem.message())
                .collect(Collectors.joining("; ")));
        this.problems = List.copyOf(problems);
    }

    /** Everything that is wrong. */
    public List<Problem> problems() {
        return problems;
    }
}
