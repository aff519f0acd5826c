package org.calciwatch.notification.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.calciwatch.notification.delivery.BounceReport.Failure;
import org.junit.jupiter.api.Test;

class BounceReportTest {

    private static final String ID = "<019a.opened@calciwatch.example>";

    private static final String FIELDS = """
            Reporting-MTA: dns; mail.clinic.example
            Arrival-Date: Sun, 1 Mar 2026 10:00:00 +0000

            Original-Recipient: rfc822;one@clinic.example
            Final-Recipient: RFC822; <one@mailbox.example>
            Action: Failed
            Status: 5.1.1 (no such mailbox)

            Final-Recipient: rfc822; two@clinic.example
            Action: delayed
            Status: 4.4.1

            Final-Recipient: rfc822; three@clinic.example
            Action: failed
            Status: unclear
            """;

    @Test
    void a_report_names_the_mail_and_those_it_did_not_reach() throws MessagingException, IOException {
        assertThat(read(FIELDS, "message/rfc822", "Message-ID: " + ID + "\n\nthe whole mail\n"))
                .contains(new BounceReport(
                        ID,
                        List.of(
                                new Failure(Set.of("one@clinic.example", "one@mailbox.example"), "5.1.1"),
                                new Failure(Set.of("three@clinic.example"), "no status"))));
    }

    @Test
    void a_mail_is_named_by_its_returned_headers_only() throws MessagingException, IOException {
        assertThat(read(FIELDS, "text/plain", "Message-ID: " + ID + "\n")).isEmpty();
        assertThat(read(FIELDS, "text/rfc822-headers", "Subject: x\n\nMessage-ID: " + ID + "\n"))
                .isEmpty();
    }

    @Test
    void a_report_of_delays_only_is_none() throws MessagingException, IOException {
        assertThat(read(FIELDS.replaceAll("(?i)failed", "delayed"), "message/rfc822", "Message-ID: " + ID + "\n"))
                .isEmpty();
    }

    @Test
    void what_only_calls_itself_a_report_cannot_be_read() {
        assertThatExceptionOfType(MessagingException.class)
                .isThrownBy(() ->
                        BounceReport.of(message("Content-Type: multipart/report; boundary=none\n\nno part at all\n")));
    }

    private static Optional<BounceReport> read(String fields, String returnedType, String returned)
            throws MessagingException, IOException {
        return BounceReport.of(message("""
                Content-Type: multipart/report; report-type=delivery-status; boundary=cut

                --cut
                Content-Type: text/plain

                I'm sorry.

                --cut
                Content-Type: message/delivery-status

                %s
                --cut
                Content-Type: %s

                %s
                --cut--
                """.formatted(fields, returnedType, returned)));
    }

    private static MimeMessage message(String raw) throws MessagingException {
        return new MimeMessage(
                Session.getInstance(new Properties()),
                new ByteArrayInputStream(raw.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8)));
    }
}
