package org.calciwatch.intake.result;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.calciwatch.intake.Api.fhir;
import static org.calciwatch.intake.Api.newPatient;
import static org.calciwatch.intake.Api.put;
import static org.calciwatch.intake.Api.stored;
import static org.calciwatch.intake.Assessments.assessed;
import static org.calciwatch.intake.Assessments.awaitResult;
import static org.calciwatch.intake.Responses.completed;
import static org.calciwatch.intake.Responses.draft;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.calciwatch.intake.Assessments;
import org.calciwatch.intake.PagesByToken;
import org.calciwatch.privacy.PatientData;
import org.calciwatch.stack.Login;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(ReleaseTest.AfterReview.class)
class ReleaseTest {

    /** The clinic shows patients what is not urgent when a clinician has released it. */
    public static class AfterReview extends PagesByToken {
        @Override
        public Map<String, String> getConfigOverrides() {
            var settings = new HashMap<>(super.getConfigOverrides());
            settings.put("calciwatch.education.release", "after-review");
            return settings;
        }
    }

    private static final String PATIENT = "P-0001";
    private static final Pattern HIDDEN =
            Pattern.compile("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\"");

    @Inject
    DataSource database;

    @Inject
    ResultData data;

    private static Response release(String id, int version) {
        return Login.as("clinician1")
                .contentType("application/json")
                .body("{\"submissionVersion\":" + version + "}")
                .post("/submissions/" + id + "/release");
    }

    private static String held(String patient) {
        return assessed(completed(patient), patient, ObjectNode::size);
    }

    private static String page(String id) {
        return Login.as("patient1")
                .header("Accept-Language", "en")
                .get("/results/" + id)
                .asString();
    }

    /** All that waits, over all pages. */
    private static List<Map<String, Object>> waiting(int limit) {
        var all = new ArrayList<Map<String, Object>>();
        @Nullable String next = "/releases?limit=" + limit;
        while (next != null) {
            var page = Login.as("clinician1").urlEncodingEnabled(false).get(next);
            page.then().statusCode(200);
            List<Map<String, Object>> items = page.jsonPath().getList("items");
            assertThat(items).hasSizeLessThanOrEqualTo(limit);
            all.addAll(items);
            next = page.jsonPath().getString("next");
        }
        return all;
    }

    @Test
    void a_held_page_says_that_more_comes_and_that_this_does_not_mean_that_everything_is_fine() {
        var id = assessed(PATIENT, data -> {
            data.put("severity", "URGENT_SAME_DAY");
            ((ObjectNode) data.get("fired").get(0)).put("severity", "URGENT_SAME_DAY");
        });
        assertThat(page(id))
                .contains("Please call your clinician or an urgent care line today.")
                .contains("High vitamin D with low magnesium in kidney disease")
                .contains("Your clinic will release the rest")
                .contains("does not mean that everything is fine.")
                .contains("Talk to your clinician before starting high-dose supplements.")
                .contains("It does not find or rule out any disease")
                .doesNotContain("Low serum magnesium", "Good to know", "What could not be judged", "<figure");
        var list = Login.as("patient1")
                .header("Accept-Language", "en")
                .get("/results")
                .asString();
        assertThat(list.replaceAll("\\s+", " ")).containsPattern(id + "\">[^<]+</a><br> To call your clinician");
        assertThat(Login.as("patient1").get("/results/history").asString())
                .as("held values")
                .doesNotContain("<polyline");
        given().get("/submissions/" + id + "/result").then().body("status", equalTo("held"));
    }

    @Test
    void a_released_result_is_ready_for_the_patient() {
        var id = held(PATIENT);
        assertThat(page(id)).contains("Your clinic will release the rest");
        release(id, 1).then().statusCode(204);
        assertThat(page(id)).contains("Low serum magnesium", "Good to know").doesNotContain("will release the rest");
        given().get("/submissions/" + id + "/result").then().body("status", equalTo("ready"));
    }

    @Test
    void results_that_wait_are_listed_the_oldest_first_over_all_pages() {
        var first = held(newPatient());
        var second = held(newPatient());
        var later = newPatient();
        var third = assessed(
                completed(later),
                later,
                data -> data.put("assessedAt", Instant.now().plusSeconds(60).toString()));
        var ids = waiting(2).stream().map(item -> item.get("submissionId")).toList();
        assertThat(ids).contains(first, second, third).doesNotHaveDuplicates();
        assertThat(ids.indexOf(third)).isGreaterThan(ids.indexOf(first)).isGreaterThan(ids.indexOf(second));
        assertThat(waiting(50))
                .filteredOn(item -> third.equals(item.get("submissionId")))
                .first()
                .satisfies(item -> {
                    assertThat(item)
                            .containsOnlyKeys(
                                    "submissionId", "submissionVersion", "patientId", "severity", "assessedAt")
                            .containsEntry("patientId", later)
                            .containsEntry("submissionVersion", 1)
                            .containsEntry("severity", "CLINICIAN_REVIEW");
                });
        release(second, 1).then().statusCode(204);
        assertThat(waiting(50))
                .extracting(item -> item.get("submissionId"))
                .contains(first)
                .doesNotContain(second);
    }

    @Test
    void a_result_is_released_once_and_in_its_newest_version_only() {
        var patient = newPatient();
        var id = held(patient);
        release(id, 2).then().statusCode(409).body("detail", containsString("newest version of the answers is 1"));
        release(id, 1).then().statusCode(204);
        release(id, 1).then().statusCode(409).body("detail", containsString("released already"));
        put(id, 1, completed(patient)).then().statusCode(200);
        release(id, 2).then().statusCode(409).body("detail", containsString("not assessed yet"));
        Assessments.publish(Assessments.of(id, 2, patient));
        awaitResult(id).then().body("status", equalTo("held")).body("education", nullValue());
        release(id, 1).then().statusCode(409).body("detail", containsString("newest version of the answers is 2"));
        release(id, 2).then().statusCode(204);
        awaitResult(id).then().body("status", equalTo("ready"));
    }

