package org.calciwatch.assessment.rules;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.calciwatch.assessment.profile.Profile;
import org.jspecify.annotations.Nullable;

/**
 * Says for one profile which inputs a known definition rests on, and which missing inputs would settle an unknown one. It
 * reads the definitions themselves and computes their truth on its own (the tests hold it against the CQL engine).
 */
final class Explainer {

    private final Map<String, Expr> definitions;
    private final Map<String, @Nullable Object> values;
    private final Profile profile;
    private final Map<String, @Nullable Object> known = new HashMap<>();

    /**
     * @param definitions by name, without cycles
     * @param values of all parameters the definitions use, null for missing ones
     */
    Explainer(Map<String, Expr> definitions, Map<String, @Nullable Object> values, Profile profile) {
        this.definitions = definitions;
        this.values = values;
        this.profile = profile;
    }

    /** The truth of a definition; null when unknown. */
    @Nullable
    Object value(String definition) {
        if (!known.containsKey(definition)) {
            known.put(definition, value(body(definition)));
        }
        return known.get(definition);
    }

    /** Keys of the inputs the value of a known definition rests on, in reading order. */
    Set<String> because(String definition) {
        var inputs = new LinkedHashSet<String>();
        because(body(definition), inputs);
        return inputs;
    }

    /** Keys of a smallest set of inputs that would settle an unknown definition. */
    Set<String> missing(String definition) {
        return missing(body(definition));
    }

    private Expr body(String definition) {
        var body = definitions.get(definition);
        if (body == null) {
            throw new IllegalArgumentException("No definition \"" + definition + "\"");
        }
        return body;
    }

    private @Nullable Object value(Expr expr) {
        return switch (expr) {
            case Expr.And(var left, var right) -> and(value(left), right);
            case Expr.Or(var left, var right) -> or(value(left), right);
            case Expr.Not(var operand) -> (value(operand) instanceof Boolean truth) ? Boolean.valueOf(!truth) : null;
            case Expr.Compare(var how, var left, var right) -> {
                var a = value(left);
                var b = value(right);
                yield (a == null || b == null) ? null : Boolean.valueOf(how.holds(a, b));
            }
            case Expr.IsNull(var operand) -> value(operand) == null;
            case Expr.IsTrue(var operand) -> isTrue(operand);
            case Expr.If either -> value(branch(either));
            case Expr.Coalesce(var operands) ->
                firstKnown(operands).map(this::value).orElse(null);
            case Expr.Add(var left, var right) ->
                value(left) instanceof BigDecimal a && value(right) instanceof BigDecimal b ? a.add(b) : null;
            case Expr.Subtract(var left, var right) ->
                value(left) instanceof BigDecimal a && value(right) instanceof BigDecimal b ? a.subtract(b) : null;
            case Expr.Input(var name) -> values.get(name);
            case Expr.Ref(var name) -> value(name);
            case Expr.Amount amount -> amount.value();
            case Expr.Text text -> text.value();
            case Expr.Truth truth -> truth.value();
            case Expr.Unknown unknown -> null;
        };
    }

    private @Nullable Boolean and(@Nullable Object left, Expr right) {
        if (Boolean.FALSE.equals(left)) {
            return false;
        }
        var other = value(right);
        if (Boolean.FALSE.equals(other)) {
            return false;
        }
        return (left == null || other == null) ? null : Boolean.TRUE;
    }

    private @Nullable Boolean or(@Nullable Object left, Expr right) {
        if (Boolean.TRUE.equals(left)) {
            return true;
        }
        var other = value(right);
        if (Boolean.TRUE.equals(other)) {
            return true;
        }
        return (left == null || other == null) ? null : Boolean.FALSE;
    }

    private boolean isTrue(Expr expr) {
        return Boolean.TRUE.equals(value(expr));
    }

    private Expr branch(Expr.If either) {
        return isTrue(either.condition()) ? either.then() : either.otherwise();
    }

    private Optional<Expr> firstKnown(List<Expr> operands) {
        return operands.stream().filter(operand -> value(operand) != null).findFirst();
    }

