package org.calciwatch.assessment.cds;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.calciwatch.assessment.profile.Answers.Entered;
import org.calciwatch.assessment.profile.Inputs;
import org.calciwatch.assessment.profile.Numbers;
import org.jspecify.annotations.Nullable;

/** The laboratory values among Observations. */
final class Labs {

    private static final String LOINC = "http://loinc.org";
    private static final String UCUM = "http://unitsofmeasure.org";
    private static final Set<String> DONE = Set.of("final", "amended", "corrected", "preliminary");

    static final String CALCIUM = "ca_total";
    static final String ALBUMIN = "albumin";

    /**
     * A result.
     *
     * @param range the laboratory's own reference range, for people
     * @param corrected whether it is calcium that the laboratory has corrected for albumin
     * @param told whether the questionnaire says it
     */
    record Lab(
            String what,
            Entered entered,
            Fhir.@Nullable Time time,
            @Nullable String range,
            boolean corrected,
            boolean told) {

        /** True when there is no doubt that it is newer. Of one day, calcium with and without correction both count. */
        boolean isNewerThan(Lab other) {
            var mine = time;
            var others = other.time;
            if (mine == null || others == null) {
                return false;
            }
            return corrected == other.corrected ? mine.isAfter(others) : mine.isOnLaterDay(others);
        }
    }

    private final ClinicalCodes codes;
    private final NotUsed notUsed;
    private final Map<String, List<Lab>> found = new LinkedHashMap<>();
    private final LocalDate today;
    private final List<String> notes = new ArrayList<>();

    Labs(List<JsonNode> observations, ClinicalCodes codes, NotUsed notUsed, LocalDate today) {
        this.codes = codes;
        this.notUsed = notUsed;
        this.today = today;
        observations.forEach(this::read);
    }

    /** All results that are numbers, by key. Calcium corrected for albumin is among total calcium. */
    Map<String, List<Lab>> results() {
        return found;
    }

    /** What a clinician should know about how they were read. */
    List<String> notes() {
        return notes;
    }

    private void read(JsonNode observation) {
        var concept = observation.path("code");
        var what = "Observation " + Fhir.describe(concept);
        var loinc = Fhir.codings(concept).stream()
                .filter(coding -> LOINC.equals(coding.system()))
                .map(Fhir.Coding::code)
                .toList();
        var tests = loinc.stream().flatMap(code -> test(code).stream()).collect(Collectors.toSet());
        boolean parts = components(observation, tests.isEmpty());
        if (tests.isEmpty()) {
            if (parts && !observation.has("valueQuantity")) {
                return;
            }
            var shown = loinc.stream().filter(codes.displayOnly()::containsKey).findFirst();
            shown.ifPresentOrElse(
                    code -> notUsed.add(
                            what + value(observation),
                            "For display only (" + codes.displayOnly().get(code) + "), a value in no rule"),
                    () -> notUsed.add(what, loinc.isEmpty() ? "Without a LOINC code" : "A LOINC code no rule uses"));
        } else if (tests.size() > 1) {
            notUsed.add(what, "Codes of different tests on one result");
        } else {
            if (!parts || observation.has("valueQuantity")) {
                read(tests.iterator().next(), observation, observation, what);
            }
        }
    }

    private record Test(String key, boolean corrected) {}

    private Optional<Test> test(String loinc) {
        return codes.correctedCalcium().contains(loinc)
                ? Optional.of(new Test(CALCIUM, true))
                : Inputs.byLoinc(loinc).map(lab -> new Test(lab.key(), false));
    }

    /** Reads the parts of a panel; true when there was a result among them. */
    private boolean components(JsonNode observation, boolean unused) {
        boolean any = false;
        for (var component : observation.path("component")) {
            var concept = component.path("code");
            var tests = Fhir.codings(concept).stream()
                    .filter(coding -> LOINC.equals(coding.system()))
                    .flatMap(coding -> test(coding.code()).stream())
                    .collect(Collectors.toSet());
            var what = "Observation component " + Fhir.describe(concept);
            if (tests.size() == 1 && component.has("valueQuantity")) {
                read(tests.iterator().next(), component, observation, what);
                any = true;
            } else if (unused || !tests.isEmpty()) {
                notUsed.add(what, "A part of a result that no rule uses");
            }
        }
        return any;
    }

