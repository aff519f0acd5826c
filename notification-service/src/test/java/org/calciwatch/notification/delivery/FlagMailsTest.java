package org.calciwatch.notification.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.calciwatch.events.Severity.CLINICIAN_REVIEW;
import static org.calciwatch.events.Severity.EDUCATION;
import static org.calciwatch.events.Severity.EMERGENCY;
import static org.calciwatch.notification.AssessmentMother.assessment;
import static org.calciwatch.notification.AssessmentMother.rule;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.qute.Engine;
import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.config.SmallRyeConfigBuilder;
import jakarta.inject.Inject;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.AssessmentCompleted.Because;
import org.calciwatch.events.AssessmentCompleted.Fired;
import org.calciwatch.events.AssessmentCompleted.ReferenceRange;
import org.calciwatch.events.AssessmentCompleted.Unknown;
import org.calciwatch.notification.NotificationConfig;
import org.calciwatch.stack.LocalStackResource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(
        value = LocalStackResource.class,
        initArgs = @ResourceArg(name = "database", value = "notification"))
class FlagMailsTest {

    private static final UUID FLAG = UUID.fromString("019a0000-0000-7000-8000-0000000000c1");

    @Inject
    FlagMails mails;

    @Inject
    Engine templates;

    @Inject
    MeterRegistry metrics;

    @Test
    void a_mail_says_all_that_a_clinician_needs_and_nothing_about_who_the_patient_is() {
        var mail = write(
                rule("low-fluid", "Fluids may be low", EDUCATION),
                rule("mg-low", "Low serum magnesium", CLINICIAN_REVIEW),
                rule("ca-high-severe", "Very high calcium", EMERGENCY));

        assertThat(mail.subject()).isEqualTo("[EMERGENCY] Very high calcium — CW-7K3M9Q");
        assertThat(mail.text()).isEqualTo("""
                EMERGENCY: Very high calcium
                Reference CW-7K3M9Q

                This is the first mail about this flag.

                Open the flag: http://127.0.0.1:8083/inbox/019a0000-0000-7000-8000-0000000000c1
                Acknowledge it: http://127.0.0.1:8083/inbox/019a0000-0000-7000-8000-0000000000c1/acknowledge

                Automated screening from patient-entered data; verify values, units and dates. Considerations, not orders. Rules, thresholds and references: knowledge base v1.1.

                FINDINGS, found on 2026-03-01 09:30 UTC

                1. Very high calcium [EMERGENCY]
                   - Magnesium: as entered 0.62 mmol/L, as normalised 1.51 mg/dL (reference range 1.7 to 2.6 mg/dL)
                   - Kidney disease: G3b
                   - Dialysis: no
                   To consider: Clinician message of ca-high-severe
                   Reference: Reference of ca-high-severe

                2. Low serum magnesium [CLINICIAN REVIEW]
                   - Magnesium: as entered 0.62 mmol/L, as normalised 1.51 mg/dL (reference range 1.7 to 2.6 mg/dL)
                   - Kidney disease: G3b
                   - Dialysis: no
                   To consider: Clinician message of mg-low
                   Reference: Reference of mg-low

                PLEASE CHECK
                - dq-albumin-missing (albumin): Total calcium without albumin

                OUTSIDE REFERENCE RANGE, NO RULE
                - Alkaline phosphatase 151 U/L (reference range 40-130)

                RESULTS THAT MAY BE TOO OLD
                - Parathyroid hormone (PTH), drawn 2024-11-30, more than 12 months before the answers

                EDUCATION SHOWN TO THE PATIENT
                - Fluids may be low

                COULD NOT BE JUDGED (this does not mean that everything is fine)
                - Your answer on how much you drink: settles “Fluids may be low for stone prevention”

                Assessed 2026-03-01 09:30 UTC with rule pack calcification-risk 1.0.0, sha256:0000000000000000000000000000000000000000000000000000000000000000

                This tool shares health information. It does not find or rule out any disease and does not replace your clinician. It does not tell you to start, stop, or change any medicine or supplement. Talk to your clinician before starting high-dose supplements.
                """);
        assertThat(mail.html())
                .startsWith("<!DOCTYPE html>")
                .contains("<html lang=\"en\">", "role=\"presentation\"")
                .contains("Very high calcium", "Low serum magnesium", "Fluids may be low")
                .contains("Your answer on how much you drink: settles")
                .contains("Alkaline phosphatase 151 U/L (reference range 40-130)")
                .contains("Parathyroid hormone (PTH), drawn 2024-11-30")
                .contains("as entered 0.62 mmol/L, as normalised 1.51 mg/dL (reference range 1.7 to 2.6 mg/dL)")
                .contains("Reference: Reference of mg-low")
                .contains("href=\"http://127.0.0.1:8083/inbox/019a0000-0000-7000-8000-0000000000c1/acknowledge\"")
                .contains("href=\"http://127.0.0.1:8083/inbox/019a0000-0000-7000-8000-0000000000c1\"")
                .contains(FlagMails.CLINICIAN_HEADER, FlagMails.DISCLAIMER, "sha256:0000");
        assertThat(mail.subject() + mail.text() + mail.html()).doesNotContain("P-SECRET");
    }

