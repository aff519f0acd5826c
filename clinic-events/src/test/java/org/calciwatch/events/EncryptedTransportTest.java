package org.calciwatch.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.certs.CertificateGenerator;
import io.smallrye.certs.CertificateRequest;
import io.smallrye.certs.Format;
import jakarta.inject.Inject;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.calciwatch.events.outbox.Outbox;
import org.calciwatch.stack.LocalStackResource;
import org.eclipse.microprofile.config.ConfigProvider;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A service that speaks TLS on both sides: to its clients, and with a login to a broker that takes nothing else. */
@QuarkusTest
@QuarkusTestResource(value = LocalStackResource.class, initArgs = @ResourceArg(name = "database", value = "intake"))
@QuarkusTestResource(value = EncryptedTransportTest.TlsEverywhere.class, restrictToAnnotatedClass = true)
class EncryptedTransportTest {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String PASSWORD = "for-the-test";
    private static final String LOGIN =
            "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"service\" password=\"%s\";";

    /** A certificate for localhost, a broker that has it, and the settings of the service for both. */
    public static class TlsEverywhere implements QuarkusTestResourceLifecycleManager {
        private @Nullable Process broker;

        @Override
        public int order() {
            return 10; // after the local stack, whose broker this one replaces
        }

        @Override
        public Map<String, String> start() {
            try {
                var directory = Files.createTempDirectory("calciwatch-tls");
                new CertificateGenerator(directory, true)
                        .generate(new CertificateRequest()
                                .withName("localhost")
                                .withCN("localhost")
                                .withSubjectAlternativeName("DNS:localhost")
                                .withPassword(PASSWORD)
                                .withFormats(List.of(Format.PKCS12, Format.PEM)));
                var address = startBroker(directory);
                makeTopicThatKeepsEventsForTooLong(directory, address);
                return Map.ofEntries(
                        Map.entry("calciwatch.test.certificates", directory.toString()),
                        Map.entry("quarkus.http.host", "localhost"),
                        Map.entry("quarkus.http.insecure-requests", "disabled"),
                        Map.entry("quarkus.http.test-ssl-port", "0"),
                        Map.entry("quarkus.http.ssl.certificate.files", directory + "/localhost.crt"),
                        Map.entry("quarkus.http.ssl.certificate.key-files", directory + "/localhost.key"),
                        Map.entry("kafka.bootstrap.servers", address),
                        Map.entry("kafka.security.protocol", "SASL_SSL"),
                        Map.entry("kafka.sasl.mechanism", "PLAIN"),
                        Map.entry("kafka.sasl.jaas.config", LOGIN.formatted(PASSWORD)),
                        Map.entry("kafka.ssl.truststore.type", "PKCS12"),
                        Map.entry("kafka.ssl.truststore.location", directory + "/localhost-truststore.p12"),
                        Map.entry("kafka.ssl.truststore.password", PASSWORD));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        private String startBroker(Path directory) throws IOException {
            int port = freePort();
            int controller = freePort();
            var settings = Files.writeString(
                    directory.resolve("server.properties"), """
                    process.roles=broker,controller
                    node.id=1
                    listeners=SASL_SSL://localhost:%1$d,CONTROLLER://127.0.0.1:%2$d
                    advertised.listeners=SASL_SSL://localhost:%1$d
                    listener.security.protocol.map=SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
                    inter.broker.listener.name=SASL_SSL
                    controller.listener.names=CONTROLLER
                    controller.quorum.voters=1@127.0.0.1:%2$d
                    sasl.enabled.mechanisms=PLAIN
                    sasl.mechanism.inter.broker.protocol=PLAIN
                    listener.name.sasl_ssl.plain.sasl.jaas.config=\
                    org.apache.kafka.common.security.plain.PlainLoginModule required \
                    username="service" password="%4$s" user_service="%4$s";
                    ssl.keystore.type=PKCS12
                    ssl.keystore.location=%3$s/localhost-keystore.p12
                    ssl.keystore.password=%4$s
                    ssl.key.password=%4$s
                    ssl.truststore.type=PKCS12
                    ssl.truststore.location=%3$s/localhost-truststore.p12
                    ssl.truststore.password=%4$s
                    log.dirs=%3$s/log
                    auto.create.topics.enable=false
                    offsets.topic.replication.factor=1
                    offsets.topic.num.partitions=3
                    transaction.state.log.replication.factor=1
                    transaction.state.log.min.isr=1
                    group.initial.rebalance.delay.ms=0
                    log.cleaner.dedupe.buffer.size=16777216
                    """.formatted(port, controller, directory, PASSWORD));
            var marker = directory.resolve("ready");
            var started = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx256m",
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            brokerClassPath(),
                            "org.calciwatch.stack.KafkaBroker",
                            settings.toString(),
                            marker.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("broker.log").toFile())
                    .start();
            broker = started;
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                assertThat(started.isAlive())
                        .as("see %s", directory.resolve("broker.log"))
                        .isTrue();
                return Files.exists(marker);
            });
            return "localhost:" + port;
        }

        /** Where the local stack has it from: its own code and the jars its build puts beside it. */
        private static String brokerClassPath() {
            var code = Path.of(URI.create(LocalStackResource.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toString()));
            return code + File.pathSeparator + code.resolveSibling("lib").resolve("*");
        }

