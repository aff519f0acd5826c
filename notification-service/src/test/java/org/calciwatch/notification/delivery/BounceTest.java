package org.calciwatch.notification.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.calciwatch.notification.delivery.MailDesk.ONE;
import static org.calciwatch.notification.delivery.MailDesk.TWO;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import jakarta.mail.Address;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import org.calciwatch.stack.LocalStackResource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Mails come back to a mailbox that is read over IMAP. */
@QuarkusTest
@QuarkusTestResource(
        value = LocalStackResource.class,
        initArgs = @ResourceArg(name = "database", value = "notification"))
@QuarkusTestResource(value = BounceTest.Mailbox.class, restrictToAnnotatedClass = true)
class BounceTest {

    private static final String BOUNCES = "bounces@clinic.example";
    private static final Duration SOON = Duration.ofSeconds(60);

    /** Has the service look into a mailbox of the mail catcher. */
    public static class Mailbox implements QuarkusTestResourceLifecycleManager {
        @Override
        public Map<String, String> start() {
            return Map.of(
                    "calciwatch.mail.bounces.address", BOUNCES,
                    "calciwatch.mail.bounces.imap.host", "127.0.0.1",
                    "calciwatch.mail.bounces.imap.security", "none",
                    "calciwatch.mail.bounces.imap.username", BOUNCES,
                    "calciwatch.mail.bounces.imap.password", "any",
                    "calciwatch.mail.bounces.imap.every", "200ms");
        }

        @Override
        public void stop() {
            // holds nothing
        }
    }

    @Inject
    MailDesk desk;

    @Inject
    Escalations escalations;

    @ConfigProperty(name = "calciwatch.mail.smtp.port")
    int port;

    private UUID flag;
    private String messageId;

    @BeforeEach
    void aMailToTwoIsSent() {
        flag = desk.openFlag();
        desk.tell(flag, "escalation-1", ONE, TWO);
        messageId = desk.awaitStatus(flag, "escalation-1", "SENT").getString("messageId");
    }

    @Test
    void a_mail_that_comes_back_from_everybody_has_failed_and_others_can_be_told() throws MessagingException {
        comesBack(report(messageId, "failed", "5.1.1", ONE));
        await().atMost(SOON)
                .until(() ->
                        desk.delivery(flag, "escalation-1").getList("failed").equals(List.of(ONE)));
        assertThat(desk.delivery(flag, "escalation-1").getString("status")).isEqualTo("SENT");
        assertThat(escalations.stepsOf(flag)).isEmpty();

        comesBack(report(messageId, "failed", "5.2.2", TWO.toUpperCase(Locale.ROOT)));

        var failed = desk.awaitStatus(flag, "escalation-1", "FAILED");
        assertThat(failed.getList("attempts.outcome")).containsExactly("SENT", "BOUNCED", "BOUNCED");
        assertThat(failed.getString("attempts[2].detail")).isEqualTo("came back with 5.2.2");
        assertThat(escalations.stepsOf(flag)).contains("escalation-1").doesNotHaveDuplicates();
    }

    @Test
    void only_reports_of_failures_of_our_own_mails_to_their_own_recipients_are_believed() throws MessagingException {
        comesBack(report(messageId, "delayed", "4.4.1", ONE));
        comesBack(report(messageId, "failed", "5.1.1", "somebody@else.example"));
        comesBack(report("<" + flag + ".escalation-1@elsewhere.example>", "failed", "5.1.1", ONE));
        comesBack("Subject: Undeliverable\r\n\r\nMessage-ID: " + messageId + "\r\nAction: failed\r\n");

        // Read after all of them.
        comesBack(report(messageId, "failed", "4.4.7", TWO));

        await().atMost(SOON)
                .until(() ->
                        !desk.delivery(flag, "escalation-1").getList("failed").isEmpty());
        var sent = desk.delivery(flag, "escalation-1");
        assertThat(sent.getList("failed")).containsExactly(TWO);
        assertThat(sent.getString("status")).isEqualTo("SENT");
        assertThat(sent.getString("attempts[1].detail")).isEqualTo("came back with 4.4.7");
    }

    @Test
    void a_report_is_counted_once_however_often_it_comes() throws MessagingException {
        comesBack(report(messageId, "failed", "5.1.1", ONE));
        comesBack(report(messageId, "failed", "5.1.1", ONE));

        comesBack(report(messageId, "failed", "5.1.1", TWO));

        assertThat(desk.awaitStatus(flag, "escalation-1", "FAILED").getList("attempts"))
                .hasSize(3);
    }

    /** As mail servers write it (RFC 3464). */
    private static String report(String messageId, String action, String status, String recipient) {
        return """
                From: Mail Delivery System <mailer-daemon@clinic.example>
                To: bounces@clinic.example
                Subject: Undelivered Mail Returned to Sender
                MIME-Version: 1.0
                Content-Type: multipart/report; report-type=delivery-status; boundary="cut"

                --cut
                Content-Type: text/plain; charset=us-ascii

                I'm sorry to have to inform you that your message could not be delivered.

                --cut
                Content-Type: message/delivery-status

                Reporting-MTA: dns; mail.clinic.example

                Final-Recipient: rfc822; %s
                Action: %s
                Status: %s
                Diagnostic-Code: smtp; 550 %s

                --cut
                Content-Type: text/rfc822-headers

                Subject: [EMERGENCY] whatever
                Message-ID: %s

                --cut--
                """.formatted(recipient, action, status, status, messageId).replace("\n", "\r\n");
    }

    private void comesBack(String raw) throws MessagingException {
        var settings = new Properties();
        settings.put("mail.smtp.host", "127.0.0.1");
        settings.put("mail.smtp.port", String.valueOf(port));
        // Reports have no sender, so that nobody answers them; but the mail catcher wants one.
        settings.put("mail.smtp.from", "mailer-daemon@clinic.example");
        var session = Session.getInstance(settings);
        var message = new MimeMessage(session, new ByteArrayInputStream(raw.getBytes(StandardCharsets.UTF_8)));
        try (var server = session.getTransport("smtp")) {
            server.connect();
            server.sendMessage(message, new Address[] {new InternetAddress(BOUNCES)});
        }
    }
}
