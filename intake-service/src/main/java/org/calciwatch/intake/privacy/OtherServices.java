package org.calciwatch.intake.privacy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.oidc.AccessTokenCredential;
import io.quarkus.security.identity.SecurityIdentity;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.calciwatch.intake.fhir.FhirJson;
import org.calciwatch.privacy.ExportIncomplete;
import org.calciwatch.privacy.PatientExport;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** What the other services hold on a patient. They are asked as the caller, so they check again who may know it. */
@ApplicationScoped
class OtherServices implements PatientExport {

    private static final Duration TO_CONNECT = Duration.ofSeconds(3);
    private static final Duration TO_ANSWER = Duration.ofSeconds(20);

    private final Map<String, URI> services;
    private final SecurityIdentity caller;
    private final FhirJson json;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(TO_CONNECT).build();

    OtherServices(
            @ConfigProperty(name = "calciwatch.assessment-url") URI assessment,
            @ConfigProperty(name = "calciwatch.notification-url") URI notification,
            SecurityIdentity caller,
            FhirJson json) {
        services = new LinkedHashMap<>();
        services.put("assessment-service", assessment);
        services.put("notification-service", notification);
        this.caller = caller;
        this.json = json;
    }

    @PreDestroy
    void close() {
        http.close();
    }

    @Override
    public List<ObjectNode> export(String patientId) {
        return services.entrySet().stream()
                .flatMap(service -> ask(service.getKey(), service.getValue(), patientId))
                .toList();
    }

    private Stream<ObjectNode> ask(String service, URI address, String patientId) {
        var path = "/fhir/Patient/" + patientId + "/$everything";
        var request = HttpRequest.newBuilder(URI.create(address.toString().replaceAll("/+$", "") + path))
                .timeout(TO_ANSWER)
                .header("Accept", FhirJson.MEDIA_TYPE);
        var token = caller.getCredential(AccessTokenCredential.class);
        if (token != null) {
            request.header("Authorization", "Bearer " + token.getToken());
        }
        try {
            var answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
            if (answer.statusCode() != 200) {
                throw new ExportIncomplete(service + " answered with status " + answer.statusCode());
            }
            return StreamSupport.stream(
                            json.readOwn(answer.body()).path("entry").spliterator(), false)
                    .map(entry -> (ObjectNode) entry.get("resource"));
        } catch (IOException e) {
            throw new ExportIncomplete(service + " cannot be reached");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ExportIncomplete(service + " was not waited for");
        }
    }
}
