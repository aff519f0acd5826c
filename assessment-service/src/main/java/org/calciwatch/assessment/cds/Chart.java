package org.calciwatch.assessment.cds;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.LocalDate;
import java.time.Period;
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
import org.calciwatch.assessment.profile.Answers.ListAnswer;
import org.calciwatch.assessment.profile.Inputs;
import org.calciwatch.assessment.profile.ItemList;
import org.calciwatch.assessment.profile.Numbers;
import org.calciwatch.assessment.response.QuestionnaireResponseReader;
import org.jspecify.annotations.Nullable;

/**
 * A patient's record as answers. The newest QuestionnaireResponse is the base; results, problem list and medicines are
 * laid over it. What no source tells stays unknown.
 */
final class Chart {

    static final String QUESTIONNAIRE = "https://calciwatch.org/fhir/Questionnaire/calcification-risk";

    private static final String SEX = "sex_for_egfr";
    private static final Set<String> ANSWERED = Set.of("completed", "amended", "");

    private final LocalDate today;
    private final NotUsed notUsed;
    private final List<String> notes = new ArrayList<>();
    private final Readings choices;
    private final List<Readings.Reading> readings;
    private @Nullable LocalDate answered;

    Chart(Prefetch prefetch, ClinicalCodes codes, NotUsed notUsed, LocalDate today) {
        this.today = today;
        this.notUsed = notUsed;
        this.choices = new Readings(notUsed, today);
        var base = response(prefetch);
        var labs = new Labs(prefetch.all("Observation"), codes, notUsed, today);
        var entries = new Entries(prefetch, codes, notUsed, today);
        var patient = patient(prefetch);
        age(base, patient);
        results(base, labs.results());
        entries(withSex(base, patient), entries);
        notes.addAll(labs.notes());
        this.readings = choices.of(base);
    }

    /**
     * The record as answers, the likeliest reading first. There are others where sources say different things and none is
     * certainly out of date: a conflict must never hide a finding.
     */
    List<Readings.Reading> readings() {
        return readings;
    }

    /** What a clinician should know about how the record was read. */
    List<String> notes() {
        return notes;
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
        usable.sort(Comparator.comparing(
                (JsonNode response) -> Fhir.time(response.path("authored")).orElse(null),
                Comparator.nullsFirst(Comparator.<Fhir.Time>naturalOrder()).reversed()));
        Answers newest = null;
        for (var response : usable) {
            if (newest != null) {
                notUsed.add("QuestionnaireResponse", "There is a newer one");
            } else {
                newest = answers(response);
            }
        }
        return newest == null ? Answers.builder().build() : newest;
    }

    /** The answers that can be read; null when there are none. */
    private @Nullable Answers answers(JsonNode response) {
        var readable = QuestionnaireResponseReader.readable(response, today);
        var authored = Fhir.time(response.path("authored")).map(Fhir.Time::day).map(Drawn::latest);
        readable.problems()
                .forEach(problem -> notUsed.attend(authored.map(day -> "Questionnaire of " + day)
                                .orElse("Questionnaire")
                        + ": an answer cannot be read (" + problem.expression() + ": " + problem.message() + ")."));
        if (readable.isNothing()) {
            notUsed.attend(authored.map(day -> "Questionnaire of " + day).orElse("Questionnaire")
                    + ": nothing in it can be read.");
            return null;
        }
        answered = authored.orElse(null);
        return withoutFuture(readable.answers());
    }

    private Answers withoutFuture(Answers answers) {
        var drawn = new HashMap<>(answers.drawn());
        answers.drawn().forEach((key, day) -> {
            if (day.earliest().isAfter(today)) {
                drawn.remove(key);
                notes.add("Questionnaire: " + label(key) + " has a date in the future (" + day.earliest()
                        + "), so it counts as undated.");
            }
        });
        return new Answers(
                answers.ageYears(), answers.quantities(), answers.choices(), answers.lists(), drawn, answers.asOf());
    }

