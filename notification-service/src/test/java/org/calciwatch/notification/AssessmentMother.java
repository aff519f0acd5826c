package org.calciwatch.notification;

import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.uuid.Generators;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.AssessmentCompleted.Because;
import org.calciwatch.events.AssessmentCompleted.DataQuality;
import org.calciwatch.events.AssessmentCompleted.Entered;
import org.calciwatch.events.AssessmentCompleted.Fired;
import org.calciwatch.events.AssessmentCompleted.OpenQuestion;
import org.calciwatch.events.AssessmentCompleted.OutsideReference;
import org.calciwatch.events.AssessmentCompleted.ReferenceRange;
import org.calciwatch.events.AssessmentCompleted.RulePackRef;
import org.calciwatch.events.AssessmentCompleted.StaleLab;
import org.calciwatch.events.AssessmentCompleted.Suppressed;
import org.calciwatch.events.AssessmentCompleted.Unknown;
import org.calciwatch.events.Event;
import org.calciwatch.events.EventType;
import org.calciwatch.events.Severity;

/** Makes assessments for tests. */
public final class AssessmentMother {

    /** When assessments were made that do not say otherwise. */
    public static final Instant ASSESSED_AT = Instant.parse("2026-03-01T09:30:00.240Z");

    private AssessmentMother() {}

    /** A first assessment of a new submission. */
    public static AssessmentCompleted assessment(String patientId, Fired... fired) {
        return assessment(patientId, UUID.randomUUID().toString(), 1, ASSESSED_AT, fired);
    }

    public static AssessmentCompleted assessment(
            String patientId, String submissionId, int version, Instant assessedAt, Fired... fired) {
        return new AssessmentCompleted(
                Generators.timeBasedEpochGenerator().generate(),
                submissionId,
                version,
                patientId,
                assessedAt,
                new RulePackRef("calcification-risk", "1.0.0", "sha256:" + "0".repeat(64)),
                Arrays.stream(fired)
                        .map(Fired::severity)
                        .max(Comparator.naturalOrder())
                        .orElse(Severity.NONE),
                List.of(fired),
                List.of(new Suppressed("k2-mgp-education", List.of("vka-keep-k-steady"))),
                List.of(new Unknown(
                        "low-fluid", "Fluids may be low for stone prevention", List.of("fluid_intake"), Map.of())),
                List.of(new OpenQuestion(
                        List.of("fluid_intake"),
                        "your answer on how much you drink",
                        Map.of(),
                        List.of("low-fluid"),
                        List.of())),
                List.of(new DataQuality("dq-albumin-missing", "albumin", "Total calcium without albumin", Map.of())),
                List.of(new OutsideReference("alp", "Alkaline phosphatase", new BigDecimal("151"), "U/L", "40-130")),
                List.of(new StaleLab("pth", "Parathyroid hormone (PTH)", "2024-11-30", 12)),
                Map.of(),
                "north");
    }

    public static Fired rule(String id, Severity severity) {
        return rule(id, "Title of " + id, severity);
    }

    public static Fired rule(String id, String title, Severity severity) {
        return new Fired(
                id,
                title,
                "magnesium",
                severity,
                null,
                List.of(
                        new Because(
                                "mg",
                                "Magnesium",
                                DecimalNode.valueOf(new BigDecimal("1.51")),
                                "mg/dL",
                                new Entered(new BigDecimal("0.62"), "mmol/L"),
                                new ReferenceRange(new BigDecimal("1.7"), new BigDecimal("2.6"))),
                        new Because("ckd_reported", "Kidney disease", TextNode.valueOf("G3b"), null, null, null),
                        new Because("dialysis", "Dialysis", BooleanNode.FALSE, null, null, null)),
                "Patient message of " + id,
                "Clinician message of " + id,
                List.of("Reference of " + id),
                Map.of());
    }

    /** The event that carries an assessment. */
    public static Event<AssessmentCompleted> event(AssessmentCompleted assessment) {
        return new Event<>(
                Generators.timeBasedEpochGenerator().generate(),
                EventType.ASSESSMENT_COMPLETED,
                assessment.patientId(),
                assessment.assessedAt(),
                assessment);
    }
}
