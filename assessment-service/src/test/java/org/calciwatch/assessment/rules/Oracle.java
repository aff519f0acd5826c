package org.calciwatch.assessment.rules;

import static java.math.RoundingMode.HALF_UP;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.calciwatch.assessment.profile.Answers;
import org.calciwatch.assessment.profile.ItemList;
import org.jspecify.annotations.Nullable;

/**
 * A second opinion: the knowledge base (sections 1.2, 1.3, 1.7, 1.8, 2.1, 2.4) once more, in plain Java, from the raw
 * answers on. It shares nothing with the product but the answers: own units, own logic, own thresholds.
 */
final class Oracle {

    record Verdict(Set<String> fired, Set<String> unknown, Set<String> suppressed, Set<String> dq, String severity) {}

    private enum K {
        T,
        F,
        U;

        static K of(boolean truth) {
            return truth ? T : F;
        }

        K not() {
            return this == T ? F : this == F ? T : U;
        }

        boolean isTrue() {
            return this == T;
        }
    }

    private static K all(K... legs) {
        boolean unknown = false;
        for (var leg : legs) {
            if (leg == K.F) {
                return K.F;
            }
            unknown |= leg == K.U;
        }
        return unknown ? K.U : K.T;
    }

    private static K any(K... legs) {
        boolean unknown = false;
        for (var leg : legs) {
            if (leg == K.T) {
                return K.T;
            }
            unknown |= leg == K.U;
        }
        return unknown ? K.U : K.F;
    }

    /** decimals, low, high, then the units with "multiply/divide+add". */
    private static final Map<String, String> TABLE = new HashMap<>();

    static {
        TABLE.put("vitd25", "1 1 2000 ng/mL=1 ug/L=1 nmol/L=0.4");
        TABLE.put("ca_total", "2 4 30 mg/dL=1 mmol/L=4.008 meq/L=2.004");
        TABLE.put("ca_ion", "2 0.4 3.5 mmol/L=1 mg/dL=0.2495 meq/L=0.5");
        TABLE.put("albumin", "2 1 6.5 g/dL=1 g/L=0.1");
        TABLE.put("phosphate", "2 0.5 20 mg/dL=1 mmol/L=3.097");
        TABLE.put("mg", "2 0.3 30 mg/dL=1 mmol/L=2.4305 meq/L=1.2153");
        TABLE.put("pth", "0 1 5000 pg/mL=1 ng/L=1 pmol/L=9.43");
        TABLE.put("creatinine", "4 0.2 40 mg/dL=1 umol/L=1:88.4");
        TABLE.put("egfr_reported", "0 1 200 mL/min/{1.73_m2}=1");
        TABLE.put("alp", "0 5 5000 U/L=1 [iU]/L=1 [IU]/L=1 ukat/L=60");
        TABLE.put("hba1c", "2 3 20 %=1 mmol/mol=0.09148+2.152");
        TABLE.put("potassium", "1 1.5 10 mmol/L=1 meq/L=1");
        TABLE.put("inr", "1 0.5 20 {INR}=1");
        TABLE.put("urine_volume", "2 0 10 L/d=1 mL/d=0.001 L/(24.h)=1 mL/(24.h)=0.001");
        TABLE.put("urine_sodium", "0 1 600 mmol/(24.h)=1 mmol/d=1 meq/d=1");
        TABLE.put(
                "vitd_dose",
                "0 0 1000000 [iU]/d=1 ug/d=40 [iU]/wk=1:7 ug/wk=40:7 [iU]/mo=1:30.4375 [IU]/d=1 [IU]/wk=1:7 [IU]/mo=1:30.4375");
        TABLE.put("ca_supp", "0 0 10000 mg/d=1 g/d=1000 mmol/d=40.08");
        TABLE.put("ca_diet", "0 0 5000 mg/d=1 g/d=1000 mmol/d=40.08");
        TABLE.put("mg_supp", "0 0 5000 mg/d=1 g/d=1000 mmol/d=24.305");
        TABLE.put("vitk_dose", "0 0 50000 ug/d=1 mg/d=1000");
        TABLE.put("vitc_supp", "0 0 20000 mg/d=1 g/d=1000");
        TABLE.put("fluid_intake", "2 0 12 L/d=1 mL/d=0.001 [cup_us]/d=0.2366 [foz_us]/d=0.029574");
        TABLE.put("sodium_intake", "0 0 15000 mg/d=1 g/d=1000 mmol/d=22.99 g{salt}/d=393.4");
        TABLE.put("processed_per_week", "0 0 70 {servings}/wk=1 {servings}/d=7");
        TABLE.put("fruit_veg", "1 0 30 {servings}/d=1 {servings}/wk=1:7 g/d=1:80");
        TABLE.put("activity", "0 0 5000 min/wk=1 min/d=7 h/wk=60");
    }

