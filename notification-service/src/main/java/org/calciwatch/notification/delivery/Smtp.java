package org.calciwatch.notification.delivery;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.mail.Address;
import jakarta.mail.Message.RecipientType;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Pattern;
import org.calciwatch.notification.NotificationConfig;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Hands mails to the mail server, over one connection for each mail and with every recipient in an envelope of their
 * own, so that one refused address neither keeps the mail from the others nor is forgotten.
 */
@ApplicationScoped
class Smtp {

    /** How long the mail server may take for one answer. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    /**
     * After this no further recipient is begun. One takes four answers at most, and a new connection, where one is
     * needed first, about seven: 30 + 70 seconds are less than {@link Deliveries#CLAIM}.
     */
    static final Duration LAST_BEGIN = Duration.ofSeconds(30);

    private static final Logger LOG = Logger.getLogger(Smtp.class);

    /** The first code a mail server can give. */
    private static final int LOWEST_CODE = 100;

    private static final int LOWEST_FINAL_CODE = 500;

    /**
     * Replies to {@code RCPT TO} that speak of the conversation, not of the recipient: of commands the server does not
     * know or want now, and of a login it asks for.
     */
    private static final Set<Integer> NOT_ABOUT_THE_RECIPIENT = Set.of(500, 502, 503, 504, 530);

    /** What may follow the code of a reply (RFC 3463). */
    private static final Pattern ENHANCED_STATUS = Pattern.compile("\\A\\d{3}[ -]([245]\\.\\d{1,3}\\.\\d{1,3})(?!\\S)");

    /**
     * What the mail server made of a mail.
     *
     * @param accepted those for whom it was taken
     * @param refused those for whom it was refused for good; whoever is in neither list is to be tried again
     * @param detail the server's reply codes and words of ours: its own words may quote the mail or an address
     */
    record Answer(List<String> accepted, List<String> refused, String detail) {}

    private final NotificationConfig.Mail config;
    private final Session session;

    Smtp(NotificationConfig config) {
        this.config = config.mail();
        this.session = Session.getInstance(settings(this.config));
    }

    private static Properties settings(NotificationConfig.Mail mail) {
        var smtp = mail.smtp();
        var settings = MailConnection.settings("smtp", "calciwatch.mail.smtp", smtp);
        settings.put("mail.smtp.host", smtp.host());
        settings.put("mail.smtp.auth", String.valueOf(smtp.username().isPresent()));
        // All has been answered by then, and who does not answer any more would be waited for once more.
        settings.put("mail.smtp.quitwait", "false");
        mail.bounces().address().ifPresent(address -> settings.put("mail.smtp.from", address));
        // Servers that know how send back the headers only: what was found must not travel more than it has to.
        settings.put("mail.smtp.dsn.notify", "FAILURE");
        settings.put("mail.smtp.dsn.ret", "HDRS");
        return settings;
    }

    /**
     * Sends a mail to those who have not got it yet and waits for the server's answers. When an answer does not come in
     * time the outcome is unknown: the mail may have been taken and is sent again. Receivers know the two for one by
     * the Message-ID.
     *
     * <p>A recipient at whom the server falls silent or hangs up does not keep the mail from the others: they get it
     * over a new connection.
     */
    Answer send(Outgoing outgoing) {
        var accepted = new ArrayList<String>();
        var refused = new ArrayList<String>();
        var problems = new LinkedHashSet<String>();
        var lastBegin = System.nanoTime() + LAST_BEGIN.toNanos();
        var left = new ArrayDeque<>(outgoing.remaining());
        try {
            var message = message(outgoing);
            while (!left.isEmpty()) {
                var server = connect();
                try {
                    var isUsable = true;
                    while (isUsable && !left.isEmpty()) {
                        if (System.nanoTime() > lastBegin) {
                            problems.add("the mail server is too slow");
                            left.clear();
                            break;
                        }
                        var recipient = left.remove();
                        try {
                            server.sendMessage(message, new Address[] {new InternetAddress(recipient)});
                            accepted.add(recipient);
                        } catch (MessagingException e) {
                            problems.add(describe(e));
                            if (isRefusal(e)) {
                                refused.add(recipient);
                            }
                            isUsable = reply(e).isPresent() && server.isConnected();
                        }
                    }
                } finally {
                    hangUp(server);
                }
            }
        } catch (MessagingException e) {
            // There is no connection, whoever is left.
            problems.add(describe(e));
        }
        return new Answer(
                List.copyOf(accepted),
                List.copyOf(refused),
                "accepted for " + accepted.size() + " of "
                        + outgoing.remaining().size() + (problems.isEmpty() ? "" : "; ")
                        + String.join("; ", problems));
    }

    private Transport connect() throws MessagingException {
        var server = session.getTransport("smtp");
        var smtp = config.smtp();
        server.connect(smtp.username().orElse(null), smtp.password().orElse(null));
        return server;
    }

