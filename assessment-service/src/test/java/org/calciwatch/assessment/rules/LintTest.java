package org.calciwatch.assessment.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each mistake is made in a copy of the real pack; the pack must be refused with a message that leads to it. */
class LintTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path pack;

    @BeforeEach
    void copy_the_pack() throws IOException {
        for (var file : List.of(PackFiles.CQL, "rules.yaml", "references.yaml", "cases.json")) {
            try (var in = RulePack.class.getResourceAsStream("/rule-packs/calcification-risk/1.0.0/" + file)) {
                Files.write(pack.resolve(file), Objects.requireNonNull(in).readAllBytes());
            }
        }
    }

    @Test
    void an_unchanged_copy_is_accepted_and_has_the_same_digest() throws IOException {
        assertThat(RulePack.load(PackFiles.in(pack)).digest()).isEqualTo(BundledPack.PACK.digest());
    }

    @Test
    void a_changed_threshold_changes_the_digest() throws IOException {
        change(PackFiles.CQL, "PTH, suppressed below\": 20 'pg/mL'", "PTH, suppressed below\": 25 'pg/mL'");

        assertThat(RulePack.load(PackFiles.in(pack)).digest()).isNotEqualTo(BundledPack.PACK.digest());
    }

    @Test
    void a_limit_in_another_unit_is_refused() throws IOException {
        change(PackFiles.CQL, "lower limit\": 1.7 'mg/dL'", "lower limit\": 0.70 'mmol/L'");

        assertRefused(PackFiles.CQL, "in \"mg-low\": compares an amount in 'mg/dL' with an amount in 'mmol/L'");
    }

    @Test
    void a_limit_without_a_unit_is_refused() throws IOException {
        change(
                PackFiles.CQL,
                "define \"inr-high\": \"Vitamin K antagonist\" and \"INR\" >= \"INR, too high\"",
                "define \"inr-high\": \"INR\" >= 5.0");

        assertRefused(PackFiles.CQL, "in \"inr-high\": a bare number compared with an amount; give it its unit");
    }

    @Test
    void a_misspelt_input_is_refused() throws IOException {
        change(PackFiles.CQL, "parameter \"Magnesium\" Quantity", "parameter \"Magnesum\" Quantity");

        assertRefused(PackFiles.CQL, "Could not resolve identifier Magnesium");
    }

    @Test
    void an_input_we_do_not_supply_is_refused() throws IOException {
        change(
                PackFiles.CQL,
                "parameter \"Digoxin\" Boolean",
                "parameter \"Digoxin\" Boolean\nparameter \"Blood group\" String");

        assertRefused(PackFiles.CQL, "no input is called \"Blood group\"");
    }

    @Test
    void an_input_of_the_wrong_type_is_refused() throws IOException {
        change(
                PackFiles.CQL,
                "parameter \"Dialysis\" Boolean",
                "parameter \"Osteoporosis\" String\nparameter \"Dialysis\" Boolean");

        assertRefused(PackFiles.CQL, "\"Osteoporosis\" is declared String but is Boolean");
    }

    @Test
    void a_rule_without_texts_is_refused() throws IOException {
        change(PackFiles.CQL, "// 59", "define \"brand-new-rule\": \"Digoxin\"\n// 59");

        assertRefused(PackFiles.CQL, "rule \"brand-new-rule\" has no entry in rules.yaml");
    }

    @Test
    void texts_without_a_rule_are_refused() throws IOException {
        change("rules.yaml", "- id: inr-high", "- id: inr-very-high");

        assertRefused("rules.yaml", "rule inr-very-high needs the definition \"inr-very-high\"");
    }

    @Test
    void a_missing_patient_message_is_refused() throws IOException {
        change("rules.yaml", "languages: [en, es]", "languages: [en, es, fr]");

        assertRefused("rules.yaml", "the patient message of mg-low is missing in language 'fr'");
    }

    @Test
    void an_unknown_reference_is_refused() throws IOException {
        change("references.yaml", "  60: ", "  61: ");

        assertRefused("rules.yaml", "rule value-needs-checking cites 60, which references.yaml lacks");
    }

    @Test
    void a_variant_that_replaces_words_the_message_lacks_is_refused() throws IOException {
        change(
                "rules.yaml",
                "        replace:\n          en: >-\n            If a doctor told you to take calcium, keep taking it until you talk.",
                "        replace:\n          en: >-\n            Take care.");

        assertRefused("rules.yaml", "a variant of ca-intake-high replaces words its message in 'en' lacks");
    }

    @Test
    void different_versions_in_the_files_are_refused() throws IOException {
        change("rules.yaml", "version: 1.0.0", "version: 1.0.1");

        assertRefused("rules.yaml", "version 1.0.1, but calcification-risk.cql says 1.0.0");
    }

    @Test
    void a_typing_error_in_the_data_file_is_refused_with_its_line() throws IOException {
        change("rules.yaml", "severity: EMERGENCY", "severity: EMERGNCY");

        assertRefused("rules.yaml", "EMERGNCY");
    }

    @Test
    void a_patient_text_with_a_dose_is_refused() throws IOException {
        change("rules.yaml", "Magnesium acts like a brake on calcium.", "Take 400 mg of it each day.");

        assertRefused("rules.yaml", "the patient message of mg-low in 'en' has a dose, amount or schedule: \"400 mg\"");
    }

    @Test
    void a_text_that_is_safe_alone_but_not_with_its_variant_is_refused() throws IOException {
        change("rules.yaml", "Ask your kidney dietitian which ones to choose.", "You are fine.");

        assertRefused("rules.yaml", "the patient message of fruit-veg-low when Plant food needs a dietitian in 'en'");
    }

    @Test
    void an_all_clear_is_refused_in_the_closing_line_in_titles_and_in_notes_too() throws IOException {
        change("rules.yaml", "en: Talk to your clinician before starting", "en: You are fine. Ask before starting");
        change("rules.yaml", "en: \"Low serum magnesium\"", "en: \"You are fine\"");
        change("rules.yaml", "Please add the albumin result.", "You are fine.");

        assertRefused("rules.yaml", "the closing line in 'en' has an all-clear");
        assertRefused("rules.yaml", "the title of mg-low in 'en' has an all-clear");
        assertRefused("rules.yaml", "the text of dq-albumin-missing in 'en' has an all-clear");
    }

    @Test
    void a_language_patients_read_can_not_be_dropped() throws IOException {
        change("rules.yaml", "languages: [en, es]", "languages: [en]");

        assertRefused("rules.yaml", "languages must hold each of [en, es]");
    }

    @Test
    void a_file_in_another_encoding_is_refused() throws IOException {
        var file = pack.resolve("rules.yaml");
        Files.write(file, Files.readString(file).getBytes(StandardCharsets.ISO_8859_1));

        assertThat(problems()).singleElement().asString().contains("rules.yaml:1: is not UTF-8");
    }

    @Test
    void a_key_that_stands_twice_is_refused() throws IOException {
        change("rules.yaml", "    category: magnesium", "    category: magnesium\n    category: magnesium");

        assertRefused("rules.yaml", "Duplicate field 'category'");
    }

    @Test
    void misspelt_keys_values_and_conditions_are_all_found_at_once() throws IOException {
        change("rules.yaml", "    category: magnesium", "    categoryy: x\n    category: magnesium");
        change("rules.yaml", "severity: EMERGENCY", "severity: EMERGNCY");
        change(PackFiles.CQL, "lower limit\": 1.7 'mg/dL'", "lower limit\": 1.7 'mg/dl'");

        assertRefused("rules.yaml", "\"categoryy\" is not known here");
        assertRefused("rules.yaml", "\"EMERGNCY\" must be one of");
        assertRefused(PackFiles.CQL, "in \"mg-low\": compares an amount in 'mg/dL' with an amount in 'mg/dl'");
    }

    @Test
    void an_empty_entry_is_refused_and_not_a_crash() throws IOException {
        change("rules.yaml", "  - id: mg-low\n", "  -\n  - id: mg-low\n");

        assertThat(problems()).isNotEmpty();
    }

    @Test
    void a_check_without_text_is_refused_and_not_a_crash() throws IOException {
        change(
                "rules.yaml",
                "  - id: dq-albumin-missing\n    input: albumin\n    detail:",
                "  - id: dq-albumin-missing\n    x:");

        assertThat(problems()).anySatisfy(problem -> assertThat(problem.message())
                .contains("detail of dq-albumin-missing is missing"));
    }

    @Test
    void a_condition_nested_beyond_reason_is_refused_before_it_fills_the_memory() throws IOException {
        change(
                PackFiles.CQL,
                "// 59",
                "define \"Deep\": " + "(".repeat(5_000) + "true" + ")".repeat(5_000) + "\n// 59");

        assertThat(problems()).singleElement().asString().contains("nested more than 50 deep");
    }

    @Test
    void a_condition_of_thousands_of_legs_is_refused() throws IOException {
        change(PackFiles.CQL, "// 59", "define \"Long\": " + "\"Digoxin\" or ".repeat(20_000) + "true\n// 59");

        assertThat(problems()).singleElement().asString().contains("too many legs");
    }

    @Test
    void a_worked_patient_of_the_pack_before_can_not_be_left_out() throws IOException {
        var file = pack.resolve("cases.json");
        Files.writeString(file, Files.readString(file).replace("\"id\": \"C06\"", "\"id\": \"X06\""));

        assertThat(catchThrowableOfType(
                                RulePackRejected.class, () -> RulePack.loadAfter(BundledPack.FILES, PackFiles.in(pack)))
                        .problems())
                .singleElement()
                .asString()
                .contains("case C06 of the active pack is missing");
    }

    @Test
    void an_input_without_a_name_is_refused() throws IOException {
        change("rules.yaml", "\n  potassium:\n", "\n  pottasium:\n");

        assertRefused("rules.yaml", "the input potassium has no entry");
        assertRefused("rules.yaml", "there is no input pottasium");
    }

    @Test
    void a_changed_threshold_that_a_worked_patient_contradicts_is_refused_with_the_line_of_that_patient()
            throws IOException {
        change(PackFiles.CQL, "lower limit\": 1.7 'mg/dL'", "lower limit\": 1.4 'mg/dL'");

        assertRefused("cases.json", "case C01: fired lacks high-vitd-low-mg-ckd, mg-low");
    }

    @Test
    void a_pack_without_worked_patients_is_refused() throws IOException {
        Files.writeString(pack.resolve("cases.json"), "{\"cases\": []}");

        assertThat(problems()).singleElement().asString().contains("there must be at least one case");
    }

    @Test
    void a_missing_file_is_refused() throws IOException {
        Files.delete(pack.resolve("references.yaml"));

        assertThat(problems()).singleElement().hasToString("references.yaml:1: the file is missing");
    }

    @Test
    void all_problems_are_reported_at_once() throws IOException {
        change(PackFiles.CQL, "lower limit\": 1.7 'mg/dL'", "lower limit\": 0.70 'mmol/L'");
        change("rules.yaml", "version: 1.0.0", "version: 1.0.1");

        assertThat(problems()).hasSizeGreaterThanOrEqualTo(3);
    }

    private void change(String file, String from, String to) throws IOException {
        var path = pack.resolve(file);
        var text = Files.readString(path);
        assertThat(text).contains(from);
        var changed = new StringBuilder(text);
        int at = text.indexOf(from);
        Files.writeString(path, changed.replace(at, at + from.length(), to));
    }

    private void assertRefused(String file, String message) {
        assertThat(problems()).anySatisfy(problem -> {
            assertThat(problem.file()).isEqualTo(file);
            assertThat(problem.line()).isGreaterThan(1);
            assertThat(problem.message()).contains(message);
        });
    }

    private List<RulePackRejected.Problem> problems() {
        return catchThrowableOfType(RulePackRejected.class, () -> RulePack.load(PackFiles.in(pack)))
                .problems();
    }
}
