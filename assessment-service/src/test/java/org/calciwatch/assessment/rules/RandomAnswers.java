package org.calciwatch.assessment.rules;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.calciwatch.assessment.profile.Answers;
import org.calciwatch.assessment.profile.Answers.Drawn;
import org.calciwatch.assessment.profile.Inputs;
import org.calciwatch.assessment.profile.ItemList;

/**
 * Random answers that dwell where mistakes hide: on, just below and just above thresholds, in every unit, missing,
 * implausible, with unknown units, and "not sure". The same seed gives the same answers.
 */
final class RandomAnswers {

    private static final int[] AGES = {18, 19, 50, 51, 55, 56, 30, 65, 70, 80, 120};

    /** Two days, the month of the first, another month, the year of the first days, and no date. */
    private static final List<String> DATES =
            List.of("2026-03-01", "2026-03-01", "2026-03-02", "2026-03", "2026-02", "2026", "");

    private static final Map<String, List<BigDecimal>> THRESHOLDS = new LinkedHashMap<>();

    static {
        dwell("vitd25", "50 100 150 1 2000");
        dwell("ca_total", "7.0 7.6 8.5 10.5 12 14 4 30");
        dwell("ca_ion", "1.00 1.15 1.32 1.50 1.80 0.4 3.5");
        dwell("albumin", "4.0 2.5 3.5 5 1 6.5");
        dwell("phosphate", "1.5 4.5 5.5 0.5 20");
        dwell("mg", "0.7 1.2 1.7 2.6 4.5 0.3 30");
        dwell("pth", "20 130 1 5000");
        dwell("creatinine", "0.9 1.06 1.2 1.5 2.1 3.5 6 0.2 40");
        dwell("egfr_reported", "15 30 45 60 75 90 1 200");
        dwell("alp", "40 130");
        dwell("hba1c", "6.5 5.7 3 20");
        dwell("potassium", "2.5 3.0 3.5 5.0 5.5 6.0 6.5 1.5 10");
        dwell("inr", "5.0 1.2 0.5 20");
        dwell("urine_volume", "2.5 1 3 10");
        dwell("urine_sodium", "90 100 1 600");
        dwell("vitd_dose", "0 1000 4000 1000000");
        dwell("ca_supp", "0 200 1200 2000 2500 3000 10000");
        dwell("ca_diet", "0 1000 1200 2000 2500 3000 5000");
        dwell("mg_supp", "0 350 5000");
        dwell("vitk_dose", "0 90 50000");
        dwell("vitc_supp", "0 1000 20000");
        dwell("fluid_intake", "1.5 2.5 2 12");
        dwell("sodium_intake", "2000 2300 15000");
        dwell("processed_per_week", "3 7 70");
        dwell("fruit_veg", "5 30");
        dwell("activity", "150 5000");
    }

    private static void dwell(String key, String thresholds) {
        THRESHOLDS.put(
                key,
                List.of(thresholds.split(" ", -1)).stream().map(BigDecimal::new).toList());
    }

    private static BigDecimal threshold(String key, Random random) {
        var thresholds = Objects.requireNonNull(THRESHOLDS.get(key), key);
        return thresholds.get(random.nextInt(thresholds.size()));
    }

    private final Random random;

    private RandomAnswers(long seed) {
        this.random = new Random(seed);
    }

    static Answers of(long seed) {
        return new RandomAnswers(seed).answers();
    }

