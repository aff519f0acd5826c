package org.calciwatch.assessment.rules;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.calciwatch.assessment.profile.Egfr;
import org.calciwatch.assessment.profile.Inputs;
import org.calciwatch.assessment.profile.Profile;
import org.calciwatch.assessment.rules.Evaluation.Because;
import org.calciwatch.assessment.rules.Evaluation.DataQuality;
import org.calciwatch.assessment.rules.Evaluation.Entered;
import org.calciwatch.assessment.rules.Evaluation.Fired;
import org.calciwatch.assessment.rules.Evaluation.ProfileEntry;
import org.calciwatch.assessment.rules.Evaluation.Suppressed;
import org.calciwatch.assessment.rules.Evaluation.Unknown;
import org.calciwatch.assessment.rules.Expr.Declaration;
import org.calciwatch.assessment.rules.Expr.Definition;
import org.calciwatch.assessment.rules.PackData.Audience;
import org.calciwatch.assessment.rules.PackData.RuleData;
import org.calciwatch.assessment.rules.PackData.Suppressor;
import org.calciwatch.assessment.rules.RulePackRejected.Problem;
import org.jspecify.annotations.Nullable;

/**
 * A version of the rules: conditions, texts and references. Loading compiles and checks it (about two seconds); after that
 * it is immutable and may evaluate on many threads at once.
 */
public final class RulePack {

    static final String CQL_FILE = "rules.cql";
    static final String YAML_FILE = "rules.yaml";
    static final String REFERENCES_FILE = "references.yaml";
    static final String CASES_FILE = "cases.json";
    private static final List<String> FILES = List.of(CQL_FILE, YAML_FILE, REFERENCES_FILE, CASES_FILE);

    private static final String LANGUAGE = "en";

    private final PackData data;
    private final PackData.References references;
    private final String digest;
    private final CqlLibrary library;
    private final CqlLibrary.Query query;
    private final Map<String, Expr> definitions;
    private final Map<String, Definition> sources;
    private final Map<String, String> units;
    private final Map<String, List<Suppressor>> suppressors;

    private RulePack(PackData data, PackData.References references, String digest, CqlLibrary library) {
        this.data = data;
        this.references = references;
        this.digest = digest;
        this.library = library;
        var ruleIds = data.rules().stream().map(RuleData::id).collect(Collectors.toSet());
        this.suppressors =
                data.rules().stream().collect(Collectors.toMap(RuleData::id, rule -> rule.suppressors(ruleIds)));
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
        return names;
    }