    private final Answers answers;
    private final Map<String, BigDecimal> values = new HashMap<>();
    private final Set<String> countsAsTaken = new TreeSet<>();
    private boolean rejected;
    private boolean unknownUnit;

    private Oracle(Answers answers) {
        this.answers = answers;
        answers.quantities().forEach((key, entered) -> {
            if (entered.value() != null && TABLE.containsKey(key)) {
                enter(key, entered.value(), entered.unit());
            }
        });
    }

    static Verdict judge(Answers answers) {
        return new Oracle(answers).judge();
    }

    private @Nullable BigDecimal usableAlbumin() {
        return differentDays("ca_total", "albumin") ? null : v("albumin");
    }

    /** Both values are usable, both dates are given, and no day fits both. */
    private boolean differentDays(String one, String other) {
        var first = answers.drawn().get(one);
        var second = answers.drawn().get(other);
        return v(one) != null
                && v(other) != null
                && first != null
                && second != null
                && (first.latest().isBefore(second.earliest())
                        || second.latest().isBefore(first.earliest()));
    }

    private void enter(String key, BigDecimal number, @Nullable String unit) {
        var row = List.of(TABLE.getOrDefault(key, "").split(" ", -1));
        String factor = null;
        for (int i = 3; i < row.size(); i++) {
            int equals = row.get(i).lastIndexOf('=');
            if (row.get(i).substring(0, equals).equals(unit)) {
                factor = row.get(i).substring(equals + 1);
            }
        }
        if (factor == null) {
            unknownUnit = true;
            take(key, number);
            return;
        }
        var offset = "0";
        if (factor.contains("+")) {
            offset = factor.substring(factor.indexOf('+') + 1);
            factor = factor.substring(0, factor.indexOf('+'));
        }
        var divisor = "1";
        if (factor.contains(":")) {
            divisor = factor.substring(factor.indexOf(':') + 1);
            factor = factor.substring(0, factor.indexOf(':'));
        }
        var canonical = number.multiply(new BigDecimal(factor))
                .divide(new BigDecimal(divisor), new MathContext(60))
                .add(new BigDecimal(offset))
                .setScale(9, HALF_UP)
                .setScale(Integer.parseInt(row.get(0)), HALF_UP);
        if (canonical.compareTo(new BigDecimal(row.get(1))) < 0
                || canonical.compareTo(new BigDecimal(row.get(2))) > 0) {
            rejected = true;
            take(key, number);
        } else {
            values.put(key, canonical);
        }
    }

    private void take(String key, BigDecimal number) {
        if (number.signum() > 0) {
            countsAsTaken.add(key);
        }
    }

    private boolean has(String key) {
        return values.containsKey(key);
    }

    private static K test(@Nullable BigDecimal value, Predicate<BigDecimal> test) {
        return value == null ? K.U : K.of(test.test(value));
    }

    private static int cmp(BigDecimal value, String limit) {
        return value.compareTo(new BigDecimal(limit));
    }

    private static K gt(@Nullable BigDecimal value, String limit) {
        return test(value, v -> cmp(v, limit) > 0);
    }

