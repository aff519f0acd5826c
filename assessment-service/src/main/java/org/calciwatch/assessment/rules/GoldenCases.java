package org.calciwatch.assessment.rules;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.calciwatch.assessment.profile.Answers;
import org.calciwatch.assessment.profile.AnswersRefused;
import org.calciwatch.assessment.profile.ItemList;
import org.calciwatch.assessment.profile.Profile;
import org.calciwatch.assessment.rules.RulePackRejected.Problem;

/** The worked patients that lie beside a rule pack, with the exact outcome each must have. */
final class GoldenCases {

    private GoldenCases() {}

    /** The outcome of a worked patient; sets of rule ids and, for {@code dq}, of check ids. */
    record Outcome(String severity, Set<String> fired, Set<String> unknown, Set<String> suppressed, Set<String> dq) {

        static Outcome of(Evaluation evaluation) {
            return new Outcome(
                    evaluation.severity().name(),
                    ids(evaluation.fired().stream()
                            .map(Evaluation.Fired::ruleId)
                            .toList()),
                    ids(evaluation.unknown().stream()
                            .map(Evaluation.Unknown::ruleId)
                            .toList()),
                    ids(evaluation.suppressed().stream()
                            .map(Evaluation.Suppressed::ruleId)
                            .toList()),
                    ids(evaluation.dataQuality().stream()
                            .map(Evaluation.DataQuality::checkId)
                            .toList()));
        }

        private static Set<String> ids(List<String> ids) {
            return new TreeSet<>(ids);
        }
    }

    /**
     * A worked patient.
     *
     * @param line where it begins in the file
     */
    record GoldenCase(String id, String title, int line, Answers answers, Outcome expected) {

        /** What comes out otherwise than expected, in words; empty when all is as it should be. */
        List<String> differences(RulePack pack) {
            Outcome actual;
            try {
                actual = Outcome.of(pack.evaluate(Profile.of(answers)));
            } catch (AnswersRefused refused) {
                return List.of("the answers are refused: " + refused.getMessage());
            }
            var differences = new ArrayList<String>();
            if (!actual.severity().equals(expected.severity())) {
                differences.add("severity is %s, expected %s".formatted(actual.severity(), expected.severity()));
            }
            compare("fired", actual.fired(), expected.fired(), differences);
            compare("unknown", actual.unknown(), expected.unknown(), differences);
            compare("suppressed", actual.suppressed(), expected.suppressed(), differences);
            compare("dq", actual.dq(), expected.dq(), differences);
            return differences;
        }

        private static void compare(String list, Set<String> actual, Set<String> expected, List<String> differences) {
            var lacking = without(expected, actual);
            var surplus = without(actual, expected);
            if (!lacking.isEmpty()) {
                differences.add("%s lacks %s".formatted(list, lacking));
            }
            if (!surplus.isEmpty()) {
                differences.add("%s has %s, which is not expected".formatted(list, surplus));
            }
        }

        private static String without(Set<String> all, Set<String> others) {
            return all.stream().filter(id -> !others.contains(id)).collect(Collectors.joining(", "));
        }

        @Override
        public String toString() {
            return id + " " + title;
        }
    }

    /** @throws RulePackRejected when the file cannot be read, or holds no case */
    static List<GoldenCase> of(PackFiles files) {
        var text = files.text(PackFiles.CASES);
        var mapper = JsonMapper.builder()
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                .build();
        var cases = new ArrayList<GoldenCase>();
        var inputs = new HashMap<String, JsonNode>();
        try {
            for (var node : mapper.readTree(text).path("cases")) {
                var own = inputs(node, inputs, mapper);
                inputs.put(node.required("id").asText(), own);
                cases.add(read(node, own, text));
            }
        } catch (IOException | IllegalArgumentException e) {
            int line = e instanceof JsonProcessingException broken && broken.getLocation() != null
                    ? broken.getLocation().getLineNr()
                    : 1;
            var message = e instanceof JsonProcessingException broken ? broken.getOriginalMessage() : e.getMessage();
            throw new RulePackRejected(List.of(new Problem(PackFiles.CASES, line, String.valueOf(message))));
        }
        var ids = new HashSet<String>();
        for (var golden : cases) {
            if (!ids.add(golden.id())) {
                throw new RulePackRejected(List.of(new Problem(
                        PackFiles.CASES, golden.line(), "case %s stands here twice".formatted(golden.id()))));
            }
        }
        if (cases.isEmpty()) {
            throw new RulePackRejected(
                    List.of(new Problem(PackFiles.CASES, 1, "there must be at least one case under \"cases\"")));
        }
        return cases;
    }

    /** The problem with each worked patient of one pack that another one lacks. */
    static List<Problem> missing(PackFiles earlier, PackFiles files) {
        var here = of(files).stream().map(GoldenCase::id).collect(Collectors.toSet());
        return of(earlier).stream()
                .map(GoldenCase::id)
                .filter(id -> !here.contains(id))
                .map(id -> new Problem(
                        PackFiles.CASES,
                        1,
                        "case %s of the active pack is missing: keep it, and change what is expected of it if you mean to"
                                .formatted(id)))
                .toList();
    }

    /** Those of the case itself, or those of the earlier case it is {@code like}, with its {@code change}s. */
    private static JsonNode inputs(JsonNode node, Map<String, JsonNode> earlier, ObjectMapper mapper)
            throws IOException {
        if (!node.has("like")) {
            return node.required("inputs");
        }
        var like = node.required("like").asText();
        var base = earlier.get(like);
        if (base == null) {
            throw new IllegalArgumentException("case %s is like %s, which does not stand before it"
                    .formatted(node.required("id").asText(), like));
        }
        return mapper.readerForUpdating(base.deepCopy()).readValue(node.required("change"));
    }

    private static GoldenCase read(JsonNode node, JsonNode inputs, String file) {
        var id = node.required("id").asText();
        var expected = node.required("expected");
        return new GoldenCase(
                id,
                node.path("title").asText(),
                1
                        + (int) file.lines()
                                .takeWhile(line -> !line.contains("\"" + id + "\""))
                                .count(),
                answers(inputs),
                new Outcome(
                        expected.required("severity").asText(),
                        texts(expected.required("fired")),
                        texts(expected.required("unknown")),
                        texts(expected.required("suppressed")),
                        texts(expected.required("dq"))));
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
