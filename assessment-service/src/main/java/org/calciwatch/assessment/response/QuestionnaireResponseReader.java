package org.calciwatch.assessment.response;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.calciwatch.assessment.profile.Answers;
import org.calciwatch.assessment.profile.Answers.Drawn;
import org.calciwatch.assessment.profile.Answers.ListAnswer;
import org.calciwatch.assessment.profile.AnswersRefused;
import org.calciwatch.assessment.profile.Inputs;
import org.calciwatch.assessment.profile.ItemList;
import org.calciwatch.assessment.profile.Profile;
import org.calciwatch.assessment.response.ResponseRefused.Problem;
import org.jspecify.annotations.Nullable;

/**
 * Reads the answers of a FHIR R4 QuestionnaireResponse to {@code calcification-risk}. Items may be flat or nested. What
 * can be judged all the same is let through: an unknown unit becomes a data-quality note, missing items are missing.
 */
public final class QuestionnaireResponseReader {

    private static final String UCUM = "http://unitsofmeasure.org";
    private static final String CODE_SYSTEMS = "https://calciwatch.org/fhir/CodeSystem/";
    private static final String NONE = "none";
    /** What is asked for the form's own sake; no rule knows it. */
    private static final Set<String> ABOUT_THE_FORM = Set.of("consent", "add_labs");

    private static final String UNSURE = "_unsure";
    private static final String GROUP = "g_";
    private static final String DATE = "_date";

    private final Answers.Builder answers = Answers.builder();
    private final List<Problem> problems = new ArrayList<>();
    private final Set<String> seen = new HashSet<>();
    private final Map<String, String> places = new HashMap<>();
    private final Set<ItemList> damaged = EnumSet.noneOf(ItemList.class);

    private QuestionnaireResponseReader() {}

    /**
     * Reads and normalises the answers.
     *
     * @param response a FHIR R4 QuestionnaireResponse
     * @param received the day it arrived, which counts as the day of the answers when it does not say when it was authored
     * @throws ResponseRefused for unknown linkIds or codes of a list, wrong types, repeated items and an age outside 18
     *     to 120; names every problem found
     */
    public static Profile read(JsonNode response, LocalDate received) {
        var reader = new QuestionnaireResponseReader();
        var answers = reader.collect(response, received);
        try {
            return Profile.of(answers);
        } catch (AnswersRefused refused) {
            throw new ResponseRefused(refused.refusals().stream()
                    .map(refusal -> new Problem(
                            reader.places.getOrDefault(refusal.input(), "QuestionnaireResponse"), refusal.message()))
                    .toList());
        }
    }

    /**
     * What could be read of a response, and what could not.
     *
     * @param answers the answers that are fine; the age is not judged
     * @param problems for those who may see the answers, no error body: of a list's unknown entries they tell which
     */
    public record Partial(Answers answers, List<Problem> problems) {
        public Partial {
            problems = List.copyOf(problems);
        }

        /** True when there are problems and not one answer. */
        public boolean isNothing() {
            return !problems.isEmpty()
                    && answers.ageYears() == null
                    && answers.quantities().isEmpty()
                    && answers.choices().isEmpty()
                    && answers.lists().values().stream()
                            .allMatch(list -> list.yes().isEmpty());
        }
    }

    /**
     * Reads the answers that can be read and names the others. Of a list with an entry that cannot be read, what is not
     * ticked is unknown: the entry may have meant it.
     *
     * @param response a FHIR R4 QuestionnaireResponse
     * @param received as for {@link #read}
     */
    public static Partial readable(JsonNode response, LocalDate received) {
        var reader = new QuestionnaireResponseReader();
        var answers = reader.gather(response, received);
        var lists = new EnumMap<ItemList, ListAnswer>(ItemList.class);
        answers.lists().forEach((list, answer) -> lists.put(list, reader.withoutStrangers(list, answer)));
        return new Partial(
                new Answers(
                        answers.ageYears(),
                        answers.quantities(),
                        answers.choices(),
                        lists,
                        answers.drawn(),
                        answers.asOf()),
                reader.problems);
    }

