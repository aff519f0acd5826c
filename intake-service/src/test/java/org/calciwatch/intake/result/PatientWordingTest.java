package org.calciwatch.intake.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.calciwatch.events.Severity;
import org.calciwatch.intake.fhir.FhirJson;
import org.calciwatch.intake.questionnaire.Questionnaire;
import org.calciwatch.intake.result.PatientWording.Release;
import org.junit.jupiter.api.Test;

class PatientWordingTest {

    private static PatientResult result(Release release, Findings findings) {
        return new PatientWording(new Questionnaire(new FhirJson()), "999", release).result("id", 2, findings);
    }

    private static Findings.Fired fired(Severity severity) {
        return new Findings.Fired("rule-" + severity, "title", severity, "message", List.of("a reference"));
    }

    private static Findings findings(Severity... severities) {
        var fired = List.of(severities).stream().map(PatientWordingTest::fired).toList();
        var highest = fired.isEmpty()
                ? Severity.NONE
                : fired.stream()
                        .map(Findings.Fired::severity)
                        .max(Severity::compareTo)
                        .orElseThrow();
        return new Findings(
                highest, fired, List.of(new Findings.Unknown("mg-low", "Low magnesium", List.of("mg", "dialysis"))));
    }

    @Test
    void every_finding_stands_under_its_severity_with_the_sentence_that_belongs_there() {
        var result = result(
                Release.IMMEDIATE,
                findings(Severity.EDUCATION, Severity.EMERGENCY, Severity.CLINICIAN_REVIEW, Severity.URGENT_SAME_DAY));
        assertThat(result.status()).isEqualTo("ready");
        assertThat(result.severity()).isEqualTo(Severity.EMERGENCY);
        assertThat(result.emergency()).extracting(PatientResult.Entry::ruleId).containsExactly("rule-EMERGENCY");
        assertThat(result.sameDay()).extracting(PatientResult.Entry::ruleId).containsExactly("rule-URGENT_SAME_DAY");
        assertThat(result.review()).extracting(PatientResult.Entry::ruleId).containsExactly("rule-CLINICIAN_REVIEW");
        assertThat(result.education()).extracting(PatientResult.Entry::ruleId).containsExactly("rule-EDUCATION");
        assertThat(result.emergencyBlock())
                .isEqualTo("Some of your answers may be signs of an emergency. Call 999 now. Do not wait for a reply"
                        + " from this tool. Do not drive yourself. Bring your medicines and supplements.");
        assertThat(result.sameDayBlock())
                .isEqualTo("Please call your clinician or an urgent care line today. If you cannot reach anyone today,"
                        + " go to an urgent care or emergency department. If you get worse, call 999.");
        assertThat(result.reviewLine())
                .isEqualTo("We suggest that you show this page to your clinician. Do not change medicines or"
                        + " supplements before you talk.");
        assertThat(result.notice()).isNull();
    }

    @Test
    void education_alone_has_no_alarming_sentence_and_no_all_clear() {
        var result = result(Release.IMMEDIATE, findings(Severity.EDUCATION));
        assertThat(result.emergencyBlock()).isNull();
        assertThat(result.sameDayBlock()).isNull();
        assertThat(result.reviewLine()).isNull();
        assertThat(result.notice()).isNull();
    }

    @Test
    void nothing_fired_is_never_no_risk() {
        var result = result(Release.IMMEDIATE, findings());
        assertThat(result.severity()).isEqualTo(Severity.NONE);
        assertThat(result.notice())
                .isEqualTo("None of our checks found a concern in the answers you gave. This does not mean you have no"
                        + " risk.");
    }

    @Test
    void what_could_not_be_judged_names_what_would_settle_it_in_the_patients_words() {
        assertThat(result(Release.IMMEDIATE, findings()).unknown())
                .singleElement()
                .extracting(PatientResult.Entry::message)
                .isEqualTo("We do not have enough information to answer this. A test result for “Magnesium”, or a clear"
                        + " answer to “Dialysis” would help. This does not mean that everything is fine.");
    }

    @Test
    void what_would_settle_it_is_never_named_by_a_key() {
        var findings = new Findings(
                Severity.NONE, List.of(), List.of(new Findings.Unknown("x", "title", List.of("egfr_computed"))));
        assertThat(result(Release.IMMEDIATE, findings).unknown())
                .singleElement()
                .extracting(PatientResult.Entry::message)
                .isEqualTo("We do not have enough information to answer this. A test or question would help. This does"
                        + " not mean that everything is fine.");
    }

    @Test
    void every_result_ends_with_the_closing_line_and_the_disclaimer() {
        for (var release : Release.values()) {
            var result = result(release, findings());
            assertThat(result.closingLine()).isEqualTo("Talk to your clinician before starting high-dose supplements.");
            assertThat(result.disclaimer())
                    .isEqualTo("This tool shares health information. It does not find or rule out any disease and does"
                            + " not replace your clinician. It does not tell you to start, stop, or change any medicine"
                            + " or supplement. Talk to your clinician before starting high-dose supplements.");
        }
    }

    @Test
    void a_clinic_may_hold_back_all_but_what_is_urgent() {
        var result = result(
                Release.AFTER_REVIEW,
                findings(Severity.EDUCATION, Severity.EMERGENCY, Severity.CLINICIAN_REVIEW, Severity.URGENT_SAME_DAY));
        assertThat(result.status()).isEqualTo("held");
        assertThat(result.emergency()).hasSize(1);
        assertThat(result.emergencyBlock()).isNotNull();
        assertThat(result.sameDay()).hasSize(1);
        assertThat(result.sameDayBlock()).isNotNull();
        assertThat(result)
                .extracting("severity", "review", "reviewLine", "education", "unknown", "notice")
                .containsOnlyNulls();
        assertThat(result(Release.AFTER_REVIEW, findings()).notice()).isNull();
    }
}
