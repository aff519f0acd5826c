package org.calciwatch.notification.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.qute.Engine;
import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.config.SmallRyeConfigBuilder;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.calciwatch.events.Severity;
import org.calciwatch.notification.NotificationConfig;
import org.calciwatch.notification.delivery.DigestEntry.Reason;
import org.calciwatch.stack.LocalStackResource;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(
        value = LocalStackResource.class,
        initArgs = @ResourceArg(name = "database", value = "notification"))
class DigestMailsTest {

    private static final Instant NOW = Instant.parse("2026-03-01T07:00:00Z");

    @Inject
    DigestMails mails;

    @Inject
    Engine templates;

    @Inject
    MeterRegistry metrics;

    @Test
    void a_digest_lists_flags_by_reason_the_most_severe_and_oldest_first() {
        var mail = mails.write(notice(
                entry(1, Severity.CLINICIAN_REVIEW, "Low magnesium", 3, Reason.UNACKNOWLEDGED),
                entry(2, Severity.URGENT_SAME_DAY, "High calcium", 1, Reason.SNOOZED),
                entry(3, Severity.CLINICIAN_REVIEW, "High phosphate", 0, Reason.NEW),
                entry(4, Severity.CLINICIAN_REVIEW, "Low vitamin D", 9, Reason.UNACKNOWLEDGED)));

        assertThat(mail.subject())
                .isEqualTo("[DIGEST] 4 flags to look at, the most severe URGENT SAME DAY — 2026-03-01");
        assertThat(mail.text()).isEqualTo("""
                Flags that wait for somebody, 2026-03-01

                The inbox: http://127.0.0.1:8083/inbox

                New since the last digest

                - CLINICIAN REVIEW: High phosphate
                  CW-000003, age less than a day
                  http://127.0.0.1:8083/inbox/00000000-0000-0000-0000-000000000003

                Still not acknowledged

                - CLINICIAN REVIEW: Low vitamin D
                  CW-000004, age 9 days
                  http://127.0.0.1:8083/inbox/00000000-0000-0000-0000-000000000004

                - CLINICIAN REVIEW: Low magnesium
                  CW-000001, age 3 days
                  http://127.0.0.1:8083/inbox/00000000-0000-0000-0000-000000000001

                Urgent, and snoozed

                - URGENT SAME DAY: High calcium
                  CW-000002, age 1 day
                  http://127.0.0.1:8083/inbox/00000000-0000-0000-0000-000000000002

                %s

                %s
                """.formatted(FlagMails.CLINICIAN_HEADER, FlagMails.DISCLAIMER));
        assertThat(mail.html())
                .contains("<th scope=\"col\"", "High phosphate", "CW-000003", "9 days", FlagMails.DISCLAIMER)
                .contains("href=\"http://127.0.0.1:8083/inbox/00000000-0000-0000-0000-000000000002\"");
    }

    @Test
    void a_digest_of_very_many_flags_shows_the_most_severe_and_oldest_and_says_how_many_more_there_are() {
        var entries = Stream.concat(
                        IntStream.range(0, 3 * DigestMails.MOST)
                                .mapToObj(i -> entry(
                                        i,
                                        Severity.CLINICIAN_REVIEW,
                                        "Review " + i,
                                        i,
                                        i % 2 == 0 ? Reason.NEW : Reason.UNACKNOWLEDGED)),
                        Stream.of(entry(9999, Severity.EMERGENCY, "Very high calcium", 0, Reason.SNOOZED)))
                .toArray(DigestEntry[]::new);

        var mail = mails.write(notice(entries));

        assertThat(mail.subject()).startsWith("[DIGEST] 301 flags to look at, the most severe EMERGENCY");
        assertThat(mail.text().lines().filter(line -> line.startsWith("- "))).hasSize(DigestMails.MOST);
        assertThat(mail.text())
                .contains("- EMERGENCY: Very high calcium", "Review 299\n", "\n\nAnd 201 more, see the inbox.\n\n")
                .doesNotContain("Review 200\n");
        assertThat(mail.html()).contains("And 201 more, see the inbox.");
    }

    @Test
    void hostile_text_forges_no_header_no_markup_and_no_line() {
        var mail = mails.write(notice(entry(
                1,
                Severity.EMERGENCY,
                "x\r\nBcc: evil@example.org\r\n\r\n<script>alert(1)</script>\u202e\ud83e\uddb4{mail.day}"
                        + "t".repeat(100_000),
                0,
                Reason.NEW)));

        assertThat(mail.subject()).isEqualTo("[DIGEST] 1 flag to look at, the most severe EMERGENCY — 2026-03-01");
        assertThat(mail.text().lines()).noneMatch(line -> line.startsWith("Bcc:"));
        assertThat(mail.text())
                .doesNotContain("\u202e")
                .contains("\ud83e\uddb4{mail.day}")
                .hasSizeLessThan(10_000);
        assertThat(mail.html()).doesNotContain("<script>").contains("&lt;script&gt;alert(1)&lt;/script&gt;");
    }

    @Test
    void where_the_clinic_wants_it_a_digest_tells_severity_reference_age_and_link_only() {
        var config = new SmallRyeConfigBuilder()
                .withConverter(Duration.class, 200, new DurationConverter())
                .withMapping(NotificationConfig.class)
                .withDefaultValue("calciwatch.mail.detail", "reference-only")
                .build()
                .getConfigMapping(NotificationConfig.class);

        var mail = new DigestMails(new MailTemplates(templates, config, metrics), config)
                .write(notice(entry(1, Severity.CLINICIAN_REVIEW, "Low magnesium", 3, Reason.UNACKNOWLEDGED)));

        assertThat(mail.text())
                .contains("- CLINICIAN REVIEW\n  CW-000001, age 3 days\n  http://127.0.0.1:8083/inbox/0000");
        assertThat(mail.subject() + mail.text() + mail.html()).doesNotContainIgnoringCase("low magnesium");
    }

    private static DigestNotice notice(DigestEntry... entries) {
        return new DigestNotice("one@clinic.example", LocalDate.parse("2026-03-01"), NOW, List.of(entries));
    }

    private static DigestEntry entry(int number, Severity severity, String headline, int days, Reason reason) {
        var age = Duration.ofDays(days);
        return new DigestEntry(
                new UUID(0, number), "CW-00000" + number, severity, headline, "OPEN", NOW.minus(age), age, reason);
    }
}