    private ListAnswer withoutStrangers(ItemList list, ListAnswer answer) {
        var keys = Inputs.ITEMS.stream()
                .filter(item -> item.list() == list)
                .map(Inputs.Item::key)
                .collect(Collectors.toSet());
        stranger(list, list.key(), answer.yes(), keys);
        stranger(list, list.unsureKey(), answer.unsure(), keys);
        var yes = new HashSet<>(answer.yes());
        yes.retainAll(keys);
        var unsure = new HashSet<>(damaged.contains(list) ? keys : answer.unsure());
        unsure.retainAll(keys);
        return new ListAnswer(yes, unsure);
    }

    private void stranger(ItemList list, String linkId, Set<String> items, Set<String> keys) {
        items.stream().filter(item -> !keys.contains(item)).sorted().forEach(item -> {
            damaged.add(list);
            problems.add(new Problem(
                    places.getOrDefault(linkId, "QuestionnaireResponse"),
                    "'%s' is not an item of the list '%s'".formatted(item, list.key())));
        });
    }

    private Answers collect(JsonNode response, LocalDate received) {
        var read = gather(response, received);
        if (!problems.isEmpty()) {
            throw new ResponseRefused(problems);
        }
        return read;
    }

    private Answers gather(JsonNode response, LocalDate received) {
        items(response.path("item"), "QuestionnaireResponse.item");
        return answers.asOf(authored(response).orElse(received)).build();
    }

    /** The day of a FHIR dateTime that has one. */
    private static Optional<LocalDate> authored(JsonNode response) {
        var authored = response.path("authored").asText();
        return Optional.of(authored)
                .filter(text -> text.length() >= "2026-01-31".length())
                .flatMap(text -> Drawn.parse(text.substring(0, "2026-01-31".length())))
                .map(Drawn::latest);
    }

    private void items(JsonNode items, String place) {
        if (items.isMissingNode()) {
            return;
        }
        if (!items.isArray()) {
            problems.add(new Problem(place, "must be an array"));
            return;
        }
        for (int i = 0; i < items.size(); i++) {
            item(items.get(i), place + "[" + i + "]");
        }
    }

    private void item(JsonNode item, String place) {
        var linkId = item.path("linkId").textValue();
        if (linkId == null) {
            problems.add(new Problem(place + ".linkId", "is missing or not a string"));
            items(item.path("item"), place + ".item");
            return;
        }
        var list = list(linkId);
        int before = problems.size();
        if (!seen.add(linkId)) {
            problems.add(new Problem(place + ".linkId", "this linkId stands here a second time"));
            // What a list holds adds up; of any other question the first answer stays.
            if (list.isEmpty() && !linkId.startsWith(GROUP)) {
                items(item.path("item"), place + ".item");
                return;
            }
        }
        places.putIfAbsent(linkId, place);
        var values = values(item.path("answer"), place + ".answer");
        if (linkId.startsWith(GROUP)) {
            if (!values.isEmpty()) {
                problems.add(new Problem(place + ".answer", "a group has no answers"));
            }
        } else {
            answer(linkId, values, place);
        }
        if (problems.size() > before) {
            list.ifPresent(damaged::add);
        }
        items(item.path("item"), place + ".item");
    }

    private record Value(String type, JsonNode json, String place) {}

    private List<Value> values(JsonNode answers, String place) {
        var values = new ArrayList<Value>();
        if (!answers.isMissingNode() && !answers.isArray()) {
            problems.add(new Problem(place, "must be an array"));
            return values;
        }
        for (int i = 0; i < answers.size(); i++) {
            var answer = answers.get(i);
            var here = place + "[" + i + "]";
            var types = answer.propertyStream()
                    .map(Map.Entry::getKey)
                    .filter(name -> name.startsWith("value"))
                    .toList();
            if (!answer.isObject() || types.size() > 1) {
                problems.add(new Problem(here, "must be an object with one value[x]"));
            } else if (types.size() == 1) {
                var type = types.getFirst();
                values.add(new Value(type, answer.get(type), here + ".value"));
            }
            // Without a value, only with a reason for its absence or nested items, the question is unanswered.
            items(answer.path("item"), here + ".item");
        }
        return values;
    }

