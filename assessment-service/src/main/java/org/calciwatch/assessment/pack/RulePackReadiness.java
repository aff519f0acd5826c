package org.calciwatch.assessment.pack;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Not ready without a rule pack to judge by; says why and what to do. */
@Readiness
@ApplicationScoped
class RulePackReadiness implements HealthCheck {

    private final RulePacks packs;

    RulePackReadiness(RulePacks packs) {
        this.packs = packs;
    }

    @Override
    public HealthCheckResponse call() {
        var answer = HealthCheckResponse.named("Rule pack");
        try {
            var pack = packs.active();
            return answer.up()
                    .withData("version", pack.version())
                    .withData("digest", pack.digest())
                    .build();
        } catch (RulePackUnusable unusable) {
            return answer.down().withData("problem", unusable.reason()).build();
        }
    }
}
