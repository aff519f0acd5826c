package org.calciwatch.notification.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.calciwatch.notification.NotificationConfig;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {

    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    @Test
    void a_signature_is_that_of_the_specifications_example() {
        var endpoint = endpoints(Map.of("CALCIWATCH_WEBHOOKS_EHR_URL", "https://ehr.example/hook"), SECRET)
                .getFirst();

        assertThat(endpoint.signature(
                        "msg_p5jXN8AQM9LWM0D4loKWxJek", Instant.ofEpochSecond(1614265330), "{\"test\": 2432232314}"))
                .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    @Test
    void nobody_is_told_unless_set() {
        assertThat(endpoints(Map.of(), "")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://ehr.example/hook?key=1",
                "HTTPS://ehr.example",
                "http://127.0.0.1:9000/hook",
                "http://localhost/",
                "http://[::1]:9000/"
            })
    void an_address_over_tls_or_on_this_machine_is_taken_from_the_environment(String url) {
        var endpoint =
                endpoints(Map.of("CALCIWATCH_WEBHOOKS_EHR_URL", url), SECRET).getFirst();

        assertThat(endpoint.name()).isEqualTo("ehr");
        assertThat(endpoint.url()).hasToString(url);
        assertThat(endpoint.toString()).doesNotContain(url);
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
            -,                             whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, url
            http://ehr.example/hook,       whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, url
            http://127.0.0.1.example/hook, whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, url
            ftp://ehr.example/hook,        whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, url
            https://me:pass@ehr.example/,  whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, url
            'https://ehr.example/a b',     whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, url
            https://ehr.example/hook,      -,                                      secret
            https://ehr.example/hook,      c2hvcnQ=,                               secret
            https://ehr.example/hook,      not-base64-at-all-not-base64-at-all,    secret
            """)
    void a_setting_that_cannot_be_used_stops_the_service_with_one_line_that_names_it(
            @Nullable String url, @Nullable String secret, String setting) {
        var settings = new HashMap<String, String>();
        if (url != null) {
            settings.put("CALCIWATCH_WEBHOOKS_EHR_URL", url);
        }
        assertThatThrownBy(() -> endpoints(settings, secret == null ? "" : secret))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("calciwatch.webhooks.ehr." + setting + " must be")
                .hasMessageNotContaining("\n")
                .hasMessageNotContaining("example/")
                .hasMessageNotContaining("MfKQ");
    }

    private static List<Endpoint> endpoints(Map<String, String> environment, String secret) {
        var all = new HashMap<>(environment);
        if (!secret.isEmpty()) {
            all.put("CALCIWATCH_WEBHOOKS_EHR_SECRET", secret);
        }
        var config = new SmallRyeConfigBuilder()
                .withConverter(Duration.class, 200, new DurationConverter())
                .withMapping(NotificationConfig.class)
                .withSources(new EnvConfigSource(all, 300))
                .build()
                .getConfigMapping(NotificationConfig.class);
        return Endpoint.all(config);
    }
}
