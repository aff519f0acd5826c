package org.calciwatch.assessment.cds;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.calciwatch.assessment.profile.Answers.Drawn;
import org.jspecify.annotations.Nullable;

/** Reading of FHIR R4 elements from JSON that may be anything. */
final class Fhir {

    private static final Pattern REFERENCE =
            Pattern.compile("(?:.*/)?([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64})(?:/_history/[^/]*)?");
    private static final int DAY = "2026-01-31".length();

    /** How people call the code systems. */
    private static final Map<String, String> NAMES = Map.of(
            "http://loinc.org", "LOINC",
            "http://snomed.info/sct", "SNOMED CT",
            "http://hl7.org/fhir/sid/icd-10", "ICD-10",
            "http://hl7.org/fhir/sid/icd-10-cm", "ICD-10-CM",
            "http://www.whocc.no/atc", "ATC",
            "http://www.nlm.nih.gov/research/umls/rxnorm", "RxNorm");

    private Fhir() {}

    /** A coding that has a code. */
    record Coding(
            @Nullable String system, String code, @Nullable String display) {}

    /**
     * A day, or less of it, with the moment by which it is sorted.
     *
     * @param day from the earlier to the later of the local and the UTC date where there is a moment
     * @param exact whether the moment itself is known
     */
    record Time(Drawn day, Instant from, boolean exact) implements Comparable<Time> {

        /** A day or less of it. */
        static Time of(Drawn day) {
            return new Time(day, day.earliest().atStartOfDay().toInstant(ZoneOffset.UTC), false);
        }

        /** True when there is no doubt that it is later. */
        boolean isAfter(Time other) {
            return (exact && other.exact) ? from.isAfter(other.from) : isOnLaterDay(other);
        }

        /** True when there is no doubt that it is of a later day. */
        boolean isOnLaterDay(Time other) {
            return day.earliest().isAfter(other.day.latest());
        }

        @Override
        public int compareTo(Time other) {
            return from.compareTo(other.from);
        }
    }

    static String text(JsonNode node, String field) {
        return node.path(field).asText("");
    }

    /** The codings of a CodeableConcept that have a code. */
    static List<Coding> codings(JsonNode concept) {
        var codings = new ArrayList<Coding>();
        for (var coding : concept.path("coding")) {
            var code = coding.path("code").textValue();
            if (code != null && !code.isBlank()) {
                codings.add(new Coding(
                        coding.path("system").textValue(),
                        code,
                        coding.path("display").textValue()));
            }
        }
        return codings;
    }

    /** All codes of a CodeableConcept that is a status. */
    static Set<String> statuses(JsonNode concept) {
        return codings(concept).stream().map(Coding::code).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** What a CodeableConcept is, for people: its text and its codes. */
    static String describe(JsonNode concept) {
        var codings = codings(concept);
        var name = codings.stream()
                .map(Coding::display)
                .filter(display -> display != null && !display.isBlank())
                .findFirst()
                .orElse(text(concept, "text"));
        var codes = codings.stream()
                .map(coding -> coding.system() == null
                        ? coding.code()
                        : NAMES.getOrDefault(coding.system(), coding.system()) + " " + coding.code())
                .collect(Collectors.joining(", "));
        if (name.isBlank()) {
            return codes.isEmpty() ? "an entry without name and code" : codes;
        }
        return name + " (" + (codes.isEmpty() ? "without a code" : codes) + ")";
    }

    /** Type and id of a literal reference. */
    record Reference(String type, String id) {}

    static Optional<Reference> reference(String text) {
        var reference = REFERENCE.matcher(text);
        return reference.matches()
                ? Optional.of(new Reference(reference.group(1), reference.group(2)))
                : Optional.empty();
    }

    /** A FHIR date, dateTime or instant. */
    static Optional<Time> time(JsonNode node) {
        var text = node.asText("");
        var day = Drawn.parse(text.length() > DAY ? text.substring(0, DAY) : text);
        return day.map(local -> moment(text).map(moment -> exact(local, moment)).orElseGet(() -> Time.of(local)));
    }

    private static Time exact(Drawn local, Instant moment) {
        var utc = LocalDate.ofInstant(moment, ZoneOffset.UTC);
        return new Time(
                utc.isBefore(local.earliest()) ? new Drawn(utc, local.latest()) : new Drawn(local.earliest(), utc),
                moment,
                true);
    }

    private static Optional<Instant> moment(String text) {
        try {
            return text.length() > DAY ? Optional.of(OffsetDateTime.parse(text).toInstant()) : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
