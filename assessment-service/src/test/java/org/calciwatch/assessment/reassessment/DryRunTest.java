package org.calciwatch.assessment.reassessment;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import jakarta.inject.Inject;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.calciwatch.assessment.EditedPack;
import org.calciwatch.assessment.Responses;
import org.calciwatch.events.Event;
import org.calciwatch.events.EventType;
import org.calciwatch.events.QuestionnaireSubmitted;
import org.calciwatch.events.consume.EventHandler;
import org.calciwatch.stack.LocalStackResource;
import org.calciwatch.stack.Login;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = LocalStackResource.class, initArgs = @ResourceArg(name = "database", value = "assessment"))
class DryRunTest {

    @Inject
    EventHandler<QuestionnaireSubmitted> assess;

    @Inject
    DataSource database;

    /** Other tests leave patients behind; these are found by their prefix. */
    private final String prefix = "dry run {%} " + UUID.randomUUID() + " ";

    @Test
    void the_report_shows_who_would_change_and_how() throws IOException, SQLException {
        upload(EditedPack.version("3.0.0").higherMagnesiumLimit());
        var before = dryRun("3.0.0");
        submit("a", 1, magnesium("1.75"));
        submit("b", 1, magnesium("1.90"));
        submit("c", 1, Responses.consented().age(60).json());
        submit("d", 1, magnesium("1.75"));
        run("update assessment set response = null, submitted_at = null where patient_id = ?", prefix + "d");
        var assessments = count("select count(*) from assessment");
        var outbox = count("select count(*) from outbox");

        var report = dryRun("3.0.0");

        assertThat(report.getString("active.version")).isEqualTo("1.0.0");
        assertThat(report.getString("candidate.version")).isEqualTo("3.0.0");
        assertThat(report.getString("candidate.digest")).startsWith("sha256:");
        assertThat(report.getInt("patients") - before.getInt("patients")).isEqualTo(4);
        assertThat(report.getInt("changed") - before.getInt("changed")).isOne();
        assertThat(report.getInt("notComparable") - before.getInt("notComparable"))
                .isOne();
        assertThat(report.getInt("rules.find { it.ruleId == 'mg-low' }.nowFires"))
                .isPositive();
        assertThat(report.getInt("rules.find { it.ruleId == 'mg-low' }.noLongerFires"))
                .isZero();
        assertThat(ours("3.0.0")).singleElement().satisfies(item -> {
            assertThat(item.get("patientId")).isEqualTo(prefix + "a");
            assertThat(item.get("submissionId")).isEqualTo(prefix + "a submission");
            assertThat(item.get("severity")).isEqualTo(Map.of("from", "NONE", "to", "CLINICIAN_REVIEW"));
            assertThat(item.get("fired")).isEqualTo(Map.of("added", List.of("mg-low"), "removed", List.of()));
            // Its magnesium leg is met now; the rest of it was never answered.
            assertThat(item.get("unknown"))
                    .isEqualTo(Map.of("added", List.of("high-vitd-low-mg-ckd"), "removed", List.of()));
            assertThat(item.get("suppressed")).isEqualTo(Map.of("added", List.of(), "removed", List.of()));
            assertThat(item.get("dataQuality")).isEqualTo(Map.of("added", List.of(), "removed", List.of()));
            assertThat(item.get("textsChanged")).isEqualTo(false);
        });
        assertThat(count("select count(*) from assessment")).isEqualTo(assessments);
        assertThat(count("select count(*) from outbox")).isLessThanOrEqualTo(outbox);
    }

    @Test
    void only_what_a_patient_submitted_last_counts() throws IOException, SQLException {
        upload(EditedPack.version("3.1.0").higherMagnesiumLimit());
        submit("a", 1, magnesium("1.75"));
        submit("a", 2, magnesium("1.90"));
        submit("b", 1, magnesium("1.90"));
        submit("b", 2, magnesium("1.75"));
        // A dead letter that is replayed is assessed last, although it was submitted first.
        submit("b", 3, magnesium("1.90"), Instant.now().minusSeconds(3600));

        assertThat(ours("3.1.0")).extracting(item -> item.get("patientId")).containsExactly(prefix + "b");
    }

    @Test
    void a_changed_text_is_a_change_too() throws IOException {
        upload(EditedPack.version("3.2.0").change(EditedPack.YAML, "Low serum magnesium", "Magnesium is low"));
        submit("a", 1, magnesium("1.5"));

        assertThat(ours("3.2.0")).singleElement().satisfies(item -> {
            assertThat(item.get("textsChanged")).isEqualTo(true);
            assertThat(item.get("fired")).isEqualTo(Map.of("added", List.of(), "removed", List.of()));
        });
    }

