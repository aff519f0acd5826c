package org.calciwatch.system;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.assertions.LocatorAssertions.ContainsTextOptions;
import com.microsoft.playwright.assertions.LocatorAssertions.IsVisibleOptions;
import java.time.Duration;
import java.util.List;
import org.calciwatch.stack.LocalStack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The inbox as clinicians use it, in a real browser. */
@ExtendWith({Chromium.class, WholeStack.class})
class InboxTest {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final double SOON_MS = SOON.toSeconds() * 1000.0;

    /** Who comes: with which browser. */
    private enum Kind {
        LAPTOP,
        PHONE,
        SPANISH_PHONE,
        WITHOUT_SCRIPTS;

        NewContextOptions options() {
            return switch (this) {
                case LAPTOP -> new NewContextOptions();
                case PHONE -> new NewContextOptions().setViewportSize(320, 640);
                case SPANISH_PHONE -> new NewContextOptions().setLocale("es-MX").setViewportSize(320, 640);
                case WITHOUT_SCRIPTS -> new NewContextOptions().setJavaScriptEnabled(false);
            };
        }

        String language() {
            return switch (this) {
                case LAPTOP, PHONE, WITHOUT_SCRIPTS -> "en";
                case SPANISH_PHONE -> "es";
            };
        }
    }

    private final Clinic clinic;
    private final String inbox;

    InboxTest(LocalStack stack, Clinic clinic) {
        this.clinic = clinic;
        // Not by number: cookies that are meant for TLS go to localhost without it too.
        this.inbox = "http://localhost:" + stack.ports().notification();
    }

    @ParameterizedTest
    @EnumSource
    void a_clinician_comes_from_the_mail_and_closes_the_flag(Kind kind, Visitors visitors) {
        var flag = flag(Clinic.newPatient());
        var clinician = visitors.at(inbox, kind.options());
        var page = clinician.page();

        clinician.open("/inbox/" + flag + "/acknowledge");
        clinician.logIn("clinician1");
        clinician.arrivesAt("/inbox/" + flag + "/acknowledge");
        sees(clinician, kind, "acknowledge");
        page.locator("#note").fill("I call today");
        page.locator("main form button").click();
        clinician.arrivesAt("/inbox/" + flag);
        sees(clinician, kind, "acknowledged");
        assertThat(page.locator(".history")).containsText("I call today");

        page.locator("#outcome-contacted").check();
        page.locator("form[action$='/close'] button").click();
        clinician.arrivesAt("/inbox/" + flag);
        sees(clinician, kind, "closed");
        assertThat(status(flag)).isEqualTo("CLOSED");

        flag(Clinic.newPatient());
        clinician.open("/inbox");
        sees(clinician, kind, "inbox");
        clinician.open("/inbox?status=CLOSED&q=" + flag);
        sees(clinician, kind, "nothing found");
    }

    @Test
    void the_keyboard_is_enough_from_the_list_to_a_closed_flag(Visitors visitors) {
        var patient = Clinic.newPatient();
        var flag = flag(patient);
        var clinician = visitors.at(inbox);
        var page = clinician.page();
        clinician.open("/inbox?q=" + patient);
        clinician.logIn("clinician1");
        clinician.arrivesAt("/inbox");

        page.keyboard().press("j");
        assertThat(page.locator("#flag-" + flag + " > a")).isFocused();
        page.keyboard().press("a");
        clinician.arrivesAt("/inbox/" + flag + "/acknowledge");
        clinician.presses(page.locator("main form button"));
        clinician.arrivesAt("/inbox/" + flag);
        clinician.picks(page.locator("#outcome-treated"));
        clinician.presses(page.locator("form[action$='/close'] button"));

        await().atMost(SOON).untilAsserted(() -> assertThat(status(flag)).isEqualTo("CLOSED"));
    }

