package org.calciwatch.assessment.pack;

import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import org.calciwatch.assessment.rules.PackFiles;
import org.calciwatch.assessment.rules.RulePack;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The rule packs this service knows. */
@ApplicationScoped
@Startup // compiling the pack takes seconds, which no patient should wait for
public class RulePacks {

    private final RulePack bundled;

    RulePacks(@ConfigProperty(name = "calciwatch.rule-pack.version") String version) {
        this.bundled = RulePack.load(PackFiles.bundled("calcification-risk", version));
    }

    /** The pack new assessments are made by. */
    public RulePack active() {
        return bundled;
    }
}
