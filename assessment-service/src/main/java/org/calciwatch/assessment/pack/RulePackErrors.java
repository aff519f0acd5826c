package org.calciwatch.assessment.pack;

import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.ws.rs.core.Response;
import org.calciwatch.assessment.rules.RulePackRejected;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Answers 422 with every problem when a rule pack does not pass the checks. */
class RulePackErrors {

    @ServerExceptionMapper
    Response refused(RulePackRejected rejected) {
        return HttpProblem.builder()
                .withStatus(422)
                .withTitle("The rule pack does not pass the checks")
                .withDetail("It has %d problem(s). Nothing was changed."
                        .formatted(rejected.problems().size()))
                .with("problems", rejected.problems())
                .build()
                .toResponse();
    }
}