    private static K ge(@Nullable BigDecimal value, String limit) {
        return test(value, v -> cmp(v, limit) >= 0);
    }

    private static K lt(@Nullable BigDecimal value, String limit) {
        return test(value, v -> cmp(v, limit) < 0);
    }

    private static K le(@Nullable BigDecimal value, String limit) {
        return test(value, v -> cmp(v, limit) <= 0);
    }

    private @Nullable BigDecimal v(String key) {
        return values.get(key);
    }

    private K item(ItemList list, String item) {
        var answer = answers.lists().get(list);
        if (answer == null) {
            return K.U;
        }
        if (answer.yes().contains(item)) {
            return K.T;
        }
        return answer.unsure().contains(item) ? K.U : K.F;
    }

    private K cond(String item) {
        return item(ItemList.CONDITIONS, item);
    }

    private K med(String item) {
        return item(ItemList.MEDICINES, item);
    }

    private K sym(String item) {
        return item(ItemList.SYMPTOMS, item);
    }

    private String choice(String key) {
        return answers.choices().getOrDefault(key, "");
    }

    private K yesNo(String key) {
        return choice(key).equals("yes") ? K.T : choice(key).equals("no") ? K.F : K.U;
    }

    private K positive(String key) {
        return countsAsTaken.contains(key) ? K.T : gt(v(key), "0");
    }