    private void because(Expr expr, Set<String> inputs) {
        switch (expr) {
            case Expr.And(var left, var right) -> becauseOfLegs(expr, List.of(left, right), inputs);
            case Expr.Or(var left, var right) -> becauseOfLegs(expr, List.of(left, right), inputs);
            case Expr.Not(var operand) -> because(operand, inputs);
            case Expr.Compare(var how, var left, var right) -> {
                because(left, inputs);
                because(right, inputs);
            }
            case Expr.IsNull(var operand) -> {
                // What is absent cannot be shown; what is present can.
                if (value(operand) != null) {
                    because(operand, inputs);
                }
            }
            case Expr.IsTrue(var operand) -> {
                // "Not known to be true" holds without any answer, so it rests on none.
                if (isTrue(operand)) {
                    because(operand, inputs);
                }
            }
            case Expr.If either -> becauseOfIf(either, inputs);
            case Expr.Coalesce(var operands) -> firstKnown(operands).ifPresent(operand -> because(operand, inputs));
            case Expr.Add(var left, var right) -> {
                because(left, inputs);
                because(right, inputs);
            }
            case Expr.Subtract(var left, var right) -> {
                because(left, inputs);
                because(right, inputs);
            }
            case Expr.Input(var name) -> inputs.addAll(input(name).behind().apply(profile));
            case Expr.Ref(var name) -> because(body(name), inputs);
            case Expr.Amount amount -> {}
            case Expr.Text text -> {}
            case Expr.Truth truth -> {}
            case Expr.Unknown unknown -> {}
        }
    }

    /** The legs that share the value of the whole: all of a true AND or a false OR, else those that alone decide. */
    private void becauseOfLegs(Expr whole, List<Expr> legs, Set<String> inputs) {
        var value = value(whole);
        for (var leg : legs) {
            if (Objects.equals(value(leg), value)) {
                because(leg, inputs);
            }
        }
    }

    private void becauseOfIf(Expr.If either, Set<String> inputs) {
        if (either.then() instanceof Expr.Unknown) {
            // "if X is missing then unknown else ...": X being there matters only where nothing else tells so already.
            because(branch(either), inputs);
            var present = new LinkedHashSet<String>();
            because(either.condition(), present);
            if (Collections.disjoint(inputs, present)) {
                inputs.addAll(present);
            }
            return;
        }
        if (value(either.condition()) != null) {
            because(either.condition(), inputs);
        }
        because(branch(either), inputs);
    }

    private Set<String> missing(Expr expr) {
        return switch (expr) {
            case Expr.And and -> missingOfAnd(legs(and));
            case Expr.Or or -> missingOfOr(or);
            case Expr.Not(var operand) -> missing(operand);
            case Expr.Compare(var how, var left, var right) -> missingOfUnknown(List.of(left, right));
            case Expr.Add(var left, var right) -> missingOfUnknown(List.of(left, right));
            case Expr.Subtract(var left, var right) -> missingOfUnknown(List.of(left, right));
            case Expr.If either -> missingOfIf(either);
            // Any one would do; the last is the stand-in, which is the easiest to come by.
            case Expr.Coalesce(var operands) -> missing(operands.getLast());
            case Expr.Input(var name) ->
                new LinkedHashSet<>(input(name).missing().apply(profile));
            case Expr.Ref(var name) -> missing(body(name));
            case Expr.IsNull never -> Set.of();
            case Expr.IsTrue never -> Set.of();
            case Expr.Amount never -> Set.of();
            case Expr.Text never -> Set.of();
            case Expr.Truth never -> Set.of();
            case Expr.Unknown unknown -> Set.of();
        };
    }

    /** All unknown legs must be settled, unless supplying an input makes one of the true legs ("X is missing") false. */
    private Set<String> missingOfAnd(List<Expr> legs) {
        var smallest = missingOfUnknown(legs);
        for (var leg : legs) {
            if (isTrue(leg)) {
                var refuting = refuting(leg);
                if (refuting.isPresent() && refuting.get().size() < smallest.size()) {
                    smallest = refuting.get();
                }
            }
        }
        return smallest;
    }

    /**
     * All unknown legs must be settled. But where an input that one leg needs, once true, makes the whole true, and once
     * false makes that leg false, the leg needs nothing else.
     */
    private Set<String> missingOfOr(Expr.Or or) {
        var unknown = legs(or).stream().filter(leg -> value(leg) == null).toList();
        if (unknown.size() == 1) {
            return missing(unknown.getFirst());
        }
        var missing = new LinkedHashSet<String>();
        for (var leg : unknown) {
            missing.addAll(decidingInput(or, leg).map(this::missing).orElseGet(() -> missing(leg)));
        }
        return missing;
    }

    private Optional<Expr> decidingInput(Expr.Or whole, Expr leg) {
        if (!(leg instanceof Expr.And and)) {
            return Optional.empty();
        }
        return legs(and).stream()
                .flatMap(this::unknownAnswers)
                .filter(answer -> assuming(answer, true).isTrue(whole)
                        && Boolean.FALSE.equals(assuming(answer, false).value(leg)))
                .map(Expr.class::cast)
                .findFirst();
    }

