package org.calciwatch.assessment.profile;

import static java.math.RoundingMode.HALF_UP;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Every input we know, in the order of the knowledge base (sections 1.2 to 1.6): the one place for keys, labels, accepted
 * units with their factors, decimals, plausible ranges and reference ranges. A label is also the name of the input in
 * {@code calcification-risk.cql}.
 */
public final class Inputs {

    public enum Kind {
        LAB,
        INTAKE,
        LIFESTYLE,
        CHOICE,
        CONDITION,
        MEDICINE,
        SYMPTOM
    }

    /** The key of the age question; age is a whole number of years and has no unit to choose. */
    public static final String AGE = "age_years";

    public static final String AGE_LABEL = "Age";

    public static final String AGE_UNIT = "a";

    /** Youngest and oldest age that is assessed (1.1, scope). */
    public static final int MIN_AGE = 18;

    public static final int MAX_AGE = 120;

    /** All laboratory values, with LOINC in the order of table 1.2. */
    public static final List<Quantity> LABS = List.of(
            lab("vitd25", "25-hydroxyvitamin D", 1, "1", "2000", between("20", "50"))
                    .loinc("62292-8", "1989-3", "14635-7")
                    .in("ng/mL", is("ng/mL"), is("ug/L"), times("nmol/L", "0.4")),
            lab("ca_total", "Calcium, total", 2, "4", "30", between("8.5", "10.5"))
                    .loinc("17861-6", "2000-8")
                    .in("mg/dL", is("mg/dL"), times("mmol/L", "4.008"), times("meq/L", "2.004")),
            lab("ca_ion", "Calcium, ionised", 2, "0.4", "3.5", between("1.15", "1.32"))
                    .loinc("1995-0", "1994-3", "17863-2", "17864-0")
                    .in("mmol/L", is("mmol/L"), times("mg/dL", "0.2495"), times("meq/L", "0.5")),
            lab("albumin", "Albumin", 2, "1", "6.5", between("3.5", "5.0"))
                    .loinc("1751-7")
                    .in("g/dL", is("g/dL"), times("g/L", "0.1")),
            lab("phosphate", "Phosphate", 2, "0.5", "20", between("2.5", "4.5"))
                    .loinc("2777-1", "14879-1")
                    .in("mg/dL", is("mg/dL"), times("mmol/L", "3.097")),
            lab("mg", "Magnesium", 2, "0.3", "30", between("1.7", "2.6"))
                    .loinc("19123-9", "2601-3")
                    .in("mg/dL", is("mg/dL"), times("mmol/L", "2.4305"), times("meq/L", "1.2153")),
            lab(
                            "pth",
                            "Parathyroid hormone (PTH)",
                            0,
                            "1",
                            "5000",
                            between("15", "65").note("assay-specific"))
                    .loinc("2731-8", "14866-8")
                    .in("pg/mL", is("pg/mL"), is("ng/L"), times("pmol/L", "9.43")),
            lab("creatinine", "Creatinine", 4, "0.2", "40", creatinineReference(null))
                    .loinc("2160-0", "14682-9")
                    .in("mg/dL", is("mg/dL"), over("umol/L", "88.4")),
            lab("egfr_reported", "eGFR, reported", 0, "1", "200", atLeast("60"))
                    .loinc("98979-8")
                    .in("mL/min/{1.73_m2}", is("mL/min/{1.73_m2}")),
            lab("alp", "Alkaline phosphatase", 0, "5", "5000", between("40", "130"))
                    .loinc("6768-6")
                    .in("U/L", is("U/L"), is("[iU]/L"), is("[IU]/L"), times("ukat/L", "60")),
            lab("hba1c", "HbA1c", 2, "3", "20", atMost("5.69").note("below 5.7"))
                    .loinc("4548-4", "59261-8")
                    .in("%", is("%"), timesPlus("mmol/mol", "0.09148", "2.152")),
            lab("potassium", "Potassium", 1, "1.5", "10", between("3.5", "5.0"))
                    .loinc("2823-3", "6298-4")
                    .in("mmol/L", is("mmol/L"), is("meq/L")),
            lab("inr", "INR", 1, "0.5", "20", between("0.8", "1.2").note("without a vitamin K antagonist"))
                    .loinc("6301-6", "34714-6")
                    .in("{INR}", is("{INR}")),
            lab(
                            "urine_volume",
                            "Urine volume in 24 hours",
                            2,
                            "0",
                            "10",
                            atLeast("2.5").note("for stone formers"))
                    .loinc("3167-4")
                    .in("L/d", is("L/d"), times("mL/d", "0.001"), is("L/(24.h)"), times("mL/(24.h)", "0.001")),
            lab("urine_sodium", "Urine sodium in 24 hours", 0, "1", "600", atMost("100"))
                    .loinc("2956-1")
                    .in("mmol/(24.h)", is("mmol/(24.h)"), is("mmol/d"), is("meq/d")));

