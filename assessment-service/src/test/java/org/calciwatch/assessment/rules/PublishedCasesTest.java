package org.calciwatch.assessment.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.SoftAssertions.assertSoftly;
import static org.calciwatch.assessment.rules.BundledPack.PACK;

import java.io.IOException;
import java.util.List;
import org.calciwatch.assessment.profile.Profile;
import org.calciwatch.assessment.rules.GoldenCases.GoldenCase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PublishedCasesTest {

    static List<GoldenCase> cases() throws IOException {
        return GoldenCases.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_published_case_gives_exactly_the_expected_result(GoldenCase golden) {
        var result = PACK.evaluate(Profile.of(golden.answers()));

        assertSoftly(softly -> {
            softly.assertThat(result.fired())
                    .extracting(Evaluation.Fired::ruleId)
                    .as("fired")
                    .containsExactlyInAnyOrderElementsOf(golden.expected().fired());
            softly.assertThat(result.unknown())
                    .extracting(Evaluation.Unknown::ruleId)
                    .as("unknown")
                    .containsExactlyInAnyOrderElementsOf(golden.expected().unknown());
            softly.assertThat(result.suppressed())
                    .extracting(Evaluation.Suppressed::ruleId)
                    .as("suppressed")
                    .containsExactlyInAnyOrderElementsOf(golden.expected().suppressed());
            softly.assertThat(result.dataQuality())
                    .extracting(Evaluation.DataQuality::checkId)
                    .as("data quality")
                    .containsExactlyInAnyOrderElementsOf(golden.expected().dq());
            softly.assertThat(result.severity().name())
                    .as("severity")
                    .isEqualTo(golden.expected().severity());
        });
    }

    @Test
    void all_published_cases_are_here() throws IOException {
        assertThat(cases()).hasSize(34);
    }
}
