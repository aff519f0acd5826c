package org.calciwatch.assessment.cds;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.quarkus.runtime.Startup;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.calciwatch.assessment.profile.Inputs;
import org.calciwatch.assessment.profile.ItemList;
import org.jspecify.annotations.Nullable;

/** What the codes of a clinic's record mean for the rules: our own code systems and the table {@code cds-codes.yaml}. */
@Startup // a mistake in the table shows when the service starts, not at a patient
@Singleton
class ClinicalCodes {

    /** The question that is answered by a stage of kidney disease. */
    static final String CKD = "ckd_reported";

    /** The item a proton pump inhibitor stands for once it has been taken for a year. */
    static final String PPI_LONG = "ppi_long";

    private static final String OURS = "https://calciwatch.org/fhir/CodeSystem/";
    private static final String TABLE = "/cds-codes.yaml";
    private static final Pattern RANGE = Pattern.compile("([A-Z])(\\d\\d)-\\1(\\d\\d)");

    /** Rising; a stage that is known says more than that there is one. */
    private static final List<String> STAGES =
            List.of("none", "yes_unknown_stage", "G1", "G2", "G3", "G3a", "G3b", "G4", "G5");

    private final Data data;
    private final Map<String, List<String>> conditions;
    private final Map<String, List<String>> stages;
    private final Map<String, List<String>> medicines;

    ClinicalCodes() {
        this.data = read();
        this.conditions = expand(data.conditions().codes());
        this.medicines = expand(data.medicines().codes());
        this.stages = expand(data.conditions().ckdStages());
        requireItems(ItemList.CONDITIONS, conditions.values().stream().flatMap(List::stream));
        requireItems(ItemList.CONDITIONS, data.conditions().history().stream());
        requireItems(ItemList.MEDICINES, medicines.values().stream().flatMap(List::stream));
        stages.values().stream().flatMap(List::stream).forEach(stage -> require(STAGES.contains(stage), stage));
    }

    private record Data(Observations observations, Conditions conditions, Medicines medicines) {}

    private record Observations(List<String> correctedCalcium, Map<String, String> displayOnly) {}

    private record Conditions(
            Set<String> systems,
            Set<String> history,
            Map<String, List<String>> codes,
            Map<String, List<String>> ckdStages) {}

    private record Medicines(Set<String> systems, Set<String> protonPumpInhibitors, Map<String, List<String>> codes) {}

    /**
     * What a coded concept says.
     *
     * @param items keys of list items
     * @param whole those of the items that mean no more than the code does, so that refuting it refutes them
     * @param stage the answer to {@link #CKD} it stands for
     */
    record Meaning(
            Set<String> items, Set<String> whole, @Nullable String stage) {
        boolean isNothing() {
            return items.isEmpty() && stage == null;
        }
    }

    /** The LOINC codes of calcium that the laboratory has corrected for albumin. */
    List<String> correctedCalcium() {
        return data.observations().correctedCalcium();
    }

    /** LOINC codes that are shown to clinicians but used in no rule, with what they are. */
    Map<String, String> displayOnly() {
        return data.observations().displayOnly();
    }

    /** True for what is asked about in the past too. */
    boolean isHistory(String condition) {
        return data.conditions().history().contains(condition);
    }

    /** The meaning of a problem-list entry. */
    Meaning condition(List<Fhir.Coding> codings) {
        var items = new LinkedHashSet<String>();
        var whole = new LinkedHashSet<String>();
        String stage = null;
        for (var coding : codings) {
            addItem(coding, "condition", ItemList.CONDITIONS, items, whole);
            if (isOurs(coding, "ckd-stage") && rank(coding.code()) > 0) {
                stage = worse(stage, coding.code());
            }
            if (data.conditions().systems().contains(coding.system())) {
                addFromTable(coding.code(), conditions, items, whole);
                var found = longest(coding.code(), stages);
                if (found.isPresent() && !found.get().getValue().isEmpty()) {
                    stage = worse(stage, found.get().getValue().getFirst());
                }
            }
        }
        return new Meaning(items, whole, stage);
    }

