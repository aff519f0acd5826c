package org.calciwatch.intake.form;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TypedNumberTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    0.62      | 0.62
                    0,62      | 0.62
                    0.180     | 0.180
                    0,180     | 0.180
                    1.2340    | 1.2340
                    12 500    | 12500
                    1,234.5   | 1234.5
                    1.234,5   | 1234.5
                    1,000,000 | 1000000
                    1.000.000 | 1000000
                    10000     | 10000
                    2.40      | 2.40
                    .5        | 0.5
                    ,625      | 0.625
                    5.        | 5
                    5,        | 5
                    """)
    void a_clear_number_is_read_with_either_decimal_sign(String typed, BigDecimal number) {
        assertThat(TypedNumber.read(typed)).isEqualTo(new TypedNumber.Clear(number));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u00a00.62", "0.62\u00a0", "\u202f0.62 \u00a0", "\t0.62"})
    void blanks_that_came_along_from_a_report_do_no_harm(String typed) {
        assertThat(TypedNumber.read(typed)).isEqualTo(new TypedNumber.Clear(new BigDecimal("0.62")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1,234", "1.234", "25,000", "5.000", "999.999"})
    void what_may_be_thousands_or_decimals_is_never_guessed(String typed) {
        assertThat(TypedNumber.read(typed)).isEqualTo(new TypedNumber.Ambiguous());
    }

    @ParameterizedTest
    @ValueSource(strings = {"<5", "> 150", "≥ 90", "≤0.3"})
    void a_bound_is_no_number(String typed) {
        assertThat(TypedNumber.read(typed)).isEqualTo(new TypedNumber.Bound());
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
                ".",
                "1,234.",
                "1.23 mg",
                "١٢",
                "1..2",
                "NaN"
            })
    void what_is_no_number_is_told(String typed) {
        assertThat(TypedNumber.read(typed)).isEqualTo(new TypedNumber.None());
    }

    @ParameterizedTest
    @CsvSource({"en,0.62,0.62", "es,0.62,'0,62'", "en,1.234,1.2340", "es,12.345,'12,3450'"})
    void a_number_is_written_so_that_it_is_read_as_the_same(String language, BigDecimal number, String written) {
        assertThat(TypedNumber.write(number, language)).isEqualTo(written);
        assertThat(TypedNumber.read(written))
                .isInstanceOfSatisfying(TypedNumber.Clear.class, read -> assertThat(read.value())
                        .isEqualByComparingTo(number));
    }
}
