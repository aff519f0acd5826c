package org.calciwatch.assessment.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;
import static org.calciwatch.assessment.rules.BundledPack.PACK;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordingTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            en | Take 400 mg of magnesium with food.                | a dose
            en | People often use 2,000 IU of vitamin D.            | a dose
            en | Two cups help. Use it three times a day.           | a dose
            en | Stop your warfarin.                                | an order
            en | Please start a vitamin D supplement soon.          | an order
            en | You have chronic kidney disease.                   | a diagnosis
            en | This may be hypercalcaemia.                        | a diagnosis
            en | Your results are normal.                           | an all-clear
            en | You are fine.                                      | an all-clear
            en | Your risk is small, so there is no need to worry.  | an all-clear
            en | Vitamin K2 dissolves calcium in your arteries.     | a promise
            en | Everything is fine.                                | an all-clear
            en | All is well.                                       | an all-clear
            en | Your calcium is normal.                            | an all-clear
            en | Your results are in the normal range.              | an all-clear
            en | There is no danger for you.                        | an all-clear
            en | Do not worry.                                      | an all-clear
            en | Your risk is 12%.                                  | a dose
            en | You should stop taking warfarin.                   | an order
            en | You can stop your blood thinner.                   | an order
            en | Take K2.                                           | an order
            en | Drink more water.                                  | an order
            en | Take 5000 of vitamin D3 daily.                     | a dose
            en | Drink two liters of water.                         | a dose
            en | You are diabetic.                                  | a diagnosis
            en | This means kidney disease.                         | a diagnosis
            en | K2 clears calcium from arteries.                   | a promise
            es | Todo está bien.                                    | an all-clear
            es | No tiene riesgo.                                   | an all-clear
            es | Su calcio es normal.                               | an all-clear
            es | Puede estar tranquilo.                             | an all-clear
            es | Debe dejar la warfarina.                           | an order
            es | Tome dos pastillas al día.                         | a dose
            es | Tome 400 mg de magnesio con la comida.             | a dose
            es | Suspenda su anticoagulante.                        | an order
            es | Usted tiene una enfermedad renal.                  | a diagnosis
            es | Sus niveles están bien.                            | an all-clear
            es | La vitamina K2 disuelve el calcio de las arterias. | a promise
            """)
    void what_a_patient_must_never_read_is_found(String language, String text, String what) {
        assertThat(Wording.problems(language, text))
                .anySatisfy(problem -> assertThat(problem).contains(what));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            en | Do not stop a medicine on your own.
            en | If you have kidney disease, ask your care team first.
            en | Food and sleep help a lot. They cannot dissolve what is hard by now.
            en | So far, trials of K2 pills have not shown this.
            en | This can happen even when blood calcium is normal.
            en | Your level is well above the usual range.
            es | Beber suficiente líquido puede ayudar.
            es | Si tiene una enfermedad renal, pregunte primero.
            es | No pueden disolver del todo el calcio endurecido.
            """)
    void what_a_patient_may_read_is_let_through(String language, String text) {
        assertThat(Wording.problems(language, text)).isEmpty();
    }

    @Test
    void an_english_text_above_grade_eight_is_found() {
        assertThat(Wording.problems(
                        "en",
                        "Supplementation necessitates individualised evaluation of mineral metabolism by experienced"
                                + " multidisciplinary practitioners before initiation of any intervention."))
                .singleElement()
                .asString()
                .startsWith("has reading grade");
    }

    @Test
    void the_reading_grade_is_that_of_flesch_and_kincaid() {
        // 5 words, 1 sentence, 5 syllables: 0.39 x 5 + 11.8 x 1 - 15.59
        assertThat(Wording.readingGrade("The cat sat on mats.")).isEqualTo(-1.84, offset(0.001));
    }

    @Test
    void every_patient_text_of_the_pack_reads_at_grade_eight_or_lower() {
        assertThat(PACK.rules()).allSatisfy(rule -> assertThat(Wording.readingGrade(rule.patientMessage()))
                .as(rule.id())
                .isLessThanOrEqualTo(Wording.HIGHEST_GRADE));
    }
}
