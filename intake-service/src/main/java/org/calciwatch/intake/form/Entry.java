package org.calciwatch.intake.form;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import jakarta.ws.rs.core.MultivaluedMap;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.calciwatch.intake.form.Field.Doubt;
import org.calciwatch.intake.form.Field.Problem;
import org.calciwatch.intake.questionnaire.Amount;
import org.calciwatch.intake.questionnaire.Answers;
import org.calciwatch.intake.questionnaire.Question;
import org.calciwatch.intake.questionnaire.Question.Range;

/**
 * What was typed on one page: the fields to show again, and the answers that can be saved.
 *
 * @param answers as far as they can be saved; empty lists for questions left empty
 */
record Entry(List<Field> fields, Map<String, List<JsonNode>> answers) {

    /** Suffix of the name of a number's unit, and of the tick that it is right. */
    static final String UNIT = ".unit";

    static final String SURE = ".sure";

    private static final String NONE = "none";
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** Whether nothing has to be mended. */
    boolean isRight() {
        return flat(fields).stream().allMatch(field -> field.error().isEmpty());
    }

    /** Whether there is a number the patient has not yet said to be right. */
    boolean isInDoubt() {
        return flat(fields).stream().anyMatch(Field::isInDoubt);
    }

    /** Fields and their own. */
    static List<Field> flat(List<Field> fields) {
        var all = new ArrayList<Field>();
        for (var field : fields) {
            all.add(field);
            all.addAll(field.fields());
        }
        return all;
    }

    /**
     * Reads what was typed on a page.
     *
     * @param form the fields as they were sent
     * @param isComplete whether it must be answered as far as it is to be answered; not when somebody only leaves the page
     */
    static Entry read(
            Form.Page page, Answers before, MultivaluedMap<String, String> form, String language, boolean isComplete) {
        var reader = new Reader(form, language, isComplete);
        var fields = page.questions().stream()
                .filter(before::enable)
                .map(question -> reader.field(question, page.questions()))
                .toList();
        return new Entry(fields, reader.answers);
    }

    /** The page as it was saved. */
    static List<Field> saved(Form.Page page, Answers answers, String language) {
        return page.questions().stream()
                .filter(answers::enable)
                .map(question -> saved(question, answers, language))
                .toList();
    }

    private static Field saved(Question question, Answers answers, String language) {
        var amount = answers.amount(question.linkId());
        var typed = amount.map(found -> TypedNumber.write(found.value(), language))
                .orElseGet(() -> answers.of(question.linkId()).stream()
                        .filter(JsonNode::isValueNode)
                        .map(JsonNode::asText)
                        .findFirst()
                        .orElse(""));
        return field(
                question,
                question.type() == Question.Type.CHOICE ? answers.codes(question.linkId()) : List.of(),
                typed,
                amount.map(Amount::unit).orElse(""),
                language,
                Optional.empty(),
                Optional.empty(),
                question.items().stream()
                        .map(item -> saved(item, answers, language))
                        .toList());
    }

    private static Field field(
            Question question,
            List<String> chosen,
            String typed,
            String unit,
            String language,
            Optional<Problem> error,
            Optional<Doubt> doubt,
            List<Field> fields) {
        var units = units(question);
        // Of units that are the same for people one is offered; an answer may have the other one.
        var shown = units.containsKey(unit)
                ? unit
                : units.keySet().stream()
                        .filter(code -> Objects.equals(
                                units.get(code), question.options().get(unit)))
                        .findFirst()
                        .orElse(units.size() == 1 ? units.keySet().iterator().next() : "");
        return new Field(
                question,
                chosen,
                typed,
                shown,
                units,
                usual(question, units, language),
                error,
                doubt,
                Optional.empty(),
                fields);
    }

    private static Map<String, String> units(Question question) {
        if (question.type() != Question.Type.QUANTITY) {
            return Map.of();
        }
        var units = new LinkedHashMap<String, String>();
        question.options().forEach((code, display) -> {
            if (!units.containsValue(display)) {
                units.put(code, display);
            }
        });
        return units;
    }

