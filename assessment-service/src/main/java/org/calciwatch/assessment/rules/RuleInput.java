package org.calciwatch.assessment.rules;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.calciwatch.assessment.profile.Egfr;
import org.calciwatch.assessment.profile.Inputs;
import org.calciwatch.assessment.profile.Profile;
import org.calciwatch.assessment.profile.Profile.Reason;
import org.calciwatch.assessment.profile.Profile.Unusable;
import org.jspecify.annotations.Nullable;

/**
 * One parameter a rule pack may declare. {@link #ALL} is the only list: packs are checked against it and evaluations are
 * fed from it, so a misspelt parameter cannot be silently missing.
 *
 * @param name as in {@code parameter "..."}
 * @param type an amount (in this unit), true/false, or text
 * @param value BigDecimal, Boolean or String; null when missing
 * @param behind keys of the inputs a present value comes from
 * @param missing keys of a smallest set of inputs that would supply an absent value
 */
record RuleInput(
        String name,
        Expr.Type type,
        Function<Profile, @Nullable Object> value,
        Function<Profile, List<String>> behind,
        Function<Profile, List<String>> missing) {

    static final List<RuleInput> ALL = all();

    static final Map<String, RuleInput> BY_NAME = byName();

    private static final String CREATININE = "creatinine";
    private static final String TOTAL_CALCIUM = "ca_total";
    private static final String ALBUMIN = "albumin";
    private static final String EGFR_REPORTED = "egfr_reported";
    private static final String SEX = "sex_for_egfr";
    private static final String PREGNANCY = "pregnancy";

    /** The CQL type a declaration of this parameter must have. */
    String cqlType() {
        return switch (type) {
            case Expr.Type.Measured measured -> "Quantity";
            case Expr.Type.Logical logical -> "Boolean";
            case Expr.Type.Code code -> "String";
            case Expr.Type.Nothing nothing -> throw new IllegalStateException("An input is never the bare null");
        };
    }

    private static List<RuleInput> all() {
        var all = new ArrayList<RuleInput>();
        all.add(new RuleInput(
                Inputs.AGE_LABEL,
                new Expr.Type.Measured(Inputs.AGE_UNIT),
                profile -> profile.age() == null ? null : BigDecimal.valueOf(profile.age()),
                profile -> List.of(Inputs.AGE),
                profile -> List.of(Inputs.AGE)));
        for (var input : Inputs.QUANTITIES) {
            all.add(
                    input.key().equals(ALBUMIN)
                            ? amount(input.label(), input.unit(), ALBUMIN, Profile::albumin)
                            : amount(
                                    input.label(),
                                    input.unit(),
                                    input.key(),
                                    profile -> profile.quantity(input.key())));
        }
        all.add(new RuleInput(
                "Calcium, albumin-adjusted",
                measuredLike(TOTAL_CALCIUM),
                Profile::adjustedCalcium,
                profile -> List.of(TOTAL_CALCIUM, ALBUMIN),
                profile ->
                        profile.albuminFromAnotherDay() ? List.of(ALBUMIN) : absent(profile, TOTAL_CALCIUM, ALBUMIN)));
        all.add(drawnOnDifferentDays(
                "Albumin is from another day than total calcium", ALBUMIN, Profile::albuminFromAnotherDay));
        all.add(drawnOnDifferentDays(
                "Ionised calcium is from another day than total calcium",
                "ca_ion",
                Profile::ionisedCalciumFromAnotherDay));
        all.add(egfr("eGFR", Profile::egfr));
        all.add(egfr("eGFR, computed", Profile::egfrComputed));
        all.add(egfr("eGFR, reported and usable", Profile::egfrReported));
        for (var choice : Inputs.CHOICES) {
            boolean yesNo = choice.codes().equals(List.of("yes", "no"));
            if (yesNo) {
                all.add(logical(choice.label(), choice.key(), profile -> profile.yesNo(choice.key())));
            } else if (choice.key().equals(PREGNANCY)) {
                all.add(logical("Pregnant", choice.key(), Profile::pregnant));
            } else {
                all.add(of(
                        choice.label(), new Expr.Type.Code(), choice.key(), profile -> profile.choice(choice.key())));
            }
        }
        for (var item : Inputs.ITEMS) {
            all.add(logical(item.label(), item.key(), profile -> profile.item(item)));
        }
        all.add(takenInUnusableAmount("Vitamin D taken, amount not usable", "vitd_dose"));
        all.add(takenInUnusableAmount("Calcium taken, amount not usable", "ca_supp"));
        all.add(takenInUnusableAmount("Magnesium taken, amount not usable", "mg_supp"));
        all.add(takenInUnusableAmount("Vitamin K taken, amount not usable", "vitk_dose"));
        all.add(unusable("A value is outside its plausible range", Reason.OUT_OF_RANGE));
        all.add(unusable("A value has an unknown unit", Reason.UNKNOWN_UNIT));
        all.add(logical("25-hydroxyvitamin D was entered per volume in mass units", "vitd25", profile -> {
            var entered = profile.entered("vitd25");
            return entered != null && ("ng/mL".equals(entered.unit()) || "ug/L".equals(entered.unit()));
        }));
        return List.copyOf(all);
    }

    private static RuleInput amount(String name, String unit, String key, Function<Profile, @Nullable Object> value) {
        return of(name, new Expr.Type.Measured(unit), key, value);
    }

    private static RuleInput logical(String name, String key, Function<Profile, @Nullable Object> value) {
        return of(name, new Expr.Type.Logical(), key, value);
    }

    private static RuleInput of(String name, Expr.Type type, String key, Function<Profile, @Nullable Object> value) {
        return new RuleInput(name, type, value, profile -> List.of(key), profile -> List.of(key));
    }

    /** True or false, never unknown: without dates, values count as drawn together. */
    private static RuleInput drawnOnDifferentDays(String name, String key, Function<Profile, @Nullable Object> value) {
        return new RuleInput(
                name, new Expr.Type.Logical(), value, profile -> List.of(TOTAL_CALCIUM, key), profile -> List.of());
    }

    private static RuleInput takenInUnusableAmount(String name, String key) {
        return logical(name, key, profile -> profile.takenInUnusableAmount(key));
    }

    private static RuleInput unusable(String name, Reason reason) {
        Function<Profile, List<String>> keys = profile -> profile.unusable().stream()
                .filter(unusable -> unusable.reason() == reason)
                .map(Unusable::key)
                .toList();
        return new RuleInput(
                name, new Expr.Type.Logical(), profile -> !keys.apply(profile).isEmpty(), keys, profile -> List.of());
    }

    private static RuleInput egfr(String name, Function<Profile, Optional<Egfr>> which) {
        return new RuleInput(
                name,
                measuredLike(EGFR_REPORTED),
                profile -> which.apply(profile).map(Egfr::value).orElse(null),
                profile -> which.apply(profile)
                        .map(egfr -> switch (egfr.source()) {
                            case COMPUTED -> List.of(CREATININE, Inputs.AGE, SEX);
                            case REPORTED -> List.of(EGFR_REPORTED);
                        })
                        .orElse(List.of()),
                RuleInput::missingForEgfr);
    }

    /** What the equation still lacks when that is one input at most, else the reported value; pregnancy blocks both. */
    private static List<String> missingForEgfr(Profile profile) {
        var missing = new ArrayList<String>();
        if (Boolean.TRUE.equals(profile.pregnant())) {
            missing.add(PREGNANCY);
        }
        var equation = new ArrayList<>(absent(profile, CREATININE));
        if (profile.age() == null) {
            equation.add(Inputs.AGE);
        }
        if (profile.choice(SEX) == null) {
            equation.add(SEX);
        }
        if (profile.quantity(EGFR_REPORTED) == null) {
            missing.addAll(equation.size() <= 1 ? equation : List.of(EGFR_REPORTED));
        }
        return missing;
    }

    private static List<String> absent(Profile profile, String... keys) {
        return List.of(keys).stream()
                .filter(key -> profile.quantity(key) == null)
                .toList();
    }

    private static Expr.Type measuredLike(String key) {
        return new Expr.Type.Measured(Inputs.quantity(key).orElseThrow().unit());
    }

    private static Map<String, RuleInput> byName() {
        var byName = new LinkedHashMap<String, RuleInput>();
        ALL.forEach(input -> byName.put(input.name(), input));
        return Map.copyOf(byName);
    }
}