    private static final List<Quantity> INTAKE = List.of(
            intake("vitd_dose", "Vitamin D supplement", 0, "1000000")
                    .in(
                            "[iU]/d",
                            is("[iU]/d"),
                            times("ug/d", "40"),
                            over("[iU]/wk", "7"),
                            timesOver("ug/wk", "40", "7"),
                            over("[iU]/mo", "30.4375"),
                            is("[IU]/d"),
                            over("[IU]/wk", "7"),
                            over("[IU]/mo", "30.4375")),
            intake("ca_supp", "Calcium supplement", 0, "10000")
                    .in("mg/d", is("mg/d"), times("g/d", "1000"), times("mmol/d", "40.08")),
            intake("ca_diet", "Calcium from food", 0, "5000")
                    .in("mg/d", is("mg/d"), times("g/d", "1000"), times("mmol/d", "40.08")),
            intake("mg_supp", "Magnesium supplement", 0, "5000")
                    .in("mg/d", is("mg/d"), times("g/d", "1000"), times("mmol/d", "24.305")),
            intake("vitk_dose", "Vitamin K supplement", 0, "50000").in("ug/d", is("ug/d"), times("mg/d", "1000")),
            intake("vitc_supp", "Vitamin C supplement", 0, "20000").in("mg/d", is("mg/d"), times("g/d", "1000")),
            intake("fluid_intake", "Fluids per day", 2, "12")
                    .in(
                            "L/d",
                            is("L/d"),
                            times("mL/d", "0.001"),
                            times("[cup_us]/d", "0.2366"),
                            times("[foz_us]/d", "0.029574")),
            intake("sodium_intake", "Sodium intake", 0, "15000")
                    .in(
                            "mg/d",
                            is("mg/d"),
                            times("g/d", "1000"),
                            times("mmol/d", "22.99"),
                            times("g{salt}/d", "393.4")));

    private static final List<Quantity> LIFESTYLE = List.of(
            lifestyle("processed_per_week", "Processed food servings", 0, "70")
                    .in("{servings}/wk", is("{servings}/wk"), times("{servings}/d", "7")),
            lifestyle("fruit_veg", "Fruit and vegetable servings", 1, "30")
                    .in("{servings}/d", is("{servings}/d"), over("{servings}/wk", "7"), over("g/d", "80")),
            lifestyle("activity", "Moderate activity", 0, "5000")
                    .in("min/wk", is("min/wk"), times("min/d", "7"), times("h/wk", "60")));

    /** All questions answered by a number with a unit. */
    public static final List<Quantity> QUANTITIES =
            Stream.of(LABS, INTAKE, LIFESTYLE).flatMap(List::stream).toList();

