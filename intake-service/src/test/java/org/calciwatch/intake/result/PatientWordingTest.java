package org.calciwatch.intake.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import org.calciwatch.events.Severity;
import org.calciwatch.intake.fhir.FhirJson;
import org.calciwatch.intake.portal.SafetyWording;
import org.calciwatch.intake.questionnaire.Questionnaire;
import org.calciwatch.intake.result.PatientWording.Release;
import org.calciwatch.pages.Languages;
import org.junit.jupiter.api.Test;

class PatientWordingTest {

    private static PatientResult result(Release release, Findings findings) {
        return result(release, findings, "en");
    }

    private static PatientResult result(Release release, Findings findings, String language) {
        var languages = new Languages(new Questionnaire(new FhirJson()).languages());
        return new PatientWording(new SafetyWording(languages, "999"), release)
                .result("id", 2, findings, false, language);
    }

    private static Findings.Fired fired(Severity severity) {
        return new Findings.Fired(
                "rule-" + severity,
                "title",
                "magnesium",
                severity,
                "message",
                List.of("a reference"),
                Map.of("es", new Findings.Text("título", "mensaje")),
                List.of());
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
                highest,
                fired,
                List.of(
                        new Findings.Unknown("mg-low", "Low magnesium", Map.of("es", "Magnesio bajo")),
                        new Findings.Unknown("mg-high", "High magnesium", Map.of()),
                        new Findings.Unknown("mg-supplement-advanced-ckd", "Magnesium product", Map.of())),
                List.of(
                        new Findings.OpenQuestion(
                                List.of("mg"),
                                "a magnesium blood test",
                                Map.of("es", "un análisis de magnesio en sangre"),
                                List.of("mg-low", "mg-high"),
                                List.of("mg-supplement-advanced-ckd")),
                        new Findings.OpenQuestion(
                                List.of("conditions"),
                                "the question about your health conditions",
                                Map.of(),
                                List.of(),
                                List.of("mg-supplement-advanced-ckd"))),
                List.of(new Findings.PleaseCheck("Please add the albumin result.", Map.of("es", "Añada la albúmina."))),
                Map.of());
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
    void what_could_not_be_judged_names_what_would_settle_it() {
        assertThat(result(Release.IMMEDIATE, findings()).unknown())
                .extracting(PatientResult.Entry::message)
                .containsExactly(
                        "We do not have enough information to answer this. A magnesium blood test would help. This does"
                                + " not mean that everything is fine.",
                        "We do not have enough information to answer this. A magnesium blood test would help. This does"
                                + " not mean that everything is fine.",
                        "We do not have enough information to answer this. A magnesium blood test and the question about"
                                + " your health conditions would help. This does not mean that everything is fine.");
    }

    @Test
    void a_test_says_how_many_checks_it_would_settle() {
        assertThat(result(Release.IMMEDIATE, findings()).openQuestions())
                .containsExactly(
                        new PatientResult.OpenQuestion(
                                "A magnesium blood test would settle 2 checks.", List.of("mg-low", "mg-high")),
                        new PatientResult.OpenQuestion(
                                "The question about your health conditions would help with 1 check, together with other"
                                        + " answers.",
                                List.of("mg-supplement-advanced-ckd")));
    }

    @Test
    void what_nothing_asked_for_would_settle_is_still_not_fine() {
        var findings = new Findings(
                Severity.NONE,
                List.of(),
                List.of(new Findings.Unknown("x", "title", Map.of())),
                List.of(),
                List.of(),
                Map.of());
        assertThat(result(Release.IMMEDIATE, findings).unknown())
                .singleElement()
                .extracting(PatientResult.Entry::message)
                .isEqualTo("We do not have enough information to answer this. A test or question would help. This does"
                        + " not mean that everything is fine.");
    }

    @Test
    void a_spanish_reader_reads_spanish() {
        var result = result(Release.IMMEDIATE, findings(Severity.EMERGENCY), "es");
        assertThat(result.language()).isEqualTo("es");
        assertThat(result.emergency()).extracting(PatientResult.Entry::title).containsExactly("título");
        assertThat(result.emergency()).extracting(PatientResult.Entry::message).containsExactly("mensaje");
        assertThat(result.emergencyBlock()).contains("Llame ahora al 999.");
        assertThat(result.unknown()).first().satisfies(entry -> {
            assertThat(entry.title()).isEqualTo("Magnesio bajo");
            assertThat(entry.message())
                    .isEqualTo("No tenemos suficiente información para responder a esto. Ayudaría un análisis de"
                            + " magnesio en sangre. Esto no significa que todo esté bien.");
        });
        assertThat(result.openQuestions())
                .first()
                .extracting(PatientResult.OpenQuestion::text)
                .isEqualTo("Un análisis de magnesio en sangre resolvería 2 comprobaciones.");
        assertThat(result.pleaseCheck()).containsExactly("Añada la albúmina.");
    }

    @Test
    void every_language_has_every_sentence() throws IOException {
        var languages = new Questionnaire(new FhirJson()).languages();
        var keys = new HashSet<Set<Object>>();
        for (var language : languages) {
            var sentences = new Properties();
            try (var file = PatientWording.class.getResourceAsStream("/safety-wording_" + language + ".properties")) {
                sentences.load(new InputStreamReader(Objects.requireNonNull(file), StandardCharsets.UTF_8));
            }
            assertThat(sentences.values())
                    .allSatisfy(sentence -> assertThat(sentence.toString()).isNotBlank());
            keys.add(sentences.keySet());
        }
        assertThat(keys).hasSize(1);
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
                .extracting(
                        "severity",
                        "review",
                        "reviewLine",
                        "education",
                        "unknown",
                        "openQuestions",
                        "pleaseCheck",
                        "notice")
                .containsOnlyNulls();
        assertThat(result(Release.AFTER_REVIEW, findings()).notice()).isNull();
    }

    @Test
    void what_a_clinician_has_released_is_shown_in_full() {
        var languages = new Languages(new Questionnaire(new FhirJson()).languages());
        var result = new PatientWording(new SafetyWording(languages, "999"), Release.AFTER_REVIEW)
                .result("id", 2, findings(Severity.EDUCATION), true, "en");
        assertThat(result.status()).isEqualTo("ready");
        assertThat(result.education()).hasSize(1);
    }
}
