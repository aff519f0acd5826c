package org.calciwatch.notification.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordsTest {

    @ParameterizedTest
    @CsvSource({
        "a, years",
        "mL/min/{1.73_m2}, mL/min/1.73 m²",
        "{INR}, ''",
        "[iU]/d, IU/day",
        "[IU]/mo, IU/month",
        "[iU]/L, IU/L",
        "g{salt}/d, g salt/day",
        "{servings}/wk, servings/week",
        "[cup_us]/d, US cups/day",
        "[foz_us]/d, US fl oz/day",
        "mmol/(24.h), mmol/24 h",
        "ug/wk, µg/week",
        "umol/L, µmol/L",
        "ukat/L, µkat/L",
        "meq/d, mEq/day",
        "mg/dL, mg/dL",
        "%, %",
    })
    void units_stand_as_people_write_them(String ucum, String written) {
        assertThat(Words.unit(ucum)).isEqualTo(written);
    }

    @ParameterizedTest
    @CsvSource({"1.5000, 1.5", "72.0, 72", "1000, 1000", "0.000, 0", "1.51, 1.51"})
    void zeros_that_rounding_left_say_nothing(BigDecimal value, String shown) {
        assertThat(Words.judged(value).toPlainString()).isEqualTo(shown);
    }
}
