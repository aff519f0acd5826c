package org.calciwatch.notification.inbox;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;
import org.calciwatch.events.Severity;
import org.calciwatch.notification.flag.Flag.Outcome;
import org.calciwatch.notification.flag.Flag.Status;
import org.calciwatch.notification.flag.HistoryEntry.Action;

/** The words of the worklist and the flag's pages; Spanish in {@code messages/inbox_es.properties}. */
@MessageBundle("inbox")
public interface InboxTexts {
    @Message("Inbox")
    String navInbox();

    @Message("Overview")
    String navOverview();

    @Message("Administration")
    String navAdministration();

    @Message(
            "{#when severity}{#is EMERGENCY}Emergency{#is URGENT_SAME_DAY}Urgent, same day{#is CLINICIAN_REVIEW}Clinician review{#is EDUCATION}Education{#is NONE}None{/when}")
    String severity(Severity severity);

    @Message("{#when status}{#is OPEN}Open{#is ACKNOWLEDGED}Acknowledged{#is SNOOZED}Snoozed{#is CLOSED}Closed{/when}")
    String status(Status status);

    @Message(
            "{#when outcome}{#is CONTACTED}Patient contacted{#is TREATED}Treated{#is FALSE_ALARM}False alarm{#is DUPLICATE}Duplicate{#is OTHER}Other{/when}")
    String outcome(Outcome outcome);

    @Message(
            "{#when action}{#is OPENED}Opened{#is UPDATED}Newer assessment{#is SEVERITY_RAISED}More severe{#is NOTED}Newer assessment, noted{#is ACKNOWLEDGED}Acknowledged{#is ASSIGNED}Assigned{#is SNOOZED}Snoozed{#is WOKEN}Back from snooze{#is ESCALATED}Escalated{#is REMINDED}Reminded{#is UNDELIVERABLE}Nobody reached{#is CLOSED}Closed{/when}")
    String action(Action action);

    @Message(
            "{#when kind}{#is 'opened'}First mail{#is 'severity-raised'}More severe{#is 'escalation'}Escalation{#is 'reminder'}Reminder{#is 'woken'}Back from snooze{#is 'undeliverable'}Others not reached{#is 'digest'}Daily digest{#else}{kind}{/when}")
    String kind(String kind);

    @Message("How many wait")
    String counts();

    @Message("No flag matches. Flags that are snoozed or closed are shown only when they are ticked above.")
    String none();

    @Message("No flag is open or acknowledged. Snoozed ones come back by themselves.")
    String noneAtWork();

    @Message("Show all that wait")
    String showAll();

    @Message("Search and filter")
    String narrow();

    @Message("Look for")
    String look();

    @Message("Reference, headline, rule, or a patient's whole id")
    String lookWhere();

    @Message("Status")
    String statusLegend();

    @Message("Severity")
    String severityLegend();

    @Message("None ticked means all.")
    String anySeverity();

    @Message("Category")
    String category();

    @Message("All")
    String anyCategory();

    @Message("Only those assigned to me")
    String mine();

    @Message("Show")
    String apply();

    @Message("Patient")
    String patient();

    @Message("assigned to {who}")
    String assignedTo(String who);

    @Message("for")
    String waits();

    @Message("Next page")
    String more();

    @Message("Back to the start of the list")
    String start();

    @Message("1 new flag")
    String newOne();

    @Message("new flags")
    String newMany();

    @Message("A new flag that this part of the list does not show.")
    String newElsewhere();

    @Message("The list has changed.")
    String changedList();

    @Message("Show it")
    String refresh();

    @Message("This list could not be refreshed and may be old. Load the page again.")
    String lost();

    @Message("The list rests because nobody has used it for a while. It goes on as soon as you do.")
    String paused();

    @Message("Keyboard shortcuts")
    String shortcuts();

    @Message("Use keyboard shortcuts")
    String shortcutsOn();

    @Message("next flag")
    String keyNext();

    @Message("previous flag")
    String keyPrevious();

    @Message("open it")
    String keyOpen();

    @Message("go to the search")
    String keyLook();

    @Message("acknowledge it (asks once more)")
    String keyAcknowledge();

    @Message("show or hide this list")
    String keyHelp();

    @Message("Reference")
    String reference();

    @Message("Opened")
    String opened();

    @Message("until {time}")
    String snoozedUntil(String time);

