package org.calciwatch.intake.questionnaire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.calciwatch.intake.fhir.FhirJson;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The questionnaire against the tables of the knowledge base (sections 1.2 to 1.6). */
class QuestionnaireTest {

    private static final FhirJson JSON = new FhirJson();
    private static final Questionnaire QUESTIONNAIRE = new Questionnaire(JSON);

    private static Question question(String linkId) {
        return Objects.requireNonNull(QUESTIONNAIRE.find(linkId), linkId);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', delimiter = '|', textBlock = """
                    vitd25             | ng/mL ug/L nmol/L
                    ca_total           | mg/dL mmol/L meq/L
                    ca_ion             | mmol/L mg/dL meq/L
                    albumin            | g/dL g/L
                    phosphate          | mg/dL mmol/L
                    mg                 | mg/dL mmol/L meq/L
                    pth                | pg/mL ng/L pmol/L
                    creatinine         | mg/dL umol/L
                    egfr_reported      | mL/min/{1.73_m2}
                    alp                | U/L [iU]/L [IU]/L ukat/L
                    hba1c              | % mmol/mol
                    potassium          | mmol/L meq/L
                    inr                | {INR}
                    urine_volume       | L/d mL/d L/(24.h) mL/(24.h)
                    urine_sodium       | mmol/(24.h) mmol/d meq/d
                    vitd_dose          | [iU]/d ug/d [iU]/wk ug/wk [iU]/mo [IU]/d [IU]/wk [IU]/mo
                    ca_supp            | mg/d g/d mmol/d
                    ca_diet            | mg/d g/d mmol/d
                    mg_supp            | mg/d g/d mmol/d
                    vitk_dose          | ug/d mg/d
                    vitc_supp          | mg/d g/d
                    fluid_intake       | L/d mL/d [cup_us]/d [foz_us]/d
                    sodium_intake      | mg/d g/d mmol/d g{salt}/d
                    processed_per_week | {servings}/wk {servings}/d
                    fruit_veg          | {servings}/d {servings}/wk g/d
                    activity           | min/wk min/d h/wk
                    """)
    void a_number_is_asked_in_every_unit_of_the_knowledge_base(String linkId, String units) {
        assertThat(question(linkId).type()).isEqualTo(Question.Type.QUANTITY);
        assertThat(question(linkId).system()).isEqualTo("http://unitsofmeasure.org");
        assertThat(question(linkId).options().keySet()).containsExactly(units.split(" "));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', delimiter = '|', textBlock = """
                    consent            | v1
                    add_labs           | none usual all
                    sex_for_egfr       | female male unsure
                    pregnancy          | yes no not_applicable unsure
                    ckd_reported       | none G1 G2 G3 G3a G3b G4 G5 yes_unknown_stage unsure
                    vitk_type          | none K1 K2 both unsure
                    vitk_change_14d    | yes no unsure
                    mg_diet            | adequate low unknown
                    smoking            | current former never
                    plans_high_dose    | yes no unsure
                    chelation_interest | yes no unsure
                    conditions         | dialysis kidney_transplant single_kidney kidney_stones phpt hypoparathyroidism granulomatous vasc_valve_calc atherosclerosis soft_tissue_calc osteoporosis malignancy sickle_cell heart_failure fluid_limit_told diabetes malabsorption none
                    medicines          | vka doac thiazide loop digoxin lithium ca_binder active_vitd calcimimetic denosumab bisphosphonate_oral ppi_long mg_waster mg_laxative_antacid levothyroxine chelating_antibiotic broad_antibiotic fat_binder sodium_phosphate raas_nsaid none
                    symptoms           | confusion_drowsy seizure fainting chest_pain severe_breathlessness stroke_signs serious_bleeding palpitations no_urine_12h flank_pain fever_chills cannot_keep_fluids spasms_tingling skin_lesion_painful blood_in_urine thirst_urination constipation nausea_vomiting bone_pain weakness_fatigue low_mood none
                    """)
    void a_choice_offers_every_key_of_the_knowledge_base(String linkId, String codes) {
        assertThat(question(linkId).type()).isEqualTo(Question.Type.CHOICE);
        assertThat(question(linkId).options().keySet()).containsExactly(codes.split(" "));
        assertThat(question(linkId).system()).startsWith("https://calciwatch.org/fhir/CodeSystem/");
    }

    @ParameterizedTest
    @CsvSource({"conditions", "medicines", "symptoms"})
    void what_can_be_ticked_can_be_unsure_and_several_may_be(String list) {
        var unsure = question(list + "_unsure");
        var codes = new ArrayList<>(question(list).options().keySet());
        codes.remove("none");
        assertThat(unsure.options().keySet()).containsExactlyElementsOf(codes);
        assertThat(unsure.system()).isEqualTo(question(list).system());
        assertThat(unsure.repeats()).isTrue();
        assertThat(question(list).repeats()).isTrue();
    }

    @Test
    void there_is_nothing_else_in_it_and_red_flag_symptoms_come_first() {
        var questions = QUESTIONNAIRE.questions();
        assertThat(questions.stream().map(Question::linkId).limit(2)).containsExactly("g_symptoms", "symptoms");
        assertThat(questions.stream().filter(one -> one.type() == Question.Type.GROUP))
                .allSatisfy(group -> assertThat(group.linkId()).startsWith("g_"));
        assertThat(questions.stream().filter(one -> one.type() == Question.Type.DATE))
                .hasSize(15)
                .allSatisfy(date -> assertThat(
                                question(date.linkId().replace("_date", "")).type())
                        .isEqualTo(Question.Type.QUANTITY));
        assertThat(questions.stream().filter(one -> one.type() == Question.Type.QUANTITY))
                .hasSize(26);
        assertThat(questions.stream().filter(one -> one.type() == Question.Type.CHOICE))
                .hasSize(17);
        assertThat(questions.stream().filter(one -> one.type() == Question.Type.INTEGER))
                .extracting(Question::linkId)
                .containsExactly("age_years");
        assertThat(questions.stream().filter(Question::required))
                .extracting(Question::linkId)
                .containsExactly("consent", "age_years");
    }

    @Test
    void every_text_is_there_in_spanish_too() {
        var english = JSON.readOwn(QUESTIONNAIRE.in("en"));
        var spanish = JSON.readOwn(QUESTIONNAIRE.in("es"));
        assertThat(spanish.get("language").textValue()).isEqualTo("es");
        assertThat(spanish.get("title").textValue()).isEqualTo("¿Adónde va su calcio?");
        assertThat(spanish.at("/_title/extension/0/extension/0/valueCode").textValue())
                .isEqualTo("en");
        var same = new ArrayList<String>();
        untranslated(english.get("item"), spanish.get("item"), same);
        // Units and names that are spelled alike in both languages.
        assertThat(Set.copyOf(same))
                .containsExactlyInAnyOrder(
                        "ng/mL",
                        "µg/L",
                        "nmol/L",
                        "mg/dL",
                        "mmol/L",
                        "mEq/L",
                        "g/dL",
                        "g/L",
                        "pg/mL",
                        "ng/L",
                        "pmol/L",
                        "µmol/L",
                        "mL/min/1.73 m²",
                        "U/L",
                        "µkat/L",
                        "%",
                        "mmol/mol",
                        "INR",
                        "No",
                        "Diabetes");
    }

    private static void untranslated(JsonNode english, JsonNode spanish, List<String> same) {
        for (var name : List.of("text", "display")) {
            if (english.has(name) && english.get(name).equals(spanish.get(name))) {
                same.add(english.get(name).textValue());
            }
        }
        var others = spanish.iterator();
        english.forEach(child -> untranslated(child, others.next(), same));
    }
}