    @Test
    void a_new_assessment_of_the_same_answers_waits_again() {
        var patient = newPatient();
        var id = held(patient);
        release(id, 1).then().statusCode(204);
        var again = Assessments.of(id, 1, patient);
        ((ObjectNode) again.get("data"))
                .put("assessedAt", Instant.now().plusSeconds(60).toString());
        Assessments.publish(again);
        Awaitility.await()
                .atMost(Assessments.PATIENCE)
                .untilAsserted(() ->
                        given().get("/submissions/" + id + "/result").then().body("status", equalTo("held")));
    }

    @Test
    void what_cannot_be_released_is_refused_with_the_reason() {
        release(UUID.randomUUID().toString(), 1).then().statusCode(404);
        release("none", 1).then().statusCode(404);
        release(stored(draft(newPatient())), 1).then().statusCode(404);
        release(stored(completed(newPatient())), 1).then().statusCode(409);
        var erased = newPatient();
        var gone = held(erased);
        fhir().delete("/fhir/Patient/" + erased).then().statusCode(202);
        release(gone, 1).then().statusCode(410);
        var id = held(newPatient());
        for (var body : List.of("{}", "{\"submissionVersion\":\"1\"}", "{\"submissionVersion\":1.5}", "[]")) {
            Login.as("clinician1")
                    .contentType("application/json")
                    .body(body)
                    .post("/submissions/" + id + "/release")
                    .then()
                    .statusCode(400)
                    .body("detail", containsString("submissionVersion must be"));
        }
        Login.as("clinician1").get("/releases?limit=0").then().statusCode(400);
        Login.as("clinician1").get("/releases?cursor=x").then().statusCode(400);
        for (var user : List.of("patient1", "admin1")) {
            Login.as(user).get("/releases").then().statusCode(403);
            Login.as(user).get("/release").then().statusCode(403);
            Login.as(user).get("/release/" + id).then().statusCode(403);
            Login.as(user)
                    .contentType("application/json")
                    .body("{\"submissionVersion\":1}")
                    .post("/submissions/" + id + "/release")
                    .then()
                    .statusCode(403);
        }
        given().get("/submissions/" + id + "/result").then().body("status", equalTo("held"));
    }

    @Test
    void a_clinician_reads_what_the_patient_would_read_and_releases_it_with_a_button() {
        var patient = newPatient();
        var id = held(patient);
        assertThat(Login.as("clinician1")
                        .header("Accept-Language", "en")
                        .get("/release")
                        .asString())
                .contains("Results to release");
        var page = Login.as("clinician1").header("Accept-Language", "en").get("/release/" + id);
        page.then().statusCode(200);
        assertThat(page.asString())
                .contains(patient, "Low serum magnesium", "Good to know", "Release this result")
                .doesNotContain("will release the rest");
        var fields = new HashMap<String, String>();
        HIDDEN.matcher(page.asString()).results().forEach(field -> fields.put(field.group(1), field.group(2)));

        var forged = new HashMap<>(fields);
        forged.keySet().removeIf(name -> name.contains("csrf"));
        assertThat(forged).containsOnlyKeys("version", "assessedAt");
        send(page, id, forged).then().statusCode(400);
        var stale = new HashMap<>(fields);
        stale.put("assessedAt", "2020-01-01T00:00:00Z");
        send(page, id, stale).then().statusCode(409);
        given().get("/submissions/" + id + "/result").then().body("status", equalTo("held"));

        var done = send(page, id, fields);
        assertThat(done.statusCode()).isEqualTo(303);
        assertThat(done.header("Location")).endsWith("/release");
        given().get("/submissions/" + id + "/result").then().body("status", equalTo("ready"));
        assertThat(Login.as("clinician1")
                        .header("Accept-Language", "en")
                        .get("/release/" + id)
                        .asString())
                .contains("This result waits for no release.")
                .doesNotContain("<form");
    }

    private static Response send(Response page, String id, Map<String, String> fields) {
        return Login.as("clinician1")
                .redirects()
                .follow(false)
                .cookies(page.cookies())
                .contentType("application/x-www-form-urlencoded")
                .formParams(fields)
                .post("/release/" + id);
    }

    @Test
    void a_release_is_audited_exported_and_erased_with_its_patient() throws SQLException {
        var patient = newPatient();
        var id = held(patient);
        release(id, 1).then().statusCode(204);
        assertThat(given().urlEncodingEnabled(false)
                        .get("/fhir/AuditEvent?patient=" + patient + "&agent=clinician1")
                        .asString())
                .contains("POST /submissions/{id}/release", "QuestionnaireResponse/" + id);
        assertThat(((PatientData) data).export(patient))
                .extracting(document -> document.path("description").asText())
                .anyMatch(description -> description.startsWith("A clinician has let the patient read"));
        assertThat(releases(id)).isOne();
        fhir().delete("/fhir/Patient/" + patient).then().statusCode(202);
        assertThat(releases(id)).isZero();
    }

    private long releases(String id) throws SQLException {
        try (var connection = database.getConnection();
                var count =
                        connection.prepareStatement("SELECT count(*) FROM result_release WHERE submission_id = ?")) {
            count.setObject(1, UUID.fromString(id));
            try (var row = count.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }
}
