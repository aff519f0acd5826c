package org.calciwatch.intake;

import static org.calciwatch.intake.Responses.completed;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.uuid.Generators;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import java.time.Duration;
import java.util.function.Consumer;
import org.awaitility.Awaitility;

/** Assessments as the assessment service publishes them: the golden one, of some submission. */
public final class Assessments {

    public static final Duration PATIENCE = Duration.ofSeconds(30);

    private Assessments() {}

    /** The golden assessment, of this submission. */
    public static ObjectNode of(String submissionId, int version, String patientId) {
        var event = Broker.golden("assessment-completed");
        event.put("key", patientId);
        var id = Generators.timeBasedEpochGenerator().generate().toString();
        ((ObjectNode) event.get("headers")).put("ce_id", id);
        ((ObjectNode) event.get("data"))
                .put("id", id)
                .put("submissionId", submissionId)
                .put("submissionVersion", version)
                .put("patientId", patientId);
        return event;
    }

    /** Publishes an assessment on the real topic. */
    public static void publish(ObjectNode assessment) {
        Broker.publish("assessment-completed", assessment);
    }

    /** The result over the API, as soon as it is there. */
    public static Response awaitResult(String submissionId) {
        return Awaitility.await()
                .atMost(PATIENCE)
                .until(
                        () -> RestAssured.get("/submissions/" + submissionId + "/result"),
                        answer -> answer.statusCode() == 200);
    }

    /** Stores a submission with a magnesium of 0.62 mmol/L and its golden assessment, which a test may change before. */
    public static String assessed(String patientId, Consumer<ObjectNode> change) {
        return assessed(completed(patientId).quantity("mg", "0.62", "mmol/L"), patientId, change);
    }

    /** Stores these answers and their golden assessment, which a test may change before. */
    public static String assessed(Responses answers, String patientId, Consumer<ObjectNode> change) {
        var id = Api.stored(answers);
        var assessment = of(id, 1, patientId);
        change.accept((ObjectNode) assessment.get("data"));
        publish(assessment);
        awaitResult(id);
        return id;
    }
}
