package org.calciwatch.assessment.cds;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.LocalDate;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.calciwatch.assessment.cds.Labs.Lab;
import org.calciwatch.assessment.profile.Answers;
import org.calciwatch.assessment.profile.Answers.Drawn;
import org.calciwatch.assessment.profile.Answers.Entered;
import org.calciwatch.assessment.profile.Answers.ListAnswer;
import org.calciwatch.assessment.profile.AnswersRefused;
import org.calciwatch.assessment.profile.Inputs;
import org.calciwatch.assessment.profile.ItemList;
import org.calciwatch.assessment.profile.Profile;
import org.calciwatch.assessment.response.QuestionnaireResponseReader;
import org.calciwatch.assessment.response.ResponseRefused;
import org.jspecify.annotations.Nullable;

/**
 * A patient's record as answers. The newest QuestionnaireResponse is the base; results, problem list and medicines are
 * laid over it. What no source tells stays unknown.
 */
final class Chart {

    static final String QUESTIONNAIRE = "https://calciwatch.org/fhir/Questionnaire/calcification-risk";

    private static final String SEX = "sex_for_egfr";
    private static final Set<String> ANSWERED = Set.of("completed", "amended", "");

    /** Each result that differs from another of its time is a reading; more than a few are a broken record. */
    private static final int MOST_READINGS = 8;

    private final LocalDate today;
    private final NotUsed notUsed;
    private final List<String> notes = new ArrayList<>();
    private final List<Answers> readings = new ArrayList<>();
    private final Map<String, String> ranges = new HashMap<>();
    private @Nullable LocalDate answered;

    Chart(Prefetch prefetch, ClinicalCodes codes, NotUsed notUsed, LocalDate today) {
        this.today = today;
        this.notUsed = notUsed;
        var base = response(prefetch);
        var labs = new Labs(prefetch.all("Observation"), codes, notUsed);
        var entries = new Entries(prefetch, codes, notUsed, today);
        read(base, patient(prefetch), labs, entries);
        notes.addAll(labs.notes());
    }

    /**
     * The record as answers, the likeliest reading first. There are others where sources say different things of the same
     * time: whichever is the most severe counts, as a conflict must never lower a severity.
     */
    List<Answers> readings() {
        return readings;
    }

    /** What a clinician should know about how the record was read. */
    List<String> notes() {
        return notes;
    }

    /** The laboratory's own reference range, by input. */
    Map<String, String> ranges() {
        return ranges;
    }

    /** The day the questionnaire was answered; empty without one. */
    Optional<LocalDate> answered() {
        return Optional.ofNullable(answered);
    }

    private Answers response(Prefetch prefetch) {
        var usable = new ArrayList<JsonNode>();
        for (var response : prefetch.all("QuestionnaireResponse")) {
            var canonical = Fhir.text(response, "questionnaire");
            var status = Fhir.text(response, "status");
            if (!canonical.isEmpty() && !canonical.split("\\|", 2)[0].equals(QUESTIONNAIRE)) {
                notUsed.add("QuestionnaireResponse to " + canonical, "Another questionnaire");
            } else if (!ANSWERED.contains(status)) {
                notUsed.add("QuestionnaireResponse", "Status of the questionnaire: " + status);
            } else {
                usable.add(response);
            }
        }
        var newest = usable.stream()
                .max(Comparator.comparing(
                        response -> Fhir.time(response.path("authored")).orElse(null),
                        Comparator.nullsFirst(Comparator.naturalOrder())));
        if (newest.isEmpty()) {
            return Answers.builder().build();
        }
        for (int older = 1; older < usable.size(); older++) {
            notUsed.add("QuestionnaireResponse", "There is a newer one");
        }
        return answers(newest.get()).orElseGet(() -> Answers.builder().build());
    }

    private Optional<Answers> answers(JsonNode response) {
        try {
            var answers = QuestionnaireResponseReader.answers(response, today);
            var strangers = strangers(answers);
            if (strangers.isEmpty()) {
                answered = Fhir.time(response.path("authored"))
                        .map(time -> time.day().latest())
                        .orElse(null);
                return Optional.of(answers);
            }
            notUsed.add("QuestionnaireResponse", "It cannot be read (" + strangers + ")");
        } catch (ResponseRefused refused) {
            notUsed.add("QuestionnaireResponse", "It cannot be read (" + refused.getMessage() + ")");
        }
        return Optional.empty();
    }

