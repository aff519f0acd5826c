package org.calciwatch.notification.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.calciwatch.notification.NotificationConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SmtpTest {

    private static final String ONE = "one@clinic.example";
    private static final String TWO = "two@clinic.example";
    private static final String FIRST = "<flag.opened@calciwatch.example>";

    private ScriptedSmtp server;
    private Smtp smtp;

    @BeforeEach
    void start() throws IOException {
        server = new ScriptedSmtp(0);
        smtp = smtp(server, Map.of("security", "none"));
    }

    private static Smtp smtp(ScriptedSmtp server, Map<String, String> settings) {
        var config = new SmallRyeConfigBuilder()
                .withConverter(Duration.class, 200, new DurationConverter())
                .withMapping(NotificationConfig.class)
                .withDefaultValue("calciwatch.mail.smtp.port", String.valueOf(server.port()));
        settings.forEach((name, value) -> config.withDefaultValue("calciwatch.mail.smtp." + name, value));
        return new Smtp(config.build().getConfigMapping(NotificationConfig.class));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void the_mail_on_the_wire_carries_the_stored_message_id_date_and_all_addressees() {
        var answer = smtp.send(outgoing(List.of(ONE, TWO)));

        assertThat(answer.accepted()).containsExactly(ONE, TWO);
        assertThat(server.taken()).extracting(ScriptedSmtp.Taken::recipient).containsExactly(ONE, TWO);
        assertThat(server.taken()).allSatisfy(mail -> {
            assertThat(mail.header("Message-ID")).containsExactly("<flag.opened@calciwatch.example>");
            assertThat(mail.header("Date")).containsExactly("Sun, 1 Mar 2026 10:00:00 +0000 (UTC)");
            assertThat(mail.header("To")).containsExactly(ONE + ", " + TWO);
            assertThat(mail.header("From")).containsExactly("Calciwatch <calciwatch@clinic.example>");
            assertThat(mail.header("Auto-Submitted")).containsExactly("auto-generated");
            assertThat(mail.header("Content-Type")).singleElement().asString().startsWith("multipart/alternative");
            assertThat(mail.header("Bcc")).isEmpty();
        });
    }

    @Test
    void the_first_mail_of_a_flag_begins_a_conversation_and_the_later_ones_answer_to_it() {
        smtp.send(outgoing(List.of(ONE)));
        smtp.send(outgoing("<flag.escalation-1@calciwatch.example>", List.of(ONE)));

        var first = server.taken().getFirst();
        assertThat(first.header("In-Reply-To")).isEmpty();
        assertThat(first.header("References")).isEmpty();
        var second = server.taken().getLast();
        assertThat(second.header("Message-ID")).containsExactly("<flag.escalation-1@calciwatch.example>");
        assertThat(second.header("In-Reply-To")).isEqualTo(first.header("Message-ID"));
        assertThat(second.header("References")).isEqualTo(first.header("Message-ID"));
    }

    @Test
    void one_refused_address_does_not_keep_the_mail_from_the_others() {
        server.refuse(ONE, "550 5.1.1 <one@clinic.example> unknown; mail about low magnesium refused");

        var answer = smtp.send(outgoing(List.of(ONE, TWO)));

        assertThat(answer.accepted()).containsExactly(TWO);
        assertThat(answer.refused()).containsExactly(ONE);
        assertThat(answer.detail()).isEqualTo("accepted for 1 of 2; the mail server refused with 550 5.1.1");
    }

    @Test
    void an_address_that_is_none_does_not_keep_the_mail_from_the_others() {
        var answer = smtp.send(outgoing(List.of("not an address", TWO)));

        assertThat(answer.accepted()).containsExactly(TWO);
        assertThat(answer.refused()).containsExactly("not an address");
        assertThat(answer.detail()).isEqualTo("accepted for 1 of 2; an address is none");
        assertThat(server.taken().getFirst().header("To")).containsExactly(TWO);
    }

    @Test
    void a_refusal_for_good_is_told_from_one_for_now() {
        server.refuse(ONE, "550 no such user");
        assertThat(smtp.send(outgoing(List.of(ONE))).refused()).containsExactly(ONE);

        server.refuse(ONE, "450 come back later");
        var answer = smtp.send(outgoing(List.of(ONE)));
        assertThat(answer.refused()).isEmpty();
        assertThat(answer.detail()).isEqualTo("accepted for 0 of 1; the mail server refused with 450");
    }

    @Test
    void a_mail_that_the_server_has_read_and_does_not_want_for_this_recipient_is_refused() {
        server.answer("DATA", "552 5.3.4 too big");
        assertThat(smtp.send(outgoing(List.of(ONE))).refused()).containsExactly(ONE);

        server.answer("DATA", "354 go on");
        server.answer(".", "554 5.7.1 looks like spam");
        var answer = smtp.send(outgoing(List.of(ONE)));
        assertThat(answer.refused()).containsExactly(ONE);
        assertThat(answer.detail()).isEqualTo("accepted for 0 of 1; the mail server refused with 554 5.7.1");
    }

    @ParameterizedTest
    @CsvSource({"EHLO,554 5.3.2 closed", "MAIL FROM,550 5.7.1 no such sender", "MAIL FROM,530 5.7.0 log in first"})
    void trouble_that_is_not_about_a_recipient_refuses_nobody(String command, String reply) {
        server.answer(command, reply);
        server.answer("HELO", reply);

        var answer = smtp.send(outgoing(List.of(ONE, TWO)));

        assertThat(answer.accepted()).isEmpty();
        assertThat(answer.refused()).isEmpty();
    }

    @Test
    void a_recipient_for_whom_the_server_wants_a_login_is_not_refused() {
        server.refuse(ONE, "530 5.7.0 log in first");

        assertThat(smtp.send(outgoing(List.of(ONE))).refused()).isEmpty();
    }

    @Test
    void a_server_that_hangs_up_on_one_recipient_still_gets_the_mail_for_the_others() {
        server.hangUpOn(ONE);

        var answer = smtp.send(outgoing(List.of(ONE, TWO, "three@clinic.example")));

        assertThat(answer.accepted()).containsExactly(TWO, "three@clinic.example");
        assertThat(answer.refused()).isEmpty();
        assertThat(answer.detail()).startsWith("accepted for 2 of 3");
    }

    @Test
    void a_server_that_hangs_up_in_the_middle_of_a_mail_has_not_taken_it() {
        server.hangUpInTheMail(ONE);

        var answer = smtp.send(outgoing(List.of(ONE, TWO)));

        assertThat(answer.accepted()).containsExactly(TWO);
        assertThat(answer.refused()).isEmpty();
    }

    @Test
    void a_mail_right_after_a_refused_one_is_sent() {
        server.refuse(ONE, "550 no such user");

        for (int i = 0; i < 100; i++) {
            assertThat(smtp.send(outgoing(List.of(ONE, TWO))).accepted()).containsExactly(TWO);
        }
    }

    @Test
    void a_server_that_is_not_there_is_a_failure_for_now() throws IOException {
        server.close();

        var answer = smtp.send(outgoing(List.of(ONE)));

        assertThat(answer.accepted()).isEmpty();
        assertThat(answer.refused()).isEmpty();
        assertThat(answer.detail())
                .isEqualTo("accepted for 0 of 1; no answer of the mail server: MailConnectException caused by"
                        + " ConnectException");
    }

    private static Outgoing outgoing(List<String> recipients) {
        return outgoing(FIRST, recipients);
    }

    private static Outgoing outgoing(String messageId, List<String> recipients) {
        return new Outgoing(
                UUID.randomUUID(),
                "0".repeat(32),
                messageId,
                messageId.equals(FIRST) ? Optional.empty() : Optional.of(FIRST),
                recipients,
                recipients,
                Instant.parse("2026-03-01T10:00:00Z"),
                new Mail("[EMERGENCY] Ü — CW-7K3M9Q", "text", "<p>html</p>"));
    }
}
