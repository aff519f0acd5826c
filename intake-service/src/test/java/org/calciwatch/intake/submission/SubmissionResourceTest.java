package org.calciwatch.intake.submission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.calciwatch.intake.Api.RESPONSES;
import static org.calciwatch.intake.Api.fhir;
import static org.calciwatch.intake.Api.json;
import static org.calciwatch.intake.Api.newPatient;
import static org.calciwatch.intake.Api.post;
import static org.calciwatch.intake.Api.put;
import static org.calciwatch.intake.Api.stored;
import static org.calciwatch.intake.Responses.completed;
import static org.calciwatch.intake.Responses.draft;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.StrictErrorHandler;
import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.OperationOutcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class SubmissionResourceTest {

    private static final FhirContext FHIR = FhirContext.forR4();

    private static void assertOutcome(Response answer, int status, String... words) {
        answer.then().statusCode(status).contentType(startsWith("application/fhir+json"));
        var outcome = FHIR.newJsonParser()
                .setParserErrorHandler(new StrictErrorHandler())
                .parseResource(OperationOutcome.class, answer.asString());
        assertThat(outcome.getIssue()).isNotEmpty();
        assertThat(words).allSatisfy(word -> assertThat(answer.asString()).contains(word));
    }

    @Test
    void a_completed_response_is_stored_and_found_again_at_its_location() {
        var answer = post(completed(newPatient()).quantity("mg", "2.0", "mg/dL"));
        answer.then()
                .statusCode(201)
                .contentType(startsWith("application/fhir+json"))
                .header("ETag", "W/\"1\"")
                .header("Last-Modified", endsWith("GMT"))
                .header("Location", containsString("/fhir/QuestionnaireResponse/"))
                .body("meta.versionId", equalTo("1"))
                .body("status", equalTo("completed"));
        assertThat(answer.asString()).contains("\"value\":2.0,");

        var again = RestAssured.get(answer.header("Location"));
        again.then().statusCode(200).header("ETag", "W/\"1\"");
        assertThat(again.asString()).isEqualTo(answer.asString());
        var id = json(answer).get("id").textValue();
        assertThat(UUID.fromString(id).version()).isEqualTo(7);
        RestAssured.given()
                .header("If-None-Match", "W/\"1\"")
                .get(RESPONSES + "/" + id)
                .then()
                .statusCode(304);
    }

    @Test
    void plain_json_is_taken_and_given_too() {
        RestAssured.given()
                .contentType("application/json; charset=utf-8")
                .accept("application/json")
                .body(completed(newPatient()).text())
                .post(RESPONSES)
                .then()
                .statusCode(201)
                .contentType(startsWith("application/json"));
    }

    @Test
    void an_id_the_client_made_up_is_replaced() {
        var answer = post(completed(newPatient()).with("id", "mine"));
        answer.then().statusCode(201);
        assertThat(json(answer).get("id").textValue()).isNotEqualTo("mine");
    }

    @Test
    void the_client_chooses_how_much_comes_back() {
        var minimal = fhir().header("Prefer", "return=minimal")
                .body(completed(newPatient()).text())
                .post(RESPONSES);
        minimal.then().statusCode(201).header("Location", containsString(RESPONSES));
        assertThat(minimal.asString()).isEmpty();
        assertOutcome(
                fhir().header("Prefer", "return=OperationOutcome")
                        .body(completed(newPatient()).text())
                        .post(RESPONSES),
                201,
                "Stored as version 1");
    }

    @Test
    void every_problem_comes_back_with_its_place() {
        var answer = post(completed(newPatient())
                .quantity("mg", "1", "mg/L")
                .choice("smoking", "sometimes")
                .item("weight", "{'valueInteger': 70}"));
        assertOutcome(
                answer,
                422,
                "QuestionnaireResponse.item[2].answer[0].value.code",
                "QuestionnaireResponse.item[3].answer[0].value.code",
                "QuestionnaireResponse.item[4].linkId");
        assertThat(json(answer).get("issue")).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "not json",
                "[]",
                "\"text\"",
                "{\"resourceType\": \"QuestionnaireResponse\", \"status\": \"completed\", \"status\": \"completed\"}",
                "{\"resourceType\": \"QuestionnaireResponse\"} {}",
                "{\"resourceType\": \"QuestionnaireResponse\"",
                "{\"resourceType\": \"QuestionnaireResponse\", \"x\": NaN}",
                "{\"resourceType\": \"QuestionnaireResponse\", \"x\": 1e99999999999}",
                "{\"resourceType\": \"Patient\"}",
                "{}"
            })
    void what_is_not_a_questionnaire_response_is_refused_with_400(String body) {
        assertOutcome(fhir().body(body).post(RESPONSES), 400);
        assertOutcome(fhir().body(body).post(RESPONSES + "/$validate"), 400);
    }

    @Test
    void broken_utf_8_is_refused_with_400() {
        var body = completed(newPatient()).text().getBytes(StandardCharsets.UTF_8);
        body[20] = (byte) 0xC3;
        assertOutcome(fhir().body(body).post(RESPONSES), 400, "UTF-8");
    }

    @Test
    void a_body_nested_too_deep_is_refused_with_400() {
        var deep = "{\"item\":[".repeat(100) + "]}".repeat(100);
        assertOutcome(fhir().body(deep).post(RESPONSES), 400, "nested");
    }

    @Test
    void a_body_over_256_KiB_is_refused_with_413_and_one_just_below_is_read() {
        var text = completed(newPatient()).text();
        var limit = 256 * 1024;
        assertOutcome(fhir().body(text + " ".repeat(limit + 1 - text.length())).post(RESPONSES), 413, "256 KiB");
        assertOutcome(fhir().body(" ".repeat(20 * limit)).post(RESPONSES), 413, "256 KiB");
        fhir().body(text + " ".repeat(limit - text.length()))
                .post(RESPONSES)
                .then()
                .statusCode(201);
    }

    @Test
    void another_content_type_is_refused_with_415() {
        assertOutcome(
                RestAssured.given().contentType("text/plain").body("x").post(RESPONSES), 415, "application/fhir+json");
        assertOutcome(
                RestAssured.given().contentType("application/xml").body("<x/>").put(RESPONSES + "/x"), 415);
    }

    @Test
    void a_wrong_method_is_refused_with_405_and_an_unknown_place_with_404() {
        assertOutcome(RestAssured.delete(RESPONSES), 405, "DELETE");
        assertOutcome(RestAssured.patch(RESPONSES + "/" + UUID.randomUUID()), 405);
        assertOutcome(RestAssured.get("/fhir/Observation"), 404, "/fhir/metadata");
        assertOutcome(RestAssured.get(RESPONSES + "/" + UUID.randomUUID()), 404);
        assertOutcome(RestAssured.get(RESPONSES + "/none"), 404);
    }

    @Test
    void an_accept_header_that_cannot_be_met_is_refused_with_406() {
        assertOutcome(RestAssured.given().accept("application/fhir+xml").get(RESPONSES), 406);
        assertOutcome(RestAssured.get(RESPONSES + "?_format=xml"), 406);
        RestAssured.given()
                .accept("application/fhir+xml")
                .get(RESPONSES + "?_format=json&_count=0")
                .then()
                .statusCode(200);
    }

    @Test
    void the_same_content_under_the_same_identifier_is_the_first_resource_again() {
        var identifier = UUID.randomUUID().toString();
        var patient = newPatient();
        var first = post(completed(patient).identifier(identifier).quantity("mg", "2.0", "mg/dL"));
        first.then().statusCode(201);
        var again = post(completed(patient)
                .quantity("mg", "2.00", "mg/dL")
                .identifier(identifier)
                .with("id", "x"));
        again.then().statusCode(200).header("ETag", "W/\"1\"").header("Location", first.header("Location"));
        assertThat(again.asString()).isEqualTo(first.asString());
    }

    @Test
    void other_content_under_the_same_identifier_is_a_conflict() {
        var identifier = UUID.randomUUID().toString();
        var patient = newPatient();
        stored(completed(patient).identifier(identifier));
        assertOutcome(post(completed(patient).identifier(identifier).choice("smoking", "never")), 409);
        assertOutcome(post(completed(newPatient()).identifier(identifier)), 409);
        assertThat(total("subject=" + patient)).isOne();
    }

    @Test
    void a_retry_after_an_amendment_gives_the_amended_resource() {
        var identifier = UUID.randomUUID().toString();
        var patient = newPatient();
        var id = stored(completed(patient).identifier(identifier));
        put(id, 1, completed(patient).identifier(identifier).choice("smoking", "never"))
                .then()
                .statusCode(200);
        post(completed(patient).identifier(identifier))
                .then()
                .statusCode(200)
                .header("ETag", "W/\"2\"")
                .body("id", equalTo(id));
    }

    @Test
    void an_update_may_bring_an_identifier_that_is_not_taken() {
        var patient = newPatient();
        var mine = UUID.randomUUID().toString();
        var taken = UUID.randomUUID().toString();
        stored(completed(patient).identifier(taken));
        var id = stored(draft(patient));
        assertOutcome(put(id, 1, draft(patient).identifier(taken)), 409, "identifier");
        put(id, 1, completed(patient).identifier(mine)).then().statusCode(200);
        put(id, 2, completed(patient).identifier(mine)).then().statusCode(200);
        post(completed(patient).identifier(mine).with("status", "completed"))
                .then()
                .statusCode(409);
    }

    @Test
    void the_same_identifier_from_eight_clients_at_once_gives_one_resource() {
        var identifier = UUID.randomUUID().toString();
        var patient = newPatient();
        var body = completed(patient).identifier(identifier).text();
        var answers = atOnce(8, i -> fhir().body(body).post(RESPONSES));
        assertThat(answers)
                .extracting(Response::statusCode)
                .containsOnlyOnce(201)
                .containsOnly(200, 201);
        assertThat(answers)
                .extracting(answer -> json(answer).get("id").textValue())
                .containsOnly(json(answers.getFirst()).get("id").textValue());
        assertThat(total("subject=" + patient)).isOne();
    }

    @Test
    void of_eight_updates_of_the_same_version_at_once_one_wins() {
        var patient = newPatient();
        var id = stored(draft(patient));
        var answers = atOnce(8, i -> put(id, 1, draft(patient).quantity("mg", "1." + i, "mg/dL")));
        assertThat(answers)
                .extracting(Response::statusCode)
                .containsOnlyOnce(200)
                .containsOnly(200, 412);
        fhir().get(RESPONSES + "/" + id).then().header("ETag", "W/\"2\"");
    }

    @Test
    void a_draft_is_saved_completed_and_amended_and_every_version_is_kept() {
        var patient = newPatient();
        var id = stored(draft(patient));
        put(id, 1, draft(patient).choice("smoking", "never"))
                .then()
                .statusCode(200)
                .header("ETag", "W/\"2\"")
                .body("status", equalTo("in-progress"));
        put(id, 2, completed(patient)).then().statusCode(200).body("status", equalTo("completed"));
        put(id, 3, completed(patient).choice("smoking", "former"))
                .then()
                .statusCode(200)
                .header("ETag", "W/\"4\"")
                .header("Content-Location", endsWith(RESPONSES + "/" + id + "/_history/4"))
                .body("status", equalTo("amended"))
                .body("meta.versionId", equalTo("4"));
        put(id, 4, completed(patient).with("status", "amended")).then().statusCode(200);
        fhir().get(RESPONSES + "/" + id).then().header("ETag", "W/\"5\"");
        fhir().get(RESPONSES + "/" + id + "/_history/2")
                .then()
                .statusCode(200)
                .body("status", equalTo("in-progress"))
                .body("item[0].linkId", equalTo("smoking"));
        assertOutcome(fhir().get(RESPONSES + "/" + id + "/_history/6"), 404);
    }

    @Test
    void an_update_that_cannot_be_is_refused() {
        var patient = newPatient();
        var id = stored(completed(patient));
        assertOutcome(put(id, 1, draft(patient)), 422, "in-progress");
        assertOutcome(put(id, 1, completed(newPatient())), 422, "subject");
        assertOutcome(put(id, 1, completed(patient).with("status", "stopped")), 422);
        assertOutcome(put(id, 1, completed(patient).without("item")), 422, "consent");
        assertOutcome(put(id, 2, completed(patient)), 412);
        assertOutcome(put(stored(draft(patient)), 1, completed(patient).with("status", "amended")), 422);
        assertOutcome(put(UUID.randomUUID().toString(), 1, completed(patient)), 404);
        assertOutcome(put("none", 1, completed(patient)), 404);
        fhir().get(RESPONSES + "/" + id).then().header("ETag", "W/\"1\"");
    }

    @Test
    void an_update_names_the_version_it_replaces_and_the_id_it_has() {
        var patient = newPatient();
        var id = stored(draft(patient));
        var path = RESPONSES + "/" + id;
        var body = draft(patient).with("id", id).text();
        assertOutcome(fhir().body(body).put(path), 428, "If-Match");
        for (var tag : List.of("1", "*", "W/\"x\"", "\"1\", \"2\"", "W/\"1")) {
            assertOutcome(fhir().header("If-Match", tag).body(body).put(path), 400, "If-Match");
        }
        assertOutcome(
                fhir().header("If-Match", "\"1\"").body(draft(patient).text()).put(path), 400, "id");
        fhir().header("If-Match", "\"1\"").body(body).put(path).then().statusCode(200);
    }

    @Test
    void validation_tells_all_problems_and_stores_nothing() {
        var patient = newPatient();
        var path = RESPONSES + "/$validate";
        assertOutcome(fhir().body(completed(patient).text()).post(path), 200, "No problems");
        var wrong = completed(patient).choice("smoking", "sometimes");
        assertOutcome(fhir().body(wrong.text()).post(path), 200, "item[2].answer[0].value.code");
        var wrapped = "{\"resourceType\":\"Parameters\",\"parameter\":[{\"name\":\"resource\",\"resource\":"
                + wrong.text() + "}]}";
        assertOutcome(fhir().body(wrapped).post(path), 200, "item[2].answer[0].value.code");
        assertOutcome(fhir().body("{\"resourceType\":\"Parameters\"}").post(path), 400);
        assertThat(total("subject=" + patient)).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "2026-03-01, 1",
        "eq2026-03-01, 1",
        "eq2026, 1",
        "eq2026-03-02, 0",
        "ne2026-03-01, 0",
        "ge2026-03-01T09:29:58Z, 1",
        "gt2026-03-01T09:29:58Z, 0",
        "gt2026-03-01, 0",
        "le2026-03-01T09:29:58Z, 1",
        "lt2026-03-01T09:29:58Z, 0",
        "lt2026-03-01T10:29:59%2B01:00, 1",
        "sa2026-02, 1",
        "sa2026-03-01, 0",
        "eb2026-03-02, 1",
        "eb2026-03-01T09:29:58Z, 0",
        "ge2026-03-01&authored=lt2026-03-02, 1",
        "ge2026-03-01&authored=lt2026-03-01, 0",
        "'2025,2026', 1"
    })
    void responses_are_found_by_when_they_were_authored(String authored, int expected) {
        var patient = newPatient();
        stored(completed(patient));
        assertThat(total("subject=Patient/" + patient + "&authored=" + authored))
                .isEqualTo(expected);
    }

    @Test
    void responses_are_found_by_subject_and_status() {
        var patient = newPatient();
        stored(draft(patient));
        var id = stored(completed(patient).without("authored"));
        assertThat(total("subject=" + patient)).isEqualTo(2);
        assertThat(total("subject:Patient=" + patient)).isEqualTo(2);
        assertThat(total("subject=http://ehr.example/Patient/" + patient + "&status=in-progress"))
                .isOne();
        assertThat(total("subject=" + patient + "&status=completed,in-progress"))
                .isEqualTo(2);
        assertThat(total("subject=" + patient + "&authored=ge2000")).isOne();
        var found = search("subject=" + patient + "&status=completed");
        assertThat(found.get("entry")).hasSize(1);
        assertThat(found.at("/entry/0/resource/id").textValue()).isEqualTo(id);
    }

    @Test
    void pages_follow_one_another_newest_first_without_gap() {
        var patient = newPatient();
        var ids = IntStream.range(0, 5).mapToObj(i -> stored(draft(patient))).toList();
        var found = new ArrayList<String>();
        var page = search("subject=" + patient + "&_count=2");
        while (true) {
            FHIR.newJsonParser()
                    .setParserErrorHandler(new StrictErrorHandler())
                    .parseResource(Bundle.class, page.toString());
            assertThat(page.get("total").intValue()).isEqualTo(5);
            page.get("entry")
                    .forEach(entry -> found.add(entry.at("/resource/id").textValue()));
            var next = StreamSupport.stream(page.get("link").spliterator(), false)
                    .filter(link -> link.get("relation").textValue().equals("next"))
                    .map(link -> link.get("url").textValue())
                    .findFirst();
            if (next.isEmpty()) {
                break;
            }
            page = json(RestAssured.given().urlEncodingEnabled(false).get(next.get()));
        }
        assertThat(found).containsExactlyElementsOf(ids.reversed());
        assertThat(search("subject=" + patient + "&_count=0").has("entry")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "authored=yesterday",
                "authored=xx2026",
                "authored=2026-02-30",
                "authored=",
                "status=finished",
                "status=%F0%9F%98%80",
                "status:not=completed",
                "subject=a%20b",
                "subject=Practitioner/1",
                "_count=-1",
                "_count=many",
                "_cursor=x"
            })
    void a_malformed_search_is_refused_with_400(String query) {
        assertOutcome(RestAssured.given().urlEncodingEnabled(false).get(RESPONSES + "?" + query), 400);
    }

    @Test
    void a_search_for_too_many_subjects_is_refused_with_the_limit() {
        var subjects = IntStream.rangeClosed(1, 51).mapToObj(i -> "P-many-" + i).toList();
        assertOutcome(fhir().get(RESPONSES + "?subject=" + String.join(",", subjects)), 400, "at most 50 subjects");
        assertOutcome(
                fhir().get(RESPONSES + "?subject=" + String.join(",", subjects.subList(0, 30)) + "&subject="
                        + String.join(",", subjects.subList(30, 51))),
                400,
                "at most 50 subjects");
        fhir().get(RESPONSES + "?subject=" + String.join(",", subjects.subList(0, 50)))
                .then()
                .statusCode(200);
    }

    @Test
    void an_unknown_search_parameter_is_ignored_unless_the_client_is_strict() {
        assertThat(search("colour=red&_count=1").at("/link/0/url").textValue()).doesNotContain("colour");
        assertOutcome(
                RestAssured.given().header("Prefer", "handling=strict").get(RESPONSES + "?colour=red"),
                400,
                "search parameter");
    }

    private static JsonNode search(String query) {
        var answer = RestAssured.given().urlEncodingEnabled(false).get(RESPONSES + "?" + query);
        answer.then().statusCode(200).contentType(startsWith("application/fhir+json"));
        return json(answer);
    }

    private static int total(String query) {
        return search(query).get("total").intValue();
    }

    private interface Work {
        Response send(int number) throws IOException;
    }

    /** Everyone begins when all are there. */
    private static List<Response> atOnce(int clients, Work work) {
        var start = new CyclicBarrier(clients);
        try (var threads = Executors.newFixedThreadPool(clients)) {
            List<Callable<Response>> calls = IntStream.range(0, clients)
                    .<Callable<Response>>mapToObj(i -> () -> {
                        start.await();
                        return work.send(i);
                    })
                    .toList();
            List<Future<Response>> answers = threads.invokeAll(calls);
            var done = new ArrayList<Response>();
            for (var answer : answers) {
                done.add(answer.get());
            }
            return done;
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }
}
