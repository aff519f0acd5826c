package org.calciwatch.notification.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.certs.CertificateGenerator;
import io.smallrye.certs.CertificateRequest;
import io.smallrye.certs.Format;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
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
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.calciwatch.notification.NotificationConfig;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mail to servers that speak TLS, with certificates made for the test. */
class SmtpTlsTest {

    private static final char[] PASSWORD = "for the test".toCharArray();
    private static final String ONE = "one@clinic.example";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    static Path certificates;

    @BeforeAll
    static void makeCertificates() throws Exception {
        for (var host : List.of("localhost", "mail.elsewhere.example")) {
            new CertificateGenerator(certificates, true)
                    .generate(new CertificateRequest()
                            .withName(host)
                            .withCN(host)
                            .withSubjectAlternativeName("DNS:" + host)
                            .withPassword(String.valueOf(PASSWORD))
                            .withFormats(List.of(Format.PKCS12, Format.PEM)));
        }
    }

    @Test
    void by_default_a_mail_goes_out_encrypted_after_starttls() throws Exception {
        try (var server = ScriptedSmtp.withStartTls(tls("localhost"))) {
            var answer = send(server, trusting("localhost"));

            assertThat(answer.accepted()).as(answer.detail()).containsExactly(ONE);
            assertThat(server.taken()).hasSize(1);
        }
    }

    @Test
    void a_server_without_starttls_gets_no_mail() throws Exception {
        try (var server = new ScriptedSmtp(0)) {
            var answer = send(server, trusting("localhost"));

            assertRefused(server, answer);
            assertThat(answer.detail()).contains("offers no STARTTLS, which is required");
        }
    }

    @Test
    void a_server_that_speaks_tls_from_the_start_gets_mails_when_told_so() throws Exception {
        try (var server = ScriptedSmtp.overTls(tls("localhost"))) {
            var answer = send(server, Map.of("security", "tls", "trusted-certificates", pem("localhost")));

            assertThat(answer.accepted()).as(answer.detail()).containsExactly(ONE);
            assertThat(server.taken()).hasSize(1);
        }
    }

    @Test
    void a_server_with_the_certificate_of_another_gets_no_mail() throws Exception {
        try (var startTls = ScriptedSmtp.withStartTls(tls("mail.elsewhere.example"));
                var tls = ScriptedSmtp.overTls(tls("mail.elsewhere.example"))) {
            assertRefused(startTls, send(startTls, trusting("mail.elsewhere.example")));
            assertRefused(
                    tls, send(tls, Map.of("security", "tls", "trusted-certificates", pem("mail.elsewhere.example"))));
        }
    }

    @Test
    void a_server_whose_certificate_nobody_vouches_for_gets_no_mail() throws Exception {
        try (var startTls = ScriptedSmtp.withStartTls(tls("localhost"));
                var tls = ScriptedSmtp.overTls(tls("localhost"))) {
            assertRefused(startTls, send(startTls, Map.of()));
            assertRefused(tls, send(tls, Map.of("security", "tls")));
        }
    }

    @Test
    void a_file_that_holds_no_certificates_is_refused_at_the_start() throws Exception {
        var file = Files.writeString(certificates.resolve("notes.txt"), "no certificate");
        try (var server = new ScriptedSmtp(0)) {
            assertThatThrownBy(() -> send(server, Map.of("trusted-certificates", file.toString())))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("trusted-certificates");
        }
    }

    private static void assertRefused(ScriptedSmtp server, Smtp.Answer answer) {
        assertThat(answer.accepted()).isEmpty();
        assertThat(answer.refused()).isEmpty();
        assertThat(server.taken()).isEmpty();
    }

    private static Map<String, String> trusting(String host) {
        return Map.of("trusted-certificates", pem(host));
    }

    /** The generated certificate vouches for itself. */
    private static String pem(String host) {
        return certificates.resolve(host + ".crt").toString();
    }

    private static SSLContext tls(String host) throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance(
                certificates.resolve(host + "-keystore.p12").toFile(), PASSWORD);
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    private static Smtp.Answer send(ScriptedSmtp server, Map<String, String> settings) {
        var config = new SmallRyeConfigBuilder()
                .withConverter(Duration.class, 200, new DurationConverter())
                .withMapping(NotificationConfig.class)
                .withDefaultValue("calciwatch.mail.smtp.host", "localhost")
                .withDefaultValue("calciwatch.mail.smtp.port", String.valueOf(server.port()));
        settings.forEach((name, value) -> config.withDefaultValue("calciwatch.mail.smtp." + name, value));
        return new Smtp(config.build().getConfigMapping(NotificationConfig.class))
                .send(new Outgoing(
                        UUID.randomUUID(),
                        "0".repeat(32),
                        "<flag.opened@calciwatch.example>",
                        Optional.empty(),
                        List.of(ONE),
                        List.of(ONE),
                        Instant.parse("2026-03-01T10:00:00Z"),
                        new Mail("[EMERGENCY] CW-7K3M9Q", "text", "<p>html</p>")));
    }
}
