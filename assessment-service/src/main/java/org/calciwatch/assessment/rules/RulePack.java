package org.calciwatch.assessment.rules;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.deser.DeserializationProblemHandler;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.calciwatch.assessment.profile.Profile;
import org.calciwatch.assessment.rules.Expr.Declaration;
import org.calciwatch.assessment.rules.Expr.Definition;
import org.calciwatch.assessment.rules.PackData.RuleData;
import org.calciwatch.assessment.rules.PackData.Suppressor;
import org.calciwatch.assessment.rules.RulePackRejected.Problem;
import org.jspecify.annotations.Nullable;

/**
 * A version of the rules: conditions, texts and references. Loading compiles and checks it (about two seconds); after that
 * it is immutable and may evaluate on many threads at once.
 */
public final class RulePack {

    /** The one kind of pack there is. */
    public static final String ID = "calcification-risk";

    /** The languages every pack speaks. */
    public static final List<String> LANGUAGES = List.of("en", "es");

    private final PackData data;
    private final PackData.References references;
    private final String digest;
    private final CqlLibrary library;
    private final CqlLibrary.Query query;
    private final Map<String, Expr> definitions;
    private final Map<String, Definition> sources;
    private final Map<String, String> units;
    private final Map<String, List<Suppressor>> suppressors;
    private final Map<String, List<String>> citations;

    private RulePack(PackData data, PackData.References references, String digest, CqlLibrary library) {
        this.data = data;
        this.references = references;
        this.digest = digest;
        this.library = library;
        var ruleIds = data.rules().stream().map(RuleData::id).collect(Collectors.toSet());
        this.suppressors =
                data.rules().stream().collect(Collectors.toMap(RuleData::id, rule -> rule.suppressors(ruleIds)));
        this.citations = data.rules().stream().collect(Collectors.toMap(RuleData::id, this::cite));
        this.query = library.query(List.copyOf(namesIn(data, suppressors.values())));
        this.definitions = library.definitions().stream().collect(Collectors.toMap(Definition::name, Definition::body));
        this.sources = library.definitions().stream().collect(Collectors.toMap(Definition::name, each -> each));
        this.units = new HashMap<>();
        for (var input : RuleInput.ALL) {
            if (input.type() instanceof Expr.Type.Measured(var unit)) {
                units.put(input.name(), unit);
            }
        }
    }

    private static Set<String> namesIn(PackData data, Collection<List<Suppressor>> suppressors) {
        var names = new LinkedHashSet<String>();
        for (var rule : data.rules()) {
            names.add(rule.id());
            rule.variantsOrNone().forEach(variant -> names.add(variant.when()));
        }
        suppressors.forEach(each -> each.forEach(suppressor -> names.add(suppressor.definition())));
        data.dataQuality().forEach(check -> names.add(check.id()));
        names.add(data.staleAfterMonths().exception());
        return names;
    }

    /**
     * Loads a pack and checks all there is to check, its golden cases included.
     *
     * @throws RulePackRejected with everything that is wrong with it
     */
    public static RulePack load(PackFiles files) {
        var pack = compile(files);
        var problems = GoldenCases.of(files).stream()
                .flatMap(golden -> golden.differences(pack).stream()
                        .map(difference -> new Problem(
                                PackFiles.CASES, golden.line(), "case %s: %s".formatted(golden.id(), difference))))
                .toList();
        if (!problems.isEmpty()) {
            throw new RulePackRejected(problems);
        }
        return pack;
    }

    /**
     * Loads a pack that is to follow another: it must keep that one's worked patients, so that no edit goes unnoticed by
     * leaving out whom it would harm.
     *
     * @throws RulePackRejected with everything that is wrong with it
     */
    public static RulePack loadAfter(PackFiles earlier, PackFiles files) {
        var missing = GoldenCases.missing(earlier, files);
        try {
            var pack = load(files);
            if (missing.isEmpty()) {
                return pack;
            }
        } catch (RulePackRejected rejected) {
            throw missing.isEmpty()
                    ? rejected
                    : new RulePackRejected(Stream.concat(rejected.problems().stream(), missing.stream())
                            .toList());
        }
        throw new RulePackRejected(missing);
    }

    /**
     * Everything but the golden cases.
     *
     * @throws RulePackRejected with everything that is wrong with it
     */
    static RulePack compile(PackFiles files) {
        var problems = new ArrayList<Problem>();
        var data = read(PackFiles.YAML, files, PackData.class, problems);
        var references = read(PackFiles.REFERENCES, files, PackData.References.class, problems);
        var library = CqlLibrary.compile(PackFiles.CQL, files.text(PackFiles.CQL), problems);
        if (data != null && references != null) {
            new Lint(library, data, references, files.text(PackFiles.YAML), problems).run();
        }
        if (data == null || references == null || library == null || !problems.isEmpty()) {
            throw new RulePackRejected(problems);
        }
        return new RulePack(data, references, files.digest(), library);
    }

    private static <T> @Nullable T read(String file, PackFiles files, Class<T> type, List<Problem> problems) {
        ObjectMapper mapper = YAMLMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .defaultSetterInfo(JsonSetter.Value.forContentNulls(Nulls.FAIL))
                .build();
        var text = files.text(file);
        mapper.addHandler(new GoOn(file, text, problems));
        try {
            return mapper.readValue(text, type);
        } catch (JsonProcessingException e) {
            problems.add(new Problem(file, line(e.getLocation()), message(e)));
            return null;
        }
    }

