package org.calciwatch.assessment.rules;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
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

    private static final Set<String> MECHANISMS = new TreeSet<>(Set.of("metastatic", "dystrophic"));

    /** A result is not old after less than a month, nor fresh after ten years. */
    private static final int MOST_MONTHS = 120;

    /** A version is part of a URL and of a file name. */
    private static final Pattern VERSION = Pattern.compile("\\d[0-9A-Za-z.+-]{0,63}");

    private static final String SUPPRESSES = "suppresses ";
    private static final String CHECK = "dq-";

    private final @Nullable CqlLibrary library;
    private final PackData data;
    private final PackData.References references;
    private final String yaml;
    private final List<Problem> problems;
    private final Map<String, Definition> definitions = new LinkedHashMap<>();
    private final Map<String, Expr.Type> types = new HashMap<>();

    /**
     * @param library null when it does not compile; then only what does not need it is checked
     * @param problems receives what is found
     */
    Lint(
            @Nullable CqlLibrary library,
            PackData data,
            PackData.References references,
            String yaml,
            List<Problem> problems) {
        this.library = library;
        this.data = data;
        this.references = references;
        this.yaml = yaml;
        this.problems = problems;
        if (library != null) {
            library.definitions().forEach(definition -> definitions.put(definition.name(), definition));
        }
    }

    void run() {
        if (!data.id().equals(RulePack.ID)) {
            inYaml("id: ", "the id is %s; it must be %s".formatted(data.id(), RulePack.ID));
        }
        if (!VERSION.matcher(data.version()).matches()) {
            inYaml(
                    "version: ",
                    "the version is %s; it must begin with a digit and have at most 64 characters, each a letter, a digit or one of . + -, for example 1.0.1"
                            .formatted(data.version()));
        }
        if (!data.languages().containsAll(RulePack.LANGUAGES)
                || Set.copyOf(data.languages()).size() != data.languages().size()) {
            inYaml("languages:", "languages must hold each of %s, and none twice".formatted(RulePack.LANGUAGES));
        }
        for (int months : List.of(
                data.staleAfterMonths().usually(), data.staleAfterMonths().exceptionally())) {
            if (months < 1 || months > MOST_MONTHS) {
                inYaml("stale_after_months:", "months must be from 1 to %d, not %d".formatted(MOST_MONTHS, months));
            }
        }
        if (library != null && !library.version().equals(data.version())) {
            inYaml(
                    "version: ",
                    "version %s, but %s says %s: both must be the same"
                            .formatted(data.version(), PackFiles.CQL, library.version()));
        }
        if (library != null) {
            checkDeclarations(library);
            definitions.values().forEach(this::checkTypes);
        }
        checkRules();
        checkDataQuality();
        checkNote("closing_line:", "closing line", data.closingLine());
        needLogical("stale_after_months:", data.staleAfterMonths().exception(), "stale_after_months");
        checkInputs();
    }

    private void checkInputs() {
        var keys = Stream.concat(Stream.of(Inputs.AGE), Inputs.all().map(Inputs.Input::key))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        for (var key : keys) {
            var input = data.inputs().get(key);
            if (input == null) {
                inYaml("inputs:", "the input %s has no entry".formatted(key));
            } else {
                var place = "  " + key + ":";
                checkNote(place, "name of the input " + key, input.name());
                checkNote(place, "supplied_by of the input " + key, input.suppliedBy());
            }
        }
        data.inputs().keySet().stream()
                .filter(key -> !keys.contains(key))
                .forEach(key -> inYaml("  " + key + ":", "there is no input %s".formatted(key)));
    }

    private void checkDeclarations(CqlLibrary library) {
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
            checkNote(place, "title of " + rule.id(), rule.title());
            if (rule.mechanism() != null && !MECHANISMS.contains(rule.mechanism())) {
                inYaml(
                        place,
                        "mechanism of %s is %s; it must be one of %s, or left out"
                                .formatted(rule.id(), rule.mechanism(), MECHANISMS));
            }
            checkPatientText(place, "patient message of " + rule.id(), rule.patient());
            checkText(place, "clinician message of " + rule.id(), rule.clinician(), List.of(data.language()));
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
        Stream.of(variant.instead(), variant.add(), variant.replace())
                .filter(Objects::nonNull)
                .forEach(text -> {
                    var what = "text variant of " + rule.id();
                    switch (variant.audience()) {
                        case PATIENT -> checkText(place, what, text);
                        case CLINICIAN -> checkText(place, what, text, List.of(data.language()));
                    }
                });
        if (variant.replace() != null) {
            // Nothing may stand in its place, but that must be said in every language.
            variant.replace().keySet().stream()
                    .filter(language -> variant.by() == null || !variant.by().containsKey(language))
                    .forEach(language ->
                            inYaml(place, "a variant of %s lacks 'by' in '%s'".formatted(rule.id(), language)));
            var base =
                    switch (variant.audience()) {
                        case PATIENT -> rule.patient();
                        case CLINICIAN -> rule.clinician();
                    };
            variant.replace().forEach((language, sentence) -> {
                if (!PackData.in(base, language).contains(sentence)) {
                    inYaml(
                            place,
                            "a variant of %s replaces words its message in '%s' lacks".formatted(rule.id(), language));
                }
            });
        }
        if (variant.audience() == PackData.Audience.PATIENT) {
            for (var language : data.languages()) {
                checkWording(
                        place,
                        "patient message of " + rule.id() + " when " + variant.when(),
                        language,
                        variant.apply(PackData.in(rule.patient(), language), language));
            }
        }
    }

    private void checkDataQuality() {
        var ids = new HashSet<String>();
        for (var check : data.dataQuality()) {
            var place = "- id: " + check.id();
            ids.add(check.id());
            needLogical(place, check.id(), "check " + check.id());
            checkNote(place, "text of " + check.id(), check.detail());
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
        if (library == null) {
            return;
        }
        if (!definitions.containsKey(definition)) {
            inYaml(place, "%s needs the definition \"%s\", which %s lacks".formatted(what, definition, PackFiles.CQL));
        } else if (!types.getOrDefault(definition, new Expr.Type.Nothing()).fits(new Expr.Type.Logical())) {
            inYaml(place, "%s: \"%s\" is not true or false".formatted(what, definition));
        }
    }

    private void checkPatientText(String place, String what, Map<String, String> texts) {
        checkText(place, what, texts);
        texts.forEach((language, text) -> checkWording(place, what, language, text));
    }

    private void checkNote(String place, String what, Map<String, String> texts) {
        checkText(place, what, texts);
        texts.forEach((language, text) -> Wording.problemsOfNote(language, text)
                .forEach(problem -> inYaml(place, "the %s in '%s' %s".formatted(what, language, problem))));
    }

    private void checkWording(String place, String what, String language, String text) {
        for (var problem : Wording.problems(language, text)) {
            inYaml(place, "the %s in '%s' %s".formatted(what, language, problem));
        }
    }

    private void checkText(String place, String what, Map<String, String> texts) {
        checkText(place, what, texts, data.languages());
    }

    private void checkText(String place, String what, Map<String, String> texts, List<String> languages) {
        for (var language : languages) {
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
        problems.add(new Problem(PackFiles.CQL, line, message));
    }

    /** @param place words that stand in the line concerned */
    private void inYaml(String place, String message) {
        int line =
                1 + (int) yaml.lines().takeWhile(text -> !text.contains(place)).count();
        problems.add(new Problem(PackFiles.YAML, line, message));
    }

    private static final class Mismatch extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Mismatch(String message) {
            super(message);
        }
    }
}
