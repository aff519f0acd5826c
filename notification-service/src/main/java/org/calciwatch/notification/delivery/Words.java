package org.calciwatch.notification.delivery;

import java.math.BigDecimal;
import org.calciwatch.events.Severity;

/** How mails and pages show what comes from outside. */
public final class Words {

    private static final int LONGEST_VALUE = 5000;
    private static final int LONGEST_SUBJECT_TITLE = 150;

    private Words() {}

    /** A unit as people write it; a UCUM code that reads well, or that it does not know, stays as it is. */
    public static String unit(String ucum) {
        return ucum.equals("a")
                ? "years"
                : ucum.replace("{1.73_m2}", "1.73 m²")
                        .replace("{INR}", "")
                        .replace("{servings}", "servings")
                        .replace("g{salt}", "g salt")
                        .replace("[iU]", "IU")
                        .replace("[IU]", "IU")
                        .replace("[cup_us]", "US cups")
                        .replace("[foz_us]", "US fl oz")
                        .replace("/(24.h)", "/24 h")
                        .replaceAll("/d$", "/day")
                        .replaceAll("/wk$", "/week")
                        .replaceAll("/mo$", "/month")
                        .replaceAll("^meq", "mEq")
                        .replaceAll("^u(?=g|mol|kat)", "µ");
    }

    /** A value as the rules saw it, without the zeros that rounding left at its end. */
    public static BigDecimal judged(BigDecimal value) {
        return value.stripTrailingZeros();
    }

    static String of(Severity severity) {
        return severity.name().replace('_', ' ');
    }

    /** One line; no control characters, so no forged header or section; no characters that turn the reading order; none that XML forbids. */
    public static String clean(String text) {
        var line = text.replaceAll("[\\s\\p{Cc}\\u2028\\u2029]+", " ")
                .replaceAll("[\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ufffe\\uffff\\p{Cs}]", "")
                .strip();
        return cut(line, LONGEST_VALUE);
    }

    /** A title that leaves a subject readable in a list of mails. */
    static String inSubject(String title) {
        return cut(title, LONGEST_SUBJECT_TITLE);
    }

    private static String cut(String line, int length) {
        if (line.length() <= length) {
            return line;
        }
        // Not through the middle of a character that takes two.
        return line.substring(0, Character.isHighSurrogate(line.charAt(length - 1)) ? length - 1 : length) + "…";
    }
}
