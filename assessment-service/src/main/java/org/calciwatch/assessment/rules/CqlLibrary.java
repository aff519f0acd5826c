package org.calciwatch.assessment.rules;

import io.github.oshai.kotlinlogging.KotlinLoggingConfiguration;
import java.math.BigDecimal;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.calciwatch.assessment.rules.Expr.Comparison;
import org.calciwatch.assessment.rules.Expr.Declaration;
import org.calciwatch.assessment.rules.Expr.Definition;
import org.cqframework.cql.cql2elm.CqlCompilerException;
import org.cqframework.cql.cql2elm.CqlCompilerOptions;
import org.cqframework.cql.cql2elm.CqlTranslator;
import org.cqframework.cql.cql2elm.LibraryManager;
import org.cqframework.cql.cql2elm.ModelManager;
import org.hl7.elm.r1.BinaryExpression;
import org.hl7.elm.r1.Element;
import org.hl7.elm.r1.Expression;
import org.hl7.elm.r1.ExpressionDef;
import org.hl7.elm.r1.ExpressionRef;
import org.hl7.elm.r1.If;
import org.hl7.elm.r1.Literal;
import org.hl7.elm.r1.NamedTypeSpecifier;
import org.hl7.elm.r1.Null;
import org.hl7.elm.r1.ParameterDef;
import org.hl7.elm.r1.ParameterRef;
import org.hl7.elm.r1.UnaryExpression;
import org.hl7.elm.r1.VersionedIdentifier;
import org.jspecify.annotations.Nullable;
import org.opencds.cqf.cql.engine.execution.CqlEngine;
import org.opencds.cqf.cql.engine.execution.Environment;
import org.opencds.cqf.cql.engine.execution.EvaluationExpressionRef;
import org.opencds.cqf.cql.engine.execution.EvaluationParams;
import org.opencds.cqf.cql.engine.runtime.Quantity;
import org.opencds.cqf.cql.engine.runtime.Value;

/**
 * A compiled CQL library; with its {@link CqlTuning} the only class that knows the CQL engine. Compiling takes about a
 * second; the result is immutable and shared by all evaluations.
 */
final class CqlLibrary {

    /** No rule reads the clock, and a fixed time keeps evaluations repeatable. */
    private static final ZonedDateTime NO_TIME = ZonedDateTime.of(2000, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);

    /** The translator's memory grows out of bounds with nesting; the deepest definition of a real pack has 4. */
    private static final int DEEPEST = 50;

    private final VersionedIdentifier identifier;
    private final Environment environment;
    private final List<Declaration> declarations;
    private final List<Definition> definitions;

    private CqlLibrary(
            VersionedIdentifier identifier,
            Environment environment,
            List<Declaration> declarations,
            List<Definition> definitions) {
        this.identifier = identifier;
        this.environment = environment;
        this.declarations = declarations;
        this.definitions = definitions;
    }

    /**
     * Compiles a library.
     *
     * @param file name to use in problems
     * @return the library, or null when problems were added that keep it from running
     */
    static @Nullable CqlLibrary compile(String file, String cql, List<RulePackRejected.Problem> problems) {
        // The translator finds its parts through the thread's class loader, which need not be the one it came with.
        var thread = Thread.currentThread();
        var usual = thread.getContextClassLoader();
        thread.setContextClassLoader(CqlLibrary.class.getClassLoader());
        try {
            if (depth(cql) > DEEPEST) {
                problems.add(new RulePackRejected.Problem(
                        file, 1, "has parentheses nested more than %d deep".formatted(DEEPEST)));
                return null;
            }
            return translate(file, cql, problems);
        } catch (StackOverflowError e) {
            problems.add(new RulePackRejected.Problem(
                    file, 1, "has a definition with too many legs; split it into several"));
            return null;
        } finally {
            thread.setContextClassLoader(usual);
        }
    }

    private static int depth(String cql) {
        int depth = 0;
        int deepest = 0;
        for (int i = 0; i < cql.length(); i++) {
            switch (cql.charAt(i)) {
                case '(' -> deepest = Math.max(deepest, ++depth);
                case ')' -> depth--;
                default -> {}
            }
        }
        return deepest;
    }

