package org.calciwatch.notification.flag;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import org.calciwatch.stack.LocalStackResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client sent never comes back in an error: error bodies end up in logs, tickets and other people's screens. */
@QuarkusTest
@QuarkusTestResource(
        value = LocalStackResource.class,
        initArgs = @ResourceArg(name = "database", value = "notification"))
class SilentErrorsTest {

    private static final String FLAG = "/flags/019a0000-0000-7000-8000-0000000000c1/";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            acknowledge | {"note": {"CANARY": "CANARY"}}
            acknowledge | {"note": CANARY}
            acknowledge | "CANARY"
            acknowledge | ["CANARY"]
            acknowledge | {"note": "CANARY\\u0000"}
            assign      | {"assignee": "CANARY\\n", "note": ["CANARY"]}
            assign      | {"assignee": "CANARY\\u0007CANARY"}
            snooze      | {"until": "CANARY", "note": "CANARY"}
            snooze      | {"until": {"CANARY": 1}}
            close       | {"outcome": "CANARY", "note": "CANARY"}
            close       | {"CANARY": CANARY}
            """)
    void notes_and_everything_else_in_a_refused_body_are_not_quoted(String action, String body) {
        var answer = given().contentType("application/json").body(body).post(FLAG + action);

        assertThat(answer.statusCode()).isBetween(400, 422);
        assertThat(answer.contentType()).startsWith("application/problem+json");
        assertThat(answer.asString()).doesNotContain("CANARY");
    }

    @Test
    void a_body_that_is_too_large_is_refused_with_the_reason() throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            var answer = client.send(
                    HttpRequest.newBuilder(URI.create("http://localhost:" + RestAssured.port + FLAG + "acknowledge"))
                            .header("Content-Type", "application/json")
                            .POST(BodyPublishers.ofByteArray(new byte[300 * 1024]))
                            .build(),
                    BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(413);
            assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
            assertThat(answer.body()).contains("larger than 256 KiB");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/flags?status=CANARY",
                "/flags?severity=CANARY",
                "/flags?patient=CANARY%00",
                "/flags?q=CANARY%00",
                "/flags?cursor=CANARY",
                "/flags?limit=CANARY",
                "/deliveries?flag=CANARY"
            })
    void search_values_are_not_quoted(String path) {
        var answer = given().urlEncodingEnabled(false).get(path);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.asString()).doesNotContain("CANARY");
    }
}
