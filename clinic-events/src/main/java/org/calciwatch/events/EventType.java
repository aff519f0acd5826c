package org.calciwatch.events;

import java.util.List;

/**
 * One kind of event: its wire name, its topic and the class of its data. The only place where these names stand.
 *
 * @param name CloudEvents {@code type}; ends in the major version of the data
 * @param topic Kafka topic
 * @param dataClass the data's record
 * @param <T> the data's record
 */
public record EventType<T>(String name, String topic, Class<T> dataClass) {

    public static final EventType<QuestionnaireSubmitted> QUESTIONNAIRE_SUBMITTED = new EventType<>(
            "org.calciwatch.questionnaire.submitted.v1", "questionnaire-submitted", QuestionnaireSubmitted.class);

    public static final EventType<AssessmentCompleted> ASSESSMENT_COMPLETED = new EventType<>(
            "org.calciwatch.assessment.completed.v1", "assessment-completed", AssessmentCompleted.class);

    public static final EventType<FlagChanged> FLAG_CHANGED =
            new EventType<>("org.calciwatch.flag.changed.v1", "flag-changed", FlagChanged.class);

    public static final EventType<PatientErased> PATIENT_ERASED =
            new EventType<>("org.calciwatch.patient.erased.v1", "patient-erased", PatientErased.class);

    public static final EventType<PatientErasureConfirmed> PATIENT_ERASURE_CONFIRMED = new EventType<>(
            "org.calciwatch.patient.erasure-confirmed.v1", "patient-erasure-confirmed", PatientErasureConfirmed.class);

    /** Every kind of event. */
    public static final List<EventType<?>> ALL = List.of(
            QUESTIONNAIRE_SUBMITTED, ASSESSMENT_COMPLETED, FLAG_CHANGED, PATIENT_ERASED, PATIENT_ERASURE_CONFIRMED);

    /** Where the messages of {@code topic} go that no consumer could process. */
    public static String deadLetterTopic(String topic) {
        return topic + "-dlq";
    }

    /** Class path name of the JSON Schema of the data. */
    String schema() {
        return "/schemas/" + name + ".json";
    }
}
