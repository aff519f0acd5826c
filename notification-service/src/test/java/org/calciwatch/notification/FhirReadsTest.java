package org.calciwatch.notification;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.calciwatch.events.Severity.CLINICIAN_REVIEW;
import static org.calciwatch.notification.AssessmentMother.assessment;
import static org.calciwatch.notification.AssessmentMother.event;
import static org.calciwatch.notification.AssessmentMother.rule;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.consume.EventHandler;
import org.calciwatch.stack.LocalStackResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(
        value = LocalStackResource.class,
        initArgs = @ResourceArg(name = "database", value = "notification"))
class FhirReadsTest {

    private static final Duration SOON = Duration.ofSeconds(60);

    @Inject
    EventHandler<AssessmentCompleted> assess;

    private final String patient = "P-" + UUID.randomUUID();

    @Test
    void a_flag_is_a_resource_with_everything_fhir_requires() {
        var id = openFlag();

        for (var whose : List.of(patient, "Patient/" + patient)) {
            given().get("/fhir/Flag?patient=" + whose)
                    .then()
                    .statusCode(200)
                    .contentType("application/fhir+json")
                    .body("resourceType", equalTo("Bundle"))
                    .body("type", equalTo("searchset"))
                    .body("total", equalTo(1))
                    .body("link.relation", contains("self"))
                    .body("entry[0].fullUrl", containsString("/fhir/Flag/" + id))
                    .body("entry[0].search.mode", equalTo("match"))
                    .body("entry[0].resource.resourceType", equalTo("Flag"))
                    .body("entry[0].resource.status", equalTo("active"))
                    .body("entry[0].resource.category.coding.code.flatten()", contains("clinical", "magnesium"))
                    .body("entry[0].resource.code.coding[0].code", equalTo("mg-low"))
                    .body("entry[0].resource.subject.reference", equalTo("Patient/" + patient));
        }
        var found = given().get("/fhir/Flag?patient=" + patient).jsonPath();
        assertThat(given().get("/fhir/Flag/" + id).jsonPath().getMap("")).isEqualTo(found.getMap("entry[0].resource"));
    }

    @Test
    void a_closed_flag_is_inactive() {
        var id = openFlag();
        close(id);

        given().get("/fhir/Flag/" + id)
                .then()
                .body("status", equalTo("inactive"))
                .body("period.keySet()", contains("start", "end"));
    }

    @Test
    void mails_are_communications_of_the_patient() {
        var id = openFlag();
        await().atMost(SOON)
                .until(
                        () -> given().get("/fhir/Communication?subject=Patient/" + patient)
                                .jsonPath()
                                .getList("entry.resource.status"),
                        List.of("completed")::equals);

        var found = given().get("/fhir/Communication?subject=" + patient).jsonPath();
        assertThat(found.getInt("total")).isEqualTo(1);
        assertThat(found.getString("entry[0].resource.resourceType")).isEqualTo("Communication");
        assertThat(found.getString("entry[0].resource.about[0].reference")).isEqualTo("Flag/" + id);
        assertThat(found.getString("entry[0].resource.subject.reference")).isEqualTo("Patient/" + patient);
        assertThat(found.getString("entry[0].resource.sent")).isNotNull();
        given().get("/fhir/Communication/" + found.getString("entry[0].resource.id"))
                .then()
                .statusCode(200)
                .body("about[0].reference", equalTo("Flag/" + id));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/fhir/Flag?patient=", "/fhir/Communication?subject="})
    void pages_hold_everything_once_newest_first(String search) {
        for (int i = 0; i < 5; i++) {
            close(openFlag());
        }
        var seen = new ArrayList<String>();
        var next = search + patient + "&_count=2";
        while (next != null) {
            var page = given().urlEncodingEnabled(false)
                    .get(next)
                    .then()
                    .statusCode(200)
                    .extract()
                    .jsonPath();
            assertThat(page.getInt("total")).isEqualTo(5);
            assertThat(page.getList("entry")).hasSizeLessThanOrEqualTo(2);
            seen.addAll(page.getList("entry.resource.id"));
            next = page.getString("link.find { it.relation == 'next' }?.url");
        }

        assertThat(seen).hasSize(5).doesNotHaveDuplicates().isSortedAccordingTo((one, other) -> other.compareTo(one));
        given().get(search + patient + "&_count=0")
                .then()
                .body("total", equalTo(5))
                .body("entry", nullValue())
                .body("link.relation", contains("self"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/fhir/Flag?patient=", "/fhir/Communication?subject="})
    void finding_nothing_is_no_all_clear(String search) {
        openFlag();

        given().get(search + "P-" + UUID.randomUUID())
                .then()
                .statusCode(200)
                .body("total", equalTo(0))
                .body("entry.search.mode", everyItem(equalTo("outcome")))
                .body("entry[0].resource.issue[0].severity", equalTo("information"));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            /fhir/Flag,                               patient must be there
            /fhir/Flag?patient=,                      patient must be there
            /fhir/Flag?patient=a&patient=b,           patient must be there
            '/fhir/Flag?patient=a,b',                 patient must be there
            /fhir/Flag?patient=Group/a,               patient must be there
            /fhir/Flag?patient=a%00,                  patient must be there
            /fhir/Flag?patient=a&_count=-1,           _count must be
            /fhir/Flag?patient=a&_cursor=x,           _cursor must come
            /fhir/Communication,                      subject must be there
            /fhir/Communication?patient=a,            subject must be there
            /fhir/Communication?subject=a&_count=x,   _count must be
            """)
    void a_bad_search_is_refused_with_what_is_right(String url, String right) {
        given().urlEncodingEnabled(false)
                .get(url)
                .then()
                .statusCode(400)
                .contentType("application/fhir+json")
                .body("resourceType", equalTo("OperationOutcome"))
                .body("issue[0].diagnostics", containsString(right));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/fhir/Flag/", "/fhir/Communication/"})
    void what_is_not_there_is_404(String path) {
        for (var id : List.of(UUID.randomUUID().toString(), "x")) {
            given().get(path + id).then().statusCode(404).body("resourceType", equalTo("OperationOutcome"));
        }
    }

    @Test
    void whoever_looks_is_in_the_audit_trail() {
        openFlag();
        given().get("/fhir/Flag?patient=" + patient).then().statusCode(200);
        given().get("/fhir/Communication?subject=" + patient).then().statusCode(200);

        var trail = given().get("/fhir/AuditEvent?patient=" + patient)
                .then()
                .statusCode(200)
                .extract()
                .asString();
        assertThat(trail).contains("GET /fhir/Flag").contains("GET /fhir/Communication");
    }

    private String openFlag() {
        assess.handle(event(assessment(patient, rule("mg-low", CLINICIAN_REVIEW))));
        JsonPath flags = given().get("/flags?status=OPEN&patient=" + patient).jsonPath();
        return flags.getString("items[0].id");
    }

    private static void close(String id) {
        given().contentType("application/json")
                .body("{\"outcome\":\"other\"}")
                .post("/flags/" + id + "/close")
                .then()
                .statusCode(200);
    }
}