    /**
     * Reads a result.
     *
     * @param result holds the value and the range
     * @param observation holds the status and the time; the result itself or what it is a part of
     */
    private void read(Test test, JsonNode result, JsonNode observation, String what) {
        var status = observation.path("status").asText("without a status");
        if (!DONE.contains(status)) {
            notUsed.add(what, "Status of the result: " + status);
            return;
        }
        var quantity = result.path("valueQuantity");
        var number = quantity.path("value");
        var time = time(observation, what);
        var shown = what
                + value(result)
                + (time == null || quantity.isMissingNode()
                        ? ""
                        : " of " + time.day().earliest());
        if (quantity.has("comparator")) {
            notUsed.attend(shown + ": more or less than a number is not a number, so it was not judged.");
            return;
        }
        if (!number.isNumber()) {
            notUsed.add(what, "A result without a number");
            return;
        }
        if (status.equals("preliminary")) {
            notes.add(shown + " is preliminary.");
        }
        found.computeIfAbsent(test.key(), ignored -> new ArrayList<>())
                .add(new Lab(
                        shown,
                        new Entered(number.decimalValue(), unit(quantity)),
                        time,
                        range(result),
                        test.corrected(),
                        false));
    }

    /** The UCUM code; without a code the unit as written; a code of another system is no known unit. */
    private static @Nullable String unit(JsonNode quantity) {
        var code = quantity.path("code").textValue();
        if (code == null || code.isEmpty()) {
            return quantity.path("unit").textValue();
        }
        var system = quantity.path("system").textValue();
        return system == null || system.equals(UCUM) ? code : system + "|" + code;
    }

    private Fhir.@Nullable Time time(JsonNode observation, String what) {
        var events = new ArrayList<Fhir.Time>();
        observation.path("effectiveTiming").path("event").forEach(event -> Fhir.time(event)
                .ifPresent(events::add));
        var time = events.stream().max(Comparator.naturalOrder()).orElseGet(() -> single(observation));
        if (time != null && time.day().earliest().isAfter(today)) {
            notes.add(what + " has a date in the future (" + time.day().earliest() + "), so it counts as undated.");
            return null;
        }
        return time;
    }

    private static Fhir.@Nullable Time single(JsonNode observation) {
        for (var time : List.of(
                observation.path("effectiveDateTime"),
                observation.path("effectivePeriod").path("end"),
                observation.path("effectivePeriod").path("start"),
                observation.path("effectiveInstant"),
                observation.path("issued"))) {
            var found = Fhir.time(time);
            if (found.isPresent()) {
                return found.get();
            }
        }
        return null;
    }

    /** For people, with a leading colon; empty without a number. */
    private static String value(JsonNode observation) {
        var quantity = observation.path("valueQuantity");
        var number = quantity.path("value");
        if (!number.isNumber()) {
            return "";
        }
        var unit = unit(quantity);
        return ": " + Fhir.text(quantity, "comparator") + Numbers.plain(number.decimalValue())
                + (unit == null ? " without a unit" : " " + unit);
    }

    private static @Nullable String range(JsonNode observation) {
        var ranges = new LinkedHashSet<String>();
        for (var range : observation.path("referenceRange")) {
            var text = Fhir.text(range, "text");
            var low = range.path("low").path("value");
            var high = range.path("high").path("value");
            if (!text.isBlank()) {
                ranges.add(text);
            } else if (low.isNumber() || high.isNumber()) {
                var unit = Optional.ofNullable(unit(range.path(low.isNumber() ? "low" : "high")));
                ranges.add(limit(low) + "-" + limit(high)
                        + unit.map(code -> " " + code).orElse(""));
            }
        }
        return ranges.isEmpty() ? null : String.join(", ", ranges);
    }

    private static String limit(JsonNode limit) {
        return limit.isNumber() ? Numbers.plain(limit.decimalValue()) : "";
    }

    /** True for the same amount, in whichever units. */
    static boolean isSame(String key, Entered one, Entered other) {
        var number = one.value();
        var otherNumber = other.value();
        if (number == null || otherNumber == null) {
            return false;
        }
        var input = Inputs.quantity(key);
        var unit = input.flatMap(each -> each.unit(one.unit()));
        var otherUnit = input.flatMap(each -> each.unit(other.unit()));
        if (input.isPresent() && unit.isPresent() && otherUnit.isPresent()) {
            return input.get()
                    .normalise(number, unit.get())
                    .equals(input.get().normalise(otherNumber, otherUnit.get()));
        }
        return number.compareTo(otherNumber) == 0 && Objects.equals(one.unit(), other.unit());
    }
}