    /** As {@code 1.7–2.6 mg/dL, 0.70–1.07 mmol/L}. */
    private static String usual(Question question, Map<String, String> units, String language) {
        return question.usual().stream()
                .filter(range -> units.containsKey(range.code()))
                .map(range -> write(range, language) + " " + range.unit())
                .collect(Collectors.joining(language.equals("es") ? "; " : ", "));
    }

    private static String write(Range range, String language) {
        var low = range.low();
        var high = range.high();
        if (low == null) {
            return "≤ " + TypedNumber.write(Objects.requireNonNull(high), language);
        }
        return high == null
                ? "≥ " + TypedNumber.write(low, language)
                : TypedNumber.write(low, language) + "–" + TypedNumber.write(high, language);
    }

    private static final class Reader {
        private final MultivaluedMap<String, String> form;
        private final String language;
        private final boolean isComplete;
        private final Map<String, List<JsonNode>> answers = new LinkedHashMap<>();

        private Reader(MultivaluedMap<String, String> form, String language, boolean isComplete) {
            this.form = form;
            this.language = language;
            this.isComplete = isComplete;
        }

        private Field field(Question question, List<Question> page) {
            return switch (question.type()) {
                case CHOICE -> choice(question, page);
                case QUANTITY -> quantity(question);
                case INTEGER -> integer(question);
                case DATE -> date(question);
                case GROUP -> throw new IllegalStateException("a group within a group: " + question.linkId());
            };
        }

        private String typed(String name) {
            var value = form.getFirst(name);
            return value == null ? "" : TypedNumber.bare(value);
        }

        private Field choice(Question question, List<Question> page) {
            var chosen = form.getOrDefault(question.linkId(), List.of()).stream()
                    .filter(question.options()::containsKey)
                    .distinct()
                    .limit(question.repeats() ? Long.MAX_VALUE : 1)
                    .toList();
            var alsoOfThisList = page.stream()
                    .filter(other -> !other.linkId().equals(question.linkId())
                            && Objects.equals(other.system(), question.system()))
                    .anyMatch(other -> form.containsKey(other.linkId()));
            Optional<Problem> error = Optional.empty();
            if (question.repeats() && chosen.contains(NONE) && (chosen.size() > 1 || alsoOfThisList)) {
                error = Optional.of(Problem.NONE_AND_OTHERS);
            } else if (chosen.isEmpty() && isComplete && question.required()) {
                error = Optional.of(Problem.REQUIRED);
            } else if (chosen.isEmpty()
                    && isComplete
                    && question.options().containsKey(NONE)
                    && question.repeats()
                    && !alsoOfThisList) {
                // Nothing ticked may mean "none" or "not read"; only the patient knows.
                error = Optional.of(Problem.NO_CHOICE);
            }
            // Of a contradiction the graver half is kept: it may be an emergency.
            var isContradiction = error.filter(Problem.NONE_AND_OTHERS::equals).isPresent();
            answers.put(
                    question.linkId(),
                    chosen.stream()
                            .filter(code -> !(isContradiction && code.equals(NONE)))
                            .<JsonNode>map(code -> JSON.objectNode()
                                    .put("system", question.system())
                                    .put("code", code)
                                    .put("display", question.options().get(code)))
                            .toList());
            return Entry.field(question, chosen, "", "", language, error, Optional.empty(), List.of());
        }