    @Test
    void who_is_no_clinician_gets_the_totals_without_the_patients() throws IOException {
        upload(EditedPack.version("3.4.0").higherMagnesiumLimit());
        submit("a", 1, magnesium("1.75"));

        Login.as("admin1")
                .post("/rule-packs/3.4.0/$dry-run")
                .then()
                .statusCode(200)
                .body("changed", greaterThan(0))
                .body("rules.ruleId", hasItem("mg-low"))
                .body("items", hasSize(0))
                .body("next", equalTo(null));
        Login.as("patient1").post("/rule-packs/3.4.0/$dry-run").then().statusCode(403);
    }

    @Test
    void the_pack_that_is_active_changes_nothing() {
        submit("a", 1, magnesium("1.5"));
        given().post("/rule-packs/1.0.0/$dry-run")
                .then()
                .statusCode(200)
                .body("changed", equalTo(0))
                .body("rules", hasSize(0))
                .body("items", hasSize(0))
                .body("next", equalTo(null));
    }

    @Test
    void more_patients_than_a_batch_are_paged_by_patient_id() throws IOException {
        upload(EditedPack.version("3.3.0").higherMagnesiumLimit());
        for (int i = 0; i < 230; i++) {
            submit("%03d".formatted(i), 1, magnesium(i % 2 == 0 ? "1.75" : "1.5"));
        }
        var totals = dryRun("3.3.0");
        var found = new ArrayList<String>();
        for (@Nullable String next = "/rule-packs/3.3.0/$dry-run?limit=40"; next != null; ) {
            var page = given().urlEncodingEnabled(false)
                    .post(next)
                    .then()
                    .statusCode(200)
                    .extract()
                    .jsonPath();
            assertThat(page.getInt("patients")).isEqualTo(totals.getInt("patients"));
            assertThat(page.getInt("changed")).isEqualTo(totals.getInt("changed"));
            found.addAll(page.getList("items.patientId"));
            next = page.getString("next");
        }
        assertThat(found).hasSize(totals.getInt("changed")).doesNotHaveDuplicates();
        assertThat(found.stream().filter(id -> id.startsWith(prefix)))
                .hasSize(115)
                .isSorted();
    }

    @Test
    void wrong_requests_are_told_so() {
        given().post("/rule-packs/9.9.9/$dry-run").then().statusCode(404).contentType("application/problem+json");
        given().urlEncodingEnabled(false)
                .post("/rule-packs/1.0.0/%24dry-run")
                .then()
                .statusCode(200);
        given().post("/rule-packs/1.0.0/$dry-run?limit=0").then().statusCode(400);
        given().urlEncodingEnabled(false)
                .post("/rule-packs/1.0.0/$dry-run?cursor=%00")
                .then()
                .statusCode(400);
    }

    private static JsonNode magnesium(String value) {
        return Responses.consented().age(60).quantity("mg", value, "mg/dL").json();
    }

    private void submit(String patient, int version, JsonNode response) {
        submit(patient, version, response, Instant.now());
    }

    private void submit(String patient, int version, JsonNode response, Instant at) {
        var id = prefix + patient;
        assess.handle(new Event<>(
                UUID.randomUUID(),
                EventType.QUESTIONNAIRE_SUBMITTED,
                id,
                at,
                new QuestionnaireSubmitted(id + " submission", version, id, at, response, null)));
    }

    private static void upload(EditedPack pack) throws IOException {
        given().contentType("application/zip")
                .body(pack.zip())
                .post("/rule-packs")
                .then()
                .statusCode(201);
    }

    private static JsonPath dryRun(String version) {
        return given().post("/rule-packs/" + version + "/$dry-run")
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
    }

    /** The changes of this test's patients. */
    private List<Map<String, Object>> ours(String version) {
        List<Map<String, Object>> all = given().post("/rule-packs/" + version + "/$dry-run?limit=200")
                .then()
                .statusCode(200)
                .body("next", equalTo(null))
                .extract()
                .jsonPath()
                .getList("items");
        return all.stream()
                .filter(item -> String.valueOf(item.get("patientId")).startsWith(prefix))
                .toList();
    }

    private void run(String sql, String parameter) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.prepareStatement(sql)) {
            statement.setString(1, parameter);
            statement.executeUpdate();
        }
    }

    private long count(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var result = statement.executeQuery(sql)) {
            result.next();
            return result.getLong(1);
        }
    }
}
