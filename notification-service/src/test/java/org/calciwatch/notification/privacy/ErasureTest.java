package org.calciwatch.notification.privacy;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.calciwatch.events.Severity.CLINICIAN_REVIEW;
import static org.calciwatch.events.Severity.EDUCATION;
import static org.calciwatch.events.Severity.EMERGENCY;
import static org.calciwatch.notification.AssessmentMother.assessment;
import static org.calciwatch.notification.AssessmentMother.event;
import static org.calciwatch.notification.AssessmentMother.rule;

import com.fasterxml.uuid.Generators;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import javax.sql.DataSource;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.Event;
import org.calciwatch.events.EventType;
import org.calciwatch.events.PatientErased;
import org.calciwatch.events.consume.EventHandler;
import org.calciwatch.notification.Clinic;
import org.calciwatch.privacy.Retention;
import org.calciwatch.stack.LocalStackResource;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(
        value = LocalStackResource.class,
        initArgs = @ResourceArg(name = "database", value = "notification"))
class ErasureTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    @Inject
    EventHandler<AssessmentCompleted> assess;

    @Inject
    EventHandler<PatientErased> erase;

    @Inject
    Retention retention;

    @Inject
    Clinic clinic;

    @Inject
    DataSource database;

    private final String patient = "P-" + UUID.randomUUID();

    @Test
    void flag_history_and_mail_of_an_erased_patient_are_gone() throws SQLException {
        var found = assessment(patient, rule("mg-low", CLINICIAN_REVIEW));
        assess.handle(event(found));
        var flag = flags().getString("items[0].id");
        await().atMost(SOON)
                .until(() -> clinic.mailsAbout(UUID.fromString(flag)).size() == 1);

        erase.handle(erased(found));

        assertThat(flags().getList("items")).isEmpty();
        for (var table : List.of("flag_history", "delivery")) {
            assertThat(count("SELECT count(*) FROM " + table + " WHERE flag_id = '" + flag + "'"))
                    .as(table)
                    .isZero();
        }
        assertThat(count("SELECT count(*) FROM assessed_submission WHERE patient_id = '" + patient + "'"))
                .isZero();
        assertThat(types(export())).isEmpty();
    }

    @Test
    void a_late_or_repeated_assessment_of_an_erased_submission_changes_nothing() {
        var late = assessment(patient, rule("rf-emergency-symptoms", EMERGENCY));

        erase.handle(erased(late));
        assess.handle(event(late));

        assertThat(flags().getList("items")).isEmpty();
    }

    @Test
    void a_later_submission_starts_afresh() {
        var old = assessment(patient, rule("mg-low", CLINICIAN_REVIEW));
        assess.handle(event(old));
        erase.handle(erased(old));

        assess.handle(event(assessment(patient, rule("ca-high", CLINICIAN_REVIEW))));

        assertThat(flags().getList("items.headline.ruleId")).containsExactly("ca-high");
        assertThat(flags().getList("items[0].history.action")).containsExactly("opened");
    }

    @Test
    void an_emergency_of_a_later_submission_survives_an_erasure_that_is_read_after_it() {
        var old = assessment(patient, rule("mg-low", CLINICIAN_REVIEW));
        var emergency = assessment(patient, rule("rf-emergency-symptoms", EMERGENCY));
        assess.handle(event(old));
        assess.handle(event(emergency));
        var before = flags().getString("items[0].id");
        given().noContentType().post("/flags/" + before + "/acknowledge").then().statusCode(200);

        erase.handle(erased(old));

        var flags = flags();
        assertThat(flags.getList("items.id")).hasSize(1).doesNotContain(before);
        assertThat(flags.getString("items[0].severity")).isEqualTo("EMERGENCY");
        assertThat(flags.getString("items[0].status")).isEqualTo("OPEN");
        assertThat(flags.getString("items[0].submissionId")).isEqualTo(emergency.submissionId());
        assertThat(flags.getList("items[0].history.action")).containsExactly("opened");
        assertThat(flags.getString("items[0].history[0].note")).doesNotContain("mg-low");
        var mails = await().atMost(SOON)
                .until(
                        () -> clinic.mailsAbout(UUID.fromString(flags.getString("items[0].id"))),
                        found -> found.size() == 1);
        assertThat(mails.getFirst().text()).doesNotContain("mg-low");
    }

    @Test
    void an_earlier_emergency_survives_the_erasure_of_the_submission_that_the_flag_shows() {
        var emergency = assessment(patient, rule("rf-emergency-symptoms", EMERGENCY));
        var review = assessment(patient, rule("mg-low", CLINICIAN_REVIEW));
        assess.handle(event(emergency));
        assess.handle(event(review));

        erase.handle(erased(review));

        var flags = flags();
        assertThat(flags.getString("items[0].severity")).isEqualTo("EMERGENCY");
        assertThat(flags.getString("items[0].submissionId")).isEqualTo(emergency.submissionId());
        assertThat(flags.getList("items[0].history.action")).containsExactly("opened");
        assertThat(flags.getList("items[0].ruleIds")).containsExactly("rf-emergency-symptoms");
    }

    @Test
    void a_flag_of_a_later_submission_alone_is_left_as_it_is() {
        var old = assessment(patient, rule("low-fluid", EDUCATION));
        var later = assessment(patient, rule("mg-low", CLINICIAN_REVIEW));
        assess.handle(event(old));
        assess.handle(event(later));
        var flag = flags().getString("items[0].id");
        given().noContentType().post("/flags/" + flag + "/acknowledge").then().statusCode(200);

        erase.handle(erased(old));

        assertThat(flags().getString("items[0].id")).isEqualTo(flag);
        assertThat(flags().getString("items[0].status")).isEqualTo("ACKNOWLEDGED");
    }

    @Test
    void assessment_and_erasure_at_the_same_moment_leave_nothing() {
        for (int i = 0; i < 20; i++) {
            var found = assessment(patient, rule("mg-low", CLINICIAN_REVIEW));
            try (var instances = Executors.newVirtualThreadPerTaskExecutor()) {
                instances.execute(() -> assess.handle(event(found)));
                instances.execute(() -> erase.handle(erased(found)));
            }
            assertThat(flags().getList("items")).isEmpty();
        }
    }

    @Test
    void an_export_holds_the_flag_its_assessment_and_its_mail() {
        var found = assessment(patient, rule("mg-low", "Low magnesium", CLINICIAN_REVIEW));
        assess.handle(event(found));
        var flag = flags().getString("items[0].id");
        await().atMost(SOON)
                .until(
                        () -> given().get("/deliveries?flag=" + flag).jsonPath().getList("items.status"),
                        List.of("SENT")::equals);

        var export = export();

        assertThat(types(export)).containsExactly("Flag", "DocumentReference", "Communication");
        assertThat(only("Flag", export, "id")).isEqualTo(flag);
        assertThat(only("Flag", export, "code.text")).isEqualTo("Low magnesium");
        assertThat(decoded(only("DocumentReference", export, "content[0].attachment.data")))
                .contains(found.id().toString());
        assertThat(only("Communication", export, "status")).isEqualTo("completed");
        assertThat(only("Communication", export, "payload[1].contentString")).contains("1.51 mg/dL");
    }

    @Test
    void the_content_of_a_sent_mail_goes_after_a_year_and_open_flags_never_go() throws SQLException {
        assess.handle(event(assessment(patient, rule("mg-low", CLINICIAN_REVIEW))));
        var flag = flags().getString("items[0].id");
        await().atMost(SOON)
                .until(
                        () -> given().get("/deliveries?flag=" + flag).jsonPath().getList("items.status"),
                        List.of("SENT")::equals);
        run("UPDATE delivery SET created_at = now() - interval '366 days' WHERE flag_id = '" + flag + "'");
        run("UPDATE flag SET updated_at = now() - interval '11 years' WHERE id = '" + flag + "'");

        retention.purge();

        assertThat(flags().getList("items.id")).containsExactly(flag);
        assertThat(export().getList("entry.resource.findAll { it.resourceType == 'Communication' }.payload"))
                .containsOnlyNulls();
        given().contentType("application/json")
                .body("{\"outcome\":\"treated\"}")
                .post("/flags/" + flag + "/close")
                .then()
                .statusCode(200);
        retention.purge();
        assertThat(flags().getList("items.id")).containsExactly(flag);

        run("UPDATE flag SET updated_at = now() - interval '11 years' WHERE id = '" + flag + "'");
        retention.purge();
        assertThat(flags().getList("items")).isEmpty();
    }

    private JsonPath flags() {
        return given().get("/flags?patient=" + patient).jsonPath();
    }

    private JsonPath export() {
        return given().urlEncodingEnabled(false)
                .get("/fhir/Patient/" + patient + "/$everything")
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
    }

    /** Of the export's only resource of a type; who has looked at the patient may stand before or after it. */
    private static String only(String type, JsonPath export, String path) {
        return export.getString("entry.resource.find { it.resourceType == '" + type + "' }." + path);
    }

    private static String decoded(String base64) {
        return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    }

    private Event<PatientErased> erased(AssessmentCompleted... of) {
        var submissions =
                Arrays.stream(of).map(AssessmentCompleted::submissionId).toList();
        var data = new PatientErased(patient, UUID.randomUUID(), Instant.now(), submissions);
        return new Event<>(
                Generators.timeBasedEpochGenerator().generate(),
                EventType.PATIENT_ERASED,
                patient,
                data.erasedAt(),
                data);
    }

    private void run(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    private int count(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getInt(1);
        }
    }

    /** Of what is exported, but who has looked at it. */
    private static List<String> types(JsonPath export) {
        List<String> types = export.getList("entry.resource.resourceType", String.class);
        return types == null
                ? List.of()
                : types.stream().filter(type -> !type.equals("AuditEvent")).toList();
    }
}
