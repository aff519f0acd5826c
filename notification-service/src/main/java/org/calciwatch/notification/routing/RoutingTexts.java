package org.calciwatch.notification.routing;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;
import org.calciwatch.notification.routing.Wrong.Kind;
import org.calciwatch.notification.routing.Wrong.Part;

/** The words of the routing pages; Spanish in {@code messages/routing_es.properties}. */
@MessageBundle("routing")
public interface RoutingTexts {
    @Message("Who hears of what")
    String title();

    @Message(
            "Each flag goes to the first row that fits its severity, the category of its headline and its clinic. So rows for special cases stand above those for all.")
    String intro();

    @Message("In force since {at}, changed by {by}.")
    String since(String at, String by);

    @Message("Nobody has changed this table yet. It is made of the service's settings.")
    String fromSettings();

    @Message(
            "This table holds something that this page cannot show without changing it, such as a name with a comma in it. Change it by PUT /routing, as docs/routing.md describes.")
    String notEditable();

    @Message("Saved. It is in force from the next mail on.")
    String saved();

    @Message("Nothing was saved. Please look at:")
    String notSaved();

    @Message("Somebody else has changed the table. Nothing was saved.")
    String overtaken();

    @Message(
            "{by} stored another table on {at}, after you opened this page. What they changed stands here, what you typed stands below. Saving now puts yours in place of theirs: first take over below what should stay.")
    String overtakenWhat(String by, String at);

    @Message("Discard what I typed and show the table in force")
    String discard();

    @Message("Was there before")
    String before();

    @Message("Is there now")
    String now();

    @Message("Nothing that this page shows is different.")
    String noDifference();

    @Message(
            "{#when part}{#is ROW}Row {number}{#is FALLBACK}When no row fits{#is QUIET_HOURS}Quiet hours{#is DIGEST}Daily digest{#is ON_CALL}{#if number > 0}On-call list {number}{#else}On-call lists{/if}{#is QUESTION}Who would get this flag?{#is TABLE}The table{/when}")
    String part(Part part, int number);

    @Message(
            "{#when kind}{#is SEVERITY}Tick at least one severity.{#is ONE_SEVERITY}Choose the severity of the flag.{#is WORDS}Each name has at most 64 characters, and at most 100 stand here.{#is WORD}The name has at most 64 characters.{#is RECIPIENTS}Give e-mail addresses such as nephrology@clinic.example, without names, or oncall: and the name of an on-call list on this page; at least one, at most 50.{#is ADDRESSES}Give e-mail addresses such as lead@clinic.example, without names; at least one, at most 50. On-call lists cannot stand here, because these addresses stand in when nobody is on call.{#is STEPS}Write on each line how long after the mail before, a colon, and to whom, such as: 30 min: lead@clinic.example. More than 0 and at most 7 days; at most 20 lines.{#is NEVER_REACHED}This row is never reached, because one above it fits all that it fits. Move it up, or remove it.{#is TIME}Give a time such as 07:30.{#is SAME_TIME}Quiet hours end at another time than they begin. Leave both times empty for none.{#is ZONE}Give the name of a time zone, such as Europe/Berlin, America/New_York or UTC.{#is NAME}Give a name of 1 to 64 letters a to z, digits, points, hyphens or underscores that no other list has.{#is SHIFTS}Write on each line days, times and addresses, such as: Mon-Fri 07:00-19:00: day@clinic.example. At least one line.{#is MOMENT}Give a day and a time from 2000 to 2099.{#is TOO_MANY}A table has at most 500 rows and 100 on-call lists.{/when}")
    String wrong(Kind kind);

    @Message("Look at entry {entries}.")
    String entry(String entries);

    @Message("Row {number}")
    String row(int number);

    @Message("Severity")
    String severity();

    @Message("Category")
    String category();

    @Message("One a line, such as kidney, vitamin-D or red-flag. Empty means all.")
    String categoryHint();

    @Message("Clinic")
    String clinic();

    @Message("One a line. Empty means all; flags whose clinic is not known fit only then.")
    String clinicHint();

    @Message("All")
    String all();

    @Message("Who is told")
    String recipients();

    @Message(
            "E-mail addresses, one a line, or oncall: and the name of an on-call list below, such as oncall:nephrology")
    String recipientsHint();

    @Message("When")
    String when();

    @Message("Immediately")
    String immediately();

    @Message("In the daily digest")
    String digest();

    @Message("Only clinician reviews wait for the digest. Urgent flags and emergencies are mailed at once, always.")
    String whenHint();

    @Message("If nobody acknowledges it")
    String escalation();

    @Message(
            "For urgent flags and emergencies, one step a line: how long after the mail before, and who. Such as 30 min: lead@clinic.example. Empty means those who hear of what no row fits.")
    String escalationHint();

    @Message("Move up")
    String up();

    @Message("Move down")
    String down();

    @Message("Remove")
    String remove();

    @Message("Add a row")
    String addRow();

    @Message("When no row fits")
    String fallback();

    @Message(
            "E-mail addresses, one a line. They also hear of it while nobody is on call, and when others cannot be reached.")
    String fallbackHint();

    @Message("Quiet hours")
    String quietHours();

    @Message(
            "No mail about clinician reviews goes out then. Urgent flags and emergencies are mailed all the same. Leave both times empty for none.")
    String quietHint();

    @Message("From")
    String from();

    @Message("To")
    String to();

    @Message("Time zone")
    String zone();

    @Message("Such as Europe/Berlin")
    String zoneHint();

    @Message("Daily digest")
    String digestTitle();

    @Message("Leave the time empty for 07:00.")
    String digestHint();

    @Message("At")
    String at();

    @Message("On-call lists")
    String onCall();

    @Message("On-call list {number}")
    String onCallList(int number);

    @Message("None.")
    String none();

    @Message("Name")
    String name();

    @Message("Rows name it as oncall: and this name")
    String nameHint();

    @Message("Shifts")
    String shifts();

    @Message(
            "One a line: days, times, if need be dates, and addresses. Such as Mon-Fri 07:00-19:00: day@clinic.example, or 2026-12-24..2026-12-26 00:00-00:00: holiday@clinic.example. The first line that covers the moment counts, so exceptions stand first.")
    String shiftsHint();

    @Message("Add an on-call list")
    String addOnCall();

    @Message("Who would get this flag?")
    String tryTitle();

    @Message("Tries the table as it stands on this page, saved or not. Nothing is sent or stored.")
    String tryWhat();

    @Message("Category of its headline")
    String tryCategory();

    @Message("Empty fits only rows for all")
    String tryHint();

    @Message("Opened at")
    String tryAt();

    @Message("Empty means now")
    String tryAtHint();

    @Message("Try")
    String tryIt();

    @Message("Row {number} fits.")
    String fits(int number);

    @Message("No row fits.")
    String fitsNone();

    @Message("by mail")
    String byMail();

    @Message("in the digest")
    String byDigest();

    @Message("Then again every {every}, until somebody acknowledges it.")
    String again(String every);

    @Message(
            "{#when kind}{#is NO_ROW}Those hear of it who stand under “When no row fits”. Add a row that fits, or a last one for all.{#is NOT_IN_DIGEST}The row says digest, but a flag of this severity is mailed at once.{#is QUIET_HOURS}The first mail waits until the quiet hours are over.{#is NOBODY_ON_CALL}Nobody is on call at the time of mail {step}, so it goes to those who stand under “When no row fits”.{/when}")
    String warning(Simulation.Warning.Kind kind, int step);

    @Message("Save")
    String save();

    @Message("Changes are in force from the next mail on, and are recorded with your name.")
    String saveHint();
}
