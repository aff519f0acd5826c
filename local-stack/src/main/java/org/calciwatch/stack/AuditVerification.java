package org.calciwatch.stack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;

/** Has every service verify the chain of its audit trail, and prints what they found. */
final class AuditVerification {
    /** A million events take some seconds. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final List<String> services;
    private final String token;
    private final PrintStream out;
    private final ObjectMapper json = new ObjectMapper();

    /**
     * @param services base addresses
     * @param token of an admin
     */
    AuditVerification(List<String> services, String token, PrintStream out) {
        this.services = services;
        this.token = token;
        this.out = out;
    }

    /**
     * Asks all of them, also when one is broken.
     *
     * @return true when every chain is whole
     * @throws StackException when a service does not answer, or not to this token
     */
    boolean run() {
        boolean allValid = true;
        try (var http =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build()) {
            for (var service : services) {
                var found = ask(http, service + "/fhir/AuditEvent/$verify");
                print(found);
                allValid &= found.path("valid").asBoolean(false);
            }
        }
        return allValid;
    }

    private JsonNode ask(HttpClient http, String url) {
        var request = HttpRequest.newBuilder(URI.create(url))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + token)
                .build();
        try {
            var answer = http.send(request, BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new StackException(url + " answers " + answer.statusCode()
                        + "; the token in CALCIWATCH_TOKEN must be a valid one of an admin.");
            }
            return json.readTree(answer.body());
        } catch (IOException e) {
            throw new StackException(url + " does not answer: " + StackException.reason(e), e);
        } catch (InterruptedException e) {
            throw OperatingSystem.interrupted(e);
        }
    }

    private void print(JsonNode found) {
        var valid = found.path("valid").asBoolean(false);
        out.printf(
                "%-22s %s: %d events chained, %d waiting, head %s%n",
                found.path("service").asText(),
                valid ? "whole" : "BROKEN",
                found.path("links").asLong(),
                found.path("notYetChained").asLong(),
                found.path("head").asText());
        if (!valid) {
            var first = found.path("firstBroken");
            out.printf(
                    "  %d changed, %d gone, %d never chained; first at %s (event %s): %s%n",
                    found.path("broken").asLong(),
                    found.path("missing").asLong(),
                    found.path("overdue").asLong(),
                    first.path("seq").asText("-"),
                    first.path("eventId").asText("-"),
                    first.path("reason").asText("-"));
        }
    }
}
