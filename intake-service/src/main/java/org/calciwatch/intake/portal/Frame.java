package org.calciwatch.intake.portal;

import java.text.NumberFormat;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.List;
import java.util.Locale;

/**
 * What stands around each page.
 *
 * @param language of the page, a BCP 47 tag
 * @param languages the others it can be read in
 * @param loggedIn whether there is somebody to log out
 * @param patient whether it is a patient, who has a questionnaire and results
 * @param path of this page, to which a change of language leads back; empty where it is the form that changes it
 * @param emergencyNumber the number to call in an emergency
 */
public record Frame(
        String language,
        List<Other> languages,
        Clinic clinic,
        boolean loggedIn,
        boolean patient,
        String path,
        String emergencyNumber) {

    /**
     * Another language.
     *
     * @param name in that language
     */
    public record Other(String tag, String name) {}

    /** The same around a form, which keeps what was typed when it changes the language itself. */
    public Frame aroundForm() {
        return new Frame(language, languages, clinic, loggedIn, patient, "", emergencyNumber);
    }

    /** How a number is written in this language. */
    public String example() {
        return NumberFormat.getInstance(Locale.forLanguageTag(language)).format(0.62);
    }

    /** The day of a moment, in UTC, as it is written in this language. */
    public String date(Instant moment) {
        return DateTimeFormatter.ofLocalizedDate(FormatStyle.LONG)
                .withLocale(Locale.forLanguageTag(language))
                .format(moment.atZone(ZoneOffset.UTC));
    }
}
