package org.calciwatch.intake.form;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.oidc.client.OidcClient;
import io.quarkus.oidc.client.runtime.TokensHelper;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.calciwatch.events.Severity;
import org.calciwatch.intake.fhir.FhirJson;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Asks the assessment service whether the answers so far are an emergency already, for the page that is just being made.
 * When it does not answer in time the form goes on: the list of emergencies stands on every page, and the completed
 * answers are assessed in any case.
 */
@ApplicationScoped
class EmergencyCheck {
    private static final Logger LOG = Logger.getLogger(EmergencyCheck.class);

    private final URI assessments;
    private final Duration longest;
    private final OidcClient login;
    private final FhirJson json;
    private volatile TokensHelper token = new TokensHelper();
    private final HttpClient http;

    EmergencyCheck(
            @ConfigProperty(name = "calciwatch.assessment-url") URI assessment,
            @ConfigProperty(name = "calciwatch.emergency-check.timeout") Duration longest,
            OidcClient login,
            FhirJson json) {
        this.assessments = URI.create(assessment.toString().replaceAll("/+$", "") + "/assessments/$evaluate");
        this.longest = longest;
        this.login = login;
        this.json = json;
        this.http = HttpClient.newBuilder().connectTimeout(longest).build();
    }

    @PreDestroy
    void close() {
        http.close();
    }

    /** A rule that says that help must be called at once. */
    record Emergency(String ruleId, String title, String message) {}

    /** The emergencies these answers are by themselves; none also when that cannot be told now. */
    List<Emergency> in(ObjectNode response, String language) {
        try {
            var request = HttpRequest.newBuilder(assessments)
                    .timeout(longest)
                    .header("Content-Type", FhirJson.MEDIA_TYPE)
                    .header(
                            "Authorization",
                            "Bearer "
                                    + token.getTokens(login)
                                            .await()
                                            .atMost(longest)
                                            .getAccessToken())
                    .POST(HttpRequest.BodyPublishers.ofString(json.write(response)));
            var answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
            if (answer.statusCode() == 200) {
                return emergencies(json.readOwn(answer.body()), language);
            }
            // One that is refused is not used again.
            token = new TokensHelper();
            LOG.warnf("No look for emergencies in a draft: the assessment service answered %d", answer.statusCode());
        } catch (IOException | RuntimeException e) {
            // The message may quote what was sent.
            LOG.warnf("No look for emergencies in a draft: %s", e.getClass().getName());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return List.of();
    }

    private static List<Emergency> emergencies(JsonNode assessment, String language) {
        return assessment
                .path("fired")
                .valueStream()
                .filter(rule -> rule.path("severity").asText().equals(Severity.EMERGENCY.name()))
                .map(rule -> {
                    var own = rule.path("translations").path(language);
                    var text = own.isObject() ? own : rule;
                    return new Emergency(
                            rule.path("ruleId").asText(),
                            text.path("title").asText(),
                            text.path("patientMessage").asText());
                })
                .toList();
    }
}
