package org.calciwatch.assessment.rules;

import static java.util.regex.Pattern.CASE_INSENSITIVE;
import static java.util.regex.Pattern.UNICODE_CASE;

import java.util.ArrayList;
import java.util.List;
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
            "(?<![\\p{L}\\d])\\d[\\d.,]*\\s*(mg|mcg|µg|ug|g|kg|IU|UI|mL|dL|L|mmol|nmol|ng|%|units?|unidades|grams?|gramos|lit[er]{2}s?|litros?)\\b");

    private static final Ban TERM = Ban.of(
            DIAGNOSIS,
            "\\b(hyper|hypo|hiper|hipo)(calc|magnes|kal|cal|phosph|fosf|parat|vitamin)\\p{L}*|calciphyla\\p{L}*|calcifila\\p{L}*"
                    + "|nephrocalc\\p{L}*|nefrocalc\\p{L}*|(athero|arterio|atero)sclero\\p{L}*|\\bt[oó]xi[cq]\\p{L}*"
                    + "|(kidney|renal|heart) failure|insuficiencia (renal|cardiaca)");

    private static final Map<String, List<Ban>> BANS = Map.of(
            "en",
            List.of(
                    Ban.of(
                            DOSE,
                            "\\b\\d+ (tablets?|pills?|capsules?|drops?|times (a|per) day)|\\b(twice|three times) (a|per) day"),
                    Ban.of(
                            ORDER,
                            "^(please )?((stop|skip|double|halve) |(start|take|increase|reduce|raise|lower) (\\p{L}+ ){0,4}(medicine|drug|"
                                    + "pill|tablet|supplement|vitamin|magnesium|calcium|dose|product|thinner|dialysis|fluids?)\\b)"),
                    Ban.unless(
                            DIAGNOSIS,
                            "\\byou (have|suffer from|are having) (\\p{L}+ ){0,3}(disease|failure|deficiency|syndrome|stones?|cancer|"
                                    + "sarcoidosis|diabetes|stroke|heart attack)",
                            "\\b(if|whether)\\b"),
                    Ban.of(
                            ALL_CLEAR,
                            "\\b(you are|you're) (fine|safe|healthy|well|not at risk)|nothing to worry|no need to worry|low risk"
                                    + "|\\bno risk|\\b(results?|levels?|values?|tests?) (is|are|looks?) (normal|fine|safe)"),
                    Ban.unless(
                            CURE,
                            "\\b(dissolv|revers|melt|cure)\\p{L}*|clean(s|ing)? out",
                            "\\b(not|cannot|can't|no|nothing|never|claim(s|ing)?)\\b")),
            "es",
            List.of(
                    Ban.of(
                            DOSE,
                            "\\b\\d+ (tabletas?|pastillas?|cápsulas?|gotas?|veces (al|por) día)|\\b(dos|tres) veces (al|por) día"),
                    Ban.of(
                            ORDER,
                            "^(por favor,? )?((suspenda|deje de|salte|duplique) |(empiece|comience|tome|aumente|reduzca|suba|baje) "
                                    + "(\\p{L}+ ){0,4}(medicamento|medicina|pastilla|suplemento|vitamina|magnesio|calcio|dosis|producto|"
                                    + "anticoagulante|diálisis|líquidos?)\\b)"),
                    Ban.unless(
                            DIAGNOSIS,
                            "\\b(usted )?(tiene|padece|sufre)( de)? (\\p{L}+ ){0,3}(enfermedad|insuficiencia|deficiencia|síndrome|"
                                    + "cálculos?|cáncer|sarcoidosis|diabetes|infarto|derrame)",
                            "\\bsi\\b"),
                    Ban.of(
                            ALL_CLEAR,
                            "\\busted está (bien|sano|sana|a salvo)|no se preocupe|bajo riesgo|riesgo bajo|\\bningún riesgo"
                                    + "|\\b(resultados?|niveles|nivel|valores|valor) (es|son|está|están) (normal|bien|segur)"),
                    Ban.unless(
                            CURE,
                            "\\b(disuelv|disolv|reviert|revert|derrit|cura(r|n)?\\b)\\p{L}*",
                            "\\b(no|nada|nunca|ningun[oa]?|afirman?|prometen?|dicen)\\b")));

    private static final Pattern SENTENCE_END = Pattern.compile("(?<=[.!?:])\\s+");
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\d][\\p{L}\\d'-]*");
    private static final Pattern SILENT_ENDING = Pattern.compile("([^laeiouy]es|ed|[^laeiouy]e)$");
    private static final Pattern VOWELS = Pattern.compile("[aeiouy]{1,2}");

    private Wording() {}

    /** What is wrong with this patient text, in words that follow "the message". */
    static List<String> problems(String language, String text) {
        var problems = new ArrayList<String>();
        var bans = new ArrayList<>(List.of(AMOUNT, TERM));
        bans.addAll(BANS.getOrDefault(language, List.of()));
        for (var sentence : SENTENCE_END.split(text, -1)) {
            for (var ban : bans) {
                var found = ban.words().matcher(sentence);
                if (found.find() && !ban.exempt().matcher(sentence).find()) {
                    problems.add(
                            "has %s: \"%s\"".formatted(ban.what(), found.group().strip()));
                }
            }
        }
        if (language.equals("en")) {
            double grade = readingGrade(text);
            if (grade > HIGHEST_GRADE) {
                problems.add("has reading grade %.1f; %.0f is the most".formatted(grade, HIGHEST_GRADE));
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
        var letters = word.toLowerCase(java.util.Locale.ROOT).replaceAll("[^a-z]", "");
        if (letters.length() <= 3) {
            return 1;
        }
        var spoken = SILENT_ENDING.matcher(letters).replaceFirst("").replaceFirst("^y", "");
        return (int) Math.max(1, VOWELS.matcher(spoken).results().count());
    }
}
