package org.calciwatch.assessment.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.calciwatch.assessment.rules.BundledPack.PACK;

import java.util.List;
import org.calciwatch.assessment.rules.GoldenCases.GoldenCase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PublishedCasesTest {

    static List<GoldenCase> cases() {
        return GoldenCases.of(BundledPack.FILES);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_published_case_gives_exactly_the_expected_result(GoldenCase golden) {
        assertThat(golden.differences(PACK)).isEmpty();
    }

    @Test
    void all_published_cases_are_here() {
        assertThat(cases()).filteredOn(golden -> golden.id().startsWith("C")).hasSize(34);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void the_second_opinion_agrees_with_every_worked_patient(GoldenCase golden) {
        assertThat(Oracle.judge(golden.answers()))
                .isEqualTo(new Oracle.Verdict(
                        golden.expected().fired(),
                        golden.expected().unknown(),
                        golden.expected().suppressed(),
                        golden.expected().dq(),
                        golden.expected().severity()));
    }
}
