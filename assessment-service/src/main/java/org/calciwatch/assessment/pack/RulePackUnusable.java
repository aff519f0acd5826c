package org.calciwatch.assessment.pack;

import io.quarkiverse.resteasy.problem.HttpProblem;
import org.calciwatch.assessment.rules.RulePackRejected;

/**
 * There is no rule pack to judge by. Nothing is assessed then: to judge by another pack than the one recorded as active
 * would be worse. Over HTTP 503.
 */
public final class RulePackUnusable extends HttpProblem {
    private static final long serialVersionUID = 1L;

    private static final String REMEDY =
            "Nothing is assessed until an admin activates one that passes: POST /rule-packs/{version}/activate with a version of"
                    + " GET /rule-packs, or after POST /rule-packs of a corrected one under a new version.";

    private RulePackUnusable(String reason) {
        super(builder().withStatus(503).withTitle("No usable rule pack").withDetail(reason + " " + REMEDY));
    }

    static RulePackUnusable none() {
        return new RulePackUnusable("No rule pack is active.");
    }

    static RulePackUnusable rejected(StoredPack pack, RulePackRejected rejected) {
        return new RulePackUnusable(
                "The active rule pack %s, %s, does not pass the checks of this version of the service: %d problem(s), the first: %s."
                        .formatted(
                                pack.version,
                                pack.digest,
                                rejected.problems().size(),
                                rejected.problems().getFirst()));
    }

    /** What is wrong and what to do. */
    public String reason() {
        return String.valueOf(getDetail());
    }
}
