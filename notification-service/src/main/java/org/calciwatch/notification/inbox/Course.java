package org.calciwatch.notification.inbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.AssessmentCompleted.ReferenceRange;
import org.calciwatch.notification.delivery.Words;
import org.calciwatch.pages.Chart;
import org.calciwatch.pages.Localised;
import org.jspecify.annotations.Nullable;

/**
 * A laboratory value over the patient's submissions.
 *
 * @param usual the reference range in words, empty where there is none
 * @param rows the oldest first
 */
public record Course(String label, String usual, Chart chart, List<Row> rows) {

    /** The value in one submission, by the day on which that was assessed. */
    public record Row(String day, String value) {}

    private record Value(
            AssessmentCompleted in,
            String label,
            BigDecimal value,
            String unit,
            @Nullable ReferenceRange usual) {}

    /**
     * The courses of all laboratory values that were given more than once, or that a finding rests on.
     *
     * @param assessments of the patient's submissions, the oldest first
     * @param findings the inputs the findings rest on
     */
    static List<Course> of(
            List<AssessmentCompleted> assessments, Set<String> findings, ZoneId zone, Localised localised) {
        var values = new LinkedHashMap<String, List<Value>>();
        for (var assessment : assessments) {
            assessment.profile().forEach((input, entry) -> {
                var value = value(assessment, input, entry);
                if (value != null) {
                    values.computeIfAbsent(input, _ -> new ArrayList<>()).add(value);
                }
            });
        }
        var courses = new ArrayList<Course>();
        values.forEach((input, all) -> {
            if (all.size() > 1 || findings.contains(input)) {
                courses.add(course(all, zone, localised));
            }
        });
        return courses;
    }

    /** Only laboratory values have a reference range, and kidney function a stage. */
    private static @Nullable Value value(AssessmentCompleted in, String input, JsonNode entry) {
        var number = entry.path("value");
        if (!number.isNumber()
                || !(entry.has("reference") || entry.has("stage"))
                || !Numbers.isOrdinary(number.decimalValue())) {
            return null;
        }
        return new Value(
                in,
                Words.clean(entry.path("label").asText(input)),
                Words.judged(number.decimalValue()),
                entry.path("unit").asText(""),
                entry.has("reference")
                        ? new ReferenceRange(
                                limit(entry.path("reference").path("low")),
                                limit(entry.path("reference").path("high")))
                        : null);
    }

    private static @Nullable BigDecimal limit(JsonNode limit) {
        return limit.isNumber() && Numbers.isOrdinary(limit.decimalValue()) ? limit.decimalValue() : null;
    }

    private static Course course(List<Value> all, ZoneId zone, Localised localised) {
        var last = all.getLast();
        var usual = last.usual();
        // The rules compare in one unit; should a new version of them have changed it, only its values are comparable.
        var points = all.stream()
                .filter(value -> value.unit().equals(last.unit()))
                .map(value -> new Chart.Point(
                        value.in().assessedAt().atZone(zone).toLocalDate(),
                        day(value, zone, localised),
                        value.value(),
                        localised.number(value.value())))
                .toList();
        return new Course(
                last.label(),
                Numbers.range(usual, last.unit(), localised),
                Chart.of(
                        points,
                        usual == null || (usual.low() == null && usual.high() == null)
                                ? null
                                : new Chart.Range(usual.low(), usual.high()),
                        localised),
                all.stream()
                        .map(value -> new Row(
                                day(value, zone, localised), Numbers.amount(value.value(), value.unit(), localised)))
                        .toList());
    }

    private static String day(Value value, ZoneId zone, Localised localised) {
        return localised.day(value.in().assessedAt().atZone(zone).toLocalDate());
    }
}