    /** All questions answered by one code. A code that is not listed counts as unanswered. */
    public static final List<Choice> CHOICES = List.of(
            new Choice("sex_for_egfr", "Sex used for eGFR", List.of("female", "male")),
            new Choice("pregnancy", "Pregnancy", List.of("yes", "no", "not_applicable")),
            new Choice(
                    "ckd_reported",
                    "Kidney disease, as reported",
                    List.of("none", "G1", "G2", "G3", "G3a", "G3b", "G4", "G5", "yes_unknown_stage")),
            new Choice("mg_diet", "Magnesium in the diet", List.of("adequate", "low")),
            new Choice("vitk_type", "Vitamin K product", List.of("none", "K1", "K2", "both")),
            new Choice("vitk_change_14d", "Vitamin K changed in the last 14 days", List.of("yes", "no")),
            new Choice("smoking", "Smoking", List.of("current", "former", "never")),
            new Choice("plans_high_dose", "Plans high-dose supplements", List.of("yes", "no")),
            new Choice("chelation_interest", "Interest in chelation", List.of("yes", "no")));

    /** All items of the three tick lists. */
    public static final List<Item> ITEMS = List.of(
            condition("dialysis", "Dialysis"),
            condition("kidney_transplant", "Kidney transplant"),
            condition("single_kidney", "Single kidney"),
            condition("kidney_stones", "Kidney stones"),
            condition("phpt", "Primary hyperparathyroidism"),
            condition("hypoparathyroidism", "Hypoparathyroidism"),
            condition("granulomatous", "Granulomatous disease"),
            condition("vasc_valve_calc", "Vascular or valve calcification"),
            condition("atherosclerosis", "Atherosclerosis"),
            condition("soft_tissue_calc", "Soft-tissue calcification"),
            condition("osteoporosis", "Osteoporosis"),
            condition("malignancy", "Cancer"),
            condition("sickle_cell", "Sickle cell disease"),
            condition("heart_failure", "Heart failure"),
            condition("fluid_limit_told", "Told to limit fluids"),
            condition("diabetes", "Diabetes"),
            condition("malabsorption", "Malabsorption"),
            medicine("vka", "Vitamin K antagonist"),
            medicine("doac", "Direct oral anticoagulant"),
            medicine("thiazide", "Thiazide"),
            medicine("loop", "Loop diuretic"),
            medicine("digoxin", "Digoxin"),
            medicine("lithium", "Lithium"),
            medicine("ca_binder", "Calcium-based binder"),
            medicine("active_vitd", "Active vitamin D"),
            medicine("calcimimetic", "Calcimimetic"),
            medicine("denosumab", "Denosumab"),
            medicine("bisphosphonate_oral", "Oral bisphosphonate"),
            medicine("ppi_long", "Proton pump inhibitor for a year or more"),
            medicine("mg_waster", "Other medicine that lowers magnesium"),
            medicine("mg_laxative_antacid", "Magnesium laxative or antacid"),
            medicine("levothyroxine", "Levothyroxine"),
            medicine("chelating_antibiotic", "Tetracycline or quinolone"),
            medicine("broad_antibiotic", "Broad antibiotic"),
            medicine("fat_binder", "Medicine that binds fat"),
            medicine("sodium_phosphate", "Sodium phosphate product"),
            medicine("raas_nsaid", "ACE inhibitor, ARB or NSAID"),
            symptom("confusion_drowsy", "New confusion or drowsiness"),
            symptom("seizure", "Seizure"),
            symptom("fainting", "Fainting"),
            symptom("chest_pain", "Chest pain"),
            symptom("severe_breathlessness", "Severe breathlessness"),
            symptom("stroke_signs", "Signs of stroke"),
            symptom("serious_bleeding", "Serious bleeding"),
            symptom("palpitations", "Palpitations"),
            symptom("spasms_tingling", "Muscle spasms or tingling"),
            symptom("thirst_urination", "Thirst or passing much urine"),
            symptom("constipation", "Constipation"),
            symptom("nausea_vomiting", "Nausea or vomiting"),
            symptom("bone_pain", "Bone pain"),
            symptom("weakness_fatigue", "Weakness or fatigue"),
            symptom("low_mood", "Low mood"),
            symptom("flank_pain", "Severe flank pain"),
            symptom("fever_chills", "Fever or chills"),
            symptom("no_urine_12h", "No urine for 12 hours"),
            symptom("cannot_keep_fluids", "Cannot keep fluids down"),
            symptom("blood_in_urine", "Blood in the urine"),
            symptom("skin_lesion_painful", "Painful skin patches or sores"));