    private Optional<JsonNode> patient(Prefetch prefetch) {
        var patients = prefetch.all("Patient");
        return patients.isEmpty() ? Optional.empty() : Optional.of(patients.getFirst());
    }

    private static String label(String key) {
        return Inputs.quantity(key).map(Inputs.Quantity::label).orElse(key);
    }

    private void results(Answers base, Map<String, List<Lab>> results) {
        var pool = new LinkedHashMap<String, List<Lab>>();
        for (var input : Inputs.LABS) {
            var labs = new ArrayList<>(results.getOrDefault(input.key(), List.of()));
            told(base, input.key()).ifPresent(labs::add);
            pool.put(input.key(), labs);
        }
        var calciums = current(Labs.CALCIUM, pool.getOrDefault(Labs.CALCIUM, List.of()));
        if (!calciums.isEmpty()) {
            var albumins = Objects.requireNonNull(pool.remove(Labs.ALBUMIN));
            pool.remove(Labs.CALCIUM);
            calcium(calciums, albumins);
        }
        pool.forEach((key, labs) -> {
            var current = current(key, labs);
            if (!current.isEmpty()) {
                choices.add(new Readings.Choice(
                        label(key),
                        current.stream()
                                .map(lab -> new Readings.Option(lab.told(), draft -> draft.put(key, lab)))
                                .toList()));
                conflict(current);
            }
        });
    }

    private void conflict(List<Lab> labs) {
        if (labs.size() > 1) {
            notes.add("Results that differ and of which none is known to be the newest: "
                    + labs.stream().map(Lab::what).collect(Collectors.joining("; "))
                    + ". Each counts: findings of either are shown.");
        }
    }

    private static Optional<Lab> told(Answers base, String key) {
        var entered = base.quantities().get(key);
        if (entered == null || entered.value() == null) {
            return Optional.empty();
        }
        var drawn = base.drawn().get(key);
        return Optional.of(new Lab(
                "Questionnaire: " + label(key) + " " + Numbers.plain(entered.value())
                        + (entered.unit() == null ? "" : " " + entered.unit()),
                entered,
                drawn == null ? null : Fhir.Time.of(drawn),
                null,
                false,
                true));
    }

    /** Those that are not certainly out of date and differ, the likeliest first: of the record and new. */
    private List<Lab> current(String key, List<Lab> labs) {
        var current = new ArrayList<Lab>();
        labs.stream()
                .sorted(Comparator.comparing(Lab::corrected)
                        .thenComparing(Lab::told)
                        .thenComparing(
                                Lab::time,
                                Comparator.nullsFirst(Comparator.<Fhir.Time>naturalOrder())
                                        .reversed()))
                .forEach(lab -> {
                    var newer = labs.stream()
                            .filter(other -> other.isNewerThan(lab))
                            .toList();
                    if (!newer.isEmpty()) {
                        boolean told = !lab.told() && newer.stream().allMatch(Lab::told);
                        notUsed.add(
                                lab.what(), told ? "The questionnaire has a later result" : "There is a newer result");
                    } else if (current.stream()
                            .noneMatch(other -> other.corrected() == lab.corrected()
                                    && Labs.isSame(key, lab.entered(), other.entered()))) {
                        current.add(lab);
                    }
                });
        return current;
    }

    /** Total calcium with the albumin of its own day; calcium that is corrected already without any. */
    private void calcium(List<Lab> calciums, List<Lab> albumins) {
        var options = new ArrayList<Readings.Option>();
        var unpaired = new LinkedHashSet<>(albumins);
        for (var calcium : calciums) {
            var paired = calcium.corrected() ? List.<Lab>of() : paired(calcium, albumins);
            paired.forEach(unpaired::remove);
            var partners = distinct(paired);
            if (partners.isEmpty()) {
                options.add(new Readings.Option(calcium.told(), draft -> {
                    draft.put(Labs.CALCIUM, calcium);
                    draft.put(Labs.ALBUMIN, null);
                    draft.corrected = calcium.corrected();
                }));
            }
            for (var albumin : partners) {
                options.add(new Readings.Option(calcium.told() && albumin.told(), draft -> {
                    draft.put(Labs.CALCIUM, calcium);
                    draft.put(Labs.ALBUMIN, albumin);
                }));
            }
            conflict(partners);
        }
        choices.add(new Readings.Choice(label(Labs.CALCIUM) + " with " + label(Labs.ALBUMIN), options));
        conflict(calciums);
        calciums.stream()
                .filter(Lab::corrected)
                .forEach(calcium -> notes.add(calcium.what() + " is already corrected for albumin. It was used as total"
                        + " calcium, and albumin was left out so that it is not corrected twice."));
        boolean plain = calciums.stream().anyMatch(calcium -> !calcium.corrected());
        unpaired.forEach(albumin -> notUsed.add(
                albumin.what(),
                plain ? "There is an albumin result nearer to the total calcium" : "The calcium is corrected already"));
    }

