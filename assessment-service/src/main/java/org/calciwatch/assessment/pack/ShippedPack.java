package org.calciwatch.assessment.pack;

import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import org.calciwatch.assessment.rules.PackFiles;
import org.calciwatch.assessment.rules.RulePack;
import org.calciwatch.assessment.rules.RulePackRejected;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Stores the rule pack that comes with the service, so that a new clinic has one to begin with. */
@ApplicationScoped
class ShippedPack {

    private static final String BY = "calciwatch";
    private static final Logger LOG = Logger.getLogger(ShippedPack.class);

    private final String version;
    private final StoredPacks stored;
    private final Activations activations;
    private final RulePacks packs;

    ShippedPack(
            @ConfigProperty(name = "calciwatch.rule-pack.version") String version,
            StoredPacks stored,
            Activations activations,
            RulePacks packs) {
        this.version = version;
        this.stored = stored;
        this.activations = activations;
        this.packs = packs;
    }

    /** Before the first event is consumed; and compiling takes seconds, which no patient should wait for. */
    void start(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) StartupEvent start) {
        store(PackFiles.bundled(RulePack.ID, version));
        try {
            var active = packs.active();
            LOG.infof("Rule pack %s, %s, is active", active.version(), active.digest());
        } catch (RulePackUnusable unusable) {
            LOG.error(unusable.reason());
        }
    }

    void store(PackFiles files) {
        if (!stored.add(version, files.digest(), files.zip(), BY)) {
            stored.version(version)
                    .filter(pack -> !pack.digest.equals(files.digest()))
                    .ifPresent(pack -> LOG.warnf(
                            "The rule pack %s that comes with the service, %s, is not used: %s is stored under this version and stays."
                                    + " Give the new one a version of its own.",
                            version, files.digest(), pack.digest));
        }
        if (stored.active().isEmpty()) {
            try {
                RulePack.load(files);
            } catch (RulePackRejected rejected) {
                LOG.errorf("The rule pack %s that comes with the service is not activated:\n%s", version, rejected);
                return;
            }
            activations.activateFirst(version, BY);
        }
    }
}