    /**
     * A plausible value in the canonical unit, or a definite answer ("yes, stage unknown" is not one).
     *
     * @param yes how many percent of the list items are ticked
     */
    static void supply(Answers.Builder answers, String key, Random random, int yes) {
        if (key.equals(Inputs.AGE)) {
            answers.age(AGES[random.nextInt(AGES.length)]);
            return;
        }
        switch (Inputs.find(key).orElseThrow()) {
            case Inputs.Quantity quantity -> {
                var step = BigDecimal.ONE.movePointLeft(quantity.decimals());
                var near = threshold(key, random).add(step.multiply(BigDecimal.valueOf(random.nextInt(3) - 1L)));
                answers.quantity(key, near.max(quantity.low()).min(quantity.high()), quantity.unit());
            }
            case Inputs.Choice choice -> {
                var definite = choice.codes().stream()
                        .filter(code -> !code.equals("yes_unknown_stage"))
                        .toList();
                answers.choice(key, definite.get(random.nextInt(definite.size())));
            }
            case Inputs.Item item -> {
                if (random.nextInt(100) < yes) {
                    answers.yes(item.list(), key);
                } else {
                    answers.none(item.list());
                }
            }
        }
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    private Answers answers() {
        var answers = Answers.builder();
        if (!chance(12)) {
            answers.age(chance(70) ? AGES[random.nextInt(AGES.length)] : 18 + random.nextInt(103));
        }
        int missing = random.nextInt(4) * 25;
        for (var input : Inputs.QUANTITIES) {
            if (!chance(missing)) {
                enter(answers, input);
            }
        }
        for (var choice : Inputs.CHOICES) {
            if (chance(80)) {
                answers.choice(
                        choice.key(),
                        chance(8)
                                ? "unsure"
                                : choice.codes()
                                        .get(random.nextInt(choice.codes().size())));
            }
        }
        for (var list : ItemList.values()) {
            if (!chance(12)) {
                tick(answers, list);
            }
        }
        if (chance(20)) {
            for (var key : List.of("ca_total", "albumin", "ca_ion")) {
                Drawn.parse(DATES.get(random.nextInt(DATES.size()))).ifPresent(date -> answers.drawn(key, date));
            }
        }
        return answers.build();
    }

    private void tick(Answers.Builder answers, ItemList list) {
        int yes = List.of(2, 8, 25).get(random.nextInt(3));
        int unsure = List.of(0, 5, 30).get(random.nextInt(3));
        answers.none(list);
        for (var item : Inputs.ITEMS) {
            if (item.list() == list) {
                if (chance(yes)) {
                    answers.yes(list, item.key());
                }
                if (chance(unsure)) {
                    answers.unsure(list, item.key());
                }
            }
        }
    }

    private void enter(Answers.Builder answers, Inputs.Quantity input) {
        var canonical = canonical(input);
        int kind = random.nextInt(100);
        if (kind < 2) {
            answers.quantity(input.key(), canonical, random.nextBoolean() ? null : "furlong");
        } else if (kind < 3) {
            answers.quantity(input.key(), canonical, input.unit() + "s");
        } else if (kind < 4) {
            answers.quantity(input.key(), null, input.unit());
        } else {
            var unit = input.units().get(random.nextInt(input.units().size()));
            answers.quantity(input.key(), inUnit(canonical, unit), unit.code());
        }
    }

    private BigDecimal canonical(Inputs.Quantity input) {
        int kind = random.nextInt(100);
        if (kind < 70) {
            // Down to a tenth and a half of the last decimal, where rounding decides.
            var away = List.of("0", "0", "1", "-1", "0.5", "-0.5", "0.4", "-0.4", "-0.51", "0.1");
            var step = BigDecimal.ONE.movePointLeft(input.decimals());
            return threshold(input.key(), random)
                    .add(new BigDecimal(away.get(random.nextInt(away.size()))).multiply(step));
        }
        if (kind < 96) {
            var between = input.low().doubleValue()
                    + random.nextDouble() * 2 * threshold(input.key(), random).doubleValue();
            return BigDecimal.valueOf(between).setScale(random.nextInt(5), RoundingMode.HALF_UP);
        }
        return random.nextBoolean()
                ? input.high().multiply(new BigDecimal("3"))
                : input.low().subtract(BigDecimal.ONE);
    }

    /** Mostly exact to many digits, sometimes rounded as a person would type it. */
    private BigDecimal inUnit(BigDecimal canonical, Inputs.Unit unit) {
        var exact = canonical.subtract(unit.plus()).multiply(unit.over()).divide(unit.times(), new MathContext(30));
        return chance(40) ? exact.setScale(random.nextInt(4), RoundingMode.HALF_UP) : exact;
    }
}