    private static List<Lab> distinct(List<Lab> labs) {
        var distinct = new ArrayList<Lab>();
        for (var lab : labs) {
            if (distinct.stream().noneMatch(other -> Labs.isSame(Labs.ALBUMIN, lab.entered(), other.entered()))) {
                distinct.add(lab);
            }
        }
        return distinct;
    }

    /** The albumin of the calcium's day before those that may be of it; only without any of these, of another day. */
    private static List<Lab> paired(Lab calcium, List<Lab> albumins) {
        var time = calcium.time();
        var possible = new ArrayList<Lab>();
        for (var albumin : albumins) {
            var other = albumin.time();
            if (time != null && other != null && time.day().equals(other.day())) {
                possible.addFirst(albumin);
            } else if (time == null || other == null || !(time.isOnLaterDay(other) || other.isOnLaterDay(time))) {
                possible.add(albumin);
            }
        }
        if (time != null && !possible.isEmpty()) {
            return possible;
        }
        return albumins.stream()
                .filter(albumin -> albumins.stream().noneMatch(other -> other.isNewerThan(albumin)))
                .sorted(Comparator.comparing(albumin -> albumin.told() != calcium.told()))
                .toList();
    }

    private void age(Answers base, Optional<JsonNode> patient) {
        var ages = patient.map(this::ages).orElse(List.of());
        var told = base.ageYears();
        if (ages.isEmpty()) {
            return;
        }
        var counted = new ArrayList<>(ages);
        if (told != null && ages.size() > 1 && ages.contains(told)) {
            counted.retainAll(List.of(told));
        } else if (told != null && areFar(ages, told)) {
            boolean both = isInScope(told) && ages.stream().allMatch(Chart::isInScope);
            notes.add("Age: the questionnaire says " + told + ", the record " + ages.getFirst() + ". "
                    + (both ? "Both count: findings of either are shown." : "The record counts."));
            if (both) {
                counted.add(told);
            }
        }
        if (ages.size() > 1 && counted.containsAll(ages)) {
            notes.add("The birth date is known only in part. Both possible ages count: findings of either are shown.");
        }
        choices.add(new Readings.Choice(
                "Age",
                counted.stream()
                        .map(age -> new Readings.Option(age.equals(told), draft -> draft.age = age))
                        .toList()));
    }

    private static boolean areFar(List<Integer> ages, int told) {
        return ages.stream().allMatch(age -> Math.abs(age - told) > 1);
    }

    private static boolean isInScope(int age) {
        return age >= Inputs.MIN_AGE && age <= Inputs.MAX_AGE;
    }

    /** In completed years today; two when the birth date is known only in part; none when it says nothing. */
    private List<Integer> ages(JsonNode patient) {
        var birth = Fhir.time(patient.path("birthDate"));
        if (birth.isEmpty()) {
            if (patient.has("birthDate")) {
                notUsed.attend("The birth date of the record cannot be read, so the age was not taken from it.");
            }
            return List.of();
        }
        int least = Period.between(birth.get().day().latest(), today).getYears();
        int most = Period.between(birth.get().day().earliest(), today).getYears();
        // Born later than today: a slip of the pen, but certainly not an adult.
        if (birth.get().day().earliest().isAfter(today)) {
            return List.of(-1);
        }
        if (least == most || most < Inputs.MIN_AGE || least > Inputs.MAX_AGE) {
            return List.of(most);
        }
        return isInScope(least) ? isInScope(most) ? List.of(most, least) : List.of(least) : List.of(most);
    }