    private static @Nullable CqlLibrary translate(String file, String cql, List<RulePackRejected.Problem> problems) {
        KotlinLoggingConfiguration.INSTANCE.setLogStartupMessage(false);
        var options = new CqlCompilerOptions(
                CqlCompilerOptions.Options.EnableLocators,
                CqlCompilerOptions.Options.DisableListDemotion,
                CqlCompilerOptions.Options.DisableListPromotion,
                CqlCompilerOptions.Options.DisableMethodInvocation);
        var manager = new LibraryManager(new ModelManager(), options, new HashMap<>());
        var translator = CqlTranslator.fromText(cql, manager);
        int before = problems.size();
        for (var error : translator.getErrors()) {
            problems.add(new RulePackRejected.Problem(file, line(error), String.valueOf(error.getMessage())));
        }
        if (problems.size() > before) {
            return null;
        }
        var compiled = translator.getTranslatedLibrary();
        var library = compiled.getLibrary();
        if (compiled.getIdentifier() == null || library == null || library.getStatements() == null) {
            problems.add(new RulePackRejected.Problem(file, 1, "the library has no name or no definitions"));
            return null;
        }
        var declarations = new ArrayList<Declaration>();
        if (library.getParameters() != null) {
            for (var parameter : library.getParameters().getDef()) {
                declarations.add(new Declaration(name(parameter), type(parameter), line(parameter)));
            }
        }
        var definitions = new ArrayList<Definition>();
        for (var statement : library.getStatements().getDef()) {
            try {
                definitions.add(new Definition(
                        name(statement), convert(statement.getExpression()), line(statement), source(statement, cql)));
            } catch (Expr.NotInRuleLanguage outside) {
                problems.add(new RulePackRejected.Problem(
                        file, line(statement), "in \"%s\": %s".formatted(statement.getName(), outside.getMessage())));
            }
        }
        if (problems.size() > before) {
            return null;
        }
        CqlTuning.tune(library);
        manager.getCompiledLibraries().put(compiled.getIdentifier(), compiled);
        return new CqlLibrary(
                compiled.getIdentifier(),
                new Environment(manager),
                List.copyOf(declarations),
                List.copyOf(definitions));
    }

    String name() {
        return String.valueOf(identifier.getId());
    }

    String version() {
        return String.valueOf(identifier.getVersion());
    }

    List<Declaration> declarations() {
        return declarations;
    }

    /** In the order of the file. */
    List<Definition> definitions() {
        return definitions;
    }

    /** The definitions to evaluate, prepared once. */
    Query query(List<String> names) {
        return new Query(names.stream().map(EvaluationExpressionRef::new).toList());
    }

    record Query(List<EvaluationExpressionRef> definitions) {}

    /**
     * Evaluates definitions that are true, false or unknown. A new engine each time: an engine keeps its cache and its
     * parameters, and would answer for the patient before.
     *
     * @param parameters every declared parameter; BigDecimal (with its unit in {@code units}), Boolean, String, or null
     * @return truth by name; an unknown one is null
     * @throws IllegalStateException when a definition fails, which loses them all
     */
    Map<String, @Nullable Boolean> evaluate(
            Query query, Map<String, @Nullable Object> parameters, Map<String, String> units) {
        var values = HashMap.<String, @Nullable Value>newHashMap(parameters.size());
        parameters.forEach((name, value) -> values.put(name, toCql(value, units.get(name))));
        // The engine asks for its options at every node, which an EnumSet answers fastest.
        var engine = new CqlEngine(environment, EnumSet.of(CqlEngine.Options.EnableExpressionCaching));
        var results = engine.evaluate(
                new EvaluationParams(Map.of(identifier, query.definitions()), null, values, null, NO_TIME));
        if (results.hasExceptions()) {
            throw new IllegalStateException(
                    "Rule pack " + name() + " " + version() + " failed", results.getExceptionFor(identifier));
        }
        var found = results.getResultFor(identifier);
        if (found == null) {
            throw new IllegalStateException("Rule pack " + name() + " " + version() + " gave no result");
        }
        var truth = HashMap.<String, @Nullable Boolean>newHashMap(
                query.definitions().size());
        for (var definition : query.definitions()) {
            // Not by name: that would copy all results into a new map, for each name once more.
            var result = found.get(definition);
            if (result == null) {
                throw new IllegalStateException("No result for definition \"" + definition.getName() + "\"");
            }
            truth.put(definition.getName(), toTruth(definition.getName(), result.getValue()));
        }
        return truth;
    }

    private static @Nullable Value toCql(@Nullable Object value, @Nullable String unit) {
        return switch (value) {
            case null -> null;
            case BigDecimal number -> new Quantity().withValue(number).withUnit(unit);
            case Boolean truth -> new org.opencds.cqf.cql.engine.runtime.Boolean(truth);
            case String text -> new org.opencds.cqf.cql.engine.runtime.String(text);
            default -> throw new IllegalArgumentException("Not a value of the rule language: " + value.getClass());
        };
    }

    private static @Nullable Boolean toTruth(String name, @Nullable Value value) {
        return switch (value) {
            case null -> null;
            case org.opencds.cqf.cql.engine.runtime.Boolean truth -> truth.getValue();
            default -> throw new IllegalStateException("Definition \"" + name + "\" is not true, false or unknown");
        };
    }

