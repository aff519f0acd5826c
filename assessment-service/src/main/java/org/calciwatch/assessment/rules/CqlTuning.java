package org.calciwatch.assessment.rules;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.hl7.elm.r1.BinaryExpression;
import org.hl7.elm.r1.Expression;
import org.hl7.elm.r1.ExpressionDef;
import org.hl7.elm.r1.ExpressionRef;
import org.hl7.elm.r1.FunctionRef;
import org.hl7.elm.r1.If;
import org.hl7.elm.r1.Library;
import org.hl7.elm.r1.NaryExpression;
import org.hl7.elm.r1.ParameterDef;
import org.hl7.elm.r1.ParameterRef;
import org.hl7.elm.r1.UnaryExpression;
import org.jspecify.annotations.Nullable;

/**
 * Rearranges a freshly translated library so that the engine finds its way faster. Every definition keeps its name and
 * its value; what it is made of and the order change, so what needs those is read from the library before.
 */
final class CqlTuning {

    /** A comparison of an input with a number: a reference costs the engine more than evaluating that many nodes. */
    private static final int SMALL = 3;

    private final Map<String, ExpressionDef> definitions = new HashMap<>();
    private final Set<String> done = new HashSet<>();

    private CqlTuning(List<ExpressionDef> definitions) {
        definitions.forEach(definition -> this.definitions.put(name(definition), definition));
    }

    static void tune(Library library) {
        if (library.getStatements() == null) {
            return;
        }
        var definitions = library.getStatements().getDef();
        var tuning = new CqlTuning(definitions);
        definitions.forEach(tuning::inlineReferences);
        // The engine finds definitions by binary search, which the translator leaves to its caller to make possible.
        definitions.sort(Comparator.comparing(CqlTuning::name));
        if (library.getParameters() != null) {
            sortByUse(library.getParameters().getDef(), definitions);
        }
    }

    /** The engine finds a parameter by going through all of them from the first on. */
    private static void sortByUse(List<ParameterDef> parameters, List<ExpressionDef> definitions) {
        var uses = new HashMap<String, Integer>();
        for (var definition : definitions) {
            if (definition.getExpression() != null) {
                walk(definition.getExpression(), node -> {
                    if (node instanceof ParameterRef used) {
                        uses.merge(String.valueOf(used.getName()), 1, Integer::sum);
                    }
                });
            }
        }
        parameters.sort(Comparator.comparing(parameter -> -uses.getOrDefault(String.valueOf(parameter.getName()), 0)));
    }

    private void inlineReferences(ExpressionDef definition) {
        var body = definition.getExpression();
        if (body != null && done.add(name(definition))) {
            definition.setExpression(inlined(body));
        }
    }

    /** The expression with the small definitions it refers to in the place of the references. */
    private Expression inlined(Expression expression) {
        // A function call is an ExpressionRef too.
        if (expression instanceof ExpressionRef reference && !(expression instanceof FunctionRef)) {
            var definition = definitions.get(String.valueOf(reference.getName()));
            if (definition == null) {
                return reference;
            }
            inlineReferences(definition);
            var body = definition.getExpression();
            return body != null && size(body) <= SMALL ? body : reference;
        }
        replaceOperands(expression, this::inlined);
        return expression;
    }

    private static int size(Expression expression) {
        return 1 + operands(expression).stream().mapToInt(CqlTuning::size).sum();
    }

    private static void walk(Expression expression, Consumer<Expression> action) {
        action.accept(expression);
        operands(expression).forEach(operand -> walk(operand, action));
    }

    private static List<Expression> operands(Expression expression) {
        return switch (expression) {
            case BinaryExpression binary -> binary.getOperand();
            case NaryExpression many -> many.getOperand();
            case UnaryExpression unary -> present(unary.getOperand());
            case If either -> present(either.getCondition(), either.getThen(), either.getElse());
            default -> List.of();
        };
    }

    private static List<Expression> present(@Nullable Expression... operands) {
        return Stream.of(operands).filter(Objects::nonNull).toList();
    }

    private static void replaceOperands(Expression expression, UnaryOperator<Expression> with) {
        switch (expression) {
            case BinaryExpression binary -> binary.getOperand().replaceAll(with);
            case NaryExpression many -> many.getOperand().replaceAll(with);
            case UnaryExpression unary -> {
                if (unary.getOperand() != null) {
                    unary.setOperand(with.apply(unary.getOperand()));
                }
            }
            case If either -> {
                if (either.getCondition() != null && either.getThen() != null && either.getElse() != null) {
                    either.setCondition(with.apply(either.getCondition()));
                    either.setThen(with.apply(either.getThen()));
                    either.setElse(with.apply(either.getElse()));
                }
            }
            default -> {}
        }
    }

    private static String name(ExpressionDef definition) {
        return String.valueOf(definition.getName());
    }
}