    @Test
    void shortcuts_can_be_switched_off_and_leave_what_is_typed_alone(Visitors visitors) {
        var patient = Clinic.newPatient();
        var flag = flag(patient);
        var clinician = visitors.at(inbox);
        var page = clinician.page();
        clinician.open("/inbox?q=" + patient);
        clinician.logIn("clinician1");
        clinician.arrivesAt("/inbox");

        page.keyboard().press("/");
        assertThat(page.locator("#q")).isFocused();
        page.keyboard().press("End");
        page.keyboard().type("jka?");
        assertThat(page.locator("#q")).hasValue(patient + "jka?");
        page.locator("#shortcuts summary").click();
        clinician.sees("shortcuts");
        page.locator("#use-shortcuts").uncheck();
        page.keyboard().press("j");
        assertThat(page.locator("#flag-" + flag + " > a")).not().isFocused();
    }

    @Test
    void a_new_flag_appears_by_itself_but_not_under_the_hands_of_somebody(Visitors visitors) {
        var clinician = visitors.at(inbox);
        var page = clinician.page();
        clinician.open("/inbox");
        clinician.logIn("clinician1");
        clinician.arrivesAt("/inbox");
        page.locator("summary").first().focus();

        var first = flag(Clinic.newPatient());
        assertThat(page.locator("#news")).containsText("new flag", new ContainsTextOptions().setTimeout(SOON_MS));
        assertThat(status(first)).isEqualTo("OPEN");
        assertThat(page.locator("#show-news")).isHidden();

        page.locator("ol.flags a").first().focus();
        flag(Clinic.newPatient());
        assertThat(page.locator("#show-news")).isVisible(new IsVisibleOptions().setTimeout(SOON_MS));
        assertThat(page.locator("ol.flags a").first()).isFocused();
        clinician.sees("new flag");
    }

    @Test
    void a_new_flag_that_the_list_does_not_show_is_told_of(Visitors visitors) {
        var clinician = visitors.at(inbox);
        clinician.open("/inbox?severity=EMERGENCY");
        clinician.logIn("clinician1");
        clinician.arrivesAt("/inbox");

        flag(Clinic.newPatient());

        assertThat(clinician.page().locator("#news"))
                .containsText("does not show", new ContainsTextOptions().setTimeout(SOON_MS));
    }

    @Test
    void two_clinicians_at_one_flag_hear_of_each_other(Visitors visitors) {
        var flag = flag(Clinic.newPatient());
        var one = visitors.at(inbox);
        var other = visitors.at(inbox);
        one.open("/inbox/" + flag);
        one.logIn("clinician1");
        one.arrivesAt("/inbox/" + flag);
        other.open("/inbox/" + flag);
        other.logIn("clinician2");
        other.arrivesAt("/inbox/" + flag);

        one.page().locator("#acknowledge").click();
        assertThat(one.page().locator("#acknowledge")).hasCount(0);
        other.page().locator("#acknowledge-note").fill("me too");
        other.page().locator("#acknowledge").click();

        assertThat(other.page().locator(".summary")).containsText("clinician1");
        assertThat(other.page().locator(".summary")).containsText("me too");
        other.photograph("conflict");
        List<String> actions = clinic.as("clinician1")
                .get(clinic.notification("/flags/" + flag))
                .jsonPath()
                .getList("history.action");
        assertThat(actions).containsOnlyOnce("acknowledged");
    }

    private String flag(String patient) {
        clinic.result(clinic.submit(Clinic.headlinePatient(patient)));
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(clinic.flags(patient).getList("items")).hasSize(1));
        return clinic.flags(patient).getString("items[0].id");
    }

    private String status(String flag) {
        return clinic.as("clinician1")
                .get(clinic.notification("/flags/" + flag))
                .jsonPath()
                .getString("status");
    }

    private static void sees(Visitor clinician, Kind kind, String step) {
        clinician.sees(step);
        var page = clinician.page();
        assertThat(page.locator("html")).hasAttribute("lang", kind.language());
        assertThat(page.locator("h1")).hasCount(1);
    }
}