    private static Expr convert(@Nullable Expression expression) {
        return switch (expression) {
            case null -> throw notInRuleLanguage("an empty expression");
            case org.hl7.elm.r1.And and -> new Expr.And(left(and), right(and));
            case org.hl7.elm.r1.Or or -> new Expr.Or(left(or), right(or));
            case org.hl7.elm.r1.Not not -> new Expr.Not(operand(not));
            case org.hl7.elm.r1.Greater greater -> compare(Comparison.GREATER, greater);
            case org.hl7.elm.r1.GreaterOrEqual atLeast -> compare(Comparison.GREATER_OR_EQUAL, atLeast);
            case org.hl7.elm.r1.Less less -> compare(Comparison.LESS, less);
            case org.hl7.elm.r1.LessOrEqual atMost -> compare(Comparison.LESS_OR_EQUAL, atMost);
            case org.hl7.elm.r1.Equal equal -> compare(Comparison.EQUAL, equal);
            case org.hl7.elm.r1.NotEqual notEqual -> compare(Comparison.NOT_EQUAL, notEqual);
            case org.hl7.elm.r1.IsNull isNull -> new Expr.IsNull(operand(isNull));
            case org.hl7.elm.r1.IsTrue isTrue -> new Expr.IsTrue(operand(isTrue));
            case If either ->
                new Expr.If(convert(either.getCondition()), convert(either.getThen()), convert(either.getElse()));
            case org.hl7.elm.r1.Coalesce coalesce ->
                new Expr.Coalesce(
                        coalesce.getOperand().stream().map(CqlLibrary::convert).toList());
            case org.hl7.elm.r1.Add add -> new Expr.Add(left(add), right(add));
            case org.hl7.elm.r1.Subtract subtract -> new Expr.Subtract(left(subtract), right(subtract));
            case ParameterRef input -> new Expr.Input(String.valueOf(input.getName()));
            // A function call is an ExpressionRef too, with its arguments dropped.
            case org.hl7.elm.r1.FunctionRef call -> throw notInRuleLanguage("the function " + call.getName());
            case ExpressionRef reference -> new Expr.Ref(String.valueOf(reference.getName()));
            case org.hl7.elm.r1.Quantity amount
            when amount.getValue() != null && amount.getUnit() != null ->
                new Expr.Amount(amount.getValue(), amount.getUnit());
            case Literal literal -> literal(literal);
            // The translator wraps a bare null in a cast to the type it stands for.
            case org.hl7.elm.r1.As cast when cast.getOperand() instanceof Null -> new Expr.Unknown();
            case Null ignored -> new Expr.Unknown();
            case org.hl7.elm.r1.ToQuantity ignored ->
                throw notInRuleLanguage("a bare number compared with an amount; give it its unit, like 1.7 'mg/dL'");
            default -> throw notInRuleLanguage(expression.getClass().getSimpleName());
        };
    }

    private static Expr literal(Literal literal) {
        var type = literal.getValueType() == null ? "" : literal.getValueType().getLocalPart();
        return switch (type) {
            case "String" -> new Expr.Text(String.valueOf(literal.getValue()));
            case "Boolean" -> new Expr.Truth(Boolean.parseBoolean(literal.getValue()));
            default ->
                throw notInRuleLanguage(
                        "the bare number " + literal.getValue() + "; give it its unit, like 1.7 'mg/dL'");
        };
    }

    private static Expr.NotInRuleLanguage notInRuleLanguage(String what) {
        return new Expr.NotInRuleLanguage(
                what + " is not part of the rule language (see docs/rule-authoring.md for what is)");
    }

    private static Expr compare(Comparison how, BinaryExpression expression) {
        return new Expr.Compare(how, left(expression), right(expression));
    }

    private static Expr left(BinaryExpression expression) {
        return convert(expression.getOperand().get(0));
    }

    private static Expr right(BinaryExpression expression) {
        return convert(expression.getOperand().get(1));
    }

    private static Expr operand(UnaryExpression expression) {
        return convert(expression.getOperand());
    }

    private static String name(ExpressionDef definition) {
        return String.valueOf(definition.getName());
    }

    private static String name(ParameterDef parameter) {
        return String.valueOf(parameter.getName());
    }

    private static String type(ParameterDef parameter) {
        return parameter.getParameterTypeSpecifier() instanceof NamedTypeSpecifier named && named.getName() != null
                ? named.getName().getLocalPart()
                : "untyped";
    }

    private static int line(CqlCompilerException error) {
        return error.getLocator() == null ? 1 : error.getLocator().getStartLine();
    }

    /** The text of a definition without its name. */
    private static String source(ExpressionDef definition, String cql) {
        var locator = definition.getLocator();
        int first = line(definition);
        int last = locator == null
                ? first
                : Integer.parseInt(locator.substring(locator.indexOf('-') + 1, locator.lastIndexOf(':')));
        var text = String.join(
                " ",
                cql.lines()
                        .skip(first - 1L)
                        .limit(last - first + 1L)
                        .map(String::strip)
                        .toList());
        var head = "define \"" + definition.getName() + "\":";
        return text.startsWith(head) ? text.substring(head.length()).strip() : text;
    }

    /** Locators look like "12:1-12:40". */
    private static int line(Element element) {
        var locator = element.getLocator();
        return locator == null ? 1 : Integer.parseInt(locator.substring(0, locator.indexOf(':')));
    }
}
