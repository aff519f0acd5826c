package org.calciwatch.start;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class WellKnownSecretsTest {

    static Stream<String> secretsOfTheDemonstration() throws IOException {
        return Files.readAllLines(Path.of("../.env.example")).stream()
                .filter(line -> line.matches("[A-Z_]+(PASSWORD|SECRET)=.+"))
                .map(line -> line.substring(line.indexOf('=') + 1));
    }

    @ParameterizedTest
    @MethodSource("secretsOfTheDemonstration")
    @ValueSource(strings = {"Changeme", "change-me", "password", "postgres", "xxxxxxxx", "intake", "12345678"})
    void a_secret_that_everybody_knows_is_refused_by_the_name_of_its_setting(String secret) {
        assertThatThrownBy(() ->
                        start(Map.of("quarkus.datasource.username", "intake", "quarkus.datasource.password", secret)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("QUARKUS_DATASOURCE_PASSWORD is a secret that everybody knows")
                .hasMessageNotContaining(secret.length() > 8 ? secret : "\n");
    }

    @Test
    void the_secret_of_the_pages_is_looked_at_too() {
        assertThatThrownBy(() ->
                        start(Map.of("calciwatch.oidc.portal-secret", "demo-secret-of-the-pages-for-no-other-use")))
                .hasMessageStartingWith("CALCIWATCH_OIDC_PORTAL_SECRET ");
    }

    @Test
    void random_secrets_are_taken() {
        assertThatCode(() -> start(Map.of(
                        "quarkus.datasource.username", "intake",
                        "quarkus.datasource.password", "da6cf6151275743a83f5d4c0",
                        "calciwatch.oidc.portal-secret", "5eb5a9b8a5cb4a5d9a1b77ad64c1a6f3")))
                .doesNotThrowAnyException();
    }

    @Test
    void a_demonstration_may_have_them() {
        assertThatCode(() -> start(Map.of("calciwatch.demo", "true", "quarkus.datasource.password", "demo")))
                .doesNotThrowAnyException();
    }

    @Test
    void an_empty_setting_is_no_demonstration() {
        assertThatThrownBy(() -> start(Map.of("calciwatch.demo", "", "quarkus.datasource.password", "demo")))
                .isInstanceOf(ConfigurationException.class);
    }

    /** What chooses the realm asks only whether something is set. */
    @Test
    void a_demonstration_is_true_or_not_set() {
        assertThatThrownBy(() -> start(Map.of("calciwatch.demo", "false")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("CALCIWATCH_DEMO is \"false\"; it takes true or nothing.");
    }

    private static void start(Map<String, String> settings) {
        var config = new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(settings, "test", 100))
                .build();
        new WellKnownSecrets(config).start(new StartupEvent());
    }
}
