package org.calciwatch.pages;

import java.text.NumberFormat;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.calciwatch.security.Roles;
import org.jspecify.annotations.Nullable;

/**
 * What stands around each page.
 *
 * @param language of the page, a BCP 47 tag
 * @param languages the others it can be read in
 * @param user who is logged in; null for nobody
 * @param path of this page, to which a change of language leads back; empty where it is the form that changes it
 */
public record Frame(
        String language,
        List<Other> languages,
        Clinic clinic,
        @Nullable User user,
        String path) {

    /**
     * Another language.
     *
     * @param name in that language
     */
    public record Other(String tag, String name) {}

    /**
     * Who reads the page.
     *
     * @param roles those of {@link Roles} that the user has
     */
    public record User(String name, Set<String> roles) {
        /** Whether it is a patient, who has a questionnaire and results. */
        public boolean isPatient() {
            return roles.contains(Roles.PATIENT);
        }
    }

    /** The same around a form, which keeps what was typed when it changes the language itself. */
    public Frame aroundForm() {
        return new Frame(language, languages, clinic, user, "");
    }

    /** How a number is written in this language. */
    public String example() {
        return NumberFormat.getInstance(Locale.forLanguageTag(language)).format(0.62);
    }

    /** The day of a moment, in UTC, as it is written in this language. */
    public String date(Instant moment) {
        return new Localised(language).day(LocalDate.ofInstant(moment, ZoneOffset.UTC));
    }
}