    @Test
    void a_mail_says_why_it_comes() {
        var since = Instant.parse("2026-03-01T08:15:59Z");

        assertThat(why(Occasion.SEVERITY_RAISED, since))
                .isEqualTo("A newer assessment is more severe than the one before.");
        assertThat(why(Occasion.ESCALATED, since))
                .isEqualTo("Nobody has acknowledged this since 2026-03-01 08:15 UTC. That is why it comes to you.");
        assertThat(why(Occasion.REMINDER, since)).startsWith("This was acknowledged, but it is not closed.");
        assertThat(why(Occasion.WOKEN, since)).startsWith("This was snoozed until now.");
        assertThat(why(Occasion.UNDELIVERABLE, since)).contains("could not be reached by mail");
    }

    /** The sentence is in both forms of the mail. */
    private String why(Occasion occasion, Instant since) {
        var mail = mails.write(
                notice(occasion, assessment("P-SECRET", rule("mg-low", CLINICIAN_REVIEW)), "Low magnesium"),
                Optional.of(since));
        var why = mail.text().lines().toList().get(3);
        assertThat(mail.html()).contains(why);
        return why;
    }

    @Test
    void subjects_of_later_mails_say_what_is_the_matter_after_severity_headline_and_reference() {
        var assessment = assessment("P-SECRET", rule("mg-low", CLINICIAN_REVIEW));

        assertThat(Arrays.stream(Occasion.values())
                        .map(occasion -> mails.write(notice(occasion, assessment, "Low magnesium"), Optional.empty())))
                .extracting(Mail::subject)
                .containsExactly(
                        "[CLINICIAN REVIEW] Low magnesium — CW-7K3M9Q",
                        "[CLINICIAN REVIEW] Low magnesium — CW-7K3M9Q",
                        "[CLINICIAN REVIEW] Low magnesium — CW-7K3M9Q (not acknowledged)",
                        "[CLINICIAN REVIEW] Low magnesium — CW-7K3M9Q (not closed)",
                        "[CLINICIAN REVIEW] Low magnesium — CW-7K3M9Q (no longer snoozed)",
                        "[CLINICIAN REVIEW] Low magnesium — CW-7K3M9Q (others could not be reached)");
    }

    @Test
    void who_is_reminded_is_not_asked_to_acknowledge_what_is_acknowledged() {
        var assessment = assessment("P-SECRET", rule("mg-low", CLINICIAN_REVIEW));

        var mail = mails.write(notice(Occasion.REMINDER, assessment, "Low magnesium"), Optional.empty());

        assertThat(mail.text() + mail.html()).doesNotContain("/acknowledge");
    }

