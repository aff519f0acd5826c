package org.calciwatch.pages;

import java.math.BigDecimal;
import java.text.DecimalFormatSymbols;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.Locale;

/** Numbers and dates as the readers of a language write them. */
public final class Localised {

    private final Locale locale;

    /** @param language a BCP 47 tag */
    public Localised(String language) {
        locale = Locale.forLanguageTag(language);
    }

    /** With as many decimals as it has. */
    public String number(BigDecimal number) {
        var mark = DecimalFormatSymbols.getInstance(locale).getDecimalSeparator();
        return number.toPlainString().replace('.', mark);
    }

    /** As in {@code March 1, 2026}. */
    public String day(LocalDate day) {
        return DateTimeFormatter.ofLocalizedDate(FormatStyle.LONG)
                .withLocale(locale)
                .format(day);
    }

    /** As in {@code 1 Mar 2026, 14:05}. */
    public String moment(Instant moment, ZoneId zone) {
        return DateTimeFormatter.ofPattern("d MMM uuuu, HH:mm", locale).format(moment.atZone(zone));
    }

    /** A FHIR date, which may be a month or a year only. */
    public String date(String fhirDate) {
        return switch (fhirDate.length()) {
            case 4 -> fhirDate;
            case 7 -> DateTimeFormatter.ofPattern("LLLL yyyy", locale).format(YearMonth.parse(fhirDate));
            default -> day(LocalDate.parse(fhirDate));
        };
    }

    /** The first day of a FHIR date. */
    public static LocalDate firstDay(String fhirDate) {
        return switch (fhirDate.length()) {
            case 4 -> Year.parse(fhirDate).atDay(1);
            case 7 -> YearMonth.parse(fhirDate).atDay(1);
            default -> LocalDate.parse(fhirDate);
        };
    }
}