    /** Items no list has. The age is left to be refused with the chart as a whole. */
    private static String strangers(Answers answers) {
        try {
            Profile.of(answers);
            return "";
        } catch (AnswersRefused refused) {
            return refused.refusals().stream()
                    .filter(refusal -> !refusal.input().equals(Inputs.AGE))
                    .map(refusal -> refusal.message())
                    .collect(Collectors.joining("; "));
        }
    }

    private Optional<JsonNode> patient(Prefetch prefetch) {
        var patients = prefetch.all("Patient");
        return patients.isEmpty() ? Optional.empty() : Optional.of(patients.getFirst());
    }

    private void read(Answers base, Optional<JsonNode> patient, Labs labs, Entries entries) {
        var quantities = new HashMap<>(base.quantities());
        var drawn = new HashMap<>(base.drawn());
        var alternatives = new ArrayList<Map.Entry<String, Lab>>();
        if (labs.settleCorrectedCalcium(hasNumber(base, Labs.CALCIUM))) {
            quantities.remove(Labs.ALBUMIN);
            drawn.remove(Labs.ALBUMIN);
        }
        labs.newest().forEach((key, lab) -> {
            if (isLater(base, key, lab)) {
                notUsed.add(lab.what(), "The questionnaire has a later result");
                return;
            }
            replaced(base, key, lab).ifPresent(other -> alternatives.add(Map.entry(key, other)));
            put(quantities, drawn, key, lab);
            if (lab.range() != null) {
                ranges.put(key, lab.range());
            }
            for (var other : labs.sameTime().getOrDefault(key, List.of())) {
                alternatives.add(Map.entry(key, other));
                notes.add("Two results of the same time: " + lab.what() + "; " + other.what()
                        + ". The one that gives the more severe finding counts.");
            }
        });
        var age = patient.map(this::age).orElse(null);
        var choices = choices(base, patient, entries);
        var lists = lists(base, entries);
        readings.add(new Answers(age == null ? base.ageYears() : age, quantities, choices, lists, drawn, today));
        for (var other : alternatives) {
            if (readings.size() < MOST_READINGS) {
                readings.add(instead(readings.getFirst(), other.getKey(), other.getValue()));
            } else {
                notUsed.add(other.getValue().what(), "Too many results of the same time that differ");
            }
        }
    }

    private static boolean hasNumber(Answers base, String key) {
        var entered = base.quantities().get(key);
        return entered != null && entered.value() != null;
    }

    private static boolean isLater(Answers base, String key, Lab lab) {
        var drawn = base.drawn().get(key);
        return hasNumber(base, key)
                && drawn != null
                && lab.time() != null
                && drawn.earliest().isAfter(lab.time().day().latest());
    }

    /** The questionnaire's own value, unless it is the same or certainly older than the one that replaces it. */
    private Optional<Lab> replaced(Answers base, String key, Lab lab) {
        var entered = base.quantities().get(key);
        if (entered == null || entered.value() == null || Labs.isSame(key, entered, lab.entered())) {
            return Optional.empty();
        }
        var drawn = base.drawn().get(key);
        var what = "Questionnaire: %s %s"
                .formatted(Inputs.quantity(key).map(Inputs.Quantity::label).orElse(key), plain(entered));
        if (drawn != null
                && lab.time() != null
                && drawn.latest().isBefore(lab.time().day().earliest())) {
            notUsed.add(what, "There is a newer result");
            return Optional.empty();
        }
        notes.add(what + " differs from the record and which one is newer is not known (" + lab.what()
                + "). The one that gives the more severe finding counts.");
        var time = drawn == null
                ? null
                : new Fhir.Time(
                        drawn, drawn.earliest().atStartOfDay(ZoneOffset.UTC).toInstant());
        return Optional.of(new Lab(what, entered, time, null));
    }

    private static String plain(Entered entered) {
        return Objects.toString(entered.value(), "") + (entered.unit() == null ? "" : " " + entered.unit());
    }

