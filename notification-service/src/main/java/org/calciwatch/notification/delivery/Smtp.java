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
import java.util.OptionalInt;
import java.util.Properties;
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

    private static final int LONGEST_DETAIL = 500;

    /**
     * What the mail server made of a mail.
     *
     * @param accepted those for whom it was taken
     * @param permanent true when it was taken for nobody and all refusals are for good
     * @param detail the server's words, without anybody's address
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
                clip("accepted for " + accepted.size() + " of "
                        + outgoing.remaining().size() + (problems.isEmpty() ? "" : "; ")
                        + String.join("; ", problems)));
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
        var code = replyCode(failure);
        return code.isPresent() && code.getAsInt() >= 500;
    }

    /** The server's reply code, from the exception that carries it or the first one chained to it. */
    private static OptionalInt replyCode(Exception failure) {
        return switch (failure) {
            case SMTPAddressFailedException refused -> OptionalInt.of(refused.getReturnCode());
            case SMTPSenderFailedException refused -> OptionalInt.of(refused.getReturnCode());
            case SMTPSendFailedException refused -> OptionalInt.of(refused.getReturnCode());
            case MessagingException other when other.getNextException() != null -> replyCode(other.getNextException());
            default -> OptionalInt.empty();
        };
    }

    private static String describe(MessagingException failure) {
        var words = new StringBuilder(String.valueOf(failure.getMessage()));
        for (var cause = failure.getNextException(); cause != null; ) {
            words.append("; ").append(cause.getMessage());
            cause = cause instanceof MessagingException next ? next.getNextException() : null;
        }
        return words.toString()
                .replaceAll("\\S+@\\S+", "<address>")
                .replaceAll("\\p{Cntrl}+", " ")
                .strip();
    }

    private static String clip(String detail) {
        return detail.length() <= LONGEST_DETAIL ? detail : detail.substring(0, LONGEST_DETAIL) + "…";
    }
}