    @Test
    void what_could_not_be_judged_is_short_and_comes_after_all_that_was_found() {
        var found = assessment("P-SECRET", rule("mg-low", CLINICIAN_REVIEW));
        var assessment = new AssessmentCompleted(
                found.id(),
                found.submissionId(),
                1,
                found.patientId(),
                found.assessedAt(),
                found.rulePack(),
                found.severity(),
                found.fired(),
                List.of(),
                IntStream.rangeClosed(1, 11)
                        .mapToObj(i -> new Unknown("rule-" + i, "Rule " + i, List.of("mg"), Map.of()))
                        .toList(),
                List.of(),
                found.dataQuality(),
                found.outsideReference(),
                found.staleLabs(),
                Map.of(),
                null);

        var text = mails.write(notice(Occasion.OPENED, assessment, "Low magnesium"), Optional.empty())
                .text();

        assertThat(text)
                .contains("COULD NOT BE JUDGED (this does not mean that everything is fine)\n- Rule 1\n")
                .contains("- Rule 8\n- and 3 more, see the flag\n")
                .doesNotContain("Rule 9");
        assertThat(text.indexOf("COULD NOT BE JUDGED")).isGreaterThan(text.indexOf("RESULTS THAT MAY BE TOO OLD"));
    }

    @Test
    void a_reference_range_may_have_one_limit_only() {
        assertThat(text(new ReferenceRange(new BigDecimal("20"), null))).contains("(reference range from 20 mg/dL)");
        assertThat(text(new ReferenceRange(null, new BigDecimal("50")))).contains("(reference range up to 50 mg/dL)");
        assertThat(text(new ReferenceRange(null, null))).contains("as normalised 1.51 mg/dL\n");
    }

    private String text(ReferenceRange range) {
        var rule = rule("mg-low", CLINICIAN_REVIEW);
        var mg = rule.because().getFirst();
        var because = new Because(mg.input(), mg.label(), mg.value(), mg.unit(), mg.entered(), range);
        return write(new Fired(
                        rule.ruleId(),
                        rule.title(),
                        rule.category(),
                        rule.severity(),
                        null,
                        List.of(because),
                        rule.patientMessage(),
                        rule.clinicianMessage(),
                        List.of(),
                        Map.of()))
                .text();
    }

    @Test
    void hostile_text_forges_no_header_no_markup_and_no_section() {
        var mail = write(rule(
                "mg-low",
                "x\r\nBcc: evil@example.org\r\n\r\n<script>alert(1)</script>\u202e{mail.link}",
                CLINICIAN_REVIEW));

        assertThat(mail.subject())
                .isEqualTo(
                        "[CLINICIAN REVIEW] x Bcc: evil@example.org <script>alert(1)</script>{mail.link} — CW-7K3M9Q");
        assertThat(mail.text().lines()).noneMatch(line -> line.startsWith("Bcc:"));
        assertThat(mail.html()).doesNotContain("<script>").contains("&lt;script&gt;alert(1)&lt;/script&gt;{mail.link}");
    }

    @Test
    void endless_text_is_cut() {
        var mail = write(rule("mg-low", "t".repeat(100_000), CLINICIAN_REVIEW));

        assertThat(mail.subject()).hasSizeLessThan(200);
        assertThat(mail.text()).hasSizeLessThan(20_000);

        // An emoji is two characters: wherever it is cut, no half of one is left.
        for (var start : List.of("", "x")) {
            var emoji = write(rule("mg-low", start + "\ud83e\uddb4".repeat(50_000), CLINICIAN_REVIEW));
            assertThat(emoji.subject() + emoji.text() + emoji.html())
                    .matches(words -> StandardCharsets.UTF_8.newEncoder().canEncode(words));
        }
    }

    @Test
    void where_the_clinic_wants_it_a_mail_tells_severity_reference_and_link_only() {
        var assessment = assessment(
                "P-SECRET",
                rule("ca-high-severe", "Very high calcium", EMERGENCY),
                rule("low-fluid", "Fluids may be low", EDUCATION));

        var mail = referenceOnly()
                .write(notice(Occasion.SEVERITY_RAISED, assessment, "Very high calcium"), Optional.empty());

        assertThat(mail.subject()).isEqualTo("[EMERGENCY] CW-7K3M9Q");
        assertThat(mail.text()).isEqualTo("""
                EMERGENCY
                Reference CW-7K3M9Q

                A newer assessment is more severe than the one before.

                Open the flag: http://127.0.0.1:8083/inbox/019a0000-0000-7000-8000-0000000000c1
                Acknowledge it: http://127.0.0.1:8083/inbox/019a0000-0000-7000-8000-0000000000c1/acknowledge

                What was found stands in the inbox only.

                %s
                """.formatted(FlagMails.DISCLAIMER));
        assertThat(mail.html())
                .contains("EMERGENCY", "CW-7K3M9Q", "/inbox/" + FLAG, FlagMails.DISCLAIMER)
                .doesNotContainIgnoringCase("calcium")
                .doesNotContain("ca-high", "Fluids", "0.62", "Magnesium", "eGFR", "P-SECRET", "rule pack");
    }