    private Verdict judge() {
        Integer age = answers.ageYears();
        var sex = choice("sex_for_egfr");
        K pregnant =
                switch (choice("pregnancy")) {
                    case "yes" -> K.T;
                    case "no", "not_applicable" -> K.F;
                    default -> sex.equals("male") || (age != null && age > 55) ? K.F : K.U;
                };

        // Kidney
        BigDecimal computed = null;
        var creatinine = v("creatinine");
        if (creatinine != null && age != null && (sex.equals("male") || sex.equals("female")) && pregnant != K.T) {
            computed = ckdEpi(creatinine.doubleValue(), age, sex.equals("female"));
        }
        BigDecimal reported = pregnant == K.T ? null : v("egfr_reported");
        BigDecimal egfr = computed == null ? reported : reported == null ? computed : computed.min(reported);
        var ckd = choice("ckd_reported");
        boolean answered = Set.of("none", "G1", "G2", "G3", "G3a", "G3b", "G4", "G5", "yes_unknown_stage")
                .contains(ckd);
        boolean stageKnown = answered && !ckd.equals("yes_unknown_stage");
        K anyCkd = !answered ? K.U : K.of(!ckd.equals("none"));
        K g35 = !stageKnown ? K.U : K.of(Set.of("G3", "G3a", "G3b", "G4", "G5").contains(ckd));
        K g45 = !stageKnown ? K.U : K.of(Set.of("G4", "G5").contains(ckd));
        K dialysis = cond("dialysis");
        K ckdAny = any(dialysis, cond("kidney_transplant"), anyCkd, lt(egfr, "60"));
        K ckd35 = any(dialysis, g35, lt(egfr, "60"));
        K advCkd = any(dialysis, g45, lt(egfr, "30"));
        K fluidLimit = any(dialysis, cond("heart_failure"), cond("fluid_limit_told"), K.of(advCkd.isTrue()));

        // Calcium
        BigDecimal total = v("ca_total");
        BigDecimal ion = v("ca_ion");
        BigDecimal albumin = usableAlbumin();
        BigDecimal adjusted = total == null || albumin == null
                ? null
                : total.add(new BigDecimal("3.2"))
                        .subtract(albumin.multiply(new BigDecimal("0.8")))
                        .setScale(2, HALF_UP);
        Integer band = null;
        for (var measure : new BigDecimal[] {total, adjusted}) {
            if (measure != null) {
                int b = cmp(measure, "14.0") >= 0
                        ? 3
                        : cmp(measure, "12.0") >= 0 ? 2 : cmp(measure, "10.5") > 0 ? 1 : 0;
                band = band == null ? b : Math.max(band, b);
            }
        }
        if (ion != null) {
            int b = cmp(ion, "1.80") >= 0 ? 3 : cmp(ion, "1.50") >= 0 ? 2 : cmp(ion, "1.32") > 0 ? 1 : 0;
            band = band == null ? b : Math.max(band, b);
        }
        K band1up = band == null ? K.U : K.of(band >= 1);
        K band2up = band == null ? K.U : K.of(band >= 2);
        boolean caMissing = band == null;
        BigDecimal lowSide = albumin != null && cmp(albumin, "4.0") < 0 ? adjusted : total;
        // 1.1: calcium, albumin and ionised calcium drawn on different days are not combined. So an ionised value of
        // another day does not replace the total one; each counts by itself.
        boolean ionReplacesTotal = ion != null && !differentDays("ca_total", "ca_ion");
        K totalLow = lt(lowSide, "8.5");
        K caLow = ionReplacesTotal ? lt(ion, "1.15") : ion == null ? totalLow : any(lt(ion, "1.15"), totalLow);

        // Products
        BigDecimal d25 = v("vitd25");
        BigDecimal dDose = v("vitd_dose");
        BigDecimal mg = v("mg");
        BigDecimal k = v("potassium");
        BigDecimal p = v("phosphate");
        BigDecimal pth = v("pth");
        K vitdHigh = any(gt(d25, "50"), gt(dDose, "4000"));
        K vitdTaken = positive("vitd_dose");
        K caProduct = any(positive("ca_supp"), med("ca_binder"));
        K mgProduct = any(positive("mg_supp"), med("mg_laxative_antacid"));
        boolean kDose = positive("vitk_dose").isTrue();
        K vitk = kDose || Set.of("K1", "K2", "both").contains(choice("vitk_type"))
                ? K.T
                : choice("vitk_type").equals("none") ? K.F : K.U;
        K vka = med("vka");
        K vascular = cond("vasc_valve_calc");
        K atherosclerosis = cond("atherosclerosis");
        K phosphateHigh = any(all(dialysis.not(), gt(p, "4.5")), all(dialysis, gt(p, "5.5")), gt(p, "5.5"));
        K kFar = any(lt(k, "3.0"), ge(k, "6.0"));
        K highDose = any(yesNo("plans_high_dose"), gt(v("mg_supp"), "350"), ge(v("vitc_supp"), "1000"));

        var rules = new LinkedHashMap<String, K>();
        rules.put("high-vitd-low-mg-ckd", all(ckdAny, any(gt(d25, "50"), gt(dDose, "4000")), lt(mg, "1.7")));
        rules.put("vitd-level-above-50", all(gt(d25, "50"), le(d25, "100")));
        rules.put("vitd-level-above-100", all(gt(d25, "100"), lt(d25, "150")));
        rules.put("vitd-toxic-range", ge(d25, "150"));
        rules.put("vitd-dose-above-ul", gt(dDose, "4000"));
        rules.put("vitd-granulomatous", all(cond("granulomatous"), any(vitdTaken, med("active_vitd"), caProduct)));
        rules.put(
                "mg-unmeasured-at-risk",
                all(
                        K.of(mg == null),
                        any(
                                all(ckdAny, vitdHigh),
                                med("ppi_long"),
                                med("mg_waster"),
                                all(med("digoxin"), any(med("loop"), med("thiazide"))))));
        rules.put("mg-low", all(ge(mg, "1.2"), lt(mg, "1.7")));
        rules.put("mg-very-low", all(ge(mg, "0.7"), lt(mg, "1.2")));
        rules.put("mg-high", all(gt(mg, "2.6"), lt(mg, "4.5")));
        rules.put("mg-very-high", ge(mg, "4.5"));
        rules.put("mg-supplement-advanced-ckd", all(advCkd, mgProduct));
        rules.put(
                "mg-diet-low",
                switch (choice("mg_diet")) {
                    case "low" -> K.T;
                    case "adequate" -> K.F;
                    default -> K.U;
                });
        K trigger = any(vascular, atherosclerosis, K.of(ckdAny.isTrue()), vitk);
        rules.put("k2-mgp-education", all(trigger, vka == K.U ? K.U : K.T));
        rules.put("vitk-with-vka", all(vka, vitk));
        rules.put("vitk-change-vka", all(vka, yesNo("vitk_change_14d")));
        rules.put("vka-keep-k-steady", all(vka, K.of(!vitk.isTrue())));
        rules.put("vka-calcification-review", all(vka, any(ckd35, vascular)));
        rules.put("ca-high-mild", band == null ? K.U : K.of(band == 1));
        rules.put("ca-high-moderate", band == null ? K.U : K.of(band == 2));
        rules.put("ca-high-severe", band == null ? K.U : K.of(band == 3));
        rules.put("hyperca-symptoms-no-calcium", hypercalcaemiaSymptoms(caMissing, vitdHigh));
        rules.put("high-ca-pth-pattern", all(band1up, pth == null ? K.U : K.T));
        K totalVeryLow = any(lt(total, "7.0"), all(K.of(albumin != null), lt(lowSide, "7.6")));
        rules.put(
                "ca-very-low",
                ionReplacesTotal ? lt(ion, "1.00") : ion == null ? totalVeryLow : any(lt(ion, "1.00"), totalVeryLow));
        rules.put("phosphate-high-ckd", all(ckd35, phosphateHigh));
        rules.put(
                "ckd-mbd-drug-review",
                any(
                        all(any(med("active_vitd"), med("ca_binder")), any(band1up, phosphateHigh)),
                        all(med("ca_binder"), vascular),
                        all(med("ca_binder"), dialysis, lt(pth, "130"))));
        rules.put("ca-intake-high", calciumIntake(age, all(ckd35, dialysis.not())));
        boolean reported45 = g45.isTrue();
        rules.put(
                "egfr-low-review",
                all(
                        lt(egfr, "60"),
                        K.of(!dialysis.isTrue()),
                        K.of(!reported45),
                        any(K.of(!answered || Set.of("none", "G1", "G2").contains(ckd)), lt(egfr, "30"))));
        rules.put("ckd-mbd-labs-missing", all(ckd35, K.of(caMissing || p == null || pth == null)));
        rules.put(
                "sodium-phosphate-laxative",
                all(
                        med("sodium_phosphate"),
                        any(
                                ckdAny,
                                age == null ? K.U : K.of(age > 55),
                                cond("heart_failure"),
                                med("raas_nsaid"),
                                med("loop"),
                                med("thiazide"))));
        BigDecimal fluid = v("fluid_intake");
        BigDecimal urine = v("urine_volume");
        K stones = cond("kidney_stones");
        rules.put(
                "low-fluid",
                all(
                        fluidLimit.not(),
                        any(
                                all(stones, lt(urine != null ? urine : fluid, "2.5")),
                                all(stones.not(), lt(fluid, "1.5")))));
        rules.put("fluid-limit-first", fluidLimit);
        rules.put("sodium-high", sodium(ckdAny.isTrue()));
        BigDecimal servings = v("processed_per_week");
        boolean fewerAllowed = ckd35.isTrue() || gt(p, "4.5").isTrue();
        rules.put("processed-food-phosphorus", ge(servings, fewerAllowed ? "3" : "7"));
        rules.put("fruit-veg-low", lt(v("fruit_veg"), "5"));
        rules.put(
                "dystrophic-risk-education",
                any(
                        vascular,
                        atherosclerosis,
                        switch (choice("smoking")) {
                            case "current" -> K.T;
                            case "former", "never" -> K.F;
                            default -> K.U;
                        },
                        cond("diabetes"),
                        K.of(ge(v("hba1c"), "6.5").isTrue())));
        rules.put("activity-low", lt(v("activity"), "150"));
        rules.put("supplement-with-high-ca", all(band1up, any(caProduct, vitdTaken)));
        rules.put("high-dose-consult", highDose);
        rules.put(
                "high-dose-special-group",
                all(highDose, any(ckdAny, pregnant, cond("granulomatous"), cond("phpt"), stones, vka)));
        rules.put(
                "calcium-vitd-drug-caution",
                all(
                        any(med("thiazide"), med("digoxin"), med("lithium")),
                        any(caProduct, vitdTaken, med("active_vitd"))));
        rules.put("digoxin-electrolytes", all(med("digoxin"), any(band1up, lt(mg, "1.7"), lt(k, "3.5"))));
        rules.put(
                "absorption-spacing",
                any(
                        all(
                                any(caProduct, mgProduct),
                                any(med("levothyroxine"), med("chelating_antibiotic"), med("bisphosphonate_oral"))),
                        all(med("fat_binder"), any(vitdTaken, vitk, vka))));
        rules.put("limits-of-natural", any(vascular, atherosclerosis, stones, cond("soft_tissue_calc")));
        rules.put("chelation-interest", yesNo("chelation_interest"));
        rules.put(
                "rf-emergency-symptoms",
                any(
                        sym("confusion_drowsy"),
                        sym("seizure"),
                        sym("fainting"),
                        sym("chest_pain"),
                        sym("severe_breathlessness"),
                        sym("stroke_signs"),
                        sym("serious_bleeding"),
                        all(
                                sym("palpitations"),
                                any(lt(mg, "1.7"), ge(mg, "4.5"), band1up, caLow, kFar, med("digoxin"))),
                        all(sym("spasms_tingling"), any(lt(mg, "1.2"), band2up, caLow, kFar, med("digoxin"))),
                        all(sym("skin_lesion_painful"), sym("fever_chills"))));
        rules.put("rf-rhythm-spasm", any(sym("palpitations"), sym("spasms_tingling")));
        rules.put("calciphylaxis-skin", sym("skin_lesion_painful"));
        rules.put("renal-colic", sym("flank_pain"));
        rules.put(
                "renal-colic-complicated",
                any(
                        all(
                                sym("flank_pain"),
                                any(
                                        sym("fever_chills"),
                                        sym("no_urine_12h"),
                                        sym("cannot_keep_fluids"),
                                        cond("single_kidney"),
                                        cond("kidney_transplant"),
                                        pregnant,
                                        ckd35)),
                        all(sym("no_urine_12h"), K.of(!dialysis.isTrue()))));
        rules.put("potassium-critical", any(ge(k, "6.5"), lt(k, "2.5")));
        rules.put("potassium-urgent", any(all(ge(k, "6.0"), lt(k, "6.5")), all(ge(k, "2.5"), lt(k, "3.0"))));
        rules.put("inr-high", all(vka, ge(v("inr"), "5.0")));
        K unconfirmed = all(K.of(!ionReplacesTotal), K.of(albumin == null), ge(total, "7.0"), lt(total, "7.6"));
        rules.put(
                "lab-outside-range",
                any(
                        all(caLow, rules.get("ca-very-low").not(), unconfirmed.not()),
                        all(ge(k, "3.0"), lt(k, "3.5")),
                        all(gt(k, "5.5"), lt(k, "6.0")),
                        lt(p, "1.5"),
                        all(gt(p, "5.5"), K.of(!rules.get("phosphate-high-ckd").isTrue()))));
        rules.put("value-needs-checking", K.of(rejected || unknownUnit));
        rules.put("egfr-very-low-new", all(lt(egfr, "15"), K.of(!dialysis.isTrue()), K.of(!reported45)));
        rules.put("ca-very-low-unconfirmed", unconfirmed);
        rules.put("mg-critically-low", lt(mg, "0.7"));
        rules.put(
                "low-calcium-drug-review",
                any(all(med("denosumab"), advCkd), all(any(med("denosumab"), med("calcimimetic")), caLow)));

        var suppressors = Map.of(
                "mg-diet-low", any(advCkd, gt(mg, "2.6"), gt(k, "5.0")),
                "k2-mgp-education", vka,
                "low-fluid", any(sym("flank_pain"), rules.get("renal-colic-complicated")),
                "activity-low",
                        any(rules.get("rf-emergency-symptoms"), any(sym("palpitations"), sym("spasms_tingling"))),
                "high-dose-consult", rules.get("high-dose-special-group"),
                "rf-rhythm-spasm", rules.get("rf-emergency-symptoms"),
                "renal-colic", rules.get("renal-colic-complicated"));

        var fired = new TreeSet<String>();
        var unknown = new TreeSet<String>();
        var suppressed = new TreeSet<String>();
        rules.forEach((id, condition) -> {
            if (condition == K.F) {
                return;
            }
            if (suppressors.getOrDefault(id, K.F).isTrue()) {
                suppressed.add(id);
            } else if (condition == K.T) {
                fired.add(id);
            } else {
                unknown.add(id);
            }
        });
        return new Verdict(
                fired,
                unknown,
                suppressed,
                dataQuality(ckd, g35, dialysis, egfr, computed, reported, adjusted, kDose),
                severity(fired));
    }