        private static void makeTopicThatKeepsEventsForTooLong(Path directory, String address) throws Exception {
            try (var admin = Admin.create(client(directory, address, PASSWORD))) {
                admin.createTopics(
                                List.of(new NewTopic(EventType.FLAG_CHANGED.topic(), Optional.of(12), Optional.empty())
                                        .configs(Map.of("retention.ms", "-1", "cleanup.policy", "compact"))))
                        .all()
                        .get();
            }
        }

        private static int freePort() throws IOException {
            try (var socket = new ServerSocket(0)) {
                return socket.getLocalPort();
            }
        }

        @Override
        public void stop() {
            if (broker != null) {
                broker.destroyForcibly();
            }
        }
    }

    private static Map<String, Object> client(Path directory, String address, String password) {
        return Map.of(
                "bootstrap.servers",
                address,
                "security.protocol",
                "SASL_SSL",
                "sasl.mechanism",
                "PLAIN",
                "sasl.jaas.config",
                LOGIN.formatted(password),
                "ssl.truststore.type",
                "PKCS12",
                "ssl.truststore.location",
                directory + "/localhost-truststore.p12",
                "ssl.truststore.password",
                PASSWORD);
    }

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String broker;

    @Inject
    Outbox outbox;

    @Inject
    FlagRecorder recorder;

    @TestHTTPResource(value = "/q/health/ready", tls = true)
    @SuppressWarnings("NullAway.Init") // Quarkus sets it
    URI ready;

    @Test
    void a_service_with_a_certificate_is_reached_over_https() throws Exception {
        try (var browser = browser()) {
            var answer = browser.send(HttpRequest.newBuilder(ready).build(), BodyHandlers.ofString());

            assertThat(ready.getScheme()).isEqualTo("https");
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("Strict-Transport-Security")).contains("max-age=31536000");
        }
    }

    @Test
    void and_not_without_when_insecure_requests_are_off() {
        var plain = URI.create("http://" + ready.getAuthority() + ready.getPath());
        try (var browser = HttpClient.newHttpClient()) {
            assertThatThrownBy(() -> browser.send(HttpRequest.newBuilder(plain).build(), BodyHandlers.ofString()))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void events_reach_their_consumer_over_an_encrypted_connection_with_a_login() {
        var patient = "P-" + UUID.randomUUID();
        QuarkusTransaction.requiringNew()
                .run(() -> outbox.add(
                        EventType.FLAG_CHANGED,
                        patient,
                        new FlagChanged(
                                UUID.randomUUID(),
                                "CW-TEST",
                                patient,
                                Severity.CLINICIAN_REVIEW,
                                "OPEN",
                                "encrypted",
                                "system",
                                Instant.now(),
                                UUID.randomUUID(),
                                "submission")));

        await().atMost(SOON)
                .untilAsserted(() -> assertThat(recorder.of(patient)).containsExactly("encrypted"));
    }

    @Test
    void every_topic_keeps_events_seven_days_also_those_that_were_there_before() throws Exception {
        var topics = EventType.ALL.stream()
                .map(EventType::topic)
                .flatMap(topic -> List.of(topic, EventType.deadLetterTopic(topic)).stream())
                .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic))
                .toList();
        try (var admin = Admin.create(client(certificates(), broker, PASSWORD))) {
            await().atMost(SOON).ignoreExceptions().untilAsserted(() -> assertThat(
                            admin.describeConfigs(topics).all().get().values())
                    .hasSize(2 * EventType.ALL.size())
                    .allSatisfy(topic -> {
                        assertThat(topic.get("retention.ms").value()).isEqualTo("604800000");
                        assertThat(topic.get("segment.ms").value()).isEqualTo("86400000");
                        assertThat(topic.get("cleanup.policy").value()).isEqualTo("delete");
                    }));
        }
    }

    @Test
    void the_broker_lets_nobody_in_without_the_password_or_without_tls() {
        try (var admin = Admin.create(client(certificates(), broker, "guessed"))) {
            assertThatThrownBy(() -> admin.listTopics().names().get())
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(SaslAuthenticationException.class);
        }
    }

    @Test
    void a_broker_whose_certificate_nobody_vouches_for_gets_no_event() {
        try (var admin = Admin.create(Map.of(
                "bootstrap.servers",
                broker,
                "security.protocol",
                "SASL_SSL",
                "sasl.mechanism",
                "PLAIN",
                "sasl.jaas.config",
                LOGIN.formatted(PASSWORD)))) {
            assertThatThrownBy(() -> admin.listTopics().names().get())
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(SslAuthenticationException.class);
        }
    }

    /** Looked up, because other tests run without them and an injected setting must be there for all. */
    private static Path certificates() {
        return ConfigProvider.getConfig().getValue("calciwatch.test.certificates", Path.class);
    }

    private HttpClient browser() throws IOException, GeneralSecurityException {
        var trusted = KeyStore.getInstance(
                certificates().resolve("localhost-truststore.p12").toFile(), PASSWORD.toCharArray());
        var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        var tls = SSLContext.getInstance("TLS");
        tls.init(null, managers.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(tls).build();
    }
}
