package org.calciwatch.notification.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.oidc.AccessTokenCredential;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.security.identity.SecurityIdentity;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.calciwatch.notification.NotificationConfig;
import org.calciwatch.notification.ProtectedAddress;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** The three services over HTTP. They are asked as the caller, so each checks again who may know it, and records it. */
@ApplicationScoped
class ClinicServices {

    private static final Logger LOG = Logger.getLogger(ClinicServices.class);

    private static final Duration FOR_HEALTH = Duration.ofSeconds(1);
    private static final Duration FOR_LISTS = Duration.ofSeconds(3);

    /** A replay does the whole work of the message. */
    private static final Duration FOR_REPLAY = Duration.ofSeconds(20);

    /** One of the services. */
    enum Service {
        INTAKE,
        ASSESSMENT,
        NOTIFICATION;

        /** As it stands in addresses. */
        public String path() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Whether a service can work. */
    enum Health {
        READY,
        NOT_READY,
        NOT_REACHABLE
    }

    /** What came back. */
    sealed interface Answer {
        /** The service answered; a body that is not needed is not looked at. */
        record Given(int status, JsonNode body) implements Answer {}

        /** It did not answer in time, or nothing that can be read. */
        record None() implements Answer {}
    }

    private final URI intake;
    private final URI assessment;
    private final URI notification;
    private final NotificationConfig config;
    private final SecurityIdentity caller;
    private final ObjectMapper json;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(FOR_HEALTH).build();

    ClinicServices(
            @ConfigProperty(name = "calciwatch.portal-url") URI intake,
            @ConfigProperty(name = "calciwatch.assessment-url") URI assessment,
            @ConfigProperty(name = "calciwatch.notification-url") URI notification,
            NotificationConfig config,
            SecurityIdentity caller,
            ObjectMapper json) {
        this.intake = intake;
        this.assessment = assessment;
        this.notification = notification;
        this.config = config;
        this.caller = caller;
        this.json = json;
    }

    /** The token of an admin must not go where others can read it; before anybody could send one. */
    void start(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) StartupEvent start) {
        var plainHosts = config.plainHttpHosts().orElse(Set.of()).stream()
                .map(host -> host.strip().toLowerCase(Locale.ROOT))
                .collect(Collectors.toUnmodifiableSet());
        Map.of("portal", intake, "assessment", assessment, "notification", notification)
                .forEach((name, address) ->
                        ProtectedAddress.of("calciwatch." + name + "-url", address.toString(), plainHosts));
    }

    @PreDestroy
    void close() {
        http.close();
    }

    /** Whether each service can work; within about a second. */
    Map<Service, Health> health() {
        return ofEach(service -> http.sendAsync(
                        to(service, "/q/health/ready", FOR_HEALTH).build(), BodyHandlers.discarding())
                .thenApply(answer -> answer.statusCode() == 200 ? Health.READY : Health.NOT_READY)
                .exceptionally(_ -> Health.NOT_REACHABLE));
    }

    /** What each service answers to the same GET. */
    Map<Service, Answer> askAll(String path) {
        return ofEach(service -> send(service, asCaller(to(service, path, FOR_LISTS))));
    }

    /** What a service answers to a GET. */
    Answer ask(Service service, String path) {
        return send(service, asCaller(to(service, path, FOR_LISTS))).join();
    }

    /** What a service answers to a POST without a body. */
    Answer post(Service service, String path) {
        return send(service, asCaller(to(service, path, FOR_REPLAY)).POST(BodyPublishers.noBody()))
                .join();
    }

    private static <T> Map<Service, T> ofEach(Function<Service, CompletableFuture<T>> question) {
        var asked = new EnumMap<Service, CompletableFuture<T>>(Service.class);
        List.of(Service.values()).forEach(service -> asked.put(service, question.apply(service)));
        var answers = new EnumMap<Service, T>(Service.class);
        asked.forEach((service, answer) -> answers.put(service, answer.join()));
        return answers;
    }

    private HttpRequest.Builder to(Service service, String path, Duration timeout) {
        var address =
                switch (service) {
                    case INTAKE -> intake;
                    case ASSESSMENT -> assessment;
                    case NOTIFICATION -> notification;
                };
        return HttpRequest.newBuilder(URI.create(address.toString().replaceAll("/+$", "") + path))
                .timeout(timeout);
    }

    private HttpRequest.Builder asCaller(HttpRequest.Builder request) {
        var token = caller.getCredential(AccessTokenCredential.class);
        return token == null ? request : request.header("Authorization", "Bearer " + token.getToken());
    }

    private CompletableFuture<Answer> send(Service service, HttpRequest.Builder request) {
        return http.sendAsync(
                        request.header("Accept", "application/json").build(),
                        BodyHandlers.ofString(StandardCharsets.UTF_8))
                .<Answer>thenApply(answer -> new Answer.Given(answer.statusCode(), read(answer.body())))
                .exceptionally(failure -> {
                    LOG.warnf("The %s service gave no answer: %s", service.path(), failure.getClass());
                    return new Answer.None();
                });
    }

    private JsonNode read(String body) {
        try {
            return json.readTree(body);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