    private static int line(@Nullable JsonLocation location) {
        return location == null ? 1 : location.getLineNr();
    }

    /** Notes what is unknown or misspelt in a data file and reads on, so that all of it is found at once. */
    private static final class GoOn extends DeserializationProblemHandler {
        private final String file;
        private final String text;
        private final List<Problem> problems;

        GoOn(String file, String text, List<Problem> problems) {
            this.file = file;
            this.text = text;
            this.problems = problems;
        }

        /** The parser may read from a buffer that knows no lines. */
        private int lineOf(String words) {
            return 1
                    + (int) text.lines()
                            .takeWhile(line -> !line.contains(words))
                            .count();
        }

        @Override
        public boolean handleUnknownProperty(
                DeserializationContext context,
                JsonParser parser,
                JsonDeserializer<?> deserializer,
                Object beanOrClass,
                String name)
                throws IOException {
            problems.add(new Problem(
                    file,
                    lineOf(name + ":"),
                    "\"%s\" is not known here; known are %s".formatted(name, deserializer.getKnownPropertyNames())));
            parser.skipChildren();
            return true;
        }

        @Override
        public Object handleWeirdStringValue(
                DeserializationContext context, Class<?> type, String value, String failure) {
            if (!type.isEnum()) {
                return NOT_HANDLED;
            }
            problems.add(new Problem(
                    file,
                    lineOf(": " + value),
                    "\"%s\" must be one of %s".formatted(value, List.of(type.getEnumConstants()))));
            // Any will do: with this problem the pack is refused.
            return type.getEnumConstants()[type.getEnumConstants().length - 1];
        }
    }

    /** Without the Java around what a constructor of {@link PackData} missed. */
    private static String message(JsonProcessingException e) {
        return e instanceof ValueInstantiationException && e.getCause() != null
                ? String.valueOf(e.getCause().getMessage())
                : e.getOriginalMessage();
    }

    public String id() {
        return data.id();
    }

    public String version() {
        return data.version();
    }

    /** Over the bytes of all files of the pack, {@code sha256:<hex>}. */
    public String digest() {
        return digest;
    }

    /** The languages of its patient texts; the first is that of clinicians too. */
    public List<String> languages() {
        return data.languages();
    }

    /** Ends every patient message and every patient page. */
    public String closingLine() {
        return data.text(data.closingLine());
    }

    /** All rules in knowledge-base order, texts without variants. */
    public List<Rule> rules() {
        return data.rules().stream().map(this::rule).toList();
    }

    /** The rule with this id. */
    public Optional<Rule> rule(String id) {
        return data.rules().stream()
                .filter(rule -> rule.id().equals(id))
                .map(this::rule)
                .findFirst();
    }

    private Rule rule(RuleData rule) {
        var translations = new LinkedHashMap<String, Evaluation.PatientText>();
        for (var language : data.otherLanguages()) {
            translations.put(
                    language,
                    new Evaluation.PatientText(
                            PackData.in(rule.title(), language), PackData.in(rule.patient(), language)));
        }
        var thresholds = new LinkedHashMap<String, Rule.Threshold>();
        collectThresholds(new Expr.Ref(rule.id()), thresholds, new LinkedHashSet<>());
        return new Rule(
                rule.id(),
                data.text(rule.title()),
                rule.category(),
                rule.severity(),
                rule.mechanism(),
                source(rule.id()),
                List.copyOf(thresholds.values()),
                suppressorsOf(rule).stream().map(Suppressor::name).toList(),
                data.text(rule.patient()),
                data.text(rule.clinician()),
                citations(rule),
                translations);
    }

    private String source(String definition) {
        var found = sources.get(definition);
        return found == null ? "" : found.source();
    }

    /** The named amounts a definition rests on, directly or through other definitions, in reading order. */
    private void collectThresholds(Expr expr, Map<String, Rule.Threshold> thresholds, Set<String> seen) {
        if (expr instanceof Expr.Ref(var name) && seen.add(name)) {
            var body = definitions.get(name);
            if (body instanceof Expr.Amount(var value, var unit)) {
                thresholds.put(name, new Rule.Threshold(name, value, unit));
            } else if (body != null) {
                collectThresholds(body, thresholds, seen);
            }
            return;
        }
        expr.parts().forEach(part -> collectThresholds(part, thresholds, seen));
    }

    /** Judges one profile. Takes well under a millisecond once warm. */
    public Evaluation evaluate(Profile profile) {
        var values = values(profile);
        var truth = library.evaluate(query, values, units);
        return new Judgement(this, data, profile, truth, new Explainer(definitions, values, profile)).evaluation();
    }

    /** Every declared parameter, missing ones as null: an omitted one could be taken for a misspelt one. */
    private Map<String, @Nullable Object> values(Profile profile) {
        var values = new HashMap<String, @Nullable Object>();
        for (Declaration declaration : library.declarations()) {
            var input = RuleInput.BY_NAME.get(declaration.name());
            if (input != null) {
                values.put(declaration.name(), input.value().apply(profile));
            }
        }
        return values;
    }

    List<Suppressor> suppressorsOf(RuleData rule) {
        return suppressors.getOrDefault(rule.id(), List.of());
    }

    List<String> citations(RuleData rule) {
        return citations.getOrDefault(rule.id(), List.of());
    }

    private List<String> cite(RuleData rule) {
        return rule.references().stream()
                .map(number ->
                        "[%d] %s".formatted(number, references.references().get(number)))
                .toList();
    }
}
