package org.calciwatch.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ColourTest {

    @ParameterizedTest
    @ValueSource(strings = {"#0b5394", "#000000", "#767676", " #8A1C1C "})
    void a_colour_that_can_be_read_on_white_is_taken(String colour) {
        assertThat(new Colour.Converter().convert(colour)).isEqualTo(new Colour(colour.strip()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"#777777", "#ffffff", "#ffcc00", "#00aaff"})
    void one_that_is_too_light_is_refused_with_its_contrast(String colour) {
        assertThatThrownBy(() -> new Colour(colour))
                .hasMessageStartingWith(colour + " has a contrast of ")
                .hasMessageEndingWith("too little to be read; choose a darker one, from 4.5 on");
    }

    @ParameterizedTest
    @ValueSource(strings = {"red", "#12345", "#1234567", "0b5394", "#0b5394; } body { display: none", ""})
    void what_is_no_colour_is_refused(String colour) {
        assertThatThrownBy(() -> new Colour(colour)).hasMessageContaining("right would be one like #0b5394");
    }
}
