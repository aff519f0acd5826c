package org.calciwatch.assessment.pack;

import java.util.LinkedHashMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.calciwatch.assessment.rules.RulePack;
import org.calciwatch.assessment.rules.RulePackRejected;

/**
 * The rule packs that were compiled lately, by digest. A digest stands for the bytes of a pack, and the checks of one
 * process never change, so what came of them is remembered too when it is a refusal.
 */
final class CompiledPacks {

    /** The active pack, the one before it that some evaluations still use, and a few that dry runs look at. */
    private static final int KEPT = 4;

    /** The least recently used first. */
    private final LinkedHashMap<String, FutureTask<RulePack>> packs = new LinkedHashMap<>(16, 0.75f, true);

    /**
     * The pack with this digest. Of several callers at once the first one loads it and the others wait.
     *
     * @throws RulePackRejected when the pack does not pass the checks
     */
    RulePack get(String digest, Callable<RulePack> load) {
        var own = new FutureTask<>(load);
        FutureTask<RulePack> task;
        synchronized (packs) {
            var earlier = packs.putIfAbsent(digest, own);
            task = earlier == null ? own : earlier;
            forgetSome();
        }
        if (task == own) {
            own.run();
        }
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RulePackRejected rejected) {
                throw rejected;
            }
            // The database was away, for instance: says nothing about the pack.
            synchronized (packs) {
                packs.remove(digest, task);
            }
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException("Rule pack " + digest + " could not be loaded", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for rule pack " + digest, e);
        }
    }

    /** Remembers a pack that was loaded otherwise. */
    void put(RulePack pack) {
        var done = new FutureTask<>(() -> pack);
        done.run();
        synchronized (packs) {
            packs.put(pack.digest(), done);
            forgetSome();
        }
    }

    private void forgetSome() {
        while (packs.size() > KEPT) {
            packs.pollFirstEntry();
        }
    }
}