    private static final Map<String, Quantity> QUANTITY_BY_KEY = index(QUANTITIES);
    private static final Map<String, Choice> CHOICE_BY_KEY = index(CHOICES);
    private static final Map<String, Item> ITEM_BY_KEY = index(ITEMS);

    private Inputs() {}

    /** Usual creatinine in mg/dL: 0.5-1.1 in women, 0.6-1.3 in men, the widest of both when the sex is not known. */
    static Reference creatinineReference(@Nullable String sex) {
        return switch (sex) {
            case "female" -> between("0.5", "1.1");
            case "male" -> between("0.6", "1.3");
            case null, default -> between("0.5", "1.3").note("female at most 1.1, male from 0.6");
        };
    }

    public static Optional<Quantity> quantity(String key) {
        return Optional.ofNullable(QUANTITY_BY_KEY.get(key));
    }

    /** The laboratory value with this LOINC code. */
    public static Optional<Quantity> byLoinc(String code) {
        return LABS.stream().filter(lab -> lab.loinc().contains(code)).findFirst();
    }

    public static Optional<Choice> choice(String key) {
        return Optional.ofNullable(CHOICE_BY_KEY.get(key));
    }

    public static Optional<Item> item(String key) {
        return Optional.ofNullable(ITEM_BY_KEY.get(key));
    }

    /** Every input but the age, in the order of the knowledge base. */
    public static Stream<Input> all() {
        return Stream.<List<? extends Input>>of(QUANTITIES, CHOICES, ITEMS).flatMap(List::stream);
    }

    /** Any input but the age. */
    public static Optional<Input> find(String key) {
        return Stream.<Map<String, ? extends Input>>of(QUANTITY_BY_KEY, CHOICE_BY_KEY, ITEM_BY_KEY)
                .<Input>mapMulti((table, found) -> {
                    var input = table.get(key);
                    if (input != null) {
                        found.accept(input);
                    }
                })
                .findFirst();
    }

    /** A question or a list item. */
    public sealed interface Input {
        String key();

        Kind kind();

        String label();
    }

    /**
     * A number with a unit.
     *
     * @param unit the canonical UCUM unit; the range and all rules are in this unit
     * @param decimals the number of decimals a canonical value is rounded to
     * @param low lowest plausible canonical value, included
     * @param high highest plausible canonical value, included
     * @param loinc codes of a laboratory value, the first one in the canonical unit; none for questions
     * @param reference adult reference range of a laboratory value in the canonical unit
     */
    public record Quantity(
            String key,
            Kind kind,
            String label,
            String unit,
            List<Unit> units,
            int decimals,
            BigDecimal low,
            BigDecimal high,
            List<String> loinc,
            Optional<Reference> reference)
            implements Input {

        /** The unit with exactly this UCUM code (case-sensitive), if it is accepted here. */
        public Optional<Unit> unit(@Nullable String code) {
            return units.stream().filter(unit -> unit.code().equals(code)).findFirst();
        }

        /** Canonical and rounded, or empty when the result is out of the plausible range by orders of magnitude. */
        public Optional<BigDecimal> normalise(BigDecimal number, Unit unit) {
            // 1e15 exceeds every plausible range in every unit; computing 1e999999999 exactly would take gigabytes.
            if (magnitude(number) > 15) {
                return Optional.empty();
            }
            var exact = magnitude(number) < -40 ? BigDecimal.ZERO : number;
            return Optional.of(unit.toCanonical(exact).setScale(9, HALF_UP).setScale(decimals, HALF_UP));
        }

        public boolean plausible(BigDecimal canonical) {
            return low.compareTo(canonical) <= 0 && canonical.compareTo(high) <= 0;
        }

        private static long magnitude(BigDecimal number) {
            return number.signum() == 0 ? 0 : (long) number.precision() - number.scale();
        }
    }

