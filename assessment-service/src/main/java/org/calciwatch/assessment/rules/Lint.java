package org.calciwatch.assessment.rules;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.calciwatch.assessment.profile.Inputs;
import org.calciwatch.assessment.rules.Expr.Definition;
import org.calciwatch.assessment.rules.PackData.Variant;
import org.calciwatch.assessment.rules.RulePackRejected.Problem;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a compiler of CQL lets pass and what would yield wrong or silent results: inputs we do not supply, amounts
 * compared across units, rules without text and texts without rule. Reports everything it finds.
 */
final class Lint {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([a-z_]+)}");
    private static final Set<String> PLACEHOLDERS = Set.of("inputs", "egfr_computed", "egfr_reported");

    private static final String SUPPRESSES = "suppresses ";
    private static final String CHECK = "dq-";

    private final CqlLibrary library;
    private final PackData data;
    private final PackData.References references;
    private final String yaml;
    private final List<Problem> problems;
    private final Map<String, Definition> definitions = new LinkedHashMap<>();
    private final Map<String, Expr.Type> types = new HashMap<>();

    /** @param problems receives what is found */
    Lint(CqlLibrary library, PackData data, PackData.References references, String yaml, List<Problem> problems) {
        this.library = library;
        this.data = data;
        this.references = references;
        this.yaml = yaml;
        this.problems = problems;
        library.definitions().forEach(definition -> definitions.put(definition.name(), definition));
    }

    void run() {
        if (!library.version().equals(data.version())) {
            inYaml(
                    "version: ",
                    "version %s, but rules.cql says %s: both must be the same"
                            .formatted(data.version(), library.version()));
        }
        checkDeclarations();
        definitions.values().forEach(this::checkTypes);
        checkRules();
        checkDataQuality();
        checkText("closing_line:", "the closing line", data.closingLine());
    }

    private void checkDeclarations() {
        for (var declaration : library.declarations()) {
            var input = RuleInput.BY_NAME.get(declaration.name());
            if (input == null) {
                inCql(declaration.line(), "no input is called \"%s\"".formatted(declaration.name()));
            } else if (!input.cqlType().equals(declaration.type())) {
                inCql(
                        declaration.line(),
                        "\"%s\" is declared %s but is %s"
                                .formatted(declaration.name(), declaration.type(), input.cqlType()));
            }
        }
    }

    private void checkTypes(Definition definition) {
        try {
            typeOf(definition.name());
        } catch (Mismatch mismatch) {
            inCql(definition.line(), "in \"%s\": %s".formatted(definition.name(), mismatch.getMessage()));
            types.put(definition.name(), new Expr.Type.Nothing());
        }
    }

    private Expr.Type typeOf(String definition) {
        var known = types.get(definition);
        if (known != null) {
            return known;
        }
        // CQL has no cycles and no references to nowhere, or it would not have compiled.
        var found = Objects.requireNonNull(definitions.get(definition), definition);
        var type = type(found.body());
        types.put(definition, type);
        return type;
    }

    private Expr.Type type(Expr expr) {
        return switch (expr) {
            case Expr.And(var left, var right) -> logical(left, right);
            case Expr.Or(var left, var right) -> logical(left, right);
            case Expr.Not(var operand) -> logical(operand);
            case Expr.IsTrue(var operand) -> logical(operand);
            case Expr.IsNull(var operand) -> {
                type(operand);
                yield new Expr.Type.Logical();
            }
            case Expr.Compare(var how, var left, var right) -> {
                var type = same("compares", left, right);
                boolean ordered =
                        switch (how) {
                            case GREATER, GREATER_OR_EQUAL, LESS, LESS_OR_EQUAL -> true;
                            case EQUAL, NOT_EQUAL -> false;
                        };
                if (ordered && !(type instanceof Expr.Type.Measured)) {
                    throw new Mismatch("orders %s; only amounts have an order".formatted(type));
                }
                yield new Expr.Type.Logical();
            }
            case Expr.If(var condition, var then, var otherwise) -> {
                logical(condition);
                yield same("chooses between", then, otherwise);
            }
            case Expr.Coalesce(var operands) ->
                operands.stream()
                        .map(this::type)
                        .reduce((left, right) -> same("chooses between", left, right))
                        .orElseThrow();
            case Expr.Add(var left, var right) -> amount("adds", left, right);
            case Expr.Subtract(var left, var right) -> amount("subtracts", left, right);
            case Expr.Input(var name) -> {
                var input = RuleInput.BY_NAME.get(name);
                // An unknown input is reported where it is declared.
                yield input == null ? new Expr.Type.Nothing() : input.type();
            }
            case Expr.Ref(var name) -> typeOf(name);
            case Expr.Amount amount -> new Expr.Type.Measured(amount.unit());
            case Expr.Text ignored -> new Expr.Type.Code();
            case Expr.Truth ignored -> new Expr.Type.Logical();
            case Expr.Unknown ignored -> new Expr.Type.Nothing();
        };
    }

    private Expr.Type logical(Expr... operands) {
        for (var operand : operands) {
            var type = type(operand);
            if (!type.fits(new Expr.Type.Logical())) {
                throw new Mismatch("needs true or false, but finds %s".formatted(type));
            }
        }
        return new Expr.Type.Logical();
    }

    private Expr.Type amount(String what, Expr left, Expr right) {
        var type = same(what, left, right);
        if (!(type instanceof Expr.Type.Measured)) {
            throw new Mismatch("%s %s; only amounts can be calculated with".formatted(what, type));
        }
        return type;
    }

    private Expr.Type same(String what, Expr left, Expr right) {
        return same(what, type(left), type(right));
    }

    private static Expr.Type same(String what, Expr.Type left, Expr.Type right) {
        if (!left.fits(right)) {
            throw new Mismatch("%s %s with %s".formatted(what, left, right));
        }
        return left instanceof Expr.Type.Nothing ? right : left;
    }

    private void checkRules() {
        var ids = new HashSet<String>();
        for (var rule : data.rules()) {
            var place = "- id: " + rule.id();
            if (!ids.add(rule.id())) {
                inYaml(place, "rule %s stands here twice".formatted(rule.id()));
            }
            needLogical(place, rule.id(), "rule " + rule.id());
            checkText(place, "title of " + rule.id(), rule.title());
            checkText(place, "patient message of " + rule.id(), rule.patient());
            checkText(place, "clinician message of " + rule.id(), rule.clinician());
            if (rule.severity() == Severity.NONE) {
                inYaml(place, "rule %s has no severity".formatted(rule.id()));
            }
            for (var reference : rule.references()) {
                if (!references.references().containsKey(reference)) {
                    inYaml(place, "rule %s cites %d, which references.yaml lacks".formatted(rule.id(), reference));
                }
            }
            for (var variant : rule.variantsOrNone()) {
                checkVariant(place, rule, variant);
            }
        }
        var suppressors = data.rules().stream()
                .flatMap(rule -> rule.suppressors(ids).stream().map(suppressor -> {
                    needLogical("- id: " + rule.id(), suppressor.definition(), "suppressor of " + rule.id());
                    return suppressor.definition();
                }))
                .collect(Collectors.toSet());
        for (var definition : definitions.values()) {
            boolean ruleLike = definition.name().matches("[a-z0-9]+(-[a-z0-9]+)+")
                    && !definition.name().startsWith(CHECK);
            if (ruleLike && !ids.contains(definition.name())) {
                inCql(definition.line(), "rule \"%s\" has no entry in rules.yaml".formatted(definition.name()));
            }
            if (definition.name().startsWith(SUPPRESSES) && !suppressors.contains(definition.name())) {
                inCql(definition.line(), "\"%s\" is not named by any rule in rules.yaml".formatted(definition.name()));
            }
        }
    }

    private void checkVariant(String place, PackData.RuleData rule, Variant variant) {
        needLogical(place, variant.when(), "text variant of " + rule.id());
        long changes = Stream.of(variant.instead(), variant.add(), variant.replace())
                .filter(change -> change != null)
                .count();
        if (changes != 1 || (variant.replace() == null) != (variant.by() == null)) {
            inYaml(place, "a variant of %s must have one of instead, add, or replace with by".formatted(rule.id()));
            return;
        }
        checkIfThere(place, rule, variant.instead());
        checkIfThere(place, rule, variant.add());
        checkIfThere(place, rule, variant.replace());
        if (variant.replace() != null) {
            var base =
                    switch (variant.audience()) {
                        case PATIENT -> rule.patient();
                        case CLINICIAN -> rule.clinician();
                    };
            variant.replace().forEach((language, sentence) -> {
                if (!base.getOrDefault(language, "").contains(sentence)) {
                    inYaml(place, "a variant of %s replaces words its message lacks".formatted(rule.id()));
                }
            });
        }
    }

    private void checkIfThere(String place, PackData.RuleData rule, @Nullable Map<String, String> text) {
        if (text != null) {
            checkText(place, "a text variant of " + rule.id(), text);
        }
    }

    private void checkDataQuality() {
        var ids = new HashSet<String>();
        for (var check : data.dataQuality()) {
            var place = "- id: " + check.id();
            ids.add(check.id());
            needLogical(place, check.id(), "check " + check.id());
            checkText(place, "text of " + check.id(), check.detail());
            if (check.input() != null && Inputs.find(check.input()).isEmpty()) {
                inYaml(place, "check %s points at the unknown input %s".formatted(check.id(), check.input()));
            }
        }
        for (var definition : definitions.values()) {
            if (definition.name().startsWith(CHECK) && !ids.contains(definition.name())) {
                inCql(definition.line(), "check \"%s\" has no entry in rules.yaml".formatted(definition.name()));
            }
        }
    }

    private void needLogical(String place, String definition, String what) {
        if (!definitions.containsKey(definition)) {
            inYaml(place, "%s needs the definition \"%s\", which rules.cql lacks".formatted(what, definition));
        } else if (!types.getOrDefault(definition, new Expr.Type.Nothing()).fits(new Expr.Type.Logical())) {
            inYaml(place, "%s: \"%s\" is not true or false".formatted(what, definition));
        }
    }

    private void checkText(String place, String what, Map<String, String> texts) {
        for (var language : data.languages()) {
            var text = texts.get(language);
            if (text == null || text.isBlank()) {
                inYaml(place, "the %s is missing in language '%s'".formatted(what, language));
            } else {
                PLACEHOLDER.matcher(text).results().map(found -> found.group(1)).forEach(name -> {
                    if (!PLACEHOLDERS.contains(name)) {
                        inYaml(place, "the %s has the unknown placeholder {%s}".formatted(what, name));
                    }
                });
            }
        }
    }

    private void inCql(int line, String message) {
        problems.add(new Problem(RulePack.CQL_FILE, line, message));
    }

    /** @param place words that stand in the line concerned */
    private void inYaml(String place, String message) {
        int line =
                1 + (int) yaml.lines().takeWhile(text -> !text.contains(place)).count();
        problems.add(new Problem(RulePack.YAML_FILE, line, message));
    }

    private static final class Mismatch extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Mismatch(String message) {
            super(message);
        }
    }
}
