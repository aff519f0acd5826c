package org.calciwatch.notification.routing;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.Map;
import org.calciwatch.notification.NotificationConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoutingSettingsTest {

    @Test
    void the_defaults_and_several_addresses_are_taken() {
        assertThatCode(() -> Routing.refuseUnusable(config(Map.of()))).doesNotThrowAnyException();
        assertThatCode(() -> Routing.refuseUnusable(
                        config(Map.of("calciwatch.clinicians", "a@clinic.example,b@clinic.example"))))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            calciwatch.clinicians,               a@clinic.example;b@clinic.example
            calciwatch.clinicians,               'a@clinic.example,nobody'
            calciwatch.leads,                    Lead <lead@clinic.example>
            calciwatch.escalation.default-after, PT0S
            calciwatch.escalation.default-after, P8D
            calciwatch.escalation.repeat,        -PT1H
            """)
    void a_setting_that_cannot_be_used_stops_the_service_with_one_line_that_names_it(String setting, String value) {
        assertThatThrownBy(() -> Routing.refuseUnusable(config(Map.of(setting, value))))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith(setting + " must be")
                .hasMessageNotContaining("\n")
                .hasMessageNotContaining(value);
    }

    private static NotificationConfig config(Map<String, String> settings) {
        var config = new SmallRyeConfigBuilder()
                .withConverter(Duration.class, 200, new DurationConverter())
                .withMapping(NotificationConfig.class);
        settings.forEach(config::withDefaultValue);
        return config.build().getConfigMapping(NotificationConfig.class);
    }
}
