package org.calciwatch.assessment.profile;

import static java.math.RoundingMode.HALF_UP;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.calciwatch.assessment.profile.Answers.Drawn;
import org.calciwatch.assessment.profile.Answers.Entered;
import org.jspecify.annotations.Nullable;

/**
 * Answers in canonical units, rounded, with implausible values set aside, and the values derived from them. Missing stays
 * missing: an accessor answers null (or empty) for what is not known, never a default.
 */
public final class Profile {

    private static final BigDecimal ALBUMIN_NORMAL = new BigDecimal("4.0");
    private static final BigDecimal CALCIUM_PER_ALBUMIN = new BigDecimal("0.8");

    /** Above this age an unanswered pregnancy question counts as "no" (1.8). */
    private static final int LAST_AGE_ASKED_ABOUT_PREGNANCY = 55;

    /** Why an entered number is not used. */
    public enum Reason {
        OUT_OF_RANGE,
        UNKNOWN_UNIT
    }

    /**
     * A number that was entered but is not used in any threshold.
     *
     * @param normalised the implausible canonical value; null for an unknown unit or an astronomical number
     */
    public record Unusable(
            String key,
            Entered entered,
            Reason reason,
            @Nullable BigDecimal normalised) {

        /** An intake above 0 was taken, whatever its amount (1.8, "still counts as taken"). */
        public boolean aboveZero() {
            return entered.value() != null && entered.value().signum() > 0;
        }
    }

    private final Answers answers;
    private final Map<String, BigDecimal> quantities;
    private final Map<String, Unusable> unusable;
    private final Optional<Egfr> egfrComputed;

    private Profile(Answers answers, Map<String, BigDecimal> quantities, Map<String, Unusable> unusable) {
        this.answers = answers;
        this.quantities = quantities;
        this.unusable = unusable;
        this.egfrComputed = computeEgfr();
    }

    /**
     * Normalises answers.
     *
     * @throws AnswersRefused when the age is outside 18 to 120 or a list holds an item we do not know
     */
    public static Profile of(Answers answers) {
        var refusals = refusals(answers);
        if (!refusals.isEmpty()) {
            throw new AnswersRefused(refusals);
        }
        var quantities = new LinkedHashMap<String, BigDecimal>();
        var unusable = new LinkedHashMap<String, Unusable>();
        for (var input : Inputs.QUANTITIES) {
            var entered = answers.quantities().get(input.key());
            if (entered == null || entered.value() == null) {
                continue;
            }
            var unit = input.unit(entered.unit());
            if (unit.isEmpty()) {
                unusable.put(input.key(), new Unusable(input.key(), entered, Reason.UNKNOWN_UNIT, null));
                continue;
            }
            var canonical = input.normalise(entered.value(), unit.get());
            if (canonical.filter(input::plausible).isPresent()) {
                quantities.put(input.key(), canonical.get());
            } else {
                unusable.put(
                        input.key(), new Unusable(input.key(), entered, Reason.OUT_OF_RANGE, canonical.orElse(null)));
            }
        }
        return new Profile(answers, quantities, unusable);
    }

    private static List<Refusal> refusals(Answers answers) {
        var refusals = new ArrayList<Refusal>();
        var age = answers.ageYears();
        if (age != null && (age < Inputs.MIN_AGE || age > Inputs.MAX_AGE)) {
            refusals.add(new Refusal(
                    Inputs.AGE,
                    "The age is outside the scope: only ages from %d to %d are assessed"
                            .formatted(Inputs.MIN_AGE, Inputs.MAX_AGE)));
        }
        for (var list : ItemList.values()) {
            var answer = answers.lists().get(list);
            if (answer != null) {
                refuseStrangers(list, list.key(), answer.yes(), refusals);
                refuseStrangers(list, list.unsureKey(), answer.unsure(), refusals);
            }
        }
        return refusals;
    }

    private static void refuseStrangers(ItemList list, String input, Iterable<String> items, List<Refusal> refusals) {
        for (var item : items) {
            if (Inputs.item(item).filter(known -> known.list() == list).isEmpty()) {
                refusals.add(new Refusal(input, "A code is not an item of the list '%s'".formatted(list.key())));
            }
        }
    }

    /** Age in completed years, 18 to 120. */
    public @Nullable Integer age() {
        return answers.ageYears();
    }

    /** The usable value in the canonical unit of this input, rounded. */
    public @Nullable BigDecimal quantity(String key) {
        return quantities.get(key);
    }

    /** All usable values by key, in knowledge-base order. */
    public Map<String, BigDecimal> quantities() {
        return Map.copyOf(quantities);
    }

    /** Number and unit as typed, usable or not. */
    public @Nullable Entered entered(String key) {
        return answers.quantities().get(key);
    }

    /** Values that could not be used, in knowledge-base order. */
    public List<Unusable> unusable() {
        return List.copyOf(unusable.values());
    }

    public Optional<Unusable> unusable(String key) {
        return Optional.ofNullable(unusable.get(key));
    }

    /** True when an amount above 0 was entered for this intake but could not be used. */
    public boolean takenInUnusableAmount(String key) {
        return unusable(key).filter(Unusable::aboveZero).isPresent();
    }

    /** The chosen code; null when unanswered or when the code is not one of the listed ones (for example "unsure"). */
    public @Nullable String choice(String key) {
        var code = answers.choices().get(key);
        return code != null
                        && Inputs.choice(key)
                                .filter(choice -> choice.codes().contains(code))
                                .isPresent()
                ? code
                : null;
    }

    /** A yes/no question: true, false, or null when unanswered. */
    public @Nullable Boolean yesNo(String key) {
        var code = choice(key);
        return code == null ? null : Boolean.valueOf(code.equals("yes"));
    }

