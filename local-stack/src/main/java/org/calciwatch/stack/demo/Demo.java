package org.calciwatch.stack.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.calciwatch.stack.Tokens;

/**
 * Submits the sample patients of {@code resources/demo} and follows each through the services by their public
 * interfaces: the patient's result, the assessment, the flag and the mail.
 */
public final class Demo {
    /** In this order: what the questionnaire of each file is an example of is in its name. */
    private static final List<String> PATIENTS = List.of(
            "high-vitamin-d-low-magnesium-kidney-disease",
            "severe-calcium",
            "warfarin-with-k2",
            "labs-missing",
            "education-only");

    private static final Set<String> NEEDS_CLINICIAN = Set.of("CLINICIAN_REVIEW", "URGENT_SAME_DAY", "EMERGENCY");
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long POLL_MILLIS = 250;

    private final Services services;
    private final Tokens tokens;
    private final PrintStream out;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final ObjectMapper json = new ObjectMapper();

    /** Base addresses, without a slash at the end. */
    public record Services(String intake, String assessment, String notification, String mail) {}

    private record Submission(String patientId, String id) {}

    private record Outcome(String severity, List<String> rules, String flag, String mail) {}

    /** Asks again until there is an answer; empty means not yet. */
    @FunctionalInterface
    private interface Question<T> {
        Optional<T> ask() throws IOException, InterruptedException;
    }

    /**
     * Of a running stack.
     *
     * @param tokens of its demo realm
     */
    public Demo(Services services, Tokens tokens, PrintStream out) {
        this.services = services;
        this.tokens = tokens;
        this.out = out;
    }

    /**
     * Runs it once; every run makes new submissions.
     *
     * @return whether everything arrived where it should within 30 seconds
     */
    public boolean run() throws IOException {
        try {
            List<Submission> submissions = new ArrayList<>();
            for (var name : PATIENTS) {
                submissions.add(submit(name));
            }
            out.println("Submitted " + submissions.size() + " questionnaires. What came of them:\n");
            out.printf("%-8s  %-16s  %-10s  %s%n", "PATIENT", "SEVERITY", "FLAG", "FIRED RULES, MAIL");
            boolean complete = true;
            var deadline = Instant.now().plus(PATIENCE);
            for (var submission : submissions) {
                complete &= report(submission, deadline);
            }
            out.println("\nMails: " + services.mail() + "   Flags: " + services.notification() + "/flags");
            return complete;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Submission submit(String name) throws IOException, InterruptedException {
        ObjectNode response;
        try (var resource = Demo.class.getResourceAsStream("/demo/" + name + ".json")) {
            if (resource == null) {
                throw new FileNotFoundException("/demo/" + name + ".json");
            }
            response = (ObjectNode) json.readTree(resource);
        }
        response.put("authored", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        var answer = http.send(
                HttpRequest.newBuilder(URI.create(services.intake() + "/fhir/QuestionnaireResponse"))
                        .header("Content-Type", "application/fhir+json")
                        .header("Authorization", "Bearer " + tokens.integration())
                        .timeout(PATIENCE)
                        .POST(HttpRequest.BodyPublishers.ofByteArray(json.writeValueAsBytes(response)))
                        .build(),
                BodyHandlers.ofString());
        if (answer.statusCode() != 201) {
            throw new IOException(
                    "the sample " + name + " was not accepted (" + answer.statusCode() + "): " + answer.body());
        }
        var patient = response.path("subject").path("reference").asText().replace("Patient/", "");
        return new Submission(patient, json.readTree(answer.body()).path("id").asText());
    }

    private boolean report(Submission submission, Instant deadline) throws InterruptedException {
        try {
            var outcome = follow(submission, deadline);
            out.printf(
                    "%-8s  %-16s  %-10s  %s%n",
                    submission.patientId(),
                    outcome.severity(),
                    outcome.flag(),
                    outcome.rules().isEmpty() ? "(none)" : String.join(", ", outcome.rules()));
            if (!outcome.mail().isEmpty()) {
                out.printf("%-40s%s%n", "", "mail: " + outcome.mail());
            }
            return true;
        } catch (IOException e) {
            out.printf("%-8s  FAILED: %s (submission %s)%n", submission.patientId(), e.getMessage(), submission.id());
            return false;
        }
    }

    private Outcome follow(Submission submission, Instant deadline) throws IOException, InterruptedException {
        var result = await("no result on intake-service", deadline, () -> result(submission));
        var assessment = await("no assessment", deadline, () -> assessment(submission));
        var severity = assessment.path("severity").asText();
        if (!result.path("severity").asText().equals(severity)) {
            throw new IOException(
                    "the result says " + result.path("severity").asText() + ", the assessment " + severity);
        }
        var rules = assessment
                .path("fired")
                .valueStream()
                .map(rule -> rule.path("ruleId").asText())
                .toList();
        if (!NEEDS_CLINICIAN.contains(severity)) {
            return new Outcome(severity, rules, "-", "");
        }
        var reference = await("no flag", deadline, () -> flag(submission));
        var subject = await("no mail about " + reference, deadline, () -> mailAbout(reference));
        return new Outcome(severity, rules, reference, subject);
    }

    private Optional<JsonNode> result(Submission submission) throws IOException, InterruptedException {
        var answer = get(services.intake() + "/submissions/" + submission.id() + "/result", tokens.integration());
        return answer.statusCode() == 200 ? Optional.of(json.readTree(answer.body())) : Optional.empty();
    }

    private Optional<JsonNode> assessment(Submission submission) throws IOException, InterruptedException {
        return items(services.assessment() + "/assessments?submission=" + submission.id(), tokens.integration())
                .stream()
                .findFirst();
    }

    /** Flags are for clinicians. A patient's open flag follows the newest submission, so a second run finds the first one's flag. */
    private Optional<String> flag(Submission submission) throws IOException, InterruptedException {
        return items(services.notification() + "/flags?patient=" + submission.patientId(), tokens.user("clinician1"))
                .stream()
                .filter(flag -> flag.path("submissionId").asText().equals(submission.id()))
                .map(flag -> flag.path("reference").asText())
                .findFirst();
    }

    private Optional<String> mailAbout(String reference) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(services.mail() + "/api/messages"))
                .timeout(PATIENCE)
                .build();
        return json.readTree(http.send(request, BodyHandlers.ofString()).body())
                .valueStream()
                .filter(mail ->
                        (mail.path("subject").asText() + mail.path("text").asText()).contains(reference))
                .map(mail -> mail.path("subject").asText())
                .findFirst();
    }

    private List<JsonNode> items(String url, String token) throws IOException, InterruptedException {
        return json.readTree(get(url, token).body()).path("items").valueStream().collect(Collectors.toList());
    }

    private HttpResponse<String> get(String url, String token) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(url))
                .header("Authorization", "Bearer " + token)
                .timeout(PATIENCE)
                .build();
        return http.send(request, BodyHandlers.ofString());
    }

    private static <T> T await(String otherwise, Instant deadline, Question<T> question)
            throws IOException, InterruptedException {
        while (true) {
            var answer = question.ask();
            if (answer.isPresent()) {
                return answer.get();
            }
            if (Instant.now().isAfter(deadline)) {
                throw new IOException(otherwise + " within " + PATIENCE.toSeconds() + " s");
            }
            Thread.sleep(POLL_MILLIS);
        }
    }
}