    private static BigDecimal ckdEpi(double scr, int age, boolean female) {
        double kappa = female ? 0.7 : 0.9;
        double alpha = female ? -0.241 : -0.302;
        double result = 142
                * Math.pow(Math.min(scr / kappa, 1.0), alpha)
                * Math.pow(Math.max(scr / kappa, 1.0), -1.2)
                * Math.pow(0.9938, age);
        return new BigDecimal(female ? result * 1.012 : result)
                .setScale(9, HALF_UP)
                .setScale(0, HALF_UP);
    }

    private K hypercalcaemiaSymptoms(boolean caMissing, K vitdHigh) {
        var six = List.of(
                sym("thirst_urination"),
                sym("constipation"),
                sym("nausea_vomiting"),
                sym("bone_pain"),
                sym("weakness_fatigue"),
                sym("low_mood"));
        long yes = six.stream().filter(K::isTrue).count();
        long maybe = six.stream().filter(symptom -> symptom != K.F).count();
        K two = yes >= 2 ? K.T : maybe >= 2 ? K.U : K.F;
        K core = any(six.get(0), six.get(1), six.get(2), six.get(3));
        K source = any(
                vitdHigh, med("active_vitd"), med("lithium"), cond("phpt"), cond("granulomatous"), cond("malignancy"));
        return all(K.of(caMissing), two, core, source);
    }

