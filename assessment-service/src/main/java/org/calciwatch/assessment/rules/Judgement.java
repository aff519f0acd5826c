package org.calciwatch.assessment.rules;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.calciwatch.assessment.profile.Egfr;
import org.calciwatch.assessment.profile.Inputs;
import org.calciwatch.assessment.profile.Inputs.Reference;
import org.calciwatch.assessment.profile.Numbers;
import org.calciwatch.assessment.profile.Profile;
import org.calciwatch.assessment.rules.Evaluation.Because;
import org.calciwatch.assessment.rules.Evaluation.DataQuality;
import org.calciwatch.assessment.rules.Evaluation.Entered;
import org.calciwatch.assessment.rules.Evaluation.Fired;
import org.calciwatch.assessment.rules.Evaluation.OpenQuestion;
import org.calciwatch.assessment.rules.Evaluation.OutsideReference;
import org.calciwatch.assessment.rules.Evaluation.PatientText;
import org.calciwatch.assessment.rules.Evaluation.ProfileEntry;
import org.calciwatch.assessment.rules.Evaluation.StaleLab;
import org.calciwatch.assessment.rules.Evaluation.Suppressed;
import org.calciwatch.assessment.rules.Evaluation.Unknown;
import org.calciwatch.assessment.rules.PackData.Audience;
import org.calciwatch.assessment.rules.PackData.RuleData;
import org.calciwatch.assessment.rules.PackData.Suppressor;
import org.jspecify.annotations.Nullable;

/** Turns the truth of a pack's definitions for one profile into what people read. Made for one profile and thrown away. */
final class Judgement {

    private final RulePack pack;
    private final PackData data;
    private final Profile profile;
    private final Map<String, @Nullable Boolean> truth;
    private final Explainer explainer;

    Judgement(
            RulePack pack, PackData data, Profile profile, Map<String, @Nullable Boolean> truth, Explainer explainer) {
        this.pack = pack;
        this.data = data;
        this.profile = profile;
        this.truth = truth;
        this.explainer = explainer;
    }

    Evaluation evaluation() {
        var fired = new ArrayList<Fired>();
        var suppressed = new ArrayList<Suppressed>();
        var unknown = new ArrayList<Unknown>();
        for (var rule : data.rules()) {
            var condition = truth.get(rule.id());
            if (Boolean.FALSE.equals(condition)) {
                continue;
            }
            var by = pack.suppressorsOf(rule).stream()
                    .filter(suppressor -> isTrue(suppressor.definition()))
                    .map(Suppressor::name)
                    .toList();
            if (!by.isEmpty()) {
                suppressed.add(new Suppressed(rule.id(), by));
            } else if (condition == null) {
                unknown.add(new Unknown(
                        rule.id(),
                        data.text(rule.title()),
                        List.copyOf(explainer.missing(rule.id())),
                        data.translations(rule.title())));
            } else {
                fired.add(fired(rule));
            }
        }
        return new Evaluation(
                fired.stream().map(Fired::severity).max(Severity::compareTo).orElse(Severity.NONE),
                List.copyOf(fired),
                List.copyOf(suppressed),
                List.copyOf(unknown),
                openQuestions(unknown),
                dataQuality(),
                outsideReference(fired),
                staleLabs(),
                entries());
    }

    private boolean isTrue(String definition) {
        return Boolean.TRUE.equals(truth.get(definition));
    }

    private Fired fired(RuleData rule) {
        var because = explainer.because(rule.id()).stream()
                .map(this::because)
                .flatMap(Optional::stream)
                .toList();
        var translations = new LinkedHashMap<String, PatientText>();
        for (var language : data.otherLanguages()) {
            translations.put(
                    language, new PatientText(PackData.in(rule.title(), language), patientMessage(rule, language)));
        }
        return new Fired(
                rule.id(),
                data.text(rule.title()),
                rule.category(),
                rule.severity(),
                rule.mechanism(),
                because,
                patientMessage(rule, data.language()),
                message(rule, rule.clinician(), Audience.CLINICIAN, data.language()),
                pack.citations(rule),
                Collections.unmodifiableMap(translations));
    }

    private String patientMessage(RuleData rule, String language) {
        return message(rule, rule.patient(), Audience.PATIENT, language) + " "
                + PackData.in(data.closingLine(), language);
    }