    /** Whether the goodbye reaches the server matters to nobody: all has been answered, or the connection is broken. */
    private static void hangUp(Transport server) {
        try {
            server.close();
        } catch (MessagingException e) {
            LOG.debugf("The connection to the mail server was broken: %s", kindOf(e));
        }
    }

    private MimeMessage message(Outgoing outgoing) throws MessagingException {
        var message = new MimeMessage(session) {
            @Override
            protected void updateMessageID() throws MessagingException {
                setHeader("Message-ID", outgoing.messageId());
            }
        };
        message.setFrom(new InternetAddress(config.from()));
        for (var recipient : outgoing.to()) {
            try {
                message.addRecipient(RecipientType.TO, new InternetAddress(recipient));
            } catch (AddressException e) {
                // It is refused in its turn, and keeps the mail from nobody else.
                LOG.debugf("Delivery %s: one of its addresses is none", outgoing.deliveryId());
            }
        }
        message.setSubject(outgoing.mail().subject(), StandardCharsets.UTF_8.name());
        message.setSentDate(Date.from(outgoing.date()));
        if (outgoing.inReplyTo().isPresent()) {
            message.setHeader("In-Reply-To", outgoing.inReplyTo().get());
            message.setHeader("References", outgoing.inReplyTo().get());
        }
        // No out-of-office replies, please (RFC 3834).
        message.setHeader("Auto-Submitted", "auto-generated");
        var text = new MimeBodyPart();
        text.setText(outgoing.mail().text(), StandardCharsets.UTF_8.name());
        var html = new MimeBodyPart();
        html.setText(outgoing.mail().html(), StandardCharsets.UTF_8.name(), "html");
        message.setContent(new MimeMultipart("alternative", text, html));
        message.saveChanges();
        return message;
    }

    /**
     * True when the server wants this mail for this recipient never: it refused the address, or the mail, which is in an
     * envelope of the recipient's own; or the address is none. That it refuses the connection, the login or the sender is the clinic's own
     * trouble, and may be repaired.
     */
    private static boolean isRefusal(Exception failure) {
        return switch (failure) {
            case AddressException _ -> true;
            case SMTPAddressFailedException address ->
                address.getReturnCode() >= LOWEST_FINAL_CODE
                        && !NOT_ABOUT_THE_RECIPIENT.contains(address.getReturnCode());
            case SMTPSendFailedException mail ->
                mail.getReturnCode() >= LOWEST_FINAL_CODE && isDataCommand(mail.getCommand());
            case MessagingException other when other.getNextException() != null -> isRefusal(other.getNextException());
            default -> false;
        };
    }

    /** The command itself, or the dot that ends the mail. */
    private static boolean isDataCommand(@Nullable String command) {
        return command != null && (command.equals("DATA") || command.strip().equals("."));
    }

    private record Reply(int code, String words) {

        /** The reply code, and the enhanced status where the server gave one. */
        String codes() {
            var enhanced = ENHANCED_STATUS.matcher(words);
            return code + (enhanced.find() ? " " + enhanced.group(1) : "");
        }
    }

    /** The server's reply, from the exception that carries it or the first one chained to it. */
    private static Optional<Reply> reply(Exception failure) {
        return switch (failure) {
            case SMTPAddressFailedException refused -> reply(refused.getReturnCode(), refused);
            case SMTPSenderFailedException refused -> reply(refused.getReturnCode(), refused);
            case SMTPSendFailedException refused -> reply(refused.getReturnCode(), refused);
            case MessagingException other when other.getNextException() != null -> reply(other.getNextException());
            default -> Optional.empty();
        };
    }

    /** Where the connection broke off the library gives a code that is none. */
    private static Optional<Reply> reply(int code, Exception failure) {
        return code < LOWEST_CODE
                ? Optional.empty()
                : Optional.of(new Reply(code, String.valueOf(failure.getMessage())));
    }

    private static String describe(MessagingException failure) {
        if (failure instanceof AddressException) {
            return "an address is none";
        }
        return reply(failure)
                .map(reply -> "the mail server refused with " + reply.codes())
                .orElseGet(() -> isWithoutStartTls(failure)
                        ? "the mail server offers no STARTTLS, which is required"
                        : "no answer of the mail server: " + kindOf(failure));
    }

    /** The library says it in words only. */
    private static boolean isWithoutStartTls(MessagingException failure) {
        return String.valueOf(failure.getMessage()).startsWith("STARTTLS is required");
    }

    /** The kinds of failure, without their messages. */
    private static String kindOf(Exception failure) {
        var next = failure instanceof MessagingException chained ? chained.getNextException() : null;
        return failure.getClass().getSimpleName() + (next == null ? "" : " caused by " + kindOf(next));
    }
}
