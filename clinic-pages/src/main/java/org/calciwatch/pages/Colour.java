package org.calciwatch.pages;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A colour in sRGB that can be read on white and carry white letters.
 *
 * @param hex as {@code #0b5394}
 */
public record Colour(String hex) {

    /** The least contrast of WCAG 2.2, success criterion 1.4.3. */
    private static final double LEAST_CONTRAST = 4.5;

    private static final Pattern HEX = Pattern.compile("#[0-9a-fA-F]{6}");

    /**
     * A colour dark enough.
     *
     * @throws IllegalArgumentException when it is not written so, or too light
     */
    public Colour {
        if (!HEX.matcher(hex).matches()) {
            throw new IllegalArgumentException("'" + hex + "' is not a colour; right would be one like #0b5394");
        }
        var contrast = contrastWithWhite(hex);
        if (contrast < LEAST_CONTRAST) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "%s has a contrast of %.1f with white, too little to be read; choose a darker one, from %.1f on",
                    hex,
                    contrast,
                    LEAST_CONTRAST));
        }
    }

    /** Contrast as WCAG 2.2 defines it, from 1 to 21. */
    private static double contrastWithWhite(String hex) {
        var rgb = Integer.parseInt(hex.substring(1), 16);
        var luminance = 0.2126 * linear(rgb >> 16) + 0.7152 * linear(rgb >> 8) + 0.0722 * linear(rgb);
        return 1.05 / (luminance + 0.05);
    }

    private static double linear(int channel) {
        var value = (channel & 0xff) / 255.0;
        return value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
    }

    /** Reads a setting. */
    public static final class Converter implements org.eclipse.microprofile.config.spi.Converter<Colour> {
        private static final long serialVersionUID = 1;

        @Override
        public Colour convert(String value) {
            return new Colour(value.strip());
        }
    }
}