    private String message(RuleData rule, Map<String, String> texts, Audience audience, String language) {
        var message = PackData.in(texts, language);
        for (var variant : rule.variantsOrNone()) {
            if (variant.audience() == audience && isTrue(variant.when())) {
                message = variant.apply(message, language);
            }
        }
        return fill(message, "");
    }

    private String fill(String text, String inputs) {
        if (text.indexOf('{') < 0) {
            return text;
        }
        return text.replace("{inputs}", inputs)
                .replace("{egfr_computed}", plain(profile.egfrComputed().map(Egfr::value)))
                .replace("{egfr_reported}", plain(profile.egfrReported().map(Egfr::value)));
    }

    private static String plain(Optional<BigDecimal> number) {
        return number.map(Numbers::plain).orElse("?");
    }

    /** Tests and questions by the number of rules they settle alone, then in the order in which they are first needed. */
    private List<OpenQuestion> openQuestions(List<Unknown> unknown) {
        var inputs = new LinkedHashMap<String, Set<String>>();
        var settles = new LinkedHashMap<String, List<String>>();
        var helps = new LinkedHashMap<String, List<String>>();
        for (var rule : unknown) {
            var questions = new LinkedHashSet<String>();
            boolean askable = true;
            for (var key : rule.missing()) {
                // In pregnancy eGFR cannot be known; asking again would not help.
                if (key.equals("pregnancy") && Boolean.TRUE.equals(profile.pregnant())) {
                    askable = false;
                } else {
                    var question = suppliedBy(key, data.language());
                    questions.add(question);
                    inputs.computeIfAbsent(question, ignored -> new LinkedHashSet<>())
                            .add(key);
                }
            }
            var rules = questions.size() == 1 && askable ? settles : helps;
            questions.forEach(question -> rules.computeIfAbsent(question, ignored -> new ArrayList<>())
                    .add(rule.ruleId()));
        }
        return inputs.entrySet().stream()
                .map(question -> new OpenQuestion(
                        List.copyOf(question.getValue()),
                        question.getKey(),
                        inOtherLanguages(language ->
                                suppliedBy(question.getValue().iterator().next(), language)),
                        List.copyOf(settles.getOrDefault(question.getKey(), List.of())),
                        List.copyOf(helps.getOrDefault(question.getKey(), List.of()))))
                .sorted(Comparator.comparing(
                                (OpenQuestion question) -> question.settles().size())
                        .reversed())
                .toList();
    }

    private String suppliedBy(String key, String language) {
        return PackData.in(data.input(key).suppliedBy(), language);
    }

    private String name(String key, String language) {
        return PackData.in(data.input(key).name(), language);
    }

    private Map<String, String> inOtherLanguages(UnaryOperator<String> text) {
        var texts = new LinkedHashMap<String, String>();
        data.otherLanguages().forEach(language -> texts.put(language, text.apply(language)));
        return Collections.unmodifiableMap(texts);
    }

    private List<DataQuality> dataQuality() {
        var found = new ArrayList<DataQuality>();
        for (var check : data.dataQuality()) {
            if (isTrue(check.id())) {
                var keys = List.copyOf(explainer.because(check.id()));
                UnaryOperator<String> detail =
                        language -> fill(PackData.in(check.detail(), language), asEntered(keys, language));
                found.add(new DataQuality(
                        check.id(),
                        check.input() != null || keys.isEmpty() ? check.input() : keys.getFirst(),
                        detail.apply(data.language()),
                        inOtherLanguages(detail)));
            }
        }
        return List.copyOf(found);
    }

    private String asEntered(List<String> keys, String language) {
        return keys.stream()
                .flatMap(key -> because(key).stream().map(because -> asEntered(because, name(key, language))))
                .collect(Collectors.joining("; "));
    }

    private static String asEntered(Because because, String name) {
        var entered = because.entered();
        if (entered != null) {
            var number = name + " " + Numbers.plain(entered.value());
            return entered.unit() == null ? number : number + " " + forPeople(entered.unit());
        }
        return name;
    }

    /** A UCUM unit as it stands on a report: {@code [iU]/d} as IU/d, <code>mL/min/{1.73_m2}</code> as mL/min/1.73 m2. */
    private static String forPeople(String unit) {
        return unit.replace("[iU]", "IU")
                .replace("[IU]", "IU")
                .replace("{", "")
                .replace("}", "")
                .replace('_', ' ');
    }