    /** An item of the lists: true when ticked, null when "not sure" or its list is unanswered, else false. */
    public @Nullable Boolean item(Inputs.Item item) {
        var answer = answers.lists().get(item.list());
        if (answer == null) {
            return null;
        }
        if (answer.yes().contains(item.key())) {
            return true;
        }
        return answer.unsure().contains(item.key()) ? null : Boolean.FALSE;
    }

    /** Pregnant; an open question counts as "no" for men and above 55 years. */
    public @Nullable Boolean pregnant() {
        var code = choice("pregnancy");
        if (code != null) {
            return code.equals("yes");
        }
        var age = age();
        boolean notAsked =
                "male".equals(choice("sex_for_egfr")) || (age != null && age > LAST_AGE_ASKED_ABOUT_PREGNANCY);
        return notAsked ? Boolean.FALSE : null;
    }

    /** From creatinine, age and sex by CKD-EPI 2021; empty when one is missing or in pregnancy. */
    public Optional<Egfr> egfrComputed() {
        return egfrComputed;
    }

    private Optional<Egfr> computeEgfr() {
        var creatinine = quantity("creatinine");
        var age = age();
        var sex = choice("sex_for_egfr");
        if (creatinine == null || age == null || sex == null || Boolean.TRUE.equals(pregnant())) {
            return Optional.empty();
        }
        return Optional.of(Egfr.ckdEpi2021(creatinine, age, sex.equals("female")));
    }

    /** The laboratory's own eGFR; empty when missing or in pregnancy. */
    public Optional<Egfr> egfrReported() {
        var reported = quantity("egfr_reported");
        return reported == null || Boolean.TRUE.equals(pregnant())
                ? Optional.empty()
                : Optional.of(new Egfr(reported, Egfr.Source.REPORTED));
    }

    /** The eGFR every rule uses: the lower of the computed and the reported one. */
    public Optional<Egfr> egfr() {
        var computed = egfrComputed();
        var reported = egfrReported();
        if (computed.isPresent() && reported.isPresent()) {
            return reported.get().value().compareTo(computed.get().value()) < 0 ? reported : computed;
        }
        return computed.or(() -> reported);
    }

    /**
     * Albumin to judge total calcium by, g/dL; null when missing or drawn on another day than the total calcium (1.1,
     * dates).
     */
    public @Nullable BigDecimal albumin() {
        return albuminFromAnotherDay() ? null : quantity("albumin");
    }

    /** True when the dates given say that albumin and total calcium were drawn on different days. */
    public boolean albuminFromAnotherDay() {
        return drawnOnDifferentDays("ca_total", "albumin");
    }

    /** True when the dates given say that ionised and total calcium were drawn on different days. */
    public boolean ionisedCalciumFromAnotherDay() {
        return drawnOnDifferentDays("ca_total", "ca_ion");
    }

    private boolean drawnOnDifferentDays(String one, String other) {
        var first = answers.drawn().get(one);
        var second = answers.drawn().get(other);
        return quantity(one) != null
                && quantity(other) != null
                && first != null
                && second != null
                && first.differsFrom(second);
    }

    /** True when the value was drawn, or may have been drawn, more than this many months before the answers were given. */
    public boolean olderThanMonths(String key, int months) {
        var asOf = answers.asOf();
        var drawn = answers.drawn().get(key);
        return asOf != null && drawn != null && drawn.earliest().isBefore(asOf.minusMonths(months));
    }

    /** When the sample of a laboratory value was taken; null when not given. */
    public @Nullable Drawn drawn(String key) {
        return answers.drawn().get(key);
    }

    /** The laboratory values outside the adult reference range of 1.2, with that range, where it is meant for this patient. */
    public Map<Inputs.Quantity, Inputs.Reference> outsideReference() {
        var outside = new LinkedHashMap<Inputs.Quantity, Inputs.Reference>();
        for (var lab : Inputs.LABS) {
            var value = quantity(lab.key());
            if (value != null) {
                reference(lab).filter(range -> !range.holds(value)).ifPresent(range -> outside.put(lab, range));
            }
        }
        return outside;
    }

    /** The adult reference range of 1.2 that this patient's value is held against; empty where none is meant for this patient. */
    public Optional<Inputs.Reference> reference(Inputs.Quantity lab) {
        return switch (lab.key()) {
            case "creatinine" -> Optional.of(Inputs.creatinineReference(choice("sex_for_egfr")));
            case "inr" -> lab.reference().filter(usual -> !Boolean.TRUE.equals(item("vka")));
            case "urine_volume" -> lab.reference().filter(goal -> Boolean.TRUE.equals(item("kidney_stones")));
            default -> lab.reference();
        };
    }

    private @Nullable Boolean item(String key) {
        return Inputs.item(key).map(this::item).orElse(null);
    }

    /** Total calcium + 0.8 x (4.0 - albumin), mg/dL, two decimals; null without both. */
    public @Nullable BigDecimal adjustedCalcium() {
        var total = quantity("ca_total");
        var albumin = albumin();
        return total == null || albumin == null
                ? null
                : total.add(CALCIUM_PER_ALBUMIN.multiply(ALBUMIN_NORMAL.subtract(albumin)))
                        .setScale(2, HALF_UP);
    }

    /** Calcium (adjusted, else total) x phosphate, mg2/dL2, one decimal; context for clinicians, never a trigger. */
    public @Nullable BigDecimal calciumPhosphateProduct() {
        var adjusted = adjustedCalcium();
        var calcium = adjusted == null ? quantity("ca_total") : adjusted;
        var phosphate = quantity("phosphate");
        return calcium == null || phosphate == null
                ? null
                : calcium.multiply(phosphate).setScale(1, HALF_UP);
    }
}