    private FlagMails referenceOnly() {
        var config = new SmallRyeConfigBuilder()
                .withConverter(Duration.class, 200, new DurationConverter())
                .withMapping(NotificationConfig.class)
                .withDefaultValue("calciwatch.mail.detail", "reference-only")
                .build()
                .getConfigMapping(NotificationConfig.class);
        return new FlagMails(new MailTemplates(templates, config, metrics), config);
    }

    @Test
    void milder_newer_answers_do_not_hide_what_made_it_an_emergency() {
        var mail = mails.write(emergencyThenMilder(), Optional.empty());

        assertThat(mail.subject()).isEqualTo("[EMERGENCY] Very high calcium — CW-7K3M9Q (not acknowledged)");
        var text = mail.text();
        assertThat(text)
                .containsSubsequence(
                        "FINDINGS, found on 2026-03-01 09:30 UTC\nNewer answers, of 2026-03-02 11:00 UTC, are judged less severe.",
                        "1. Very high calcium [EMERGENCY]",
                        "Since then: not found again in the answers of 2026-03-02 11:00 UTC\n",
                        "2. Fluids may be low [CLINICIAN REVIEW]",
                        "Since then: not judged again, the answers of 2026-03-02 11:00 UTC do not say enough for it\n",
                        "3. Low serum magnesium [CLINICIAN REVIEW]",
                        "Since then: found again in the answers of 2026-03-02 11:00 UTC\n",
                        "FINDINGS IN THE NEWER ANSWERS, of 2026-03-02 11:00 UTC\n",
                        "1. Low serum magnesium [CLINICIAN REVIEW]",
                        "2. High phosphate [CLINICIAN REVIEW]",
                        "COULD NOT BE JUDGED",
                        "Assessed 2026-03-01 09:30 UTC with rule pack",
                        "Assessed 2026-03-02 11:00 UTC with rule pack");
        assertThat(text.indexOf("High phosphate")).isGreaterThan(text.indexOf("FINDINGS IN THE NEWER ANSWERS"));
        assertThat(text.split("COULD NOT BE JUDGED", -1)).hasSize(2);
        assertThat(mail.html())
                .containsSubsequence(
                        "Findings, found on 2026-03-01 09:30 UTC",
                        "Very high calcium</h3>",
                        "not found again in the answers of 2026-03-02 11:00 UTC",
                        "Findings in the newer answers, of 2026-03-02 11:00 UTC",
                        "High phosphate</h3>");
    }

    @Test
    void milder_newer_answers_without_findings_do_not_read_as_if_all_were_fine() {
        var emergency = assessment("P-SECRET", rule("ca-high-severe", "Very high calcium", EMERGENCY));
        var nothing = assessment("P-SECRET", "other", 1, Instant.parse("2026-03-02T11:00:00Z"));

        var mail = mails.write(notice(Occasion.WOKEN, emergency, nothing, "Very high calcium"), Optional.empty());

        for (var words : List.of(mail.text(), mail.html())) {
            assertThat(words)
                    .contains("Very high calcium", "Clinician message of ca-high-severe")
                    .contains("Nothing in them is for a clinician. This does not mean that everything is fine.");
        }
    }

    @Test
    void a_mail_with_the_reference_only_says_that_newer_answers_are_milder() {
        var mail = referenceOnly().write(emergencyThenMilder(), Optional.empty());

        for (var words : List.of(mail.text(), mail.html())) {
            assertThat(words)
                    .contains(
                            "Newer answers, of 2026-03-02 11:00 UTC, are judged less severe. That alone does not undo")
                    .doesNotContainIgnoringCase("calcium")
                    .doesNotContain("phosphate", "P-SECRET");
        }
    }