    private K calciumIntake(@Nullable Integer age, K restricted) {
        if (age == null) {
            return K.U;
        }
        var sum = values.getOrDefault("ca_diet", BigDecimal.ZERO).add(values.getOrDefault("ca_supp", BigDecimal.ZERO));
        var upper = new BigDecimal(age < 19 ? 3000 : age <= 50 ? 2500 : 2000);
        var kidney = new BigDecimal(1200);
        var low = restricted == K.F ? upper : kidney;
        var high = restricted == K.T ? kidney : upper;
        if (sum.compareTo(high) > 0) {
            return K.T;
        }
        return sum.compareTo(low) > 0 || !has("ca_diet") || !has("ca_supp") ? K.U : K.F;
    }

    private K sodium(boolean kidneyDisease) {
        if (!has("sodium_intake") && !has("urine_sodium")) {
            return K.U;
        }
        return K.of(gt(v("sodium_intake"), kidneyDisease ? "2000" : "2300").isTrue()
                || gt(v("urine_sodium"), kidneyDisease ? "90" : "100").isTrue());
    }

    private Set<String> dataQuality(
            String ckd,
            K g35,
            K dialysis,
            @Nullable BigDecimal egfr,
            @Nullable BigDecimal computed,
            @Nullable BigDecimal reported,
            @Nullable BigDecimal adjusted,
            boolean kDose) {
        var found = new ArrayList<String>();
        if (rejected) {
            found.add("dq-rejected-value");
        }
        if (unknownUnit) {
            found.add("dq-unknown-unit");
        }
        boolean below60 = lt(egfr, "60").isTrue();
        if ((ckd.equals("none") && (dialysis.isTrue() || below60))
                || (g35.isTrue() && ge(egfr, "60").isTrue())
                || (dialysis.isTrue() && ge(egfr, "30").isTrue())) {
            found.add("dq-kidney-conflict");
        }
        var total = v("ca_total");
        var ion = v("ca_ion");
        if (total != null && ion != null && !differentDays("ca_total", "ca_ion")) {
            var higher = adjusted == null ? total : total.max(adjusted);
            if ((cmp(higher, "10.5") > 0) != (cmp(ion, "1.32") > 0)) {
                found.add("dq-calcium-discordant");
            }
        }
        if (total != null && ion == null && usableAlbumin() == null) {
            found.add("dq-albumin-missing");
        }
        if (differentDays("ca_total", "albumin") || differentDays("ca_total", "ca_ion")) {
            found.add("dq-calcium-different-days");
        }
        if (choice("pregnancy").equals("yes") && choice("sex_for_egfr").equals("male")) {
            found.add("dq-pregnancy-sex");
        }
        if (has("creatinine") && computed == null && reported == null) {
            found.add("dq-egfr-not-computed");
        }
        if (computed != null && reported != null) {
            boolean gap = computed.subtract(reported).abs().intValue() >= 15;
            boolean across30 = (cmp(computed, "30") < 0) != (cmp(reported, "30") < 0);
            boolean across60 = (cmp(computed, "60") < 0) != (cmp(reported, "60") < 0);
            if (gap || across30 || across60) {
                found.add("dq-egfr-conflict");
            }
        }
        if (choice("vitk_type").equals("none") && kDose) {
            found.add("dq-vitk-conflict");
        }
        var entered = answers.quantities().get("vitd25");
        if (entered != null
                && Set.of("ng/mL", "ug/L").contains(String.valueOf(entered.unit()))
                && gt(v("vitd25"), "100").isTrue()
                && le(v("vitd_dose"), "1000").isTrue()) {
            found.add("dq-vitd-unit-check");
        }
        var fluid = v("fluid_intake");
        if (fluid != null
                && gt(v("urine_volume"), fluid.add(BigDecimal.ONE).toPlainString())
                        .isTrue()) {
            found.add("dq-fluid-conflict");
        }
        return new TreeSet<>(found);
    }

