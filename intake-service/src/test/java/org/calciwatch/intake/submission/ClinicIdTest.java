package org.calciwatch.intake.submission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClinicIdTest {

    @ParameterizedTest
    @CsvSource({"Organization/north, north", "https://ehr.example/fhir/Organization/N-2.b, N-2.b"})
    void an_organization_is_a_clinic(String reference, String id) {
        assertThat(ClinicId.referredTo(reference)).hasValue(new ClinicId(id));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Organization/",
                "Organization/a b",
                "Organization/north/_history/2",
                "Practitioner/north",
                "Patient/north",
                "xOrganization/north",
                "Organization?identifier=north",
                "Organization/12345678901234567890123456789012345678901234567890123456789012345"
            })
    void another_author_is_none(String reference) {
        assertThat(ClinicId.referredTo(reference)).isEmpty();
    }

    @Test
    void a_setting_that_is_no_id_is_refused_with_what_would_be_right() {
        assertThat(ClinicId.of(" north ")).isEqualTo(new ClinicId("north"));
        assertThatThrownBy(() -> ClinicId.of("Clinic North"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "'Clinic North' is not the id of a clinic; right would be 1 to 64 letters, digits, '-', '.',"
                                + " as in north-2");
    }
}
