package org.calciwatch.assessment.rules;

import static java.util.regex.Pattern.CASE_INSENSITIVE;
import static java.util.regex.Pattern.UNICODE_CASE;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What no patient text may say (knowledge base, section 5), as far as a machine can see it: a dose, an order about a
 * medicine, a diagnosis, an all-clear, a promise of cure; and for English a reading grade above 8. It finds slips; it does
 * not replace a clinician who reads the text.
 */
final class Wording {

    /** Highest Flesch-Kincaid grade of an English patient text. */
    static final double HIGHEST_GRADE = 8;

    /** A forbidden thing, with the words that give it away. A sentence that also holds an exempting word passes. */
    private record Ban(String what, Pattern words, Pattern exempt) {
        static Ban of(String what, String words) {
            return unless(what, words, "(?!)");
        }

        static Ban unless(String what, String words, String exempt) {
            return new Ban(what, pattern(words), pattern(exempt));
        }

        private static Pattern pattern(String words) {
            return Pattern.compile(words, CASE_INSENSITIVE | UNICODE_CASE);
        }
    }

    private static final String DOSE = "a dose, amount or schedule";
    private static final String ORDER = "an order to start, stop or change something";
    private static final String DIAGNOSIS = "a diagnosis";
    private static final String ALL_CLEAR = "an all-clear";
    private static final String CURE = "a promise to dissolve, reverse or cure";

    private static final Ban AMOUNT = Ban.of(
            DOSE,
            "(?<![\\p{L}\\d])\\d[\\d.,]*\\s*((mg|mcg|µg|ug|g|kg|IU|UI|mL|dL|L|mmol|nmol|ng|units?|unidades|grams?|gramos|"
                    + "lit[er]{2}s?|litros?)\\b|%)|\\b\\d[\\d.,]{2,}\\b");

    private static final Ban TERM = Ban.of(
            DIAGNOSIS,
            "\\b(hyper|hypo|hiper|hipo)(calc|magnes|kal|cal|phosph|fosf|parat|vitamin)\\p{L}*|calciphyla\\p{L}*|calcifila\\p{L}*"
                    + "|nephrocalc\\p{L}*|nefrocalc\\p{L}*|(athero|arterio|atero)sclero\\p{L}*|\\bt[oó]xi[cq]\\p{L}*"
                    + "|(kidney|renal|heart) failure|insuficiencia (renal|cardiaca)");

    private static final String ENGLISH_PRODUCTS =
            "(medicines?|drugs?|pills?|tablets?|supplements?|vitamins?|magnesium|calcium|doses?|products?|thinners?|warfarin|"
                    + "dialysis|fluids?|water|salt|k2)\\b";
    private static final String SPANISH_PRODUCTS =
            "(medicamentos?|medicinas?|pastillas?|suplementos?|vitaminas?|magnesio|calcio|dosis|productos?|anticoagulantes?|"
                    + "warfarina|diálisis|líquidos?|agua|sal|k2)\\b";

