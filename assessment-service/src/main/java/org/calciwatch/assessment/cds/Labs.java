package org.calciwatch.assessment.cds;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
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

/** The laboratory values among Observations: of each input the newest. */
final class Labs {

    private static final String LOINC = "http://loinc.org";
    private static final String UCUM = "http://unitsofmeasure.org";
    private static final Set<String> DONE = Set.of("final", "amended", "corrected", "preliminary");

    /** Stands for calcium that the laboratory has corrected for albumin, until it is known whether it is needed. */
    private static final String CORRECTED_CALCIUM = "ca_corrected";

    static final String CALCIUM = "ca_total";
    static final String ALBUMIN = "albumin";

    /**
     * A result.
     *
     * @param entered null when the result is not a number ("> 150"): what was known before is out of date all the same
     * @param range the laboratory's own reference range, for people
     */
    record Lab(
            String what,
            @Nullable Entered entered,
            Fhir.@Nullable Time time,
            @Nullable String range) {}

    private final ClinicalCodes codes;
    private final NotUsed notUsed;
    private final Map<String, List<Lab>> found = new LinkedHashMap<>();
    private final Map<String, Lab> newest = new LinkedHashMap<>();
    private final Map<String, List<Lab>> sameTime = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();

    Labs(List<JsonNode> observations, ClinicalCodes codes, NotUsed notUsed) {
        this.codes = codes;
        this.notUsed = notUsed;
        observations.forEach(this::read);
        found.forEach(this::choose);
    }

    /** The result of each input that counts, by key. */
    Map<String, Lab> newest() {
        return newest;
    }

    /** Other results of the same moment that say something else. */
    Map<String, List<Lab>> sameTime() {
        return sameTime;
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
        var keys = loinc.stream().flatMap(code -> key(code).stream()).collect(Collectors.toSet());
        if (keys.isEmpty()) {
            var shown = loinc.stream().filter(codes.displayOnly()::containsKey).findFirst();
            shown.ifPresentOrElse(
                    code -> notUsed.add(
                            what + value(observation),
                            "For display only (" + codes.displayOnly().get(code) + "), a value in no rule"),
                    () -> notUsed.add(what, loinc.isEmpty() ? "Without a LOINC code" : "A LOINC code no rule uses"));
        } else if (keys.size() > 1) {
            notUsed.add(what, "Codes of different tests on one result");
        } else {
            read(keys.iterator().next(), observation, what);
        }
    }

    private Optional<String> key(String loinc) {
        return codes.correctedCalcium().contains(loinc)
                ? Optional.of(CORRECTED_CALCIUM)
                : Inputs.byLoinc(loinc).map(Inputs.Quantity::key);
    }

    private void read(String key, JsonNode observation, String what) {
        var status = observation.path("status").asText("without a status");
        if (!DONE.contains(status)) {
            notUsed.add(what, "Status of the result: " + status);
            return;
        }
        var quantity = observation.path("valueQuantity");
        var number = quantity.path("value");
        var shown = what + value(observation);
        Entered entered = null;
        if (quantity.has("comparator")) {
            notUsed.add(shown, "More or less than a number is not a number; the input counts as missing");
        } else if (!number.isNumber()) {
            notUsed.add(what, "A result without a number");
            return;
        } else if (Numbers.isAbsurd(number.decimalValue())) {
            notUsed.add(what, "A number of absurd size; the input counts as missing");
        } else {
            entered = new Entered(number.decimalValue(), unit(quantity));
        }
        if (status.equals("preliminary")) {
            notes.add(shown + " is preliminary.");
        }
        found.computeIfAbsent(key, ignored -> new ArrayList<>())
                .add(new Lab(shown, entered, time(observation), range(observation)));
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

    private static Fhir.@Nullable Time time(JsonNode observation) {
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
        if (!number.isNumber() || Numbers.isAbsurd(number.decimalValue())) {
            return "";
        }
        var unit = unit(quantity);
        return ": " + Fhir.text(quantity, "comparator") + number.decimalValue().toPlainString()
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
        return limit.isNumber() && !Numbers.isAbsurd(limit.decimalValue())
                ? limit.decimalValue().toPlainString()
                : "";
    }

    private void choose(String key, List<Lab> labs) {
        var best = labs.getFirst();
        for (var lab : labs) {
            if (isNewer(lab, best)) {
                best = lab;
            }
        }
        newest.put(key, best);
        for (var lab : labs) {
            if (isNewer(best, lab)) {
                notUsed.add(lab.what(), "There is a newer result");
            } else if (lab.entered() != null && !isSame(key, lab.entered(), best.entered())) {
                sameTime.computeIfAbsent(key, ignored -> new ArrayList<>()).add(lab);
            }
        }
    }

    /** True for the same amount, in whichever units. */
    static boolean isSame(String key, Entered one, @Nullable Entered other) {
        var number = one.value();
        var otherNumber = other == null ? null : other.value();
        if (other == null || number == null || otherNumber == null) {
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

    /** A result without any date is older than every other: it may be. */
    private static boolean isNewer(Lab lab, Lab than) {
        var time = lab.time();
        var other = than.time();
        return time != null && (other == null || time.compareTo(other) > 0);
    }

    /**
     * Takes the corrected calcium for the total one where there is no total calcium of the same time or later. It must not
     * be corrected a second time, so albumin is left out then.
     *
     * @param elsewhere whether total calcium is known from another source
     * @return whether albumin must be left out
     */
    boolean settleCorrectedCalcium(boolean elsewhere) {
        var corrected = newest.remove(CORRECTED_CALCIUM);
        var others = sameTime.remove(CORRECTED_CALCIUM);
        if (corrected == null) {
            return false;
        }
        var plain = newest.get(CALCIUM);
        if (plain == null ? elsewhere : !isLaterDay(corrected, plain)) {
            notes.add(corrected.what() + " is already corrected for albumin. It was not used, because there is a total"
                    + " calcium result without correction.");
            return false;
        }
        notes.add(corrected.what() + " is already corrected for albumin. It was used as total calcium, and albumin was"
                + " left out so that it is not corrected twice.");
        newest.put(CALCIUM, corrected);
        sameTime.remove(CALCIUM);
        if (others != null) {
            sameTime.put(CALCIUM, others);
        }
        newest.remove(ALBUMIN);
        sameTime.remove(ALBUMIN);
        return true;
    }

    private static boolean isLaterDay(Lab lab, Lab than) {
        var time = lab.time();
        var other = than.time();
        return time != null
                && other != null
                && time.day().earliest().isAfter(other.day().latest());
    }
}
