package org.calciwatch.intake.form;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TypedNumberTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    en | 0.62         | 0.62
                    en | 0,62         | 0.62
                    es | 0,62         | 0.62
                    es | 0.62         | 0.62
                    en | 1.234        | 1.234
                    es | 1,234        | 1.234
                    es | 0.180        | 0.180
                    en | 12 500       | 12500
                    en | 1,234.5      | 1234.5
                    es | 1.234,5      | 1234.5
                    en | 1.234,5      | 1234.5
                    en | 1,000,000    | 1000000
                    es | 1.000.000    | 1000000
                    en | 10000        | 10000
                    en | 2.40         | 2.40
                    """)
    void a_clear_number_is_read_as_it_is_written(String language, String typed, BigDecimal number) {
        assertThat(TypedNumber.read(typed, language)).isEqualTo(new TypedNumber.Clear(number));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    en | 1,234
                    es | 1.234
                    en | 25,000
                    es | 10.500
                    """)
    void what_may_be_thousands_or_decimals_is_never_guessed(String language, String typed) {
        assertThat(TypedNumber.read(typed, language)).isEqualTo(new TypedNumber.Ambiguous());
    }

    @ParameterizedTest
    @ValueSource(strings = {"<5", "> 150", "≥ 90", "≤0.3"})
    void a_bound_is_no_number(String typed) {
        assertThat(TypedNumber.read(typed, "en")).isEqualTo(new TypedNumber.Bound());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-1",
                "1e5",
                "abc",
                "1.2.3",
                "1,2,3",
                "1 5",
                "12345678901",
                "1.",
                ".5",
                "1.23 mg",
                "١٢",
                "1..2",
                "NaN"
            })
    void what_is_no_number_is_told(String typed) {
        assertThat(TypedNumber.read(typed, "en")).isEqualTo(new TypedNumber.None());
    }

    @ParameterizedTest
    @CsvSource({"en,0.62", "es,'0,62'"})
    void a_number_is_written_as_it_would_be_typed(String language, String written) {
        assertThat(TypedNumber.write(new BigDecimal("0.62"), language)).isEqualTo(written);
        assertThat(TypedNumber.read(written, language)).isEqualTo(new TypedNumber.Clear(new BigDecimal("0.62")));
    }
}
