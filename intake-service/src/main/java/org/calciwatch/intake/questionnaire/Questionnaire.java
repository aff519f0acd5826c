package org.calciwatch.intake.questionnaire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.calciwatch.intake.fhir.FhirJson;
import org.jspecify.annotations.Nullable;

/** The FHIR Questionnaire {@code calcification-risk}, read from its one JSON file. */
@Singleton
public class Questionnaire {

    private static final String FILE = "/questionnaire/calcification-risk.json";
    private static final String TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation";
    private static final String UNIT_OPTION = "http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption";

    private final FhirJson json;
    private final ObjectNode resource;
    private final Map<String, Question> questions = new LinkedHashMap<>();

    /** Reads the file; fails when it is not a questionnaire as expected here. */
    public Questionnaire(FhirJson json) {
        this.json = json;
        this.resource = json.readOwn(text());
        resource.get("item").forEach(this::collect);
    }

    private static String text() {
        try (var file = Objects.requireNonNull(Questionnaire.class.getResourceAsStream(FILE), FILE)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void collect(JsonNode item) {
        var options = new LinkedHashMap<String, String>();
        String system = null;
        for (var coding : optionsOf(item)) {
            system = coding.get("system").textValue();
            options.put(coding.get("code").textValue(), coding.get("display").textValue());
        }
        var question = new Question(
                item.get("linkId").textValue(),
                Question.Type.valueOf(item.get("type").textValue().toUpperCase(Locale.ROOT)),
                item.get("text").textValue(),
                item.path("required").asBoolean(),
                item.path("repeats").asBoolean(),
                system,
                Collections.unmodifiableMap(options));
        if (questions.put(question.linkId(), question) != null) {
            throw new IllegalStateException(FILE + " has the linkId " + question.linkId() + " twice");
        }
        item.path("item").forEach(this::collect);
    }

    private static List<JsonNode> optionsOf(JsonNode item) {
        var codings = new ArrayList<JsonNode>();
        item.path("answerOption").forEach(option -> codings.add(option.get("valueCoding")));
        for (var extension : item.path("extension")) {
            if (extension.get("url").textValue().equals(UNIT_OPTION)) {
                codings.add(extension.get("valueCoding"));
            }
        }
        return codings;
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

    /** The languages with texts of their own; the first is the default. */
    public List<String> languages() {
        return List.of(resource.get("language").textValue(), "es");
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
