package org.calciwatch.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.runtime.configuration.ConfigurationException;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProtectedAddressTest {

    private static final String SETTING = "calciwatch.assessment-url";
    private static final Set<String> CONTAINERS = Set.of("assessment");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://assessment.clinic.example:8443",
                "http://127.0.0.1:8082",
                "http://localhost:8082",
                "http://assessment:8082",
                "HTTP://Assessment:8082"
            })
    void an_address_over_tls_on_this_machine_or_of_a_host_that_was_named_is_taken(String address) {
        assertThat(ProtectedAddress.of(SETTING, address, CONTAINERS)).hasToString(address);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://assessment.clinic.example:8082",
                "http://assessment@clinic.example:8082",
                "http://127.0.0.1.clinic.example",
                "ftp://assessment",
                "https://user:secret@assessment",
                "assessment:8082",
                "no address",
                ""
            })
    void another_address_is_refused_in_one_line_that_names_the_setting_and_not_its_value(String address) {
        assertThatThrownBy(() -> ProtectedAddress.of(SETTING, address, CONTAINERS))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith(SETTING + " must be an address that begins with https://")
                .hasMessageNotContaining("\n")
                .hasMessageNotContaining("clinic.example")
                .hasMessageNotContaining("secret");
    }
}