    /** The unknown true-or-false inputs an expression is, or is an OR of. */
    private Stream<Expr.Input> unknownAnswers(Expr expr) {
        return switch (expr) {
            case Expr.Input input
            when value(input) == null && input(input.name()).type() instanceof Expr.Type.Logical -> Stream.of(input);
            case Expr.Or(var left, var right) -> Stream.concat(unknownAnswers(left), unknownAnswers(right));
            case Expr.Ref(var name) when value(expr) == null -> unknownAnswers(body(name));
            default -> Stream.empty();
        };
    }

    /** The same profile with this answer. */
    private Explainer assuming(Expr.Input input, boolean answer) {
        var assumed = new HashMap<>(values);
        assumed.put(input.name(), answer);
        return new Explainer(definitions, assumed, profile);
    }

    private Set<String> missingOfUnknown(List<Expr> operands) {
        var missing = new LinkedHashSet<String>();
        for (var operand : operands) {
            if (value(operand) == null) {
                missing.addAll(missing(operand));
            }
        }
        return missing;
    }

    private Set<String> missingOfIf(Expr.If either) {
        var taken = branch(either);
        if (!(taken instanceof Expr.Unknown)) {
            return missing(taken);
        }
        // The condition declares the result unknown: settle the condition, then what the other branch still lacks.
        var missing = new LinkedHashSet<>(refuting(either.condition()).orElseGet(() -> {
            var behind = new LinkedHashSet<String>();
            because(either.condition(), behind);
            return behind;
        }));
        if (value(either.otherwise()) == null) {
            missing.addAll(missing(either.otherwise()));
        }
        return missing;
    }

    /** Absent inputs that make this true expression false by being supplied, whatever their values. */
    private Optional<Set<String>> refuting(Expr expr) {
        return switch (expr) {
            case Expr.IsNull(var operand) -> Optional.of(missing(operand));
            case Expr.Ref(var name) -> refuting(body(name));
            case Expr.And and -> {
                Optional<Set<String>> smallest = Optional.empty();
                for (var leg : legs(and)) {
                    var refuting = refuting(leg);
                    if (refuting.isPresent()
                            && (smallest.isEmpty()
                                    || refuting.get().size() < smallest.get().size())) {
                        smallest = refuting;
                    }
                }
                yield smallest;
            }
            case Expr.Or(var left, var right) -> refutingAll(List.of(left, right));
            case Expr.Not ignored -> Optional.empty();
            case Expr.Compare ignored -> Optional.empty();
            case Expr.IsTrue ignored -> Optional.empty();
            case Expr.If ignored -> Optional.empty();
            case Expr.Coalesce ignored -> Optional.empty();
            case Expr.Add ignored -> Optional.empty();
            case Expr.Subtract ignored -> Optional.empty();
            case Expr.Input ignored -> Optional.empty();
            case Expr.Amount ignored -> Optional.empty();
            case Expr.Text ignored -> Optional.empty();
            case Expr.Truth ignored -> Optional.empty();
            case Expr.Unknown ignored -> Optional.empty();
        };
    }

    private Optional<Set<String>> refutingAll(List<Expr> legs) {
        var all = new LinkedHashSet<String>();
        for (var leg : legs) {
            if (Boolean.FALSE.equals(value(leg))) {
                continue;
            }
            var refuting = refuting(leg);
            if (refuting.isEmpty()) {
                return Optional.empty();
            }
            all.addAll(refuting.get());
        }
        return Optional.of(all);
    }

    private static List<Expr> legs(Expr.And and) {
        var legs = new ArrayList<Expr>();
        collect(and, legs);
        return legs;
    }

    private static List<Expr> legs(Expr.Or or) {
        var legs = new ArrayList<Expr>();
        collectOr(or, legs);
        return legs;
    }

    private static void collectOr(Expr expr, Collection<Expr> legs) {
        if (expr instanceof Expr.Or(var left, var right)) {
            collectOr(left, legs);
            collectOr(right, legs);
        } else {
            legs.add(expr);
        }
    }

    private static void collect(Expr expr, Collection<Expr> legs) {
        if (expr instanceof Expr.And(var left, var right)) {
            collect(left, legs);
            collect(right, legs);
        } else {
            legs.add(expr);
        }
    }

    private static RuleInput input(String name) {
        var input = RuleInput.BY_NAME.get(name);
        if (input == null) {
            throw new IllegalArgumentException("No input \"" + name + "\"");
        }
        return input;
    }
}
