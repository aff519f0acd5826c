package org.calciwatch.assessment.detectedissue;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import jakarta.inject.Inject;
import java.io.IOException;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import javax.sql.DataSource;
import org.calciwatch.assessment.Responses;
import org.calciwatch.assessment.evaluation.Assessor;
import org.calciwatch.assessment.response.QuestionnaireResponseReader;
import org.calciwatch.crypto.Vault;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.stack.LocalStackResource;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(value = LocalStackResource.class, initArgs = @ResourceArg(name = "database", value = "assessment"))
class DetectedIssueResourceTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final FhirValidator VALIDATOR = validator();

    @Inject
    Assessor assessor;

    @Inject
    ObjectMapper json;

    @Inject
    DataSource database;

    @Inject
    Vault vault;

    private static FhirValidator validator() {
        var fhir = FhirContext.forR4();
        return fhir.newValidator()
                .registerValidatorModule(new FhirInstanceValidator(new ValidationSupportChain(
                        new DefaultProfileValidationSupport(fhir),
                        new CommonCodeSystemsTerminologyService(fhir),
                        new InMemoryTerminologyServerValidationSupport(fhir))));
    }

    static Stream<JsonNode> cases() throws IOException {
        try (var file = DetectedIssueResourceTest.class.getResourceAsStream(
                "/rule-packs/calcification-risk/1.0.0/cases.json")) {
            var cases = JSON.readTree(Objects.requireNonNull(file)).get("cases");
            return StreamSupport.stream(cases.spliterator(), false).filter(one -> one.has("inputs"));
        }
    }

    /** Stores what comes of these answers, without the detour of an event. */
    private AssessmentCompleted assessed(String patient, JsonNode response) {
        var assessment = assessor.assess(
                UUID.randomUUID().toString(),
                1,
                patient,
                QuestionnaireResponseReader.read(response, LocalDate.of(2026, 11, 22)),
                null);
        QuarkusTransaction.requiringNew().run(() -> {
            try (var connection = database.getConnection();
                    var insert = connection.prepareStatement(
                            "INSERT INTO assessment (id, submission_id, submission_version, patient_id, assessed_at, data)"
                                    + " VALUES (?, ?, 1, ?, now(), ?)")) {
                insert.setObject(1, assessment.id());
                insert.setString(2, assessment.submissionId());
                insert.setString(3, patient);
                insert.setBytes(
                        4, vault.seal("assessment.data/" + assessment.id(), json.writeValueAsString(assessment)));
                insert.executeUpdate();
            } catch (SQLException | IOException e) {
                throw new IllegalStateException(e);
            }
        });
        return assessment;
    }

    private static String patient() {
        return "D-" + UUID.randomUUID();
    }

    private static JsonNode headline() {
        return Responses.consented()
                .choice("ckd_reported", "G3b")
                .quantity("vitd25", "180", "nmol/L")
                .quantity("mg", "0.62", "mmol/L")
                .choice("conditions", "none")
                .choice("symptoms", "seizure")
                .json();
    }

    private static JsonPath search(String patient) {
        return given().get("/fhir/DetectedIssue?patient=" + patient)
                .then()
                .statusCode(200)
                .contentType("application/fhir+json")
                .extract()
                .jsonPath();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void the_findings_of_every_worked_patient_are_valid_fhir(JsonNode patient) {
        var id = patient();
        var assessment = assessed(id, Responses.of(patient.get("inputs")));
        var bundle = given().get("/fhir/DetectedIssue?patient=Patient/" + id + "&_count=200")
                .then()
                .statusCode(200)
                .body("total", equalTo(DetectedIssues.of(assessment).size()))
                .extract()
                .asString();
        assertThat(VALIDATOR.validateWithResult(bundle).getMessages())
                .filteredOn(message -> message.getSeverity() == ResultSeverityEnum.ERROR
                        || message.getSeverity() == ResultSeverityEnum.FATAL)
                .isEmpty();
    }

    @Test
    void the_validator_knows_what_is_wrong() {
        var noIssue = "{\"resourceType\":\"DetectedIssue\",\"status\":\"perhaps\",\"severity\":\"grave\"}";
        assertThat(VALIDATOR.validateWithResult(noIssue).isSuccessful()).isFalse();
    }

    @Test
    void a_finding_says_what_it_rests_on_where_it_comes_from_and_by_which_rules() {
        var id = patient();
        var assessment = assessed(id, headline());
        var issue = "entry.find { it.resource.code.coding[0].code == 'mg-low' }.resource.";
        given().get("/fhir/DetectedIssue?patient=" + id)
                .then()
                .body("resourceType", equalTo("Bundle"))
                .body("type", equalTo("searchset"))
                .body(issue + "status", equalTo("final"))
                .body(issue + "severity", equalTo("moderate"))
                .body(issue + "code.coding[0].system", equalTo("https://calciwatch.org/fhir/CodeSystem/rule"))
                .body(issue + "patient.reference", equalTo("Patient/" + id))
                .body(issue + "identifiedDateTime", startsWith("20"))
                .body(issue + "detail", containsString("Considerations, not orders"))
                .body(issue + "reference", startsWith("https://doi.org/10."))
                .body(issue + "contained[0].code.coding[0].code", equalTo("19123-9"))
                .body(issue + "contained[0].valueQuantity.value", equalTo(1.51f))
                .body(issue + "contained[0].valueQuantity.code", equalTo("mg/dL"))
                .body(issue + "contained[0].note[0].text", equalTo("Entered as 0.62 mmol/L"))
                .body(
                        issue + "evidence.detail.flatten().reference",
                        hasItems("#mg", "QuestionnaireResponse/" + assessment.submissionId()))
                .body(
                        issue + "extension.findAll { it.url.endsWith('/citation') }.valueString",
                        hasItem(startsWith("[10] ")))
                .body(
                        issue + "extension.find { it.url.endsWith('/rule-pack') }.extension.valueString",
                        hasItems("1.0.0", assessment.rulePack().digest()))
                .body("entry[0].resource.code.coding[0].code", equalTo("rf-emergency-symptoms"))
                .body("entry[0].resource.severity", equalTo("high"))
                .body("entry[0].resource.contained[0].valueBoolean", equalTo(true))
                .body("entry.resource.code.coding.flatten().code", not(hasItem("vitd-level-above-50")));
    }

    @Test
    void one_finding_can_be_read_by_its_id() {
        var id = patient();
        assessed(id, headline());
        var first = search(id);
        String issue = first.getString("entry[0].resource.id");
        assertThat(issue).hasSizeLessThanOrEqualTo(64);
        var read = given().get("/fhir/DetectedIssue/" + issue)
                .then()
                .statusCode(200)
                .contentType("application/fhir+json")
                .extract()
                .jsonPath();
        assertThat(read.getMap("")).isEqualTo(first.getMap("entry[0].resource"));
        assertThat(first.getString("entry[0].fullUrl")).startsWith("http").endsWith("/fhir/DetectedIssue/" + issue);
    }

    @Test
    void only_the_newest_assessment_counts() {
        var id = patient();
        assessed(id, headline());
        assessed(
                id, Responses.consented().quantity("potassium", "6.7", "mmol/L").json());
        var codes = search(id).getList("entry.resource.code.coding.flatten().code");
        assertThat(codes).isNotEmpty().doesNotContain("mg-low", "rf-emergency-symptoms");
    }

    @Test
    void the_findings_are_paged() {
        var id = patient();
        assessed(id, headline());
        var all = search(id).getList("entry.resource.id");
        assertThat(all).hasSizeGreaterThan(2);
        var ids = new ArrayList<Object>();
        String next = "/fhir/DetectedIssue?_count=1&patient=" + id;
        while (next != null) {
            var page = given().urlEncodingEnabled(false)
                    .get(next)
                    .then()
                    .statusCode(200)
                    .body("total", equalTo(all.size()))
                    .extract()
                    .jsonPath();
            ids.addAll(page.getList("entry.resource.id"));
            next = page.getString("link.find { it.relation == 'next' }?.url");
        }
        assertThat(ids).isEqualTo(all);
    }

    @Test
    void a_count_of_zero_asks_for_the_number_only() {
        var id = patient();
        assessed(id, headline());
        given().get("/fhir/DetectedIssue?_count=0&patient=" + id)
                .then()
                .statusCode(200)
                .body("total", not(equalTo(0)))
                .body("entry", nullValue());
    }

    @ParameterizedTest
    @ValueSource(strings = {"nobody", "%F0%9F%98%80", "a%27b"})
    void a_patient_without_assessment_has_no_findings_and_no_all_clear(String patient) {
        given().urlEncodingEnabled(false)
                .get("/fhir/DetectedIssue?patient=" + patient)
                .then()
                .statusCode(200)
                .body("total", equalTo(0))
                .body("entry.search.mode", contains("outcome"))
                .body(
                        "entry[0].resource.issue[0].diagnostics",
                        containsString("does not mean that everything is fine"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "?patient=",
                "?patient=Practitioner/1",
                "?patient=P-1,P-2",
                "?patient=%00",
                "?patient=a%00b",
                "?patient=P-1&_count=x",
                "?patient=P-1&_count=-1",
                "?patient=P-1&_count=99999999999",
                "?patient=P-1&_cursor=x",
                "?patient=P-1&_cursor=00000000-0000-7000-8000-000000000000.1"
            })
    void a_malformed_search_is_an_operation_outcome(String query) {
        given().urlEncodingEnabled(false)
                .get("/fhir/DetectedIssue" + query)
                .then()
                .statusCode(400)
                .contentType("application/fhir+json")
                .body("resourceType", equalTo("OperationOutcome"))
                .body("issue", hasSize(1))
                .body("issue[0].diagnostics", not(nullValue()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x",
                "00000000-0000-7000-8000-000000000000.1",
                "------------------------------------.1",
                "00000000-0000-7000-8000-000000000000.99999",
                "%00",
                "%F0%9F%98%80"
            })
    void an_id_that_is_not_there_is_an_operation_outcome(String id) {
        given().urlEncodingEnabled(false)
                .get("/fhir/DetectedIssue/" + id)
                .then()
                .statusCode(404)
                .contentType("application/fhir+json")
                .body("resourceType", equalTo("OperationOutcome"))
                .body("issue[0].code", equalTo("not-found"));
    }
}
