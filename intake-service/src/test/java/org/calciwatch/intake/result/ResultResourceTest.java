package org.calciwatch.intake.result;

import static io.restassured.RestAssured.get;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.calciwatch.intake.Api.newPatient;
import static org.calciwatch.intake.Api.put;
import static org.calciwatch.intake.Api.stored;
import static org.calciwatch.intake.Assessments.PATIENCE;
import static org.calciwatch.intake.Assessments.awaitResult;
import static org.calciwatch.intake.Assessments.publish;
import static org.calciwatch.intake.Responses.completed;
import static org.calciwatch.intake.Responses.draft;
import static org.calciwatch.stack.Login.asIntegration;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.startsWith;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.UUID;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.calciwatch.intake.Assessments;
import org.calciwatch.intake.Broker;
import org.calciwatch.intake.Responses;
import org.calciwatch.stack.Login;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ResultResourceTest {

    @TestHTTPResource
    URI service = URI.create("http://127.0.0.1");

    private static Response result(String submissionId) {
        return get("/submissions/" + submissionId + "/result");
    }

    @Test
    void a_result_is_pending_until_the_assessment_is_there() {
        var patient = newPatient();
        var id = stored(completed(patient));
        result(id).then().statusCode(202).header("Retry-After", "1").body("status", equalTo("pending"));

        publish(Assessments.of(id, 1, patient));
        var golden = Broker.golden("assessment-completed").get("data");
        var answer = awaitResult(id);
        answer.then()
                .contentType(startsWith("application/json"))
                .header("Cache-Control", "no-store")
                .body("status", equalTo("ready"))
                .body("submissionId", equalTo(id))
                .body("submissionVersion", equalTo(1))
                .body("severity", equalTo(golden.get("severity").textValue()))
                .body("disclaimer", startsWith("This tool shares health information."))
                .body("closingLine", startsWith("Talk to your clinician"));
        var page = answer.jsonPath();
        var shown = Stream.of("emergency", "sameDay", "review", "education")
                .flatMap(list -> page.<String>getList(list + ".message").stream())
                .toList();
        assertThat(shown)
                .containsExactlyInAnyOrderElementsOf(golden.get("fired")
                        .valueStream()
                        .map(fired -> fired.get("patientMessage").textValue())
                        .toList());
        assertThat(page.getList("unknown.ruleId"))
                .isEqualTo(golden.get("unknown").findValuesAsText("ruleId"));
        // What is for the clinician stays with the clinician.
        assertThat(answer.asString())
                .doesNotContain(golden.at("/fired/0/clinicianMessage").textValue());
    }

    @Test
    void a_result_is_told_in_the_language_asked_for() {
        var patient = newPatient();
        var id = stored(completed(patient));
        publish(Assessments.of(id, 1, patient));
        awaitResult(id);
        given().queryParam("_language", "es")
                .get("/submissions/" + id + "/result")
                .then()
                .header("Content-Language", "es")
                .body("review.title", hasItem("Magnesio bajo en la sangre"))
                .body("disclaimer", startsWith("Esta herramienta comparte información de salud."))
                .body("openQuestions.text", contains("Su respuesta sobre cuánto bebe resolvería 1 comprobación."))
                .body("pleaseCheck", contains("Calcio total sin albúmina ni calcio ionizado"));
        given().header("Accept-Language", "fr, es;q=0.5")
                .get("/submissions/" + id + "/result")
                .then()
                .header("Content-Language", "es");
    }

    @Test
    void an_amended_submission_is_pending_again_until_its_newest_version_is_assessed() {
        var patient = newPatient();
        var id = stored(completed(patient));
        publish(Assessments.of(id, 1, patient));
        awaitResult(id);
        put(id, 1, completed(patient).choice("smoking", "never")).then().statusCode(200);
        result(id).then().statusCode(202);
        publish(Assessments.of(id, 2, patient));
        awaitResult(id).then().body("submissionVersion", equalTo(2));
    }

    @Test
    void a_late_assessment_of_an_older_version_changes_nothing() {
        var patient = newPatient();
        var id = stored(completed(patient));
        put(id, 1, completed(patient)).then().statusCode(200);
        publish(Assessments.of(id, 2, patient));
        var late = Assessments.of(id, 1, patient);
        publish(late);
        // The next event of the same patient tells that the late one was handled.
        var other = stored(completed(patient));
        publish(Assessments.of(other, 1, patient));
        awaitResult(other);
        result(id).then().statusCode(200).body("submissionVersion", equalTo(2));
    }

    @Test
    void of_two_assessments_of_one_version_the_later_counts_and_a_repeated_one_does_not() {
        var patient = newPatient();
        var id = stored(completed(patient));
        var first = Assessments.of(id, 1, patient);
        var second = Assessments.of(id, 1, patient);
        ((ObjectNode) second.get("data"))
                .put("assessedAt", Instant.now().plusSeconds(60).toString())
                .put("severity", "NONE")
                .withArray("fired")
                .removeAll();
        publish(first);
        publish(second);
        publish(first);
        var other = stored(completed(patient));
        publish(Assessments.of(other, 1, patient));
        awaitResult(other);
        result(id)
                .then()
                .statusCode(200)
                .body("severity", equalTo("NONE"))
                .body("education", hasSize(0))
                .body("notice", startsWith("None of our checks found a concern"));
    }

    @Test
    void there_is_no_result_of_a_draft_or_of_nothing() {
        result(stored(draft(newPatient())))
                .then()
                .statusCode(404)
                .contentType(startsWith("application/problem+json"))
                .body("detail", containsString("draft"));
        result(UUID.randomUUID().toString()).then().statusCode(404).contentType(startsWith("application/problem+json"));
        result("none").then().statusCode(404).contentType(startsWith("application/problem+json"));
        get("/submissions/" + UUID.randomUUID() + "/events").then().statusCode(404);
        get("/submissions/none/events").then().statusCode(404);
        get("/submissions/" + stored(draft(newPatient())) + "/events").then().statusCode(404);
    }

    @Test
    void a_waiting_browser_is_told_as_soon_as_the_result_is_there() throws Exception {
        var patient = newPatient();
        var id = stored(completed(patient));
        var lines = events(id);
        assertThat(lines.next()).startsWith(":");
        publish(Assessments.of(id, 1, patient));
        assertEndsWithResult(lines, id);
    }

    @Test
    void a_browser_that_comes_late_is_told_at_once() throws Exception {
        var patient = newPatient();
        var id = stored(completed(patient));
        publish(Assessments.of(id, 1, patient));
        awaitResult(id);
        assertEndsWithResult(events(id), id);
    }

    @Test
    void a_browser_that_goes_away_leaves_nothing_behind() throws Exception {
        var id = stored(completed(newPatient()));
        try (var browser = waitFor(id)) {
            assertThat(browser.isClosed()).isFalse();
            assertThat(awaited()).isEqualTo("1.0");
        }
        Awaitility.await().atMost(PATIENCE).until(ResultResourceTest::awaited, "0.0"::equals);
    }

    @Test
    void nobody_waits_for_one_result_more_than_five_times_at_once() throws Exception {
        var id = stored(completed(newPatient()));
        var other = stored(completed(newPatient()));
        var open = new ArrayList<Socket>();
        try {
            for (int i = 0; i < 5; i++) {
                open.add(waitFor(id));
            }
            asIntegration()
                    .get("/submissions/" + id + "/events")
                    .then()
                    .statusCode(429)
                    .header("Retry-After", "60")
                    .contentType(startsWith("application/problem+json"));
            open.add(waitFor(other));
            open.removeFirst().close();
            Awaitility.await().atMost(PATIENCE).untilAsserted(() -> open.add(waitFor(id)));
        } finally {
            for (var browser : open) {
                browser.close();
            }
        }
        Awaitility.await().atMost(PATIENCE).until(ResultResourceTest::awaited, "0.0"::equals);
    }

    /** A browser that has been told to wait. */
    private Socket waitFor(String id) throws IOException {
        var browser = new Socket(service.getHost(), service.getPort());
        browser.getOutputStream()
                .write("GET /submissions/%s/events HTTP/1.1\r\nHost: clinic\r\nAuthorization: Bearer %s\r\n\r\n"
                        .formatted(id, Login.integrationToken())
                        .getBytes(StandardCharsets.US_ASCII));
        browser.setSoTimeout((int) PATIENCE.toMillis());
        var answer = new BufferedReader(new InputStreamReader(browser.getInputStream(), StandardCharsets.UTF_8));
        assertThat(answer.readLine()).contains("200");
        assertThat(answer.lines().anyMatch(": waiting"::equals)).isTrue();
        return browser;
    }

    /** Submissions whose result some browser waits for. */
    private static String awaited() {
        return get("/q/metrics")
                .asString()
                .lines()
                .filter(line -> line.startsWith("calciwatch_results_awaited"))
                .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .findFirst()
                .orElseThrow();
    }

    private Iterator<String> events(String id) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(service.resolve("/submissions/" + id + "/events"))
                .header("Accept", "text/event-stream")
                .header("Authorization", "Bearer " + Login.integrationToken())
                .timeout(PATIENCE)
                .build();
        var answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofLines());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/event-stream");
        return answer.body().iterator();
    }

    /** Reads to the end of the stream, which only comes when the service closes it. */
    private static void assertEndsWithResult(Iterator<String> lines, String id) {
        String event = "";
        String data = "";
        while (lines.hasNext()) {
            var line = lines.next();
            if (line.startsWith("event:")) {
                event = line.substring("event:".length()).strip();
            } else if (line.startsWith("data:")) {
                data = line.substring("data:".length());
            }
        }
        assertThat(event).isEqualTo("result");
        assertThat(Responses.json(data)).isEqualTo(Responses.json(result(id).asString()));
    }
}
