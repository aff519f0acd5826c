package org.calciwatch.notification.overview;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/** The words of the overview; Spanish in {@code messages/overview_es.properties}. */
@MessageBundle("overview")
public interface OverviewTexts {
    @Message("Overview")
    String title();

    @Message("Weeks to look back")
    String weeks();

    @Message("Show")
    String show();

    @Message("Save as a file for spreadsheets (CSV)")
    String csv();

    @Message("How soon somebody took note")
    String attention();

    @Message("Severity")
    String severity();

    @Message("Flags")
    String flags();

    @Message("Nobody took note yet")
    String waiting();

    @Message("A dash stands for a time that is not over: too many still wait for it to be known.")
    String dash();

    @Message("Half of them within")
    String median();

    @Message("9 of 10 within")
    String percentile90();

    @Message("Rules")
    String rules();

    @Message(
            "Each flag counts for the rule that led it. What clinicians close as a false alarm most often comes first.")
    String rulesWhat();

    @Message("Rule")
    String rule();

    @Message("Closed")
    String closed();

    @Message("False alarms")
    String falseAlarms();

    @Message("Flags by week")
    String perWeek();

    @Message("Week from")
    String week();

    @Message("No flag was opened in this time.")
    String none();

    @Message("{minutes} min")
    String minutes(long minutes);

    @Message("{hours} h {minutes} min")
    String hours(long hours, int minutes);

    @Message("{days} d {hours} h")
    String days(long days, int hours);
}
