package org.calciwatch.assessment.pack;

import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.Response.Status;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.calciwatch.assessment.rules.PackFiles;
import org.calciwatch.assessment.rules.RulePack;
import org.calciwatch.assessment.rules.RulePackRejected;
import org.calciwatch.assessment.rules.RulePackRejected.Problem;
import org.calciwatch.audit.Access;
import org.calciwatch.events.AssessmentCompleted.RulePackRef;
import org.calciwatch.security.Caller;
import org.jboss.logging.Logger;

/**
 * The rule packs of the clinic. Which one is active stands in the database and nowhere else, so all instances of the
 * service agree without telling each other.
 */
@ApplicationScoped
public class RulePacks {

    private static final Logger LOG = Logger.getLogger(RulePacks.class);

    /** How the audit trail names them. */
    static final String AUDITED_AS = "rule-packs";

    private final StoredPacks stored;
    private final Activations activations;
    private final Caller caller;
    private final Access access;
    private final CompiledPacks compiled = new CompiledPacks();

    RulePacks(StoredPacks stored, Activations activations, Caller caller, Access access) {
        this.stored = stored;
        this.activations = activations;
        this.caller = caller;
        this.access = access;
    }

    /**
     * The pack new assessments are made by, read in the caller's transaction where there is one. Keep it for the whole
     * of an evaluation: the next call may give another one.
     *
     * @throws RulePackUnusable when there is none, or it does not pass the checks
     */
    public RulePack active() {
        var active = stored.active().orElseThrow(RulePackUnusable::none);
        try {
            return compiled(active);
        } catch (RulePackRejected rejected) {
            throw RulePackUnusable.rejected(active, rejected);
        }
    }

    /**
     * A stored pack, active or not.
     *
     * @throws HttpProblem 404 when there is none with this version
     * @throws RulePackRejected when it does not pass the checks
     */
    public RulePack version(String version) {
        return compiled(find(version));
    }

    StoredPack find(String version) {
        return stored.version(version)
                .orElseThrow(() -> HttpProblem.valueOf(
                        Status.NOT_FOUND, "There is no rule pack with this version; GET /rule-packs lists them"));
    }

    /** How assessments and reports name a pack. */
    public static RulePackRef ref(RulePack pack) {
        return new RulePackRef(pack.id(), pack.version(), pack.digest());
    }

    /** @param isNew false when the same pack was there before */
    record Upload(StoredPack pack, boolean isNew) {}

    /**
     * Checks a pack and stores it.
     *
     * @throws RulePackRejected with everything that is wrong with it
     * @throws HttpProblem 409 when its version is stored with another content
     */
    Upload upload(byte[] archive) {
        var files = PackFiles.unzip(archive);
        var active = stored.active();
        var pack = active.isEmpty()
                ? RulePack.load(files)
                : RulePack.loadAfter(PackFiles.unzip(stored.archive(active.get())), files);
        access.entity(AUDITED_AS, pack.version());
        var isNew =
                recorded(Status.CREATED, () -> stored.add(pack.version(), pack.digest(), files.zip(), caller.name()));
        var inDatabase = find(pack.version());
        if (!inDatabase.digest.equals(pack.digest())) {
            throw HttpProblem.valueOf(
                    Status.CONFLICT,
                    "Rule pack %s is stored with another content, %s. A version never changes its content: give this one a new version, in %s."
                            .formatted(pack.version(), inDatabase.digest, PackFiles.NAMES.subList(0, 2)));
        }
        compiled.put(pack);
        if (isNew) {
            LOG.infof("Rule pack %s, %s, stored by %s", pack.version(), pack.digest(), caller.name());
        }
        return new Upload(inDatabase, isNew);
    }

    /**
     * Makes a stored pack the active one, after all checks once more: they may have become stricter since the upload.
     * Does nothing when it is the active one.
     *
     * @throws HttpProblem 404 when there is none with this version
     * @throws RulePackRejected when it does not pass; the active one stays
     */
    StoredPack activate(String version) {
        var pack = find(version);
        access.entity(AUDITED_AS, version);
        if (stored.active().filter(active -> active.id == pack.id).isEmpty()) {
            compiled.put(load(pack));
            if (recorded(Status.OK, () -> activations.activate(version, caller.name()))) {
                LOG.infof("Rule pack %s, %s, activated by %s", version, pack.digest, caller.name());
            }
        }
        return pack;
    }

    /** Makes a change and its record in the audit trail in one transaction. */
    private boolean recorded(Status status, BooleanSupplier change) {
        return QuarkusTransaction.requiringNew().call(() -> {
            var changed = change.getAsBoolean();
            if (changed) {
                access.recordNow(status.getStatusCode());
            }
            return changed;
        });
    }

    private RulePack compiled(StoredPack pack) {
        return compiled.get(pack.digest, () -> load(pack));
    }

    private RulePack load(StoredPack pack) {
        var files = PackFiles.unzip(stored.archive(pack));
        if (!files.digest().equals(pack.digest)) {
            throw new RulePackRejected(List.of(new Problem(
                    "(archive)",
                    1,
                    "what the database holds has the digest %s, not the %s it was stored with"
                            .formatted(files.digest(), pack.digest))));
        }
        return RulePack.load(files);
    }
}
