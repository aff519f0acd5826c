package org.calciwatch.assessment.detectedissue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Singleton;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.calciwatch.assessment.profile.Inputs;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.AssessmentCompleted.Because;
import org.calciwatch.events.AssessmentCompleted.Fired;
import org.calciwatch.events.Severity;
import org.jspecify.annotations.Nullable;

/** The findings of an assessment that a clinician should see, as FHIR R4 DetectedIssue. */
@Singleton
public class DetectedIssues {

    private static final String CODE_SYSTEMS = "https://calciwatch.org/fhir/CodeSystem/";
    private static final String EXTENSIONS = "https://calciwatch.org/fhir/StructureDefinition/";
    private static final String UCUM = "http://unitsofmeasure.org";
    private static final String LOINC = "http://loinc.org";

    /** Table 1.3. */
    private static final String AGE_LOINC = "30525-0";

    private final ObjectMapper json;

    DetectedIssues(ObjectMapper json) {
        this.json = json;
    }

    /**
     * A finding. Its id as a resource is the assessment's id, a point, and its place among the shown findings of the
     * assessment, from 1.
     */
    record Finding(AssessmentCompleted assessment, Fired rule, int place) {
        String id() {
            return assessment.id() + "." + place;
        }
    }

    /** The findings from CLINICIAN_REVIEW upwards, the most severe first. */
    static List<Finding> of(AssessmentCompleted assessment) {
        var findings = new ArrayList<Finding>();
        assessment.fired().stream()
                .filter(rule -> rule.severity().compareTo(Severity.CLINICIAN_REVIEW) >= 0)
                .sorted(Comparator.comparing(Fired::severity).reversed())
                .forEach(rule -> findings.add(new Finding(assessment, rule, findings.size() + 1)));
        return findings;
    }

    /** The findings of an assessment from CLINICIAN_REVIEW upwards as resources, the most severe first. */
    public List<ObjectNode> resources(AssessmentCompleted assessment) {
        return of(assessment).stream().map(this::resource).toList();
    }

    /** The finding as a resource. */
    ObjectNode resource(Finding finding) {
        var assessment = finding.assessment();
        var rule = finding.rule();
        var issue = json.createObjectNode().put("resourceType", "DetectedIssue").put("id", finding.id());
        evidence(finding, issue);
        extensions(assessment, rule, issue);
        issue.put("status", "final");
        var code = issue.putObject("code");
        coding(code, ClinicianText.RULES, rule.ruleId(), rule.title());
        code.put("text", rule.title());
        issue.put("severity", severity(rule.severity()));
        issue.putObject("patient").put("reference", patient(assessment));
        issue.put(
                "identifiedDateTime",
                assessment.assessedAt().truncatedTo(ChronoUnit.MILLIS).toString());
        issue.put("detail", rule.clinicianMessage() + "\n\n" + ClinicianText.HEADER);
        rule.references().stream()
                .flatMap(citation -> ClinicianText.link(citation).stream())
                .findFirst()
                .ifPresent(link -> issue.put("reference", link));
        return issue;
    }

    private static void extensions(AssessmentCompleted assessment, Fired rule, ObjectNode issue) {
        var extensions = issue.putArray("extension");
        for (var citation : rule.references()) {
            extensions.addObject().put("url", EXTENSIONS + "citation").put("valueString", citation);
        }
        var pack = extensions.addObject().put("url", EXTENSIONS + "rule-pack").putArray("extension");
        pack.addObject()
                .put("url", "id")
                .put("valueString", assessment.rulePack().id());
        pack.addObject()
                .put("url", "version")
                .put("valueString", assessment.rulePack().version());
        pack.addObject()
                .put("url", "digest")
                .put("valueString", assessment.rulePack().digest());
    }

    private static String severity(Severity severity) {
        return switch (severity) {
            case EMERGENCY, URGENT_SAME_DAY -> "high";
            case CLINICIAN_REVIEW -> "moderate";
            case EDUCATION, NONE -> "low";
        };
    }

    /** The answers behind the finding as contained Observations, then the response in which they were given. */
    private void evidence(Finding finding, ObjectNode issue) {
        var contained = json.createArrayNode();
        var evidence = json.createArrayNode();
        for (var because : finding.rule().because()) {
            // Ids of FHIR have no underscore.
            var id = because.input().replace('_', '-');
            contained.add(observation(id, because, finding.assessment()));
            evidence.addObject().putArray("detail").addObject().put("reference", "#" + id);
        }
        evidence.addObject()
                .putArray("detail")
                .addObject()
                .put("reference", response(finding.assessment()))
                .put("display", "The answers, version " + finding.assessment().submissionVersion());
        if (!contained.isEmpty()) {
            issue.set("contained", contained);
        }
        issue.set("evidence", evidence);
    }

