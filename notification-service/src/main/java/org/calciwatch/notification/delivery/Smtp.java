package org.calciwatch.notification.delivery;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.mail.Address;
import jakarta.mail.Message.RecipientType;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.calciwatch.notification.NotificationConfig;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;

/**
 * Hands mails to the mail server, over one connection for each mail and with every recipient in an envelope of their
 * own, so that one refused address neither keeps the mail from the others nor is forgotten.
 */
@ApplicationScoped
class Smtp {

    /** How long the mail server may take for one answer. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    /** After this no further recipient is begun; one takes four answers at most. */
    static final Duration LAST_BEGIN = Duration.ofSeconds(60);

    /** The first code a mail server can give. */
    private static final int LOWEST_CODE = 100;

    /** What may follow the code of a reply (RFC 3463). */
    private static final Pattern ENHANCED_STATUS = Pattern.compile("\\A\\d{3}[ -]([245]\\.\\d{1,3}\\.\\d{1,3})(?!\\S)");

    /**
     * What the mail server made of a mail.
     *
     * @param accepted those for whom it was taken
     * @param permanent true when it was taken for nobody and all refusals are for good
     * @param detail the server's reply codes and words of ours: its own words may quote the mail or an address
     */
    record Answer(List<String> accepted, boolean permanent, String detail) {}

    private final NotificationConfig.Mail config;
    private final Session session;

    Smtp(NotificationConfig config) {
        this.config = config.mail();
        this.session = Session.getInstance(settings(this.config.smtp()));
    }

    private static Properties settings(NotificationConfig.Smtp smtp) {
        var patience = String.valueOf(PATIENCE.toMillis());
        var settings = new Properties();
        settings.put("mail.smtp.host", smtp.host());
        settings.put("mail.smtp.port", String.valueOf(smtp.port()));
        settings.put("mail.smtp.auth", String.valueOf(smtp.username().isPresent()));
        settings.put("mail.smtp.connectiontimeout", patience);
        settings.put("mail.smtp.timeout", patience);
        settings.put("mail.smtp.writetimeout", patience);
        switch (smtp.security()) {
            case NONE -> {
                // as it is
            }
            case STARTTLS -> {
                settings.put("mail.smtp.starttls.enable", "true");
                settings.put("mail.smtp.starttls.required", "true");
                settings.put("mail.smtp.ssl.checkserveridentity", "true");
                trust(smtp, settings);
            }
            case TLS -> {
                settings.put("mail.smtp.ssl.enable", "true");
                settings.put("mail.smtp.ssl.checkserveridentity", "true");
                trust(smtp, settings);
            }
        }
        return settings;
    }

    /** Lets the connection trust the configured certificates, and those only. */
    private static void trust(NotificationConfig.Smtp smtp, Properties settings) {
        smtp.trustedCertificates().ifPresent(file -> {
            try (var pem = Files.newInputStream(file)) {
                var trusted = KeyStore.getInstance(KeyStore.getDefaultType());
                trusted.load(null, null);
                for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                    trusted.setCertificateEntry("trusted-" + trusted.size(), certificate);
                }
                var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                managers.init(trusted);
                var tls = SSLContext.getInstance("TLS");
                tls.init(null, managers.getTrustManagers(), null);
                settings.put("mail.smtp.ssl.socketFactory", tls.getSocketFactory());
            } catch (IOException | GeneralSecurityException e) {
                throw new IllegalStateException(
                        "calciwatch.mail.smtp.trusted-certificates must be a readable PEM file of certificates: "
                                + file,
                        e);
            }
        });
    }

    /**
     * Sends a mail to those who have not got it yet and waits for the server's answers. When an answer does not come in
     * time the outcome is unknown: the mail may have been taken and is sent again. Receivers know the two for one by
     * the Message-ID.
     */
    Answer send(Outgoing outgoing) {
        var accepted = new ArrayList<String>();
        var problems = new LinkedHashSet<String>();
        var permanent = true;
        var lastBegin = System.nanoTime() + LAST_BEGIN.toNanos();
        try (var server = connect()) {
            var message = message(outgoing);
            for (var recipient : outgoing.remaining()) {
                if (System.nanoTime() > lastBegin) {
                    permanent = false;
                    problems.add("the mail server is too slow");
                    break;
                }
                try {
                    server.sendMessage(message, new Address[] {new InternetAddress(recipient)});
                    accepted.add(recipient);
                } catch (MessagingException e) {
                    permanent &= isPermanent(e);
                    problems.add(describe(e));
                    if (!server.isConnected()) {
                        // Whatever came before: those who are left get the mail with the next attempt.
                        permanent = false;
                        break;
                    }
                }
            }
        } catch (MessagingException e) {
            permanent &= isPermanent(e);
            problems.add(describe(e));
        }
        return new Answer(
                accepted,
                permanent && accepted.isEmpty(),
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

    private MimeMessage message(Outgoing outgoing) throws MessagingException {
        var message = new MimeMessage(session) {
            @Override
            protected void updateMessageID() throws MessagingException {
                setHeader("Message-ID", outgoing.messageId());
            }
        };
        message.setFrom(new InternetAddress(config.from()));
        for (var recipient : outgoing.to()) {
            message.addRecipient(RecipientType.TO, new InternetAddress(recipient));
        }
        message.setSubject(outgoing.mail().subject(), StandardCharsets.UTF_8.name());
        message.setSentDate(Date.from(outgoing.date()));
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

    private static boolean isPermanent(MessagingException failure) {
        return reply(failure).filter(reply -> reply.code() >= 500).isPresent();
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
