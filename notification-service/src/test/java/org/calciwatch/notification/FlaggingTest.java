package org.calciwatch.notification;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.calciwatch.events.Severity.CLINICIAN_REVIEW;
import static org.calciwatch.events.Severity.EDUCATION;
import static org.calciwatch.events.Severity.EMERGENCY;
import static org.calciwatch.notification.AssessmentMother.ASSESSED_AT;
import static org.calciwatch.notification.AssessmentMother.assessment;
import static org.calciwatch.notification.AssessmentMother.event;
import static org.calciwatch.notification.AssessmentMother.rule;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.FlagChanged;
import org.calciwatch.events.consume.EventHandler;
import org.calciwatch.stack.LocalStackResource;
import org.junit.jupiter.api.Test;

/** From the broker to the mailbox. */
@QuarkusTest
@QuarkusTestResource(
        value = LocalStackResource.class,
        initArgs = @ResourceArg(name = "database", value = "notification"))
class FlaggingTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    @Inject
    Clinic clinic;

    @Inject
    EventHandler<AssessmentCompleted> handler;

    @Inject
    ObjectMapper json;

    private final String patient = "P-" + UUID.randomUUID();

    @Test
    void an_assessment_that_needs_a_clinician_opens_one_flag_and_sends_one_mail() {
        var assessment = assessment(patient, rule("mg-low", "Low serum magnesium", CLINICIAN_REVIEW));

        clinic.send(event(assessment));

        var flag = awaitFlags(1);
        assertThat(flag.getString("items[0].reference")).matches("CW-[2-9A-HJKMNP-Z]{6}");
        assertThat(flag.getString("items[0].severity")).isEqualTo("CLINICIAN_REVIEW");
        assertThat(flag.getString("items[0].status")).isEqualTo("OPEN");
        assertThat(flag.getString("items[0].headline.ruleId")).isEqualTo("mg-low");
        assertThat(flag.getString("items[0].assessmentId"))
                .isEqualTo(assessment.id().toString());
        var id = UUID.fromString(flag.getString("items[0].id"));
        var mail = awaitMails(id, 1).getFirst();
        assertThat(mail.messageId()).isEqualTo("<" + id + ".opened@calciwatch.example>");
        assertThat(mail.to()).containsExactly("clinician1@clinic.example");
        assertThat(mail.subject())
                .isEqualTo("[CLINICIAN REVIEW] Low serum magnesium — " + flag.getString("items[0].reference"));
        assertThat(mail.text()).contains("0.62 mmol/L", "1.51 mg/dL").doesNotContain(patient);
        assertThat(mail.html()).contains("0.62 mmol/L", "1.51 mg/dL").doesNotContain(patient);
        await().atMost(SOON).untilAsserted(() -> assertThat(deliveries(id).getList("items.status"))
                .containsExactly("SENT"));
        assertThat(deliveries(id).getList("items[0].attempts.outcome")).containsExactly("SENT");
    }

    @Test
    void the_published_sample_of_the_event_is_understood() throws IOException {
        try (var sample = AssessmentCompleted.class.getResourceAsStream("/golden/assessment-completed.json")) {
            var data = (ObjectNode) json.readTree(sample).get("data");
            data.put("patientId", patient);
            data.put("submissionId", UUID.randomUUID().toString());

            clinic.send(event(json.treeToValue(data, AssessmentCompleted.class)));
        }

        var flag = awaitFlags(1);
        assertThat(flag.getString("items[0].headline.ruleId")).isEqualTo("high-vitd-low-mg-ckd");
        var mail = awaitMails(UUID.fromString(flag.getString("items[0].id")), 1).getFirst();
        assertThat(mail.text())
                .contains("25-hydroxyvitamin D: as entered 180 nmol/L, as normalised 72 ng/mL")
                .contains("Kidney disease: G3b");
    }

    @Test
    void the_same_event_twice_makes_one_flag_and_one_mail() {
        var event = event(assessment(patient, rule("mg-low", CLINICIAN_REVIEW)));

        clinic.send(event);
        clinic.send(event);
        clinic.send(event(assessment(patient, rule("low-fluid", EDUCATION))));

        await().atMost(SOON).untilAsserted(() -> assertThat(flags().getList("items[0].history.action"))
                .containsExactly("opened", "noted"));
        assertThat(flags().getList("items")).hasSize(1);
        var id = UUID.fromString(flags().getString("items[0].id"));
        assertThat(awaitMails(id, 1)).hasSize(1);
        assertThat(deliveries(id).getList("items")).hasSize(1);
    }

    @Test
    void a_more_severe_assessment_opens_the_acknowledged_flag_again_and_sends_a_second_mail() {
        clinic.send(event(assessment(patient, rule("mg-low", CLINICIAN_REVIEW))));
        var id = UUID.fromString(awaitFlags(1).getString("items[0].id"));
        given().noContentType().post("/flags/" + id + "/acknowledge").then().statusCode(200);

        clinic.send(event(assessment(patient, rule("rf-emergency-symptoms", EMERGENCY))));

        var mails = awaitMails(id, 2);
        assertThat(mails)
                .extracting(Clinic.Received::messageId)
                .containsExactlyInAnyOrder(
                        "<" + id + ".opened@calciwatch.example>", "<" + id + ".severity-raised-1@calciwatch.example>");
        var flag = given().get("/flags/" + id).jsonPath();
        assertThat(flag.getString("status")).isEqualTo("OPEN");
        assertThat(flag.getString("severity")).isEqualTo("EMERGENCY");
        assertThat(flag.getList("history.action")).containsExactly("opened", "acknowledged", "severity-raised");
        assertThat(flag.getString("assessment.severity")).isEqualTo("EMERGENCY");
        assertThat(flag.getList("assessment.fired.ruleId")).containsExactly("rf-emergency-symptoms");
        assertThat(flag.getList("assessment.unknown.missing")).containsExactly(List.of("fluid_intake"));
    }

    @Test
    void every_change_of_a_flag_is_published_in_order() {
        handler.handle(event(assessment(patient, rule("mg-low", CLINICIAN_REVIEW))));
        var id = flags().getString("items[0].id");
        given().noContentType().post("/flags/" + id + "/acknowledge").then().statusCode(200);
        handler.handle(event(assessment(patient, rule("rf-emergency-symptoms", EMERGENCY))));

        var changes = await().atMost(SOON).until(() -> clinic.flagChangesOf(patient), found -> found.size() == 3);

        assertThat(changes)
                .extracting(FlagChanged::action)
                .containsExactly("opened", "acknowledged", "severity-raised");
        assertThat(changes).extracting(FlagChanged::by).containsExactly("system", "staff", "system");
        assertThat(changes).extracting(FlagChanged::status).containsExactly("OPEN", "ACKNOWLEDGED", "OPEN");
        assertThat(changes.getLast().severity()).isEqualTo(EMERGENCY);
        assertThat(changes.getLast().flagId()).hasToString(id);
    }

    @Test
    void a_later_assessment_of_the_same_severity_updates_the_flag_without_a_mail() {
        handler.handle(event(assessment(patient, rule("mg-low", CLINICIAN_REVIEW))));
        handler.handle(event(assessment(patient, rule("ca-high", CLINICIAN_REVIEW))));

        assertThat(flags().getList("items")).hasSize(1);
        assertThat(flags().getList("items[0].history.action")).containsExactly("opened", "updated");
        assertThat(deliveries(UUID.fromString(flags().getString("items[0].id"))).getList("items"))
                .hasSize(1);
    }

    @Test
    void an_assessment_for_education_only_opens_no_flag() {
        handler.handle(event(assessment(patient, rule("low-fluid", EDUCATION))));

        assertThat(flags().getList("items")).isEmpty();
    }

    @Test
    void an_older_version_of_a_submission_that_comes_late_changes_nothing() {
        var submission = UUID.randomUUID().toString();
        var rule = rule("mg-low", CLINICIAN_REVIEW);
        handler.handle(event(assessment(patient, submission, 2, ASSESSED_AT.plusSeconds(60), rule)));

        handler.handle(
                event(assessment(patient, submission, 1, ASSESSED_AT, rule("rf-emergency-symptoms", EMERGENCY))));

        assertThat(flags().getString("items[0].severity")).isEqualTo("CLINICIAN_REVIEW");
        assertThat(flags().getList("items[0].history")).hasSize(1);
    }

    @Test
    void a_closed_flag_stays_closed_and_a_new_finding_opens_another() {
        handler.handle(event(assessment(patient, rule("mg-low", CLINICIAN_REVIEW))));
        given().contentType("application/json")
                .body("{\"outcome\":\"treated\"}")
                .post("/flags/" + flags().getString("items[0].id") + "/close")
                .then()
                .statusCode(200);

        handler.handle(event(assessment(patient, rule("mg-low", CLINICIAN_REVIEW))));

        assertThat(flags().getList("items.status")).containsExactly("OPEN", "CLOSED");
    }

    @Test
    void assessments_of_one_patient_that_two_instances_handle_at_once_share_one_flag() {
        try (var instances = Executors.newVirtualThreadPerTaskExecutor()) {
            IntStream.range(0, 12)
                    .mapToObj(i -> event(assessment(patient, rule("mg-low", CLINICIAN_REVIEW))))
                    .forEach(event -> instances.execute(() -> handler.handle(event)));
        }

        assertThat(flags().getList("items")).hasSize(1);
        assertThat(flags().getList("items[0].history")).hasSize(12);
        assertThat(deliveries(UUID.fromString(flags().getString("items[0].id"))).getList("items"))
                .hasSize(1);
    }

    @Test
    void a_nul_character_in_a_text_loses_no_flag() {
        handler.handle(event(assessment(patient, rule("mg-low", "Low\0 magnesium \\u0000", CLINICIAN_REVIEW))));

        var flag = given().get("/flags/" + flags().getString("items[0].id")).jsonPath();
        assertThat(flag.getString("headline.title")).isEqualTo("Low\ufffd magnesium \\u0000");
        assertThat(flag.getString("assessment.fired[0].title")).isEqualTo("Low\ufffd magnesium \\u0000");
    }

    private JsonPath flags() {
        return given().get("/flags?patient=" + patient).jsonPath();
    }

    private static JsonPath deliveries(UUID flagId) {
        return given().get("/deliveries?flag=" + flagId).jsonPath();
    }

    private JsonPath awaitFlags(int number) {
        return await().atMost(SOON)
                .until(this::flags, found -> found.getList("items").size() == number);
    }

    private List<Clinic.Received> awaitMails(UUID flagId, int number) {
        return await().atMost(SOON).until(() -> clinic.mailsAbout(flagId), mails -> mails.size() == number);
    }
}
