package org.calciwatch.assessment.profile;

import java.util.List;

/** The answers cannot be assessed: age outside 18 to 120, or an item that no list offers. Carries every reason. */
public final class AnswersRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Refusal> refusals;

    public AnswersRefused(List<Refusal> refusals) {
        super(String.join("; ", refusals.stream().map(Refusal::message).toList()));
        this.refusals = List.copyOf(refusals);
    }

    public List<Refusal> refusals() {
        return refusals;
    }
}