    /** With the record's gender where the questionnaire says no sex. */
    private Answers withSex(Answers base, Optional<JsonNode> patient) {
        var gender = patient.map(each -> Fhir.text(each, "gender")).orElse("");
        var sexes = Inputs.choice(SEX).map(Inputs.Choice::codes).orElse(List.of());
        var told = base.choices().get(SEX);
        if (!sexes.contains(gender) || gender.equals(told)) {
            return base;
        }
        boolean known = told != null && sexes.contains(told);
        if (told != null) {
            notes.add("Sex used for eGFR: the questionnaire says " + told + ", the record " + gender + ". "
                    + (known ? "The questionnaire's answer counts." : "The record's counts."));
        }
        if (known) {
            return base;
        }
        var choices = new HashMap<>(base.choices());
        choices.put(SEX, gender);
        return new Answers(base.ageYears(), base.quantities(), choices, base.lists(), base.drawn(), base.asOf());
    }

    /**
     * Lists and the stage of kidney disease: what either source has; where they contradict each other also what each says
     * by itself.
     */
    private void entries(Answers base, Entries entries) {
        var told = base.choices().get(ClinicalCodes.CKD);
        var recorded = entries.stage();
        var worse = ClinicalCodes.worse(told, recorded);
        var both = lists(base, entries);
        var own = new EnumMap<>(both);
        own.putAll(base.lists());
        var record = new EnumMap<ItemList, ListAnswer>(ItemList.class);
        both.forEach((list, answer) -> {
            var yes = new LinkedHashSet<>(answer.yes());
            yes.removeIf(item -> entries.refuted().contains(item));
            record.put(list, new ListAnswer(yes, answer.unsure()));
        });
        if (told != null && recorded != null && !told.equals(recorded)) {
            notes.add("Kidney disease: the questionnaire says " + told + ", the record " + recorded
                    + ". Both count: findings of either are shown.");
        }
        var options = new LinkedHashMap<List<Object>, Readings.Option>();
        add(options, base, worse, both, false);
        add(options, base, told == null ? recorded : told, own, true);
        add(options, base, recorded == null ? told : recorded, record, false);
        choices.add(new Readings.Choice("Conditions and medicines", List.copyOf(options.values())));
    }

    private static void add(
            Map<List<Object>, Readings.Option> options,
            Answers base,
            @Nullable String stage,
            Map<ItemList, ListAnswer> lists,
            boolean told) {
        var choices = new HashMap<>(base.choices());
        if (stage != null) {
            choices.put(ClinicalCodes.CKD, stage);
        }
        options.putIfAbsent(List.of(choices, lists), new Readings.Option(told, draft -> {
            draft.choices = choices;
            draft.lists = lists;
        }));
    }

    private EnumMap<ItemList, ListAnswer> lists(Answers base, Entries entries) {
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
            unsure.removeAll(yes);
            lists.put(list, new ListAnswer(yes, unsure));
        }
        return lists;
    }

    private void conflicts(List<Inputs.Item> items, ListAnswer told, Set<String> present, Set<String> refuted) {
        for (var item : items) {
            var key = item.key();
            if (refuted.contains(key) && told.yes().contains(key)) {
                notes.add(item.label() + ": the record refutes it, the questionnaire says yes."
                        + " Both count: findings of either are shown.");
            } else if (present.contains(key)
                    && !told.yes().contains(key)
                    && !told.unsure().contains(key)) {
                notes.add(item.label() + ": the questionnaire says no, the record has it."
                        + " Both count: findings of either are shown.");
            }
        }
    }

    private static Set<String> common(Set<String> some, Set<String> others) {
        var common = new LinkedHashSet<>(some);
        common.retainAll(others);
        return Collections.unmodifiableSet(common);
    }
}
