package org.calciwatch.assessment.cds;

import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.calciwatch.assessment.Responses;
import org.calciwatch.assessment.profile.Inputs;
import org.calciwatch.assessment.rules.Evaluation;
import org.calciwatch.assessment.rules.PackFiles;
import org.calciwatch.assessment.rules.Rule;
import org.calciwatch.assessment.rules.RulePack;
import org.calciwatch.assessment.rules.Severity;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CardsTest {

    private static final RulePack PACK = RulePack.load(PackFiles.bundled("calcification-risk", "1.0.0"));
    private static final ClinicalCodes CODES = new ClinicalCodes();
    private static final LocalDate TODAY = LocalDate.of(2026, 11, 22);
    private static final ObjectMapper JSON = new ObjectMapper();

    record Case(String id, JsonNode inputs, JsonNode expected) {
        @Override
        public String toString() {
            return id;
        }
    }

    record Outcome(Evaluation evaluation, List<Card> cards) {
        List<Card> findings() {
            return cards.stream()
                    .filter(card -> PACK.rule(card.about()).isPresent())
                    .toList();
        }

        List<String> rules() {
            return findings().stream().map(Card::about).toList();
        }

        Card card(String about) {
            return cards.stream()
                    .filter(card -> card.about().equals(about))
                    .findFirst()
                    .orElseThrow();
        }
    }

    static Stream<Case> cases() throws IOException {
        try (var file = CardsTest.class.getResourceAsStream("/rule-packs/calcification-risk/1.0.0/cases.json")) {
            var cases = JSON.readTree(Objects.requireNonNull(file)).get("cases");
            return StreamSupport.stream(cases.spliterator(), false)
                    .filter(one -> one.has("inputs"))
                    .map(one -> new Case(one.get("id").textValue(), one.get("inputs"), one.get("expected")));
        }
    }

    private static Outcome judge(PatientRecord patient) {
        var notUsed = new NotUsed();
        var chart = new Chart(new Prefetch(patient.prefetch(), PatientRecord.ID, notUsed), CODES, notUsed, TODAY);
        var findings = Findings.of(PACK, chart.readings());
        return new Outcome(findings.all(), new Cards(PACK, chart, notUsed).of(findings));
    }

    /** A golden case with its laboratory values as Observations and the rest as a QuestionnaireResponse. */
    private static PatientRecord patient(JsonNode inputs, BiFunction<Inputs.Quantity, JsonNode, JsonNode> variant) {
        var patient = new PatientRecord();
        ObjectNode rest = inputs.deepCopy();
        rest.remove("labs");
        patient.add(Responses.of(rest));
        inputs.path("labs").properties().forEach(lab -> {
            var input = Inputs.quantity(lab.getKey()).orElseThrow();
            var value = variant.apply(input, lab.getValue());
            patient.observation(
                    input.loinc().getLast(), number(value), value.path("unit").textValue());
        });
        return patient;
    }

    private static @Nullable BigDecimal number(JsonNode value) {
        return value.path("value").isNumber() ? value.get("value").decimalValue() : null;
    }

    private static Set<String> texts(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::textValue)
                .collect(toSet());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void every_worked_patient_with_results_as_observations_gets_the_expected_outcome(Case patient) {
        var evaluation =
                judge(patient(patient.inputs(), (input, value) -> value)).evaluation();
        assertThat(evaluation.fired().stream().map(Evaluation.Fired::ruleId).collect(toSet()))
                .isEqualTo(texts(patient.expected().get("fired")));
        assertThat(evaluation.unknown().stream().map(Evaluation.Unknown::ruleId).collect(toSet()))
                .isEqualTo(texts(patient.expected().get("unknown")));
        assertThat(evaluation.dataQuality().stream()
                        .map(Evaluation.DataQuality::checkId)
                        .collect(toSet()))
                .isEqualTo(texts(patient.expected().get("dq")));
        assertThat(evaluation.severity().name())
                .isEqualTo(patient.expected().get("severity").textValue());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void the_cards_of_every_worked_patient_keep_the_limits_of_cds_hooks(Case patient) {
        var outcome = judge(patient(patient.inputs(), (input, value) -> value));
        var severities = PACK.rules().stream().collect(toMap(Rule::id, Rule::severity));
        assertThat(outcome.rules())
                .containsExactlyElementsOf(outcome.evaluation().fired().stream()
                        .filter(rule -> rule.severity().compareTo(Severity.CLINICIAN_REVIEW) >= 0)
                        .sorted(Comparator.comparing(Evaluation.Fired::severity).reversed())
                        .map(Evaluation.Fired::ruleId)
                        .toList());
        for (var card : outcome.cards()) {
            assertThat(card.summary()).isNotBlank().hasSizeLessThan(140).doesNotContain("\n");
            assertThat(card.detail())
                    .contains("Considerations, not orders")
                    .doesNotContain(" null", "{inputs}", "{egfr");
            assertThat(card.source().label()).isEqualTo("Calciwatch, knowledge base v1.1, rule pack 1.0.0");
            assertThat(card.links()).allSatisfy(link -> {
                assertThat(link.url()).startsWith("https://doi.org/10.");
                assertThat(link.type()).isEqualTo("absolute");
                assertThat(link.label()).isNotBlank();
            });
            var severity = severities.get(card.about());
            assertThat(card.indicator())
                    .isEqualTo(
                            severity == null ? "info" : severity == Severity.CLINICIAN_REVIEW ? "warning" : "critical");
        }
        assertThat(outcome.cards().stream().map(Card::about)).doesNotHaveDuplicates();
        assertThat(outcome.cards().stream().anyMatch(card -> card.about().equals("unknown")))
                .isEqualTo(!outcome.evaluation().unknown().isEmpty());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void any_accepted_unit_of_the_same_quantity_gives_the_same_findings(Case patient) {
        var rules = judge(patient(patient.inputs(), (input, value) -> value)).findings();
        int most =
                Inputs.LABS.stream().mapToInt(lab -> lab.units().size()).max().orElseThrow();
        for (int i = 0; i < most; i++) {
            int unit = i;
            var variant = judge(patient(
                            patient.inputs(),
                            (input, value) -> inUnit(
                                    input,
                                    input.units().get(unit % input.units().size()),
                                    value)))
                    .findings();
            assertThat(variant)
                    .usingRecursiveFieldByFieldElementComparatorIgnoringFields("uuid", "detail")
                    .isEqualTo(rules);
        }
    }

    /** The same amount in another unit; what is no amount stays as it is. */
    private static JsonNode inUnit(Inputs.Quantity input, Inputs.Unit unit, JsonNode value) {
        var number = number(value);
        var from = input.unit(value.path("unit").textValue());
        if (number == null || from.isEmpty()) {
            return value;
        }
        var canonical = input.normalise(number, from.get()).orElseThrow();
        var other = canonical
                .subtract(unit.plus())
                .multiply(unit.over())
                .divide(unit.times(), MathContext.DECIMAL128)
                .setScale(20, RoundingMode.HALF_UP);
        return JSON.createObjectNode().put("value", other).put("unit", unit.code());
    }

    @Test
    void a_finding_shows_values_as_entered_and_as_used_with_their_reference_ranges() {
        var patient = new PatientRecord();
        patient.observation("2601-3", "0.62", "mmol/L")
                .put("effectiveDateTime", "2026-11-01T08:00:00Z")
                .putArray("referenceRange")
                .addObject()
                .put("text", "0.75-1.0 <b>");
        var card = judge(patient).card("mg-low");
        assertThat(card.summary()).isEqualTo("Review: Low serum magnesium");
        assertThat(card.detail())
                .contains(
                        "- Magnesium: 1.51 mg/dL (entered as 0.62 mmol/L; reference 1.7-2.6 mg/dL; the laboratory's own"
                                + " range 0.75-1.0 &lt;b&gt;; drawn 2026-11-01)");
        assertThat(card.source().topic())
                .isEqualTo(
                        new Card.Topic("https://calciwatch.org/fhir/CodeSystem/rule", "mg-low", "Low serum magnesium"));
    }

    @Test
    void what_could_not_be_judged_is_grouped_by_what_would_settle_it_and_is_no_all_clear() {
        var card = judge(new PatientRecord().patient("1960-01-01", "female")).card("unknown");
        assertThat(card.summary()).startsWith("Not enough data for ");
        assertThat(card.detail())
                .contains("This does not mean that everything is fine.")
                .contains("- A magnesium blood test would settle ");
    }

    @Test
    void calcium_and_albumin_of_different_days_are_said_not_to_be_combined() {
        var outcome = judge(new PatientRecord()
                .lab("2000-8", "3.1", "mmol/L", "2026-11-01")
                .lab("1751-7", "30", "g/L", "2026-10-01"));
        assertThat(outcome.card("ca-high-moderate").detail()).contains("they were not combined");
    }

    @Test
    void old_results_and_results_without_a_rule_are_listed() {
        var outcome =
                judge(new PatientRecord().lab("6768-6", "300", "U/L").lab("2823-3", "4.0", "mmol/L", "2024-01-01"));
        assertThat(outcome.card("data-notes").detail())
                .contains("- Outside the reference range, no rule: Alkaline phosphatase 300 U/L (reference 40-130)")
                .contains("- Older than 12 months: Potassium, drawn 2024-01-01");
    }

    @Test
    void an_unknown_unit_is_a_finding_and_its_text_is_harmless() {
        var outcome = judge(new PatientRecord().lab("2601-3", "0.62", "<img src=x onerror=alert(1)>"));
        assertThat(outcome.rules()).contains("value-needs-checking");
        assertThat(outcome.cards()).allSatisfy(card -> assertThat(card.detail()).doesNotContain("<img"));
    }

    @Test
    void the_day_of_the_questionnaire_stands_in_every_finding() {
        var patient = new PatientRecord();
        patient.add(Responses.empty().choice("symptoms", "seizure").json().put("authored", "2026-11-20"));
        var card = judge(patient).card("rf-emergency-symptoms");
        assertThat(card.indicator()).isEqualTo("critical");
        assertThat(card.detail()).contains("- Seizure: yes", "answered on 2026-11-20");
    }

    @Test
    void a_patient_with_every_answer_and_no_finding_gets_no_card() throws IOException {
        ObjectNode inputs = cases().filter(patient -> patient.id().equals("C25"))
                .findFirst()
                .orElseThrow()
                .inputs()
                .deepCopy();
        // C25 has one finding, from its conditions, and HbA1c and urine values beyond what is usual.
        inputs.putObject("conditions");
        ObjectNode labs = (ObjectNode) inputs.get("labs");
        labs.remove("hba1c");
        labs.remove("urine_volume");
        labs.remove("urine_sodium");
        labs.putObject("hba1c").put("value", 5.2).put("unit", "%");
        var outcome = judge(patient(inputs, (input, value) -> value));
        assertThat(outcome.evaluation().severity()).isEqualTo(Severity.NONE);
        assertThat(outcome.cards()).isEmpty();
    }

    @Test
    void a_long_summary_is_cut_between_words() {
        assertThat(Cards.shorten("word ".repeat(40))).hasSizeLessThan(140).endsWith("word…");
        assertThat(Cards.shorten("x".repeat(139))).hasSize(139);
        assertThat(Cards.shorten("x".repeat(140))).hasSize(139).endsWith("…");
    }

    @Test
    void findings_of_any_combination_of_conflicting_results_are_shown() {
        var patient = new PatientRecord().lab("2000-8", "9.5", "mg/dL").lab("2823-3", "4.0", "mmol/L");
        patient.add(Responses.empty()
                .quantity("ca_total", "14.5", "mg/dL")
                .quantity("potassium", "7.0", "mmol/L")
                .json());
        var outcome = judge(patient);
        assertThat(outcome.rules()).contains("ca-high-severe", "potassium-critical");
        assertThat(outcome.card("ca-high-severe").detail()).contains("14.5");
        assertThat(outcome.card("potassium-critical").detail()).contains("7.0");
    }

    @Test
    void a_finding_that_needs_two_conflicting_results_together_is_not_lost() {
        var patient = new PatientRecord().lab("62292-8", "30", "ng/mL").lab("19123-9", "2.0", "mg/dL");
        patient.add(Responses.empty()
                .choice("ckd_reported", "G3b")
                .quantity("vitd25", "60", "ng/mL")
                .quantity("mg", "1.5", "mg/dL")
                .json());
        assertThat(judge(patient).rules()).contains("high-vitd-low-mg-ckd");
    }

    @Test
    void vitamin_k_is_not_advised_where_only_the_questionnaire_denies_a_vitamin_k_antagonist() {
        var patient = new PatientRecord();
        patient.medicine(PatientRecord.ATC, "B01AA03");
        patient.add(Responses.empty()
                .choice("conditions", "atherosclerosis")
                .choice("medicines", "none")
                .json());
        assertThat(judge(patient).rules()).doesNotContain("k2-mgp-education");
    }

    @Test
    void dialysis_in_the_record_does_not_silence_what_the_questionnaire_tells() {
        var patient = new PatientRecord();
        patient.condition(PatientRecord.ICD, "Z99.2");
        patient.add(Responses.empty()
                .choice("conditions", "none")
                .choice("symptoms", "no_urine_12h")
                .json());
        assertThat(judge(patient).evaluation().severity()).isEqualTo(Severity.EMERGENCY);
    }

    @Test
    void calcium_that_is_corrected_already_asks_for_no_albumin() {
        var outcome = judge(new PatientRecord().lab("29265-6", "3.6", "mmol/L"));
        assertThat(outcome.card("ca-high-severe").detail()).contains("already corrected for albumin");
        assertThat(outcome.cards())
                .allSatisfy(card -> assertThat(card.detail()).doesNotContain("Please add the albumin result"));
    }

    @Test
    void an_absurd_number_is_a_finding() {
        assertThat(judge(new PatientRecord().lab("2823-3", "1e50", "mmol/L")).rules())
                .contains("value-needs-checking");
    }

    @Test
    void what_a_clinician_must_look_at_himself_is_a_warning() {
        var patient = new PatientRecord();
        patient.observation("2823-3", "6.5", "mmol/L")
                .withObject("valueQuantity")
                .put("comparator", ">=");
        var card = judge(patient).card("attention");
        assertThat(card.indicator()).isEqualTo("warning");
        assertThat(card.detail()).contains("&gt;=6.5 mmol/L");
    }
}