    @Message("nobody")
    String nobody();

    @Message("Assigned to")
    String assignee();

    @Message("PDF for the chart")
    String asPdf();

    @Message("Back to the inbox")
    String back();

    @Message("This was not done")
    String notDone();

    @Message(
            "Somebody changed this flag after you opened it. You see it now as it is; what you wrote is still here. Decide again.")
    String changedMeanwhile();

    @Message("The status that this flag has now does not allow it.")
    String impossible();

    @Message("Your note")
    String yourNote();

    @Message("The note is too long; it may have {most} characters.")
    String noteTooLong(int most);

    @Message("Enter the user name of a colleague, one line of up to {most} characters.")
    String noAssignee(int most);

    @Message("Choose a time in the future, at most a year from now.")
    String noTime();

    @Message("Choose how it ended.")
    String noOutcome();

    @Message("What to do")
    String todo();

    @Message("Acknowledge")
    String acknowledge();

    @Message("Note (optional)")
    String note();

    @Message("Assign")
    String assign();

    @Message("Assign to me")
    String assignMe();

    @Message("User name of a colleague")
    String assignOther();

    @Message("Snooze")
    String snooze();

    @Message("For 1 hour")
    String inAnHour();

    @Message("Until tomorrow, 08:00")
    String tomorrow();

    @Message("Until next Monday, 08:00")
    String monday();

    @Message("Until another time")
    String until();

    @Message("Close")
    String close();

    @Message("How it ended")
    String how();

    @Message("What the newest assessment changed")
    String whatChanged();

    @Message("Findings")
    String findings();

    @Message("What made this urgency necessary, found on {at}")
    String foundEarlier(String at);

    @Message(
            "The patient corrected these answers later, and what they say now is milder. Please check which of them are"
                    + " right before you close the flag.")
    String correctedSince();

    @Message("Later answers do not show this. That does not mean that it is over: it may just not have been measured or"
            + " asked again. Below is what the later answers show.")
    String notFoundSince();

    @Message("Findings in the latest answers, of {at}")
    String latestFindings(String at);

    @Message("The latest answers show nothing that a clinician should look at. What was found before still has to be"
            + " settled.")
    String nothingLatest();

    @Message("As this is urgent, it comes back after {hours} hours at the latest, whatever time you choose.")
    String longestUrgentSnooze(long hours);

    @Message("Value")
    String value();

    @Message("As entered")
    String entered();

    @Message("Reference range")
    String usual();

    @Message("yes")
    String yes();

    @Message("no")
    String no();

    @Message("References")
    String references();

    @Message("Please check")
    String checks();

    @Message("Outside the reference range, no rule")
    String outside();

    @Message("Results that may be too old")
    String stale();

    @Message("{label}: drawn {day}, more than {months} months before the answers")
    String drawn(String label, String day, int months);

    @Message("Could not be judged (this does not mean that everything is fine)")
    String unjudged();

    @Message("settles")
    String settles();

    @Message("helps with")
    String helps();

    @Message("Education shown to the patient")
    String education();

    @Message("Course of the values")
    String courses();

    @Message("{label}: values over time")
    String courseOf(String label);

    @Message("Day of the answers")
    String day();

    @Message("Who was told")
    String told();

    @Message("No mail was sent yet.")
    String toldNobody();

    @Message("Sent to")
    String reached();

    @Message("Not reached")
    String failed();

    @Message("Being tried")
    String waiting();

    @Message("History")
    String history();

    @Message("Calciwatch")
    String system();

    @Message("Assessed {at} with rule pack {pack}")
    String assessed(String at, String pack);

    @Message("All times are those of {zone}.")
    String zone(String zone);

    @Message(
            "Automated screening from patient-entered data; verify values, units and dates. Considerations, not orders.")
    String screening();

    @Message("Acknowledge this flag?")
    String confirm();

    @Message("You tell your colleagues that you are looking after it. It stays in the inbox until somebody closes it.")
    String confirmWhat();

    @Message("Already acknowledged")
    String alreadyAcknowledged();

    @Message("Already acknowledged by {who} at {when}; it stays open until it is closed.")
    String acknowledgedBy(String who, String when);

    @Message("Already closed")
    String alreadyClosed();

    @Message("See the whole flag")
    String open();

    @Message("Printed {at}")
    String printedAt(String at);
}