    /** The meaning of a medicine. */
    Meaning medicine(List<Fhir.Coding> codings) {
        var items = new LinkedHashSet<String>();
        var whole = new LinkedHashSet<String>();
        for (var coding : codings) {
            addItem(coding, "medicine", ItemList.MEDICINES, items, whole);
            if (data.medicines().systems().contains(coding.system())) {
                addFromTable(coding.code(), medicines, items, whole);
            }
        }
        return new Meaning(items, whole, null);
    }

    /** True for a proton pump inhibitor, however long it has been taken. */
    boolean isProtonPumpInhibitor(List<Fhir.Coding> codings) {
        return codings.stream()
                .anyMatch(coding -> data.medicines().systems().contains(coding.system())
                        && data.medicines().protonPumpInhibitors().stream()
                                .anyMatch(prefix -> normal(coding.code()).startsWith(prefix)));
    }

    /** The more severe of two answers to {@link #CKD}; null is no answer. */
    static @Nullable String worse(@Nullable String one, @Nullable String other) {
        return rank(other) > rank(one) ? other : one;
    }

    private static int rank(@Nullable String stage) {
        return stage == null ? -1 : STAGES.indexOf(stage);
    }

    private static boolean isOurs(Fhir.Coding coding, String system) {
        return coding.system() == null || coding.system().equals(OURS + system);
    }

    private static void addItem(
            Fhir.Coding coding, String system, ItemList list, Set<String> items, Set<String> whole) {
        if (isOurs(coding, system) && isItem(list, coding.code())) {
            items.add(coding.code());
            whole.add(coding.code());
        }
    }

    private static void addFromTable(
            String code, Map<String, List<String>> table, Set<String> items, Set<String> whole) {
        longest(code, table).ifPresent(entry -> {
            items.addAll(entry.getValue());
            if (entry.getKey().equals(normal(code))) {
                entry.getValue().stream()
                        .filter(item -> table.values().stream()
                                        .filter(others -> others.contains(item))
                                        .count()
                                == 1)
                        .forEach(whole::add);
            }
        });
    }

    private static Optional<Map.Entry<String, List<String>>> longest(String code, Map<String, List<String>> table) {
        var text = normal(code);
        for (int length = Math.min(text.length(), 10); length > 0; length--) {
            var found = table.get(text.substring(0, length));
            if (found != null) {
                return Optional.of(Map.entry(text.substring(0, length), found));
            }
        }
        return Optional.empty();
    }

    private static boolean isItem(ItemList list, String key) {
        return Inputs.item(key).filter(item -> item.list() == list).isPresent();
    }

    private static Map<String, List<String>> expand(Map<String, List<String>> table) {
        var expanded = new HashMap<String, List<String>>();
        table.forEach((code, meaning) -> {
            for (var prefix : expand(code)) {
                require(expanded.put(normal(prefix), List.copyOf(meaning)) == null, code);
            }
        });
        return expanded;
    }

    private static List<String> expand(String code) {
        var range = RANGE.matcher(code);
        if (!range.matches()) {
            return List.of(code);
        }
        var codes = new ArrayList<String>();
        for (int number = Integer.parseInt(range.group(2)); number <= Integer.parseInt(range.group(3)); number++) {
            codes.add("%s%02d".formatted(range.group(1), number));
        }
        return codes;
    }

    private static String normal(String code) {
        return code.replace(".", "").toUpperCase(Locale.ROOT);
    }

    private static void requireItems(ItemList list, Stream<String> keys) {
        var strangers = keys.filter(key -> !isItem(list, key)).collect(Collectors.joining(", "));
        require(strangers.isEmpty(), strangers);
    }

    private static void require(boolean fine, String what) {
        if (!fine) {
            throw new IllegalStateException("%s: %s is twice there or means nothing to us".formatted(TABLE, what));
        }
    }

    private static Data read() {
        var mapper = YAMLMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .build();
        try (var table = ClinicalCodes.class.getResourceAsStream(TABLE)) {
            return mapper.readValue(table, Data.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
