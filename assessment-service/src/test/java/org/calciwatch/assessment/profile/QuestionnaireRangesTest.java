package org.calciwatch.assessment.profile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The ranges the form shows and asks about stand in the Questionnaire, once for each unit; they must be those the rules
 * judge by.
 */
class QuestionnaireRangesTest {
    private static final Path QUESTIONNAIRE =
            Path.of("../intake-service/src/main/resources/questionnaire/calcification-risk.json");

    static Stream<Inputs.Quantity> quantities() {
        return Inputs.QUANTITIES.stream();
    }

    @ParameterizedTest
    @MethodSource("quantities")
    void what_the_form_takes_for_possible_is_plausible_and_what_lies_beyond_is_not(Inputs.Quantity quantity)
            throws IOException {
        assertThat(ranges(quantity, "plausible-range")).hasSameSizeAs(quantity.units());
        for (var range : ranges(quantity, "plausible-range")) {
            var unit = quantity.unit(range.at("/high/code").textValue()).orElseThrow();
            for (var limit : Stream.of("low", "high").map(range::get).toList()) {
                assertThat(quantity.plausible(
                                quantity.normalise(limit.get("value").decimalValue(), unit)
                                        .orElseThrow()))
                        .as(quantity.key() + " " + limit)
                        .isTrue();
            }
            var high = range.at("/high/value").decimalValue();
            // Two steps of the rounded value beyond: the limit is rounded once by hand and once by the rules.
            var beyond = high.multiply(new BigDecimal("1.01")).add(BigDecimal.valueOf(2, quantity.decimals()));
            assertThat(quantity.plausible(quantity.normalise(beyond, unit).orElseThrow()))
                    .as(quantity.key() + " just above " + range)
                    .isFalse();
        }
    }

    @ParameterizedTest
    @MethodSource("quantities")
    void what_the_form_calls_usual_is_the_reference_range(Inputs.Quantity quantity) throws IOException {
        for (var range : ranges(quantity, "usual-range")) {
            var reference = quantity.reference().orElseThrow();
            close(quantity, range.get("low"), reference.low());
            close(quantity, range.get("high"), reference.high());
        }
    }

    /** Within two hundredths and a step of rounding. */
    private static void close(
            Inputs.Quantity quantity,
            @org.jspecify.annotations.Nullable JsonNode shown,
            @org.jspecify.annotations.Nullable BigDecimal reference) {
        assertThat(shown == null).as(quantity.key()).isEqualTo(reference == null);
        if (shown != null && reference != null) {
            var unit = quantity.unit(shown.get("code").textValue()).orElseThrow();
            var canonical =
                    quantity.normalise(shown.get("value").decimalValue(), unit).orElseThrow();
            var tolerance =
                    reference.movePointLeft(2).multiply(BigDecimal.TWO).add(BigDecimal.valueOf(1, quantity.decimals()));
            assertThat(canonical.subtract(reference).abs())
                    .as(quantity.key() + " " + shown + " for " + reference)
                    .isLessThanOrEqualTo(tolerance);
        }
    }

    private static java.util.List<JsonNode> ranges(Inputs.Quantity quantity, String kind) throws IOException {
        var questionnaire = new ObjectMapper().readTree(QUESTIONNAIRE.toFile());
        return questionnaire.findParents("linkId").stream()
                .filter(item -> item.get("linkId").asText().equals(quantity.key()))
                .flatMap(item -> Objects.requireNonNull(item.get("extension")).valueStream())
                .filter(extension -> extension.get("url").asText().endsWith("/" + kind))
                .map(extension -> extension.get("valueRange"))
                .toList();
    }
}
