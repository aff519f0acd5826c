package org.calciwatch.intake.form;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A number as people write it, with a decimal point or comma and with blanks, points or commas between thousands. What
 * can be read in two ways is never guessed: a laboratory value would be wrong by a factor of a thousand.
 */
sealed interface TypedNumber {

    /** A number that is clear. */
    record Clear(BigDecimal value) implements TypedNumber {}

    /** "1,234" in English, "1.234" in Spanish: a thousand and more, or one and a bit. */
    record Ambiguous() implements TypedNumber {}

    /** "<5": a bound, which no rule can judge as if it were the number. */
    record Bound() implements TypedNumber {}

    /** No number, a negative one, or one of more digits than anybody measures. */
    record None() implements TypedNumber {}

    Pattern PLAIN = Pattern.compile("\\d{1,9}(?:[.,]\\d{1,6})?");
    Pattern GROUPED = Pattern.compile("\\d{1,3}(?:[ \u00a0\u202f'’]\\d{3})+(?:[.,]\\d{1,6})?");
    Pattern GROUPED_TWICE = Pattern.compile("\\d{1,3}(?:([.,])\\d{3})(?:\\1\\d{3})+");
    Pattern BOTH = Pattern.compile("\\d{1,3}(?:\\.\\d{3})+,\\d{1,6}|\\d{1,3}(?:,\\d{3})+\\.\\d{1,6}");
    Pattern THREE_DIGITS = Pattern.compile("[1-9]\\d{0,2}[.,]\\d{3}");

    /**
     * Reads what was typed.
     *
     * @param language decides which of point and comma is the decimal sign where only that tells
     */
    static TypedNumber read(String typed, String language) {
        var text = typed.strip();
        if (text.startsWith("<") || text.startsWith(">") || text.startsWith("≤") || text.startsWith("≥")) {
            return new Bound();
        }
        if (GROUPED_TWICE.matcher(text).matches()) {
            return new Clear(new BigDecimal(text.replaceAll("[.,]", "")));
        }
        if (BOTH.matcher(text).matches()) {
            var decimal = Math.max(text.lastIndexOf('.'), text.lastIndexOf(','));
            return new Clear(new BigDecimal(
                    text.substring(0, decimal).replaceAll("[.,]", "") + "." + text.substring(decimal + 1)));
        }
        if (GROUPED.matcher(text).matches()) {
            text = text.replaceAll("[ \u00a0\u202f'’]", "");
        }
        if (!PLAIN.matcher(text).matches()) {
            return new None();
        }
        if (THREE_DIGITS.matcher(text).matches() && text.indexOf(decimalSign(language)) < 0) {
            return new Ambiguous();
        }
        return new Clear(new BigDecimal(text.replace(',', '.')));
    }

    /** The number as people write it in this language. */
    static String write(BigDecimal number, String language) {
        return number.toPlainString().replace('.', decimalSign(language));
    }

    private static char decimalSign(String language) {
        return java.text.DecimalFormatSymbols.getInstance(Locale.forLanguageTag(language))
                .getDecimalSeparator();
    }
}
