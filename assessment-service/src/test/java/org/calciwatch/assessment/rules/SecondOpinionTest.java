package org.calciwatch.assessment.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.calciwatch.assessment.rules.BundledPack.PACK;

import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.calciwatch.assessment.profile.Profile;
import org.junit.jupiter.api.Test;

/**
 * The rule pack against an independent reading of the same text, over many random patients. The number of patients is the
 * system property {@code calciwatch.oracle.profiles}; patient n is always the same, so a failure names its seed.
 */
class SecondOpinionTest {

    private static final int PROFILES = Integer.getInteger("calciwatch.oracle.profiles", 100_000);

    /** These may never be unknown: the knowledge base says true or false. */
    private static final Set<String> NEVER_UNKNOWN = Set.of("value-needs-checking");

    @Test
    void the_rule_pack_and_the_plain_java_reading_of_the_text_agree_on_every_patient() {
        var fired = new ConcurrentHashMap<String, Integer>();
        var unknown = new ConcurrentHashMap<String, Integer>();
        var suppressed = new ConcurrentHashMap<String, Integer>();
        var checks = new ConcurrentHashMap<String, Integer>();
        LongStream.range(0, PROFILES).parallel().forEach(seed -> {
            var answers = RandomAnswers.of(seed);
            var expected = Oracle.judge(answers);
            var actual = verdict(PACK.evaluate(Profile.of(answers)));
            assertThat(actual).as("patient %d: %s", seed, answers).isEqualTo(expected);
            expected.fired().forEach(id -> fired.merge(id, 1, Integer::sum));
            expected.unknown().forEach(id -> unknown.merge(id, 1, Integer::sum));
            expected.suppressed().forEach(id -> suppressed.merge(id, 1, Integer::sum));
            expected.dq().forEach(id -> checks.merge(id, 1, Integer::sum));
        });
        // The agreement is worth something only if the patients reach every outcome.
        for (var rule : PACK.rules()) {
            assertThat(fired).as("how often %s fired", rule.id()).containsKey(rule.id());
            if (!NEVER_UNKNOWN.contains(rule.id())) {
                assertThat(unknown).as("how often %s was unknown", rule.id()).containsKey(rule.id());
            }
            if (!rule.suppressedBy().isEmpty()) {
                assertThat(suppressed)
                        .as("how often %s was suppressed", rule.id())
                        .containsKey(rule.id());
            }
        }
        assertThat(checks).as("data-quality checks seen").hasSize(12);
    }

    static Oracle.Verdict verdict(Evaluation result) {
        return new Oracle.Verdict(
                result.fired().stream().map(Evaluation.Fired::ruleId).collect(Collectors.toCollection(TreeSet::new)),
                result.unknown().stream()
                        .map(Evaluation.Unknown::ruleId)
                        .collect(Collectors.toCollection(TreeSet::new)),
                result.suppressed().stream()
                        .map(Evaluation.Suppressed::ruleId)
                        .collect(Collectors.toCollection(TreeSet::new)),
                result.dataQuality().stream()
                        .map(Evaluation.DataQuality::checkId)
                        .collect(Collectors.toCollection(TreeSet::new)),
                result.severity().name());
    }
}