    private static FlagNotice emergencyThenMilder() {
        var emergency = assessment(
                "P-SECRET",
                rule("ca-high-severe", "Very high calcium", EMERGENCY),
                rule("low-fluid", "Fluids may be low", CLINICIAN_REVIEW),
                rule("mg-low", "Low serum magnesium", CLINICIAN_REVIEW));
        var milder = assessment(
                "P-SECRET",
                "other",
                1,
                Instant.parse("2026-03-02T11:00:00Z"),
                rule("mg-low", "Low serum magnesium", CLINICIAN_REVIEW),
                rule("po4-high", "High phosphate", CLINICIAN_REVIEW));
        return notice(Occasion.ESCALATED, emergency, milder, "Very high calcium");
    }

    @Test
    void an_emergency_whose_findings_cannot_be_opened_is_told_and_the_mail_says_so() {
        var notice = new FlagNotice(
                FLAG,
                "CW-7K3M9Q",
                EMERGENCY,
                "Very high calcium",
                "step",
                Occasion.ESCALATED,
                null,
                null,
                List.of("one@clinic.example"),
                Instant.EPOCH);

        for (var detail : List.of(mails, referenceOnly())) {
            var mail = detail.write(notice, Optional.empty());
            assertThat(mail.subject()).isEqualTo("[EMERGENCY] CW-7K3M9Q (not acknowledged)");
            for (var words : List.of(mail.text(), mail.html())) {
                assertThat(words)
                        .contains("EMERGENCY", "CW-7K3M9Q", "/inbox/" + FLAG, FlagMails.DISCLAIMER)
                        .contains("What was found cannot be read just now")
                        .doesNotContain("What was found stands in the inbox only");
            }
        }
    }

    @Test
    @SuppressWarnings("NullAway") // as an event of another version could have it
    void an_assessment_that_no_words_can_be_made_of_does_not_keep_the_mail_back() {
        var mail =
                write(new Fired("ca-high-severe", null, "calcium", EMERGENCY, null, null, "", "", List.of(), Map.of()));

        assertThat(mail.subject()).isEqualTo("[EMERGENCY] CW-7K3M9Q");
        for (var words : List.of(mail.text(), mail.html())) {
            assertThat(words).contains("EMERGENCY", "CW-7K3M9Q", "/inbox/" + FLAG, FlagMails.DISCLAIMER);
        }
        assertThat(mail.html()).startsWith("<!DOCTYPE html>").contains("<a href=\"http");
    }

    @Test
    void two_unknown_rules_with_one_id_do_not_keep_the_mail_back() {
        var found = assessment("P-SECRET", rule("mg-low", CLINICIAN_REVIEW));
        var twice = new AssessmentCompleted(
                found.id(),
                found.submissionId(),
                1,
                found.patientId(),
                found.assessedAt(),
                found.rulePack(),
                found.severity(),
                found.fired(),
                List.of(),
                List.of(
                        new Unknown("low-fluid", "Fluids", List.of("fluid_intake"), Map.of()),
                        new Unknown("low-fluid", "Fluids", List.of("fluid_intake"), Map.of())),
                found.openQuestions(),
                List.of(),
                List.of(),
                List.of(),
                Map.of(),
                null);

        assertThat(mails.write(notice(Occasion.OPENED, twice, "Low magnesium"), Optional.empty())
                        .text())
                .contains("settles “Fluids”");
    }

    private Mail write(Fired... fired) {
        return mails.write(notice(Occasion.OPENED, assessment("P-SECRET", fired), headline(fired)), Optional.empty());
    }

    private static String headline(Fired... fired) {
        return Objects.requireNonNullElse(fired[fired.length - 1].title(), "Very high calcium");
    }

    private static FlagNotice notice(Occasion occasion, AssessmentCompleted assessment, String headline) {
        return notice(occasion, assessment, null, headline);
    }

    private static FlagNotice notice(
            Occasion occasion, AssessmentCompleted assessment, @Nullable AssessmentCompleted newer, String headline) {
        return new FlagNotice(
                FLAG,
                "CW-7K3M9Q",
                assessment.severity(),
                headline,
                "step",
                occasion,
                assessment,
                newer,
                List.of("one@clinic.example"),
                Instant.EPOCH);
    }
}