    private void answer(String linkId, List<Value> values, String place) {
        var list = list(linkId);
        if (list.isPresent()) {
            listAnswer(list.get(), linkId.endsWith(UNSURE), values);
            return;
        }
        if (!known(linkId)) {
            problems.add(new Problem(
                    place + ".linkId",
                    "this linkId is not a question of the questionnaire calcification-risk; GET"
                            + " /fhir/Questionnaire/calcification-risk of the intake service has them"));
            return;
        }
        if (values.size() > 1) {
            problems.add(new Problem(place + ".answer", "'" + linkId + "' takes one answer, has " + values.size()));
            return;
        }
        if (values.isEmpty()) {
            return;
        }
        var value = values.getFirst();
        if (linkId.equals("age_years")) {
            age(value);
        } else if (Inputs.quantity(linkId).isPresent()) {
            quantity(linkId, value);
        } else if (Inputs.choice(linkId).isPresent()) {
            code(value).ifPresent(code -> answers.choice(linkId, code));
        } else if (ABOUT_THE_FORM.contains(linkId)) {
            code(value);
        } else {
            date(linkId, value);
        }
    }

    private void date(String linkId, Value value) {
        var date = value.type().equals("valueDate") ? Drawn.parse(value.json().asText()) : Optional.<Drawn>empty();
        date.ifPresentOrElse(
                drawn -> answers.drawn(linkId.substring(0, linkId.length() - DATE.length()), drawn),
                () -> problems.add(new Problem(value.place(), "must be a valueDate like 2026-01-31, 2026-01 or 2026")));
    }

    private static boolean known(String linkId) {
        return linkId.equals("age_years")
                || ABOUT_THE_FORM.contains(linkId)
                || Inputs.quantity(linkId).isPresent()
                || Inputs.choice(linkId).isPresent()
                || (linkId.endsWith(DATE)
                        && Inputs.quantity(linkId.substring(0, linkId.length() - DATE.length()))
                                .filter(quantity -> quantity.kind() == Inputs.Kind.LAB)
                                .isPresent());
    }

    private static Optional<ItemList> list(String linkId) {
        for (var list : ItemList.values()) {
            if (linkId.equals(list.key()) || linkId.equals(list.key() + UNSURE)) {
                return Optional.of(list);
            }
        }
        return Optional.empty();
    }

    private void listAnswer(ItemList list, boolean unsure, List<Value> values) {
        for (var value : values) {
            code(value).ifPresent(code -> {
                if (code.equals(NONE)) {
                    answers.none(list);
                } else if (unsure) {
                    answers.unsure(list, code);
                } else {
                    answers.yes(list, code);
                }
            });
        }
    }

    private void age(Value value) {
        if (value.type().equals("valueInteger")
                && value.json().canConvertToInt()
                && value.json().isIntegralNumber()) {
            answers.age(value.json().intValue());
        } else {
            problems.add(new Problem(value.place(), "must be a valueInteger, in whole years"));
        }
    }

    private void quantity(String linkId, Value value) {
        var quantity = value.json();
        if (!value.type().equals("valueQuantity") || !quantity.isObject()) {
            problems.add(new Problem(value.place(), "must be a valueQuantity"));
            return;
        }
        if (quantity.has("comparator")) {
            // "> 150" is not 150: taking the number alone would be a wrong value.
            problems.add(new Problem(value.place() + ".comparator", "is not supported; give the number without it"));
            return;
        }
        var number = quantity.path("value");
        if (!number.isMissingNode() && !number.isNumber()) {
            problems.add(new Problem(value.place() + ".value", "must be a number"));
            return;
        }
        var code = quantity.path("code");
        if (!code.isMissingNode() && !code.isTextual()) {
            problems.add(new Problem(value.place() + ".code", "must be a string"));
            return;
        }
        answers.quantity(linkId, number(number), unit(quantity));
    }

    private static @Nullable BigDecimal number(JsonNode number) {
        return number.isNumber() ? number.decimalValue() : null;
    }

    /** The UCUM code; a code of another system is no known unit. */
    private static @Nullable String unit(JsonNode quantity) {
        var system = quantity.path("system").textValue();
        var code = quantity.path("code").textValue();
        return system == null || system.equals(UCUM) || code == null ? code : system + "|" + code;
    }

    private Optional<String> code(Value value) {
        var coding = value.json();
        if (!value.type().equals("valueCoding") || !coding.path("code").isTextual()) {
            problems.add(new Problem(value.place(), "must be a valueCoding with a code"));
            return Optional.empty();
        }
        var system = coding.path("system");
        if (!system.isMissingNode() && !system.asText().startsWith(CODE_SYSTEMS)) {
            problems.add(new Problem(value.place() + ".system", "must be left out or begin with " + CODE_SYSTEMS));
            return Optional.empty();
        }
        return Optional.of(coding.get("code").textValue());
    }
}
