package org.calciwatch.intake.questionnaire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.calciwatch.intake.fhir.FhirJson;
import org.calciwatch.pages.Languages;
import org.jspecify.annotations.Nullable;

/** The FHIR Questionnaire {@code calcification-risk}, read from its one JSON file. */
@Singleton
public final class Questionnaire {

    private static final String FILE = "/questionnaire/calcification-risk.json";
    private static final String TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation";
    private static final String UNIT_OPTION = "http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption";

    private static final String COLLAPSIBLE =
            "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-collapsible";
    private static final String MIN = "http://hl7.org/fhir/StructureDefinition/minValue";
    private static final String MAX = "http://hl7.org/fhir/StructureDefinition/maxValue";
    /** What laboratories usually report, one range for each unit. */
    private static final String USUAL = "https://calciwatch.org/fhir/StructureDefinition/usual-range";
    /** What can be right at all, one range for each unit. */
    private static final String PLAUSIBLE = "https://calciwatch.org/fhir/StructureDefinition/plausible-range";

    /** An option for which help must be called at once. */
    private static final String EMERGENCY = "https://calciwatch.org/fhir/StructureDefinition/emergency";

    private final FhirJson json;
    private final ObjectNode resource;
    private final Map<String, Question> questions = new LinkedHashMap<>();
    private final Map<String, List<Question>> groups = new HashMap<>();

    /** Reads the file; fails when it is not a questionnaire as expected here. */
    public Questionnaire(FhirJson json) {
        this.json = json;
        this.resource = json.readOwn(text());
        for (var language : languages()) {
            groups.put(language, items(json.readOwn(in(language))));
        }
        groups(languages().getFirst()).forEach(this::index);
    }

    private static String text() {
        try (var file = Objects.requireNonNull(Questionnaire.class.getResourceAsStream(FILE), FILE)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void index(Question question) {
        if (questions.put(question.linkId(), question) != null) {
            throw new IllegalStateException(FILE + " has the linkId " + question.linkId() + " twice");
        }
        question.items().forEach(this::index);
    }

    private static List<Question> items(JsonNode parent) {
        return parent.path("item").valueStream().map(Questionnaire::question).toList();
    }

    private static Question question(JsonNode item) {
        var options = new LinkedHashMap<String, String>();
        String system = null;
        for (var coding : optionsOf(item)) {
            system = coding.get("system").textValue();
            options.put(coding.get("code").textValue(), coding.get("display").textValue());
        }
        return new Question(
                item.get("linkId").textValue(),
                Question.Type.valueOf(item.get("type").textValue().toUpperCase(Locale.ROOT)),
                item.get("text").textValue(),
                item.path("required").asBoolean(),
                item.path("repeats").asBoolean(),
                extensions(item, COLLAPSIBLE).findAny().isPresent(),
                system,
                Collections.unmodifiableMap(options),
                item.path("answerOption")
                        .valueStream()
                        .filter(option ->
                                extensions(option, EMERGENCY).findAny().isPresent())
                        .map(option -> option.get("valueCoding").get("code").textValue())
                        .collect(Collectors.toUnmodifiableSet()),
                EnableWhen.of(item),
                range(item),
                extensions(item, USUAL).map(Questionnaire::rangeOf).toList(),
                extensions(item, PLAUSIBLE).map(Questionnaire::rangeOf).toList(),
                items(item));
    }

    private static List<JsonNode> optionsOf(JsonNode item) {
        return Stream.concat(item.path("answerOption").valueStream(), extensions(item, UNIT_OPTION))
                .map(option -> option.get("valueCoding"))
                .toList();
    }

    private static Stream<JsonNode> extensions(JsonNode item, String url) {
        return item.path("extension")
                .valueStream()
                .filter(extension -> extension.get("url").textValue().equals(url));
    }

    /** Of an integer, from its least and greatest value. */
    private static Optional<Question.Range> range(JsonNode item) {
        var low = extensions(item, MIN).findAny().map(min -> min.get("valueInteger")
                .decimalValue());
        var high = extensions(item, MAX).findAny().map(max -> max.get("valueInteger")
                .decimalValue());
        return low.isEmpty() && high.isEmpty()
                ? Optional.empty()
                : Optional.of(new Question.Range("", "", low.orElse(null), high.orElse(null)));
    }

    private static Question.Range rangeOf(JsonNode extension) {
        var low = extension.path("valueRange").path("low");
        var high = extension.path("valueRange").path("high");
        var one = low.isMissingNode() ? high : low;
        return new Question.Range(
                one.get("code").textValue(),
                one.get("unit").textValue(),
                low.isMissingNode() ? null : low.get("value").decimalValue(),
                high.isMissingNode() ? null : high.get("value").decimalValue());
    }

    /** The canonical URL, without version. */
    public String url() {
        return resource.get("url").textValue();
    }

    /** The business version, as in {@code url|version}. */
    public String version() {
        return resource.get("version").textValue();
    }

    /** The item with this linkId, null when there is none. */
    public @Nullable Question find(String linkId) {
        return questions.get(linkId);
    }

    /** All items, groups included, in the order they are asked. */
    public Collection<Question> questions() {
        return Collections.unmodifiableCollection(questions.values());
    }

    /**
     * The groups of questions in the order they are asked.
     *
     * @param language one of {@link #languages()}
     */
    public List<Question> groups(String language) {
        return Objects.requireNonNull(groups.get(language), language);
    }

    /** The languages with texts of their own; the first is the default. */
    public List<String> languages() {
        return List.of(resource.get("language").textValue(), "es");
    }

    /** Readers of the pages may choose from the languages of the questionnaire. */
    @Produces
    @Singleton
    Languages choice() {
        return new Languages(languages());
    }

    /** The resource with the texts of one of the {@link #languages()} as its main texts. */
    public String in(String language) {
        if (language.equals(resource.get("language").textValue())) {
            return json.write(resource);
        }
        var translated = resource.deepCopy().put("language", language);
        translate(translated, resource.get("language").textValue(), language);
        return json.write(translated);
    }

    /** Swaps every text that has a translation with it, so that the original is still there as a translation. */
    private static void translate(JsonNode node, String from, String to) {
        if (node instanceof ObjectNode object) {
            for (var name : List.copyOf(object.properties())) {
                var extensions = object.path("_" + name.getKey()).path("extension");
                for (var extension : extensions) {
                    swap(object, name.getKey(), extension, from, to);
                }
                translate(name.getValue(), from, to);
            }
        } else if (node instanceof ArrayNode array) {
            array.forEach(element -> translate(element, from, to));
        }
    }

    private static void swap(ObjectNode object, String name, JsonNode extension, String from, String to) {
        if (!TRANSLATION.equals(extension.path("url").textValue())) {
            return;
        }
        var language = (ObjectNode) extension.get("extension").get(0);
        var content = (ObjectNode) extension.get("extension").get(1);
        if (to.equals(language.get("valueCode").textValue())) {
            var original = object.get(name);
            object.set(name, content.get("valueString"));
            content.set("valueString", original);
            language.put("valueCode", from);
        }
    }
}
