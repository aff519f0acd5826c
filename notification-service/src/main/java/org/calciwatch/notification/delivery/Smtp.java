package org.calciwatch.notification.delivery;

import io.vertx.ext.mail.MailClient;
import io.vertx.ext.mail.MailMessage;
import io.vertx.ext.mail.SMTPException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.calciwatch.notification.NotificationConfig;

/**
 * Hands mails to the mail server.
 *
 * <p>Uses the client below Quarkus' Mailer, because the envelope and the To line differ: every recipient has a
 * conversation of their own, so that one refused address neither keeps the mail from the others nor is forgotten.
 */
@ApplicationScoped
class Smtp {

    /** How long one conversation with the mail server may take. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final int LONGEST_DETAIL = 500;

    /**
     * What the mail server made of a mail.
     *
     * @param accepted those for whom it was taken
     * @param permanent true when it was taken for nobody and all refusals are for good
     * @param detail the server's words, without anybody's address
     */
    record Answer(List<String> accepted, boolean permanent, String detail) {}

    private final MailClient client;
    private final String from;

    Smtp(MailClient client, NotificationConfig config) {
        this.client = client;
        this.from = config.mail().from();
    }

    /**
     * Sends a mail to those who have not got it yet, each in a conversation of their own, and waits for the server's
     * answers, at most {@link #PATIENCE} in all. After that the outcome is unknown: the mail may arrive and be sent
     * again. Receivers know the two for one by the Message-ID.
     */
    Answer send(Outgoing outgoing) throws InterruptedException {
        var giveUp = System.nanoTime() + PATIENCE.toNanos();
        var accepted = new ArrayList<String>();
        var problems = new LinkedHashSet<String>();
        var permanent = true;
        for (var recipient : outgoing.remaining()) {
            try {
                client.sendMail(message(outgoing, recipient))
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get(giveUp - System.nanoTime(), TimeUnit.NANOSECONDS);
                accepted.add(recipient);
            } catch (TimeoutException e) {
                permanent = false;
                problems.add("no answer within " + PATIENCE.toSeconds() + " s; the mail may have been taken");
            } catch (ExecutionException e) {
                permanent &= e.getCause() instanceof SMTPException smtp && smtp.isPermanent();
                problems.add(describe(e.getCause() == null ? e : e.getCause()));
            } catch (RuntimeException e) {
                // An address the client itself refuses.
                permanent = false;
                problems.add(describe(e));
            }
        }
        return new Answer(
                accepted,
                permanent && accepted.isEmpty(),
                clip("accepted for " + accepted.size() + " of "
                        + outgoing.remaining().size() + (problems.isEmpty() ? "" : "; ")
                        + String.join("; ", problems)));
    }

    private MailMessage message(Outgoing outgoing, String recipient) {
        return new MailMessage()
                .setFrom(from)
                .setTo(recipient)
                .setSubject(outgoing.mail().subject())
                .setText(outgoing.mail().text())
                .setHtml(outgoing.mail().html())
                .addHeader("To", String.join(", ", outgoing.to()))
                .addHeader("Message-ID", outgoing.messageId())
                .addHeader(
                        "Date",
                        DateTimeFormatter.RFC_1123_DATE_TIME.format(
                                outgoing.date().atOffset(ZoneOffset.UTC)))
                // No out-of-office replies, please (RFC 3834).
                .addHeader("Auto-Submitted", "auto-generated");
    }

    private static String describe(Throwable failure) {
        var words = failure instanceof SMTPException smtp
                ? smtp.getReplyCode() + " " + smtp.getMessage()
                : failure.getClass().getSimpleName() + ": " + failure.getMessage();
        return words.replaceAll("\\S+@\\S+", "<address>")
                .replaceAll("\\p{Cntrl}+", " ")
                .strip();
    }

    private static String clip(String detail) {
        return detail.length() <= LONGEST_DETAIL ? detail : detail.substring(0, LONGEST_DETAIL) + "…";
    }
}