    private static final Map<String, List<Ban>> BANS = Map.of(
            "en",
            List.of(
                    Ban.of(
                            DOSE,
                            "\\b(\\d+|one|two|three|four|five) (tablets?|pills?|capsules?|drops?|lit(er|re)s?|cups?|glasses|grams?)\\b"
                                    + "|\\b(\\d+|once|twice|two|three|four)( times)? (a|per|each|every) day"),
                    Ban.unless(
                            ORDER,
                            "(^|\\byou (should|must|can|may|need to|have to) |\\bplease )(now )?(stop|start|skip|double|halve|take|drink|"
                                    + "increase|reduce|raise|lower) (taking |using )?(\\p{L}+ ){0,4}"
                                    + ENGLISH_PRODUCTS,
                            "\\b(not|never|before|unless|ask)\\b"),
                    Ban.unless(
                            DIAGNOSIS,
                            "\\b(you (have|suffer from|are having)|this (is|means)) (\\p{L}+ ){0,3}(disease|failure|deficiency|"
                                    + "syndrome|stones?|cancer|sarcoidosis|diabetes|stroke|heart attack)"
                                    + "|\\byou are (a )?(diabetic|hypertensive|an(a)?emic)",
                            "\\b(if|whether)\\b"),
                    Ban.unless(
                            ALL_CLEAR,
                            "\\b(everything|all|you|it|calcium|magnesium|potassium|results?|levels?|values?|tests?|kidneys?|heart) "
                                    + "(is|are|looks?|seems?) (perfectly |completely |all )?(fine|well|safe|normal|healthy|ok(ay)?|"
                                    + "in the (normal|usual|healthy) range|not at risk)\\b(?! (above|below|over|under))",
                            "\\b(even|not|never|if|whether|when)\\b"),
                    Ban.of(
                            ALL_CLEAR,
                            "\\byou're (fine|safe|healthy|well|not at risk)|\\b(nothing|no need|not|n't) (to )?worry|\\blow risk|"
                                    + "\\bno (risk|danger)|\\brisk is|normal range"),
                    Ban.unless(
                            CURE,
                            "\\b(dissolv|revers|melt|cure)\\p{L}*|\\b(clear|clean|remov|flush)\\p{L}* (\\p{L}+ ){0,3}(calcium|deposits?|"
                                    + "arter\\p{L}*|stones?)",
                            "\\b(not|cannot|can't|no|nothing|never|claim(s|ing)?|question)\\b")),
            "es",
            List.of(
                    Ban.of(
                            DOSE,
                            "\\b(\\d+|una?|dos|tres|cuatro|cinco) (tabletas?|pastillas?|cápsulas?|gotas?|litros?|tazas?|vasos?|gramos?)\\b"
                                    + "|\\b(\\d+|una|dos|tres|cuatro) (vez|veces) (al|por|cada) día"),
                    Ban.unless(
                            ORDER,
                            "((^|\\bpor favor,? )(suspenda|deje( de)?|salte|duplique|empiece|comience|tome|beba|aumente|reduzca|suba|baje)"
                                    + "|\\b(debe|puede|tiene que) (suspender|dejar( de)?|tomar|beber|aumentar|reducir|empezar|duplicar)) "
                                    + "(tomar |usar )?(\\p{L}+ ){0,4}"
                                    + SPANISH_PRODUCTS,
                            "\\b(no|nunca|antes|pregunte)\\b"),
                    Ban.unless(
                            DIAGNOSIS,
                            "\\b((usted )?(tiene|padece|sufre)( de)?|esto (es|significa)) (\\p{L}+ ){0,3}(enfermedad|insuficiencia|"
                                    + "deficiencia|síndrome|cálculos?|cáncer|sarcoidosis|diabetes|infarto|derrame)"
                                    + "|\\busted es (diabétic|hipertens)",
                            "\\bsi\\b"),
                    Ban.unless(
                            ALL_CLEAR,
                            "\\b(todo|usted|calcio|magnesio|potasio|resultados?|niveles|nivel|valores|valor|riñones|corazón) "
                                    + "(es|son|está|están) (muy |totalmente )?(normal(es)?|bien|segur|san[oa]|a salvo)",
                            "\\b(no|nunca|incluso|aunque|cuando|si)\\b"),
                    Ban.of(
                            ALL_CLEAR,
                            "no se preocupe|bajo riesgo|riesgo (es )?bajo|(ningún|no tiene|sin|no hay) (riesgo|peligro)|(estar|esté) tranquil"
                                    + "|rango normal"),
                    Ban.unless(
                            CURE,
                            "\\b(disuelv|disolv|reviert|revert|derrit|cura(r|n)?\\b)\\p{L}*|\\b(limpi|elimin|quit)\\p{L}* (\\p{L}+ ){0,3}"
                                    + "(calcio|depósitos?|arterias|cálculos)",
                            "\\b(no|nada|nunca|ningun[oa]?|afirman?|prometen?|dicen|pregunta)\\b")));

    private static final Pattern SENTENCE_END = Pattern.compile("(?<=[.!?:])\\s+");
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\d][\\p{L}\\d'-]*");
    private static final Pattern SILENT_ENDING = Pattern.compile("([^laeiouy]es|ed|[^laeiouy]e)$");
    private static final Pattern VOWELS = Pattern.compile("[aeiouy]{1,2}");

    private Wording() {}

    /** What is wrong with this patient message, in words that follow "the message". */
    static List<String> problems(String language, String text) {
        var problems = new ArrayList<>(find(text, withCommon(language)));
        if (language.equals("en")) {
            double grade = readingGrade(text);
            if (grade > HIGHEST_GRADE) {
                problems.add("has reading grade %.1f; %.0f is the most".formatted(grade, HIGHEST_GRADE));
            }
        }
        return problems;
    }

    /** The same for a title or a note: it may name a limit or a finding of the laboratory, and is too short for a grade. */
    static List<String> problemsOfNote(String language, String text) {
        return find(text, BANS.getOrDefault(language, List.of()));
    }

    private static List<Ban> withCommon(String language) {
        var bans = new ArrayList<>(List.of(AMOUNT, TERM));
        bans.addAll(BANS.getOrDefault(language, List.of()));
        return bans;
    }

    private static List<String> find(String text, List<Ban> bans) {
        var problems = new ArrayList<String>();
        for (var sentence : SENTENCE_END.split(text, -1)) {
            for (var ban : bans) {
                var found = ban.words().matcher(sentence);
                if (found.find() && !ban.exempt().matcher(sentence).find()) {
                    problems.add(
                            "has %s: \"%s\"".formatted(ban.what(), found.group().strip()));
                }
            }
        }
        return problems;
    }

    /** Flesch-Kincaid grade level; syllables by counting vowel groups. */
    static double readingGrade(String english) {
        int sentences = 0;
        int words = 0;
        int syllables = 0;
        for (var sentence : SENTENCE_END.split(english, -1)) {
            var word = WORD.matcher(sentence);
            boolean any = false;
            while (word.find()) {
                any = true;
                words++;
                syllables += syllables(word.group());
            }
            sentences += any ? 1 : 0;
        }
        return words == 0 ? 0 : 0.39 * words / sentences + 11.8 * syllables / words - 15.59;
    }

    private static int syllables(String word) {
        var letters = word.toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "");
        if (letters.length() <= 3) {
            return 1;
        }
        var spoken = SILENT_ENDING.matcher(letters).replaceFirst("").replaceFirst("^y", "");
        return (int) Math.max(1, VOWELS.matcher(spoken).results().count());
    }
}
