package org.calciwatch.assessment.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.calciwatch.assessment.EditedPack;
import org.calciwatch.assessment.rules.PackFiles;
import org.calciwatch.assessment.rules.RulePack;
import org.calciwatch.assessment.rules.RulePackRejected;
import org.calciwatch.assessment.rules.RulePackRejected.Problem;
import org.junit.jupiter.api.Test;

class CompiledPacksTest {

    private static final RulePack PACK = RulePack.load(PackFiles.bundled(RulePack.ID, EditedPack.SHIPPED));

    private final CompiledPacks packs = new CompiledPacks();
    private final AtomicInteger loads = new AtomicInteger();

    @Test
    void of_several_callers_at_once_one_compiles_and_all_get_the_same_pack()
            throws InterruptedException, ExecutionException {
        var compiling = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        List<Future<RulePack>> callers = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 20; i++) {
                callers.add(threads.submit(() -> packs.get("a", () -> {
                    loads.incrementAndGet();
                    compiling.countDown();
                    goOn.await();
                    return PACK;
                })));
            }
            compiling.await();
            goOn.countDown();
        }
        for (var caller : callers) {
            assertThat(caller.get()).isSameAs(PACK);
        }
        assertThat(loads).hasValue(1);
    }

    @Test
    void a_refusal_is_remembered() {
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> packs.get("a", () -> {
                        loads.incrementAndGet();
                        throw new RulePackRejected(List.of(new Problem("rules.yaml", 7, "wrong")));
                    }))
                    .isInstanceOf(RulePackRejected.class)
                    .hasMessage("rules.yaml:7: wrong");
        }
        assertThat(loads).hasValue(1);
    }

    @Test
    void a_failure_that_says_nothing_about_the_pack_is_not_remembered() {
        assertThatThrownBy(() -> packs.get("a", () -> {
                    throw new IllegalStateException("no database");
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no database");
        assertThat(packs.get("a", () -> PACK)).isSameAs(PACK);
    }

    @Test
    void what_was_not_used_for_long_is_compiled_again() {
        packs.get("a", this::load);
        for (int i = 0; i < 10; i++) {
            packs.get("other " + i, () -> PACK);
            packs.get("active", this::load);
        }
        assertThat(loads).hasValue(2);
        packs.get("a", this::load);
        assertThat(loads).hasValue(3);
    }

    private RulePack load() {
        loads.incrementAndGet();
        return PACK;
    }
}
