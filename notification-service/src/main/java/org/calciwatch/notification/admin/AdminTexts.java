package org.calciwatch.notification.admin;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;
import org.calciwatch.notification.admin.AdminPages.Outcome;
import org.calciwatch.notification.admin.ClinicServices.Health;
import org.calciwatch.notification.admin.ClinicServices.Service;
import org.calciwatch.notification.delivery.Delivery.Status;

/** The words of the admin pages; Spanish in {@code messages/admin_es.properties}. */
@MessageBundle("admin")
public interface AdminTexts {
    @Message("Administration")
    String title();

    @Message("Services")
    String services();

    @Message(
            "{#when service}{#is INTAKE}Portal and intake{#is ASSESSMENT}Assessment{#is NOTIFICATION}Notification{/when}")
    String service(Service service);

    @Message("{#when health}{#is READY}ready{#is NOT_READY}not ready{#is NOT_REACHABLE}not reachable{/when}")
    String health(Health health);

    @Message(
            "{#if orMore}at least {/if}{number} {#if number == 1}dead letter waits{#else}dead letters wait{/if} to be processed")
    String deadLettersWaiting(long number, boolean orMore);

    @Message("how many dead letters it has is not known")
    String deadLettersUnknown();

    @Message("Warnings")
    String warnings();

    @Message(
            "No flag and no mail waits longer than it should, and each flag of the last 30 days had a row of the routing table.")
    String noWarnings();

    @Message(
            "{#if number == 1}1 flag was{#else}{number} flags were{/if} not escalated, brought back or reminded of in time; the first was due on {since}.")
    String overdueFlags(long number, String since);

    @Message(
            "{#if number == 1}1 mail was{#else}{number} mails were{/if} not tried in time; the first was due on {since}.")
    String overdueMails(long number, String since);

    @Message(
            "{#if number == 1}1 flag fails{#else}{number} flags fail{/if} to do what is due (to be escalated, brought back or reminded of) and {#if number == 1}is{#else}are{/if} tried again each minute; the first since {since}. The log of the notification service says why.")
    String failingFlags(long number, String since);

    @Message(
            "{#if number == 1}1 mail was{#else}{number} mails were{/if} tried and not taken by the mail server, and {#if number == 1}is{#else}are{/if} still being tried; the oldest was made on {since}. Look whether the mail server can be reached.")
    String failingMails(long number, String since);

    @Message("In the last 30 days no row of the routing table was for these flags, so the fallback heard of them:")
    String unrouted();

    @Message("category {category}")
    String category(String category);

    @Message("clinic {clinic}")
    String clinic(String clinic);

    @Message("clinic not known")
    String noClinic();

    @Message("{#if number == 1}1 flag{#else}{number} flags{/if}, the last on {last}")
    String flags(long number, String last);

    @Message("There is a row for it now.")
    String routedNow();

    @Message("Add a row to the routing table")
    String addRow();

    @Message("Mails")
    String mails();

    @Message("Waiting")
    String waiting();

    @Message("Sent in the last 24 hours")
    String sentLately();

    @Message("Sent, but not to everybody")
    String partly();

    @Message("Withdrawn in the last 24 hours, as somebody had seen to the flag")
    String withdrawnLately();

    @Message("Failed")
    String failed();

    @Message("Mails that did not reach everybody")
    String unreached();

    @Message("Every mail reached everybody, or is still being tried.")
    String noUnreached();

    @Message("Webhooks")
    String webhooks();

    @Message("The oldest that waits was made on")
    String oldest();

    @Message("Made")
    String made();

    @Message("About")
    String about();

    @Message("State")
    String state();

    @Message(
            "{#when status}{#is PENDING}Still being tried for others{#is SENT}Sent to others{#is FAILED}Reached nobody{#is WITHDRAWN}Withdrawn{/when}")
    String status(Status status);

    @Message("Not reached")
    String notReached();

    @Message("Try again")
    String tryAgain();

    @Message("its words are not kept any more, or somebody has seen to the flag")
    String removed();

    @Message(
            "{#when outcome}{#is DONE}The mail is being tried again.{#is REFUSED}The mail was not tried again: it has reached everybody meanwhile, or is not kept any more.{#is NO_ANSWER}It is not known whether the mail is tried again.{/when}")
    String retried(Outcome outcome);

    @Message("Dead letters")
    String deadLetters();

    @Message(
            "Messages that a service could not process. Nothing in them was lost. Remove the cause first, then have them processed again.")
    String deadLettersWhat();

    @Message("None.")
    String none();

    @Message("This service gave no answer. It may have some.")
    String noAnswer();

    @Message("There are more; only the newest are shown.")
    String more();

    @Message("Failed")
    String failedAt();

    @Message("Topic")
    String topic();

    @Message("Reason")
    String reason();

    @Message("Process again")
    String replay();

    @Message("processed")
    String replayed();

    @Message(
            "{#when outcome}{#is DONE}The message was processed.{#is REFUSED}The message was not processed: it failed again, or was processed before. The list says which.{#is NO_ANSWER}The service gave no answer. The list says whether the message was processed.{/when}")
    String replayedOrNot(Outcome outcome);

    @Message("Rule packs")
    String rulePacks();

    @Message("How to change the rules, and how to upload a pack, stands in docs/rule-authoring.md.")
    String rulePacksWhat();

    @Message("Version")
    String version();

    @Message("Uploaded")
    String uploaded();

    @Message("By")
    String by();

    @Message("Last activated")
    String activated();

    @Message("active")
    String active();

    @Message("not active")
    String notActive();

    @Message("never")
    String never();

    @Message("What would change with it?")
    String look();

    @Message(
            "{#when outcome}{#is DONE}The rule pack is active. New submissions are judged by it.{#is REFUSED}The rule pack was not activated, because it does not pass the checks or is not there any more. The active one stays.{#is NO_ANSWER}The service gave no answer. The list says which rule pack is active.{/when}")
    String activatedOrNot(Outcome outcome);

    @Message("Rule pack {version}")
    String rulePack(String version);

    @Message(
            "What each patient submitted last was judged by this pack and by the active one, {active}. Nothing was stored or sent.")
    String dryRun(String active);

    @Message("Patients")
    String patients();

    @Message("Something changes for")
    String changed();

    @Message("Not comparable, so not known")
    String notComparable();

    @Message("No rule would fire for more or fewer patients, or be unknown for more or fewer.")
    String noRuleChanges();

    @Message("Patients by rule")
    String byRule();

    @Message("Rule")
    String rule();

    @Message("Now fires")
    String nowFires();

    @Message("No longer fires")
    String noLongerFires();

    @Message("Now unknown")
    String nowUnknown();

    @Message("No longer unknown")
    String noLongerUnknown();

    @Message("Which patients they are clinicians can ask for, as docs/rule-authoring.md describes.")
    String whichPatients();

    @Message("It is the active pack.")
    String isActive();

    @Message("Activate {version}")
    String activate(String version);

    @Message("From then on new submissions are judged by it. To go back, activate the older one.")
    String activateWhat();

    @Message("There is no such rule pack.")
    String noSuchPack();

    @Message("This rule pack does not pass the checks any more, so it cannot be activated.")
    String packUnusable();

    @Message("The assessment service did not say what would change. Try again later.")
    String notSaid();
}