    private List<OutsideReference> outsideReference(List<Fired> fired) {
        var outside = profile.outsideReference();
        if (outside.isEmpty()) {
            return List.of();
        }
        var covered = fired.stream()
                .flatMap(rule -> rule.because().stream())
                .map(Because::input)
                .collect(Collectors.toSet());
        var found = new ArrayList<OutsideReference>();
        outside.forEach((lab, range) -> {
            var value = profile.quantity(lab.key());
            if (value != null && !covered.contains(lab.key())) {
                found.add(new OutsideReference(lab.key(), lab.label(), value, lab.unit(), range.toString()));
            }
        });
        return List.copyOf(found);
    }

    private List<StaleLab> staleLabs() {
        var limits = data.staleAfterMonths();
        int months = isTrue(limits.exception()) ? limits.exceptionally() : limits.usually();
        var found = new ArrayList<StaleLab>();
        for (var lab : Inputs.LABS) {
            var drawn = profile.drawn(lab.key());
            if (drawn != null && profile.quantity(lab.key()) != null && profile.olderThanMonths(lab.key(), months)) {
                found.add(new StaleLab(lab.key(), lab.label(), drawn, months));
            }
        }
        return List.copyOf(found);
    }

    /** The input as normalised and as entered; empty when it was not answered. */
    private Optional<Because> because(String key) {
        if (key.equals(Inputs.AGE)) {
            var age = profile.age();
            return age == null
                    ? Optional.empty()
                    : Optional.of(
                            new Because(key, Inputs.AGE_LABEL, BigDecimal.valueOf(age), Inputs.AGE_UNIT, null, null));
        }
        return Inputs.find(key).flatMap(input -> switch (input) {
            case Inputs.Quantity quantity -> because(quantity);
            case Inputs.Choice choice ->
                Optional.ofNullable(profile.choice(key))
                        .map(code -> new Because(key, choice.label(), code, null, null, null));
            case Inputs.Item item ->
                Optional.ofNullable(profile.item(item))
                        .map(answer -> new Because(key, item.label(), answer, null, null, null));
        });
    }

    private Optional<Because> because(Inputs.Quantity quantity) {
        var entered = profile.entered(quantity.key());
        if (entered == null || entered.value() == null) {
            return Optional.empty();
        }
        var asTyped = new Entered(entered.value(), entered.unit());
        var normalised = profile.quantity(quantity.key());
        if (normalised == null) {
            normalised = profile.unusable(quantity.key())
                    .map(Profile.Unusable::normalised)
                    .orElse(null);
        }
        // The range is in the canonical unit, so it says nothing of a number in another one.
        return Optional.of(
                normalised == null
                        ? new Because(quantity.key(), quantity.label(), entered.value(), entered.unit(), asTyped, null)
                        : new Because(
                                quantity.key(),
                                quantity.label(),
                                normalised,
                                quantity.unit(),
                                asTyped,
                                profile.reference(quantity).orElse(null)));
    }

    private Map<String, ProfileEntry> entries() {
        var entries = new LinkedHashMap<String, ProfileEntry>();
        var age = profile.age();
        if (age != null) {
            entries.put(Inputs.AGE, new ProfileEntry(BigDecimal.valueOf(age), Inputs.AGE_UNIT, null, null, null));
        }
        for (var input : Inputs.QUANTITIES) {
            put(
                    entries,
                    input.key(),
                    profile.quantity(input.key()),
                    input.unit(),
                    profile.reference(input).orElse(null));
        }
        put(entries, "ca_adjusted", profile.adjustedCalcium(), "mg/dL", null);
        put(entries, "ca_x_phosphate", profile.calciumPhosphateProduct(), "mg2/dL2", null);
        profile.egfr()
                .ifPresent(egfr -> entries.put(
                        "egfr",
                        new ProfileEntry(
                                egfr.value(),
                                "mL/min/{1.73_m2}",
                                egfr.stage(),
                                egfr.source().label(),
                                null)));
        return Collections.unmodifiableMap(entries);
    }

    private static void put(
            Map<String, ProfileEntry> entries,
            String key,
            @Nullable BigDecimal value,
            String unit,
            @Nullable Reference reference) {
        if (value != null) {
            entries.put(key, new ProfileEntry(value, unit, null, null, reference));
        }
    }
}