    /**
     * The pack that comes with the service.
     *
     * @throws RulePackRejected with everything that is wrong with it
     */
    public static RulePack bundled(String id, String version) {
        var files = new LinkedHashMap<String, byte[]>();
        for (var file : FILES) {
            var resource = "/rule-packs/%s/%s/%s".formatted(id, version, file);
            try (InputStream in = RulePack.class.getResourceAsStream(resource)) {
                if (in == null) {
                    throw new IllegalArgumentException("No resource " + resource);
                }
                files.put(file, in.readAllBytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return load(files);
    }

    /**
     * A pack in a directory with the files {@code rules.cql}, {@code rules.yaml}, {@code references.yaml} and
     * {@code cases.json}.
     *
     * @throws RulePackRejected with everything that is wrong with it
     */
    public static RulePack load(Path directory) throws IOException {
        var files = new LinkedHashMap<String, byte[]>();
        for (var file : FILES) {
            files.put(file, Files.readAllBytes(directory.resolve(file)));
        }
        return load(files);
    }

    /** @param files all of {@link #FILES}, in that order */
    private static RulePack load(Map<String, byte[]> files) {
        var problems = new ArrayList<Problem>();
        var yaml = text(files, YAML_FILE);
        var data = read(YAML_FILE, yaml, PackData.class, problems);
        var references = read(REFERENCES_FILE, text(files, REFERENCES_FILE), PackData.References.class, problems);
        var library = CqlLibrary.compile(CQL_FILE, text(files, CQL_FILE), problems);
        if (data != null && references != null && library != null) {
            new Lint(library, data, references, yaml, problems).run();
            if (problems.isEmpty()) {
                return new RulePack(data, references, digest(files), library);
            }
        }
        throw new RulePackRejected(problems);
    }

    private static String text(Map<String, byte[]> files, String name) {
        var bytes = files.get(name);
        if (bytes == null) {
            throw new RulePackRejected(List.of(new Problem(name, 1, "the file is missing")));
        }
        return new String(bytes, UTF_8);
    }

    private static <T> @Nullable T read(String file, String text, Class<T> type, List<Problem> problems) {
        ObjectMapper mapper = YAMLMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
                .build();
        try {
            return mapper.readValue(text, type);
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            problems.add(new Problem(file, line, e.getOriginalMessage()));
            return null;
        }
    }

    private static String digest(Map<String, byte[]> files) {
        try {
            var sha256 = MessageDigest.getInstance("SHA-256");
            for (var file : files.entrySet()) {
                // Name and length first, so that no byte can move from one file to another unnoticed.
                sha256.update("%s %d\n"
                        .formatted(file.getKey(), file.getValue().length)
                        .getBytes(UTF_8));
                sha256.update(file.getValue());
            }
            return "sha256:" + HexFormat.of().formatHex(sha256.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
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

    /** Ends every patient message and every patient page. */
    public String closingLine() {
        return in(data.closingLine());
    }

    /** All rules in knowledge-base order, texts without variants. */
    public List<Rule> rules() {
        return data.rules().stream()
                .map(rule -> new Rule(
                        rule.id(),
                        in(rule.title()),
                        rule.category(),
                        rule.severity(),
                        rule.mechanism(),
                        source(rule.id()),
                        suppressorsOf(rule).stream().map(Suppressor::name).toList(),
                        in(rule.patient()),
                        in(rule.clinician()),
                        citations(rule)))
                .toList();
    }

    private String source(String definition) {
        var found = sources.get(definition);
        return found == null ? "" : found.source();
    }

    /** Judges one profile. Takes well under a millisecond once warm. */
    public Evaluation evaluate(Profile profile) {
        var values = values(profile);
        var truth = library.evaluate(query, values, units);
        var explainer = new Explainer(definitions, values, profile);

        var fired = new ArrayList<Fired>();
        var suppressed = new ArrayList<Suppressed>();
        var unknown = new ArrayList<Unknown>();
        for (var rule : data.rules()) {
            var condition = truth.get(rule.id());
            if (Boolean.FALSE.equals(condition)) {
                continue;
            }
            var by = suppressorsOf(rule).stream()
                    .filter(suppressor -> Boolean.TRUE.equals(truth.get(suppressor.definition())))
                    .map(Suppressor::name)
                    .toList();
            if (!by.isEmpty()) {
                suppressed.add(new Suppressed(rule.id(), by));
            } else if (condition == null) {
                unknown.add(new Unknown(rule.id(), in(rule.title()), List.copyOf(explainer.missing(rule.id()))));
            } else {
                fired.add(fired(rule, truth, explainer, profile));
            }
        }
        var severity =
                fired.stream().map(Fired::severity).max(Severity::compareTo).orElse(Severity.NONE);
        return new Evaluation(
                severity,
                List.copyOf(fired),
                List.copyOf(suppressed),
                List.copyOf(unknown),
                dataQuality(truth, explainer, profile),
                entries(profile));
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

    private Fired fired(RuleData rule, Map<String, @Nullable Boolean> truth, Explainer explainer, Profile profile) {
        var because = explainer.because(rule.id()).stream()
                .map(key -> because(key, profile))
                .flatMap(Optional::stream)
                .toList();
        return new Fired(
                rule.id(),
                in(rule.title()),
                rule.category(),
                rule.severity(),
                rule.mechanism(),
                because,
                message(rule, Audience.PATIENT, truth, profile) + " " + closingLine(),
                message(rule, Audience.CLINICIAN, truth, profile),
                citations(rule));
    }

    private String message(RuleData rule, Audience audience, Map<String, @Nullable Boolean> truth, Profile profile) {
        var message =
                switch (audience) {
                    case PATIENT -> in(rule.patient());
                    case CLINICIAN -> in(rule.clinician());
                };
        for (var variant : rule.variantsOrNone()) {
            if (variant.audience() == audience && Boolean.TRUE.equals(truth.get(variant.when()))) {
                message = variant.apply(message, LANGUAGE);
            }
        }
        return fill(message, profile, "");
    }

    private static String fill(String text, Profile profile, String inputs) {
        return text.replace("{inputs}", inputs)
                .replace("{egfr_computed}", plain(profile.egfrComputed().map(Egfr::value)))
                .replace("{egfr_reported}", plain(profile.egfrReported().map(Egfr::value)));
    }

    private static String plain(Optional<BigDecimal> number) {
        return number.map(BigDecimal::toPlainString).orElse("unknown");
    }

    private List<DataQuality> dataQuality(Map<String, @Nullable Boolean> truth, Explainer explainer, Profile profile) {
        var found = new ArrayList<DataQuality>();
        for (var check : data.dataQuality()) {
            if (Boolean.TRUE.equals(truth.get(check.id()))) {
                var keys = List.copyOf(explainer.because(check.id()));
                var input = check.input() != null || keys.isEmpty() ? check.input() : keys.getFirst();
                var inputs = keys.stream()
                        .map(key -> asEntered(key, profile))
                        .flatMap(Optional::stream)
                        .collect(Collectors.joining("; "));
                found.add(new DataQuality(check.id(), input, fill(in(check.detail()), profile, inputs)));
            }
        }
        return List.copyOf(found);
    }

    private static Optional<String> asEntered(String key, Profile profile) {
        return because(key, profile).map(because -> {
            var entered = because.entered();
            if (entered != null) {
                var unit = entered.unit() == null ? "(no unit)" : entered.unit();
                return "%s %s %s".formatted(because.label(), entered.value(), unit);
            }
            return "%s: %s".formatted(because.label(), because.value());
        });
    }

    /** The input as normalised and as entered; empty when it was not answered. */
    private static Optional<Because> because(String key, Profile profile) {
        if (key.equals(Inputs.AGE)) {
            var age = profile.age();
            return age == null
                    ? Optional.empty()
                    : Optional.of(new Because(key, Inputs.AGE_LABEL, BigDecimal.valueOf(age), Inputs.AGE_UNIT, null));
        }
        return Inputs.find(key).flatMap(input -> switch (input) {
            case Inputs.Quantity quantity -> because(quantity, profile);
            case Inputs.Choice choice ->
                Optional.ofNullable(profile.choice(key))
                        .map(code -> new Because(key, choice.label(), code, null, null));
            case Inputs.Item item ->
                Optional.ofNullable(profile.item(item))
                        .map(answer -> new Because(key, item.label(), answer, null, null));
        });
    }

    private static Optional<Because> because(Inputs.Quantity quantity, Profile profile) {
        var entered = profile.entered(quantity.key());
        if (entered == null || entered.value() == null) {
            return Optional.empty();
        }
        var asTyped = new Entered(entered.value(), entered.unit());
        var normalised = profile.quantity(quantity.key());
        if (normalised == null) {
            normalised = profile.unusable(quantity.key())
                    .map(Profile.Unusable::normalised)
                    .orElse(null);
        }
        return Optional.of(
                normalised == null
                        ? new Because(quantity.key(), quantity.label(), entered.value(), entered.unit(), asTyped)
                        : new Because(quantity.key(), quantity.label(), normalised, quantity.unit(), asTyped));
    }

    private static Map<String, ProfileEntry> entries(Profile profile) {
        var entries = new LinkedHashMap<String, ProfileEntry>();
        var age = profile.age();
        if (age != null) {
            entries.put(Inputs.AGE, new ProfileEntry(BigDecimal.valueOf(age), Inputs.AGE_UNIT, null, null));
        }
        for (var input : Inputs.QUANTITIES) {
            put(entries, input.key(), profile.quantity(input.key()), input.unit());
        }
        put(entries, "ca_adjusted", profile.adjustedCalcium(), "mg/dL");
        put(entries, "ca_x_phosphate", profile.calciumPhosphateProduct(), "mg2/dL2");
        profile.egfr()
                .ifPresent(egfr -> entries.put(
                        "egfr",
                        new ProfileEntry(
                                egfr.value(),
                                "mL/min/{1.73_m2}",
                                egfr.stage(),
                                egfr.source().label())));
        return Collections.unmodifiableMap(entries);
    }

    private static void put(Map<String, ProfileEntry> entries, String key, @Nullable BigDecimal value, String unit) {
        if (value != null) {
            entries.put(key, new ProfileEntry(value, unit, null, null));
        }
    }

    private List<Suppressor> suppressorsOf(RuleData rule) {
        return suppressors.getOrDefault(rule.id(), List.of());
    }

    private List<String> citations(RuleData rule) {
        return rule.references().stream()
                .map(number ->
                        "[%d] %s".formatted(number, references.references().get(number)))
                .toList();
    }

    private static String in(Map<String, String> texts) {
        return texts.getOrDefault(LANGUAGE, "");
    }
}