    /** Adult reference range of table 1.2, limits included; a missing limit is none. The note qualifies it. */
    public record Reference(
            @Nullable BigDecimal low,
            @Nullable BigDecimal high,
            @Nullable String note) {

        private Reference note(String text) {
            return new Reference(low, high, text);
        }

        boolean holds(BigDecimal value) {
            return (low == null || low.compareTo(value) <= 0) && (high == null || value.compareTo(high) <= 0);
        }

        /** For people, for example {@code 15-65 (assay-specific)}. */
        @Override
        public String toString() {
            var range = low == null ? "<= " + high : high == null ? ">= " + low : low + "-" + high;
            return note == null ? range : range + " (" + note + ")";
        }
    }

    /** An accepted unit: canonical value = number x times / over + plus. */
    public record Unit(String code, BigDecimal times, BigDecimal over, BigDecimal plus) {
        BigDecimal toCanonical(BigDecimal number) {
            return number.multiply(times).divide(over, MathContext.DECIMAL128).add(plus);
        }
    }

    public record Choice(String key, String label, List<String> codes) implements Input {
        @Override
        public Kind kind() {
            return Kind.CHOICE;
        }
    }

    public record Item(String key, ItemList list, String label) implements Input {
        @Override
        public Kind kind() {
            return switch (list) {
                case CONDITIONS -> Kind.CONDITION;
                case MEDICINES -> Kind.MEDICINE;
                case SYMPTOMS -> Kind.SYMPTOM;
            };
        }
    }

    private static Item condition(String key, String label) {
        return new Item(key, ItemList.CONDITIONS, label);
    }

    private static Item medicine(String key, String label) {
        return new Item(key, ItemList.MEDICINES, label);
    }

    private static Item symptom(String key, String label) {
        return new Item(key, ItemList.SYMPTOMS, label);
    }

    private record Row(
            String key,
            Kind kind,
            String label,
            int decimals,
            String low,
            String high,
            List<String> codes,
            Optional<Reference> reference) {

        Row loinc(String... codes) {
            return new Row(key, kind, label, decimals, low, high, List.of(codes), reference);
        }

        Quantity in(String canonical, Unit... units) {
            return new Quantity(
                    key,
                    kind,
                    label,
                    canonical,
                    List.of(units),
                    decimals,
                    new BigDecimal(low),
                    new BigDecimal(high),
                    codes,
                    reference);
        }
    }

    private static Row lab(String key, String label, int decimals, String low, String high, Reference reference) {
        return new Row(key, Kind.LAB, label, decimals, low, high, List.of(), Optional.of(reference));
    }

    private static Row intake(String key, String label, int decimals, String high) {
        return new Row(key, Kind.INTAKE, label, decimals, "0", high, List.of(), Optional.empty());
    }

    private static Row lifestyle(String key, String label, int decimals, String high) {
        return new Row(key, Kind.LIFESTYLE, label, decimals, "0", high, List.of(), Optional.empty());
    }

    private static Reference between(String low, String high) {
        return new Reference(new BigDecimal(low), new BigDecimal(high), null);
    }

    private static Reference atLeast(String low) {
        return new Reference(new BigDecimal(low), null, null);
    }

    private static Reference atMost(String high) {
        return new Reference(null, new BigDecimal(high), null);
    }

    private static Unit is(String code) {
        return times(code, "1");
    }

    private static Unit times(String code, String factor) {
        return timesOver(code, factor, "1");
    }

    private static Unit over(String code, String divisor) {
        return timesOver(code, "1", divisor);
    }

    private static Unit timesOver(String code, String factor, String divisor) {
        return new Unit(code, new BigDecimal(factor), new BigDecimal(divisor), BigDecimal.ZERO);
    }

    private static Unit timesPlus(String code, String factor, String offset) {
        return new Unit(code, new BigDecimal(factor), BigDecimal.ONE, new BigDecimal(offset));
    }

    private static <I extends Input> Map<String, I> index(List<I> inputs) {
        var byKey = new LinkedHashMap<String, I>();
        inputs.forEach(input -> byKey.put(input.key(), input));
        return Map.copyOf(byKey);
    }
}
