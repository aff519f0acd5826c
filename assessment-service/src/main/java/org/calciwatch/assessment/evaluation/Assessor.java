package org.calciwatch.assessment.evaluation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.uuid.Generators;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import org.calciwatch.assessment.pack.RulePackUnusable;
import org.calciwatch.assessment.pack.RulePacks;
import org.calciwatch.assessment.profile.Inputs;
import org.calciwatch.assessment.profile.Profile;
import org.calciwatch.assessment.rules.Evaluation;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.Severity;
import org.jspecify.annotations.Nullable;

/** Applies the active rule pack and writes down what came of it. */
@ApplicationScoped
public class Assessor {

    private final RulePacks packs;
    private final ObjectMapper json;
    private final Clock clock = Clock.systemUTC();

    Assessor(RulePacks packs, ObjectMapper json) {
        this.packs = packs;
        this.json = json;
    }

    /**
     * Assesses one version of a submission.
     *
     * @param clinic the clinic it belongs to; null when it is not known
     * @throws RulePackUnusable when there is no rule pack to judge by
     */
    public AssessmentCompleted assess(
            String submissionId, int submissionVersion, String patientId, Profile profile, @Nullable String clinic) {
        var pack = packs.active();
        var evaluation = pack.evaluate(profile);
        return new AssessmentCompleted(
                Generators.timeBasedEpochGenerator().generate(),
                submissionId,
                submissionVersion,
                patientId,
                clock.instant(),
                RulePacks.ref(pack),
                severity(evaluation.severity()),
                evaluation.fired().stream().map(this::fired).toList(),
                evaluation.suppressed().stream()
                        .map(rule -> new AssessmentCompleted.Suppressed(rule.ruleId(), rule.by()))
                        .toList(),
                evaluation.unknown().stream()
                        .map(rule -> new AssessmentCompleted.Unknown(
                                rule.ruleId(), rule.title(), rule.missing(), rule.translations()))
                        .toList(),
                evaluation.openQuestions().stream()
                        .map(question -> new AssessmentCompleted.OpenQuestion(
                                question.inputs(),
                                question.text(),
                                question.translations(),
                                question.settles(),
                                question.helps()))
                        .toList(),
                evaluation.dataQuality().stream()
                        .map(note -> new AssessmentCompleted.DataQuality(
                                note.checkId(), note.input(), note.detail(), note.translations()))
                        .toList(),
                evaluation.outsideReference().stream()
                        .map(lab -> new AssessmentCompleted.OutsideReference(
                                lab.input(), lab.label(), lab.value(), lab.unit(), lab.reference()))
                        .toList(),
                evaluation.staleLabs().stream()
                        .map(lab -> new AssessmentCompleted.StaleLab(
                                lab.input(), lab.label(), lab.drawn().toString(), lab.months()))
                        .toList(),
                profile(evaluation.profile()),
                clinic);
    }

    private AssessmentCompleted.Fired fired(Evaluation.Fired rule) {
        return new AssessmentCompleted.Fired(
                rule.ruleId(),
                rule.title(),
                rule.category(),
                severity(rule.severity()),
                rule.mechanism(),
                rule.because().stream().map(this::because).toList(),
                rule.patientMessage(),
                rule.clinicianMessage(),
                rule.references(),
                patientTexts(rule.translations()));
    }

    private static Map<String, AssessmentCompleted.PatientText> patientTexts(
            Map<String, Evaluation.PatientText> translations) {
        var texts = new LinkedHashMap<String, AssessmentCompleted.PatientText>();
        translations.forEach((language, text) ->
                texts.put(language, new AssessmentCompleted.PatientText(text.title(), text.patientMessage())));
        return texts;
    }

    private AssessmentCompleted.Because because(Evaluation.Because because) {
        var entered = because.entered();
        return new AssessmentCompleted.Because(
                because.input(),
                because.label(),
                json.valueToTree(because.value()),
                because.unit(),
                entered == null ? null : new AssessmentCompleted.Entered(entered.value(), entered.unit()),
                range(because.reference()));
    }

    private static AssessmentCompleted.@Nullable ReferenceRange range(Inputs.@Nullable Reference reference) {
        return reference == null ? null : new AssessmentCompleted.ReferenceRange(reference.low(), reference.high());
    }

    private Map<String, JsonNode> profile(Map<String, Evaluation.ProfileEntry> entries) {
        var profile = new LinkedHashMap<String, JsonNode>();
        entries.forEach((input, entry) -> {
            var node = json.createObjectNode();
            putIfKnown(
                    node, "label", Inputs.find(input).map(Inputs.Input::label).orElse(null));
            node.set("value", json.valueToTree(entry.value()));
            putIfKnown(node, "unit", entry.unit());
            putIfKnown(node, "stage", entry.stage());
            putIfKnown(node, "source", entry.source());
            if (entry.reference() != null) {
                node.set("reference", json.valueToTree(range(entry.reference())));
            }
            profile.put(input, node);
        });
        return profile;
    }

    private static void putIfKnown(ObjectNode node, String name, @Nullable String value) {
        if (value != null) {
            node.put(name, value);
        }
    }

    // The rules know nothing of events, so they have a severity of their own.
    private static Severity severity(org.calciwatch.assessment.rules.Severity severity) {
        return Severity.valueOf(severity.name());
    }
}