    private ObjectNode observation(String id, Because because, AssessmentCompleted assessment) {
        var observation = json.createObjectNode()
                .put("resourceType", "Observation")
                .put("id", id)
                .put("status", "final");
        var code = observation.putObject("code");
        code(because.input(), code);
        code.put("text", because.label());
        observation.putObject("subject").put("reference", patient(assessment));
        if (isUsable(because, assessment)) {
            value(because, observation);
        } else {
            // Nobody should take it for a result.
            coding(
                    observation.putObject("dataAbsentReason"),
                    "http://terminology.hl7.org/CodeSystem/data-absent-reason",
                    "error",
                    null);
        }
        var entered = because.entered();
        if (entered != null) {
            var text = "Entered as " + entered.value() + (entered.unit() == null ? "" : " " + entered.unit());
            observation.putArray("note").addObject().put("text", text);
        }
        observation.putArray("derivedFrom").addObject().put("reference", response(assessment));
        return observation;
    }

    /** False for a number outside its plausible range or of an unknown unit. */
    private static boolean isUsable(Because because, AssessmentCompleted assessment) {
        return Inputs.quantity(because.input()).isEmpty()
                || assessment.profile().containsKey(because.input());
    }

    private static void code(String key, ObjectNode code) {
        if (key.equals(Inputs.AGE)) {
            coding(code, LOINC, AGE_LOINC, null);
        }
        Inputs.find(key).ifPresent(input -> {
            switch (input) {
                case Inputs.Quantity quantity
                when !quantity.loinc().isEmpty() ->
                    coding(code, LOINC, quantity.loinc().getFirst(), null);
                case Inputs.Quantity quantity -> coding(code, CODE_SYSTEMS + "question", key, quantity.label());
                case Inputs.Choice choice -> coding(code, CODE_SYSTEMS + "question", key, choice.label());
                case Inputs.Item item ->
                    coding(
                            code,
                            CODE_SYSTEMS
                                    + switch (item.list()) {
                                        case CONDITIONS -> "condition";
                                        case MEDICINES -> "medicine";
                                        case SYMPTOMS -> "symptom";
                                    },
                            key,
                            item.label());
            }
        });
    }

    private static void value(Because because, ObjectNode observation) {
        var value = because.value();
        if (value.isBoolean()) {
            observation.set("valueBoolean", value);
        } else if (value.isNumber()) {
            var quantity = observation.putObject("valueQuantity");
            quantity.set("value", value);
            var unit = because.unit();
            if (unit != null) {
                quantity.put("unit", unit);
                if (isUcum(because.input(), unit)) {
                    quantity.put("system", UCUM).put("code", unit);
                }
            }
        } else {
            var concept = observation.putObject("valueCodeableConcept");
            coding(concept, CODE_SYSTEMS + answers(because.input()), value.asText(), null);
            concept.put("text", value.asText());
        }
    }

    /** What was typed as a unit and is none we know is no UCUM code either, as far as anybody can tell. */
    private static boolean isUcum(String key, String unit) {
        return key.equals(Inputs.AGE)
                || Inputs.quantity(key).flatMap(quantity -> quantity.unit(unit)).isPresent();
    }

    /** The code system of the answers to a choice, as in the Questionnaire. */
    private static String answers(String choice) {
        return switch (choice) {
            case "sex_for_egfr" -> "sex-for-egfr";
            case "ckd_reported" -> "ckd-stage";
            case "mg_diet" -> "magnesium-diet";
            case "vitk_type" -> "vitamin-k-type";
            case "pregnancy", "smoking" -> choice;
            default -> "yes-no-unsure";
        };
    }

    private static void coding(ObjectNode concept, String system, String code, @Nullable String display) {
        var coding =
                concept.putArray("coding").addObject().put("system", system).put("code", code);
        if (display != null) {
            coding.put("display", display);
        }
    }

    private static String patient(AssessmentCompleted assessment) {
        return "Patient/" + assessment.patientId();
    }

    private static String response(AssessmentCompleted assessment) {
        return "QuestionnaireResponse/" + assessment.submissionId();
    }
}