    private static final Set<String> EMERGENCY = Set.of(
            "mg-very-high",
            "ca-high-severe",
            "ca-very-low",
            "rf-emergency-symptoms",
            "renal-colic-complicated",
            "potassium-critical",
            "mg-critically-low");

    private static final Set<String> SAME_DAY = Set.of(
            "vitd-toxic-range",
            "mg-very-low",
            "vitk-change-vka",
            "ca-high-moderate",
            "hyperca-symptoms-no-calcium",
            "digoxin-electrolytes",
            "rf-rhythm-spasm",
            "calciphylaxis-skin",
            "renal-colic",
            "potassium-urgent",
            "inr-high",
            "egfr-very-low-new",
            "ca-very-low-unconfirmed");

    private static final Set<String> EDUCATION = Set.of(
            "vitd-level-above-50",
            "mg-diet-low",
            "k2-mgp-education",
            "vka-keep-k-steady",
            "ckd-mbd-labs-missing",
            "low-fluid",
            "fluid-limit-first",
            "sodium-high",
            "processed-food-phosphorus",
            "fruit-veg-low",
            "dystrophic-risk-education",
            "activity-low",
            "high-dose-consult",
            "calcium-vitd-drug-caution",
            "absorption-spacing",
            "limits-of-natural");

    private static String severity(Set<String> fired) {
        if (fired.isEmpty()) {
            return "NONE";
        }
        if (fired.stream().anyMatch(EMERGENCY::contains)) {
            return "EMERGENCY";
        }
        if (fired.stream().anyMatch(SAME_DAY::contains)) {
            return "URGENT_SAME_DAY";
        }
        return EDUCATION.containsAll(fired) ? "EDUCATION" : "CLINICIAN_REVIEW";
    }
}
