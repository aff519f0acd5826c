package org.calciwatch.intake.history;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/** The words of the page on earlier test results; Spanish in {@code messages/history_es.properties}. */
@MessageBundle("history")
public interface HistoryTexts {
    @Message("How your test results moved over time")
    String title();

    @Message(
            "These are the numbers you entered. A number inside the usual range does not mean that everything is fine, and one outside it can have many causes. Ask your clinician what yours mean.")
    String lead();

    @Message("There are no test results of yours to show yet.")
    String none();

    @Message("Usual range: {low} to {high}")
    String between(String low, String high);

    @Message("Usual range: {low} or more")
    String orMore(String low);

    @Message("Usual range: {high} or less")
    String orLess(String high);

    @Message("Chart of {test} over time; the table below has the same numbers")
    String chart(String test);

    @Message("The shaded band is the usual range.")
    String band();

    @Message("Day")
    String day();

    @Message("Value")
    String value();

    @Message("As you entered it")
    String entered();

    @Message("Back to all your results")
    String back();
}
