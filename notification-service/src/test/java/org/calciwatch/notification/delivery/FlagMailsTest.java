package org.calciwatch.notification.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.calciwatch.events.Severity.CLINICIAN_REVIEW;
import static org.calciwatch.events.Severity.EDUCATION;
import static org.calciwatch.events.Severity.EMERGENCY;
import static org.calciwatch.notification.AssessmentMother.assessment;
import static org.calciwatch.notification.AssessmentMother.rule;

import io.quarkus.qute.Engine;
import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.config.SmallRyeConfigBuilder;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.UUID;
import org.calciwatch.events.AssessmentCompleted.Fired;
import org.calciwatch.notification.NotificationConfig;
import org.calciwatch.stack.LocalStackResource;
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

    @Test
    void a_mail_says_all_that_a_clinician_needs_and_nothing_about_who_the_patient_is() {
        var mail = write(
                "opened",
                rule("low-fluid", "Fluids may be low", EDUCATION),
                rule("mg-low", "Low serum magnesium", CLINICIAN_REVIEW),
                rule("ca-high-severe", "Very high calcium", EMERGENCY));

        assertThat(mail.subject()).isEqualTo("[EMERGENCY] Very high calcium — CW-7K3M9Q");
        assertThat(mail.text()).isEqualTo("""
                EMERGENCY: Very high calcium
                Reference CW-7K3M9Q

                Open the flag: http://127.0.0.1:8083/inbox/019a0000-0000-7000-8000-0000000000c1

                Automated screening from patient-entered data; verify values, units and dates. Considerations, not orders. Rules, thresholds and references: knowledge base v1.1.

                FINDINGS

                1. Very high calcium [EMERGENCY]
                Clinician message of ca-high-severe
                   - Magnesium: as entered 0.62 mmol/L, as normalised 1.51 mg/dL
                   - Kidney disease: G3b
                   - Dialysis: no

                2. Low serum magnesium [CLINICIAN REVIEW]
                Clinician message of mg-low
                   - Magnesium: as entered 0.62 mmol/L, as normalised 1.51 mg/dL
                   - Kidney disease: G3b
                   - Dialysis: no

                EDUCATION SHOWN TO THE PATIENT
                - Fluids may be low

                COULD NOT BE JUDGED (this does not mean that everything is fine)
                - Your answer on how much you drink: settles “Fluids may be low for stone prevention”

                PLEASE CHECK
                - dq-albumin-missing (albumin): Total calcium without albumin

                OUTSIDE REFERENCE RANGE, NO RULE
                - Alkaline phosphatase 151 U/L (reference range 40-130)

                RESULTS THAT MAY BE TOO OLD
                - Parathyroid hormone (PTH), drawn 2024-11-30, more than 12 months before the answers

                REFERENCES
                - Reference of low-fluid
                - Reference of mg-low
                - Reference of ca-high-severe

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
                .contains("as entered 0.62 mmol/L, as normalised 1.51 mg/dL")
                .contains("href=\"http://127.0.0.1:8083/inbox/019a0000-0000-7000-8000-0000000000c1\"")
                .contains(FlagMails.CLINICIAN_HEADER, FlagMails.DISCLAIMER, "sha256:0000");
        assertThat(mail.subject() + mail.text() + mail.html()).doesNotContain("P-SECRET");
    }

    @Test
    void a_mail_about_a_raised_severity_says_so() {
        assertThat(write("opened", rule("mg-low", CLINICIAN_REVIEW)).text()).doesNotContain("more severe than");
        assertThat(write("severity-raised-1", rule("mg-low", CLINICIAN_REVIEW)).text())
                .contains("A newer assessment is more severe than the one before.");
    }

    @Test
    void hostile_text_forges_no_header_no_markup_and_no_section() {
        var mail = write(
                "opened",
                rule(
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
        var mail = write("opened", rule("mg-low", "t".repeat(100_000), CLINICIAN_REVIEW));

        assertThat(mail.subject()).hasSizeLessThan(200);
        assertThat(mail.text()).hasSizeLessThan(20_000);
    }

    @Test
    void where_the_clinic_wants_it_a_mail_tells_severity_reference_and_link_only() {
        var config = new SmallRyeConfigBuilder()
                .withConverter(Duration.class, 200, new DurationConverter())
                .withMapping(NotificationConfig.class)
                .withDefaultValue("calciwatch.mail.detail", "reference-only")
                .build()
                .getConfigMapping(NotificationConfig.class);
        var assessment = assessment(
                "P-SECRET",
                rule("ca-high-severe", "Very high calcium", EMERGENCY),
                rule("low-fluid", "Fluids may be low", EDUCATION));

        var mail = new FlagMails(templates, config)
                .write(new FlagNotice(
                        FLAG,
                        "CW-7K3M9Q",
                        assessment.severity(),
                        "Very high calcium",
                        "severity-raised-1",
                        assessment));

        assertThat(mail.subject()).isEqualTo("[EMERGENCY] CW-7K3M9Q");
        assertThat(mail.text()).isEqualTo("""
                EMERGENCY
                Reference CW-7K3M9Q
                A newer assessment is more severe than the one before.

                Open the flag: http://127.0.0.1:8083/inbox/019a0000-0000-7000-8000-0000000000c1

                What was found stands in the inbox only.

                %s
                """.formatted(FlagMails.DISCLAIMER));
        assertThat(mail.html())
                .contains("EMERGENCY", "CW-7K3M9Q", "/inbox/" + FLAG, FlagMails.DISCLAIMER)
                .doesNotContainIgnoringCase("calcium")
                .doesNotContain("ca-high", "Fluids", "0.62", "Magnesium", "eGFR", "P-SECRET", "rule pack");
    }

    private Mail write(String step, Fired... fired) {
        var assessment = assessment("P-SECRET", fired);
        return mails.write(new FlagNotice(
                FLAG, "CW-7K3M9Q", assessment.severity(), fired[fired.length - 1].title(), step, assessment));
    }
}