    private static void put(Map<String, Entered> quantities, Map<String, Drawn> drawn, String key, Lab lab) {
        quantities.remove(key);
        drawn.remove(key);
        if (lab.entered() != null) {
            quantities.put(key, lab.entered());
        }
        if (lab.time() != null) {
            drawn.put(key, lab.time().day());
        }
    }

    private static Answers instead(Answers answers, String key, Lab lab) {
        var quantities = new HashMap<>(answers.quantities());
        var drawn = new HashMap<>(answers.drawn());
        put(quantities, drawn, key, lab);
        return new Answers(answers.ageYears(), quantities, answers.choices(), answers.lists(), drawn, answers.asOf());
    }

    /** In completed years today, when the birth date leaves no doubt. */
    private @Nullable Integer age(JsonNode patient) {
        var birth = Fhir.time(patient.path("birthDate"));
        if (birth.isEmpty()) {
            return null;
        }
        int least = Period.between(birth.get().day().latest(), today).getYears();
        int most = Period.between(birth.get().day().earliest(), today).getYears();
        // Born later than today: a slip of the pen, but certainly not an adult.
        if (birth.get().day().earliest().isAfter(today)) {
            return -1;
        }
        if (least == most || most < Inputs.MIN_AGE || least > Inputs.MAX_AGE) {
            return most;
        }
        notes.add("The birth date is known only in part, so the age is not certain and was not taken from it.");
        return null;
    }

    private Map<String, String> choices(Answers base, Optional<JsonNode> patient, Entries entries) {
        var choices = new LinkedHashMap<>(base.choices());
        var gender = patient.map(each -> Fhir.text(each, "gender")).orElse("");
        var sexes = Inputs.choice(SEX).map(Inputs.Choice::codes).orElse(List.of());
        if (sexes.contains(gender)) {
            var told = choices.putIfAbsent(SEX, gender);
            if (told != null && !told.equals(gender)) {
                notes.add("Sex used for eGFR: the questionnaire says " + told + ", the record " + gender
                        + ". The questionnaire's answer counts.");
            }
        }
        var told = choices.get(ClinicalCodes.CKD);
        var stage = ClinicalCodes.worse(told, entries.stage());
        if (stage != null) {
            choices.put(ClinicalCodes.CKD, stage);
            if (told != null && !stage.equals(told)) {
                notes.add("Kidney disease: the questionnaire says " + told + ", the record " + stage
                        + ". The record counts.");
            }
        }
        return choices;
    }

    private Map<ItemList, ListAnswer> lists(Answers base, Entries entries) {
        var lists = new EnumMap<ItemList, ListAnswer>(ItemList.class);
        lists.putAll(base.lists());
        for (var list : List.of(ItemList.CONDITIONS, ItemList.MEDICINES)) {
            var items =
                    Inputs.ITEMS.stream().filter(item -> item.list() == list).toList();
            var keys = items.stream().map(Inputs.Item::key).collect(Collectors.toSet());
            var present = common(entries.present(), keys);
            var refuted = common(entries.refuted(), keys);
            var told = base.lists().get(list);
            if (told == null && present.isEmpty() && refuted.isEmpty()) {
                continue;
            }
            // An item that nobody told of is unknown; leaving it out of the list would make it false.
            var yes = new LinkedHashSet<>(present);
            var unsure = new LinkedHashSet<>(told == null ? keys : told.unsure());
            if (told != null) {
                yes.addAll(told.yes());
                conflicts(items, told, present, refuted);
            }
            unsure.removeAll(refuted);
            lists.put(list, new ListAnswer(yes, unsure));
        }
        return lists;
    }

    private void conflicts(List<Inputs.Item> items, ListAnswer told, Set<String> present, Set<String> refuted) {
        for (var item : items) {
            var key = item.key();
            if (refuted.contains(key) && told.yes().contains(key)) {
                notes.add(item.label() + ": the record refutes it, the questionnaire says yes. It counts as present.");
            } else if (present.contains(key)
                    && !told.yes().contains(key)
                    && !told.unsure().contains(key)) {
                notes.add(item.label() + ": the questionnaire says no, the record has it. It counts as present.");
            }
        }
    }

    private static Set<String> common(Set<String> some, Set<String> others) {
        var common = new LinkedHashSet<>(some);
        common.retainAll(others);
        return Collections.unmodifiableSet(common);
    }
}
