package org.calciwatch.intake.portal;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Names the moments of a list so that links with them can be told apart. In UTC, as all days on the pages. */
public final class Moments {
    private Moments() {}

    /**
     * Each as its day in words; with the time of day where others of the list are of the same day, and counted where
     * that is the same too.
     *
     * @param language a BCP 47 tag
     */
    public static List<String> inWords(List<Instant> moments, String language) {
        var locale = Locale.forLanguageTag(language);
        var day = DateTimeFormatter.ofLocalizedDate(FormatStyle.LONG).withLocale(locale);
        var time = DateTimeFormatter.ofLocalizedTime(FormatStyle.MEDIUM).withLocale(locale);
        var ofDay = moments.stream().collect(Collectors.groupingBy(Moments::day, Collectors.counting()));
        var seen = new HashMap<String, Integer>();
        var all = new ArrayList<String>();
        for (var moment : moments) {
            var there = moment.atZone(ZoneOffset.UTC);
            var name = ofDay.getOrDefault(there.toLocalDate(), 0L) > 1
                    ? day.format(there) + ", " + time.format(there) + " UTC"
                    : day.format(there);
            var count = seen.merge(name, 1, Integer::sum);
            all.add(count == 1 ? name : name + " (" + count + ")");
        }
        return List.copyOf(all);
    }

    private static LocalDate day(Instant moment) {
        return LocalDate.ofInstant(moment, ZoneOffset.UTC);
    }
}
