package org.calciwatch.intake.form;

import java.math.BigDecimal;
import java.text.DecimalFormatSymbols;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A number as people write it, with a decimal point or comma and with blanks, points or commas between thousands. What
 * can be read in two ways is never guessed: a laboratory value would be wrong by a factor of a thousand.
 */
sealed interface TypedNumber {

    /** A number that is clear. */
    record Clear(BigDecimal value) implements TypedNumber {}

    /**
     * "1,234" or "5.000": thousands to one reader, one and a bit to another. The language of the page does not tell: it
     * need not be the one in which somebody learned to write numbers.
     */
    record Ambiguous() implements TypedNumber {}

    /** "<5": a bound, which no rule can judge as if it were the number. */
    record Bound() implements TypedNumber {}

    /** No number, a negative one, or one of more digits than anybody measures. */
    record None() implements TypedNumber {}

    Pattern PLAIN = Pattern.compile("\\d{1,9}(?:[.,]\\d{0,6})?|[.,]\\d{1,6}");
    Pattern BLANKS_AROUND = Pattern.compile("^[\\s\u00a0\u202f]+|[\\s\u00a0\u202f]+$");
    Pattern GROUPED = Pattern.compile("\\d{1,3}(?:[ \u00a0\u202f'’]\\d{3})+(?:[.,]\\d{1,6})?");
    Pattern GROUPED_TWICE = Pattern.compile("\\d{1,3}(?:([.,])\\d{3})(?:\\1\\d{3})+");
    Pattern BOTH = Pattern.compile("\\d{1,3}(?:\\.\\d{3})+,\\d{1,6}|\\d{1,3}(?:,\\d{3})+\\.\\d{1,6}");
    Pattern THREE_DIGITS = Pattern.compile("(?!0[.,])\\d{1,3}[.,]\\d{3}");

    /** Without the blanks around it, also those that do not break a line: they come along when a report is copied. */
    static String bare(String typed) {
        return BLANKS_AROUND.matcher(typed).replaceAll("");
    }

    /** Reads what was typed. */
    static TypedNumber read(String typed) {
        var text = bare(typed);
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
        if (THREE_DIGITS.matcher(text).matches()) {
            return new Ambiguous();
        }
        return new Clear(new BigDecimal(text.replace(',', '.')));
    }

    /** The number as people write it in this language, so that it is read as the same again. */
    static String write(BigDecimal number, String language) {
        var plain = number.toPlainString();
        var clear = THREE_DIGITS.matcher(plain).matches() ? plain + "0" : plain;
        return clear.replace(
                '.',
                DecimalFormatSymbols.getInstance(Locale.forLanguageTag(language))
                        .getDecimalSeparator());
    }
}
