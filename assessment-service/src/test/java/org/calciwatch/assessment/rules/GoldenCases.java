package org.calciwatch.assessment.rules;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.calciwatch.assessment.profile.Answers;
import org.calciwatch.assessment.profile.ItemList;

/** Reads the golden cases that lie beside the rule pack. */
final class GoldenCases {

    record Expected(String severity, Set<String> fired, Set<String> unknown, Set<String> suppressed, Set<String> dq) {}

    record GoldenCase(String id, String title, Answers answers, Expected expected) {
        @Override
        public String toString() {
            return id + " " + title;
        }
    }

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private GoldenCases() {}

    static List<GoldenCase> all() throws IOException {
        var cases = new ArrayList<GoldenCase>();
        try (var in = GoldenCases.class.getResourceAsStream("/rule-packs/calcification-risk/1.0.0/cases.json")) {
            for (var node : MAPPER.readTree(in).required("cases")) {
                var expected = node.required("expected");
                cases.add(new GoldenCase(
                        node.required("id").asText(),
                        node.required("title").asText(),
                        answers(node.required("inputs")),
                        new Expected(
                                expected.required("severity").asText(),
                                texts(expected.required("fired")),
                                texts(expected.required("unknown")),
                                texts(expected.required("suppressed")),
                                texts(expected.required("dq")))));
            }
        }
        return cases;
    }

    private static Answers answers(JsonNode inputs) {
        var answers = Answers.builder();
        inputs.properties().forEach(entry -> {
            switch (entry.getKey()) {
                case "age_years" -> answers.age(entry.getValue().asInt());
                case "labs", "intake", "lifestyle", "choices" ->
                    entry.getValue().properties().forEach(answer -> add(answers, answer.getKey(), answer.getValue()));
                case "conditions" -> add(answers, ItemList.CONDITIONS, entry.getValue());
                case "medicines" -> add(answers, ItemList.MEDICINES, entry.getValue());
                case "symptoms" -> add(answers, ItemList.SYMPTOMS, entry.getValue());
                default -> add(answers, entry.getKey(), entry.getValue());
            }
        });
        return answers.build();
    }

    private static void add(Answers.Builder answers, String key, JsonNode answer) {
        if (answer.isTextual()) {
            answers.choice(key, answer.asText());
        } else {
            var value = answer.path("value");
            answers.quantity(
                    key,
                    value.isNumber() ? value.decimalValue() : null,
                    answer.path("unit").isTextual() ? answer.path("unit").asText() : null);
        }
    }

    private static void add(Answers.Builder answers, ItemList list, JsonNode answer) {
        if (answer.has("yes")) {
            answers.yes(list, texts(answer.required("yes")).toArray(String[]::new));
        }
        if (answer.has("unsure")) {
            answers.unsure(list, texts(answer.required("unsure")).toArray(String[]::new));
        }
    }

    private static Set<String> texts(JsonNode array) {
        var texts = new TreeSet<String>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }
}
