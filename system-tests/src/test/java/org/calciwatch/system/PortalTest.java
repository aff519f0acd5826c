package org.calciwatch.system;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser.NewContextOptions;
import org.calciwatch.stack.LocalStack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The portal as patients use it, in a real browser. */
@ExtendWith({Chromium.class, WholeStack.class})
class PortalTest {

    /** Who comes: with which browser. */
    private enum Kind {
        LAPTOP,
        /** As wide as the narrowest phones, or a laptop's window at four times the size (WCAG 2.2, 1.4.10). */
        PHONE,
        SPANISH,
        SPANISH_PHONE,
        WITHOUT_SCRIPTS;

        NewContextOptions options() {
            return switch (this) {
                case LAPTOP -> new NewContextOptions();
                case PHONE -> new NewContextOptions().setViewportSize(320, 640);
                case SPANISH -> new NewContextOptions().setLocale("es-ES");
                case SPANISH_PHONE -> new NewContextOptions().setLocale("es-MX").setViewportSize(320, 640);
                case WITHOUT_SCRIPTS -> new NewContextOptions().setJavaScriptEnabled(false);
            };
        }

        String language() {
            return switch (this) {
                case LAPTOP, PHONE, WITHOUT_SCRIPTS -> "en";
                case SPANISH, SPANISH_PHONE -> "es";
            };
        }
    }

    private final Clinic clinic;
    private final String portal;

    PortalTest(LocalStack stack, Clinic clinic) {
        this.clinic = clinic;
        // Not by number: cookies that are meant for TLS go to localhost without it too.
        this.portal = "http://localhost:" + stack.ports().intake();
    }

    @ParameterizedTest
    @EnumSource
    void a_patient_comes_in_reads_the_result_and_signs_out(Kind kind, Visitors visitors) {
        var submission = clinic.submit(Clinic.headlinePatient("P-0001"));
        clinic.result(submission);
        var patient = visitors.at(portal, kind.options());
        var page = patient.page();

        assertThat(patient.open("/")).isEqualTo(200);
        sees(patient, kind, "welcome");

        patient.open("/results");
        patient.photograph("login");
        patient.logIn("patient1");
        patient.arrivesAt("/results");
        sees(patient, kind, "results");

        page.locator("main a[href='/results/" + submission + "']").click();
        patient.arrivesAt("/results/" + submission);
        sees(patient, kind, "result");
        assertThat(page.locator("main"))
                .containsText(
                        switch (kind.language()) {
                            case "es" -> "Hable con su profesional de salud";
                            default -> "Talk to your clinician before starting high-dose supplements.";
                        });

        page.locator("a[href='/logout']").click();
        patient.arrivesAt("/");
        sees(patient, kind, "signed out");
        patient.open("/results");
        assertThat(page.locator("#password")).isVisible();
    }

    @Test
    void the_keyboard_is_enough_to_come_in_read_the_result_and_sign_out(Visitors visitors) {
        var submission = clinic.submit(Clinic.headlinePatient("P-0001"));
        clinic.result(submission);
        var patient = visitors.at(portal);
        var page = patient.page();

        patient.open("/results");
        patient.logIn("patient1");
        patient.presses(page.locator("main a[href='/results/" + submission + "']"));
        patient.arrivesAt("/results/" + submission);
        patient.presses(page.locator("a[href='/logout']"));
        patient.arrivesAt("/");
        patient.sees("signed out");
    }

    private static void sees(Visitor patient, Kind kind, String step) {
        patient.sees(step);
        var page = patient.page();
        assertThat(page.locator("html")).hasAttribute("lang", kind.language());
        assertThat(page.locator("h1")).hasCount(1);
    }
}