        private Field quantity(Question question) {
            var typed = typed(question.linkId());
            var chosen = typed(question.linkId() + UNIT);
            var unit = question.options().containsKey(chosen)
                    ? chosen
                    : question.options().size() == 1
                            ? question.options().keySet().iterator().next()
                            : "";
            Optional<Problem> error = Optional.empty();
            Optional<Doubt> doubt = Optional.empty();
            if (typed.isEmpty()) {
                answers.put(question.linkId(), List.of());
                // A date of a test says nothing by itself; who gave one meant to give the result too.
                error = question.items().stream()
                                .anyMatch(item -> !typed(item.linkId()).isEmpty())
                        ? Optional.of(Problem.NO_RESULT)
                        : error;
            } else {
                var read = TypedNumber.read(typed);
                error = problem(read);
                if (error.isEmpty() && unit.isEmpty()) {
                    error = Optional.of(Problem.NO_UNIT);
                }
                if (error.isEmpty() && read instanceof TypedNumber.Clear(var number)) {
                    doubt = doubt(question, number, unit);
                    answers.put(
                            question.linkId(),
                            List.of(JSON.objectNode()
                                    .put("value", number)
                                    .put("unit", question.options().get(unit))
                                    .put("system", question.system())
                                    .put("code", unit)));
                }
            }
            var items = question.items().stream()
                    .map(item -> field(item, question.items()))
                    .toList();
            return Entry.field(question, List.of(), typed, unit, language, error, doubt, items);
        }

        private static Optional<Problem> problem(TypedNumber read) {
            return switch (read) {
                case TypedNumber.Clear _ -> Optional.empty();
                case TypedNumber.Ambiguous _ -> Optional.of(Problem.AMBIGUOUS);
                case TypedNumber.Bound _ -> Optional.of(Problem.BOUND);
                case TypedNumber.None _ -> Optional.of(Problem.NOT_A_NUMBER);
            };
        }

        private Optional<Doubt> doubt(Question question, BigDecimal number, String unit) {
            var plausible = Question.in(unit, question.plausible());
            var sureOf = number.toPlainString() + " " + unit;
            return plausible.isEmpty() || plausible.get().holds(number)
                    ? Optional.empty()
                    : Optional.of(new Doubt(
                            sureOf,
                            otherUnit(question, number),
                            typed(question.linkId() + SURE).equals(sureOf)));
        }

        /** The unit in which the number is usual, or at least possible. */
        private static @org.jspecify.annotations.Nullable String otherUnit(Question question, BigDecimal number) {
            return java.util.stream.Stream.concat(question.usual().stream(), question.plausible().stream())
                    .filter(range -> range.holds(number))
                    .map(Range::unit)
                    .findFirst()
                    .orElse(null);
        }

        private Field integer(Question question) {
            var typed = typed(question.linkId());
            Optional<Problem> error = Optional.empty();
            if (typed.isEmpty()) {
                answers.put(question.linkId(), List.of());
                error = isComplete && question.required() ? Optional.of(Problem.REQUIRED) : error;
            } else if (!typed.matches("\\d{1,9}")) {
                error = Optional.of(Problem.NOT_WHOLE);
            } else if (question.range()
                    .filter(range -> !range.holds(new BigDecimal(typed)))
                    .isPresent()) {
                error = Optional.of(Problem.OUT_OF_RANGE);
            } else {
                answers.put(question.linkId(), List.of(JSON.numberNode(Integer.parseInt(typed))));
            }
            return Entry.field(question, List.of(), typed, "", language, error, Optional.empty(), List.of());
        }

        private Field date(Question question) {
            var typed = typed(question.linkId());
            Optional<Problem> error = Optional.empty();
            if (typed.isEmpty()) {
                answers.put(question.linkId(), List.of());
            } else if (!typed.matches("\\d{4}(-\\d{2}(-\\d{2})?)?")) {
                error = Optional.of(Problem.NOT_A_DATE);
            } else {
                try {
                    // A month or a year is as long past as its first day.
                    var first = LocalDate.parse(typed + "-01-01".substring(0, 10 - typed.length()));
                    // A day ahead of ours it is somewhere on earth.
                    if (first.getYear() < 1900) {
                        error = Optional.of(Problem.NOT_A_DATE);
                    } else if (first.isAfter(
                            LocalDate.now(java.time.ZoneOffset.UTC).plusDays(1))) {
                        error = Optional.of(Problem.IN_THE_FUTURE);
                    } else {
                        answers.put(question.linkId(), List.of(JSON.textNode(typed)));
                    }
                } catch (DateTimeParseException e) {
                    error = Optional.of(Problem.NOT_A_DATE);
                }
            }
            return Entry.field(question, List.of(), typed, "", language, error, Optional.empty(), List.of());
        }
    }
}
