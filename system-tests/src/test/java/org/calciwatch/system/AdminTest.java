package org.calciwatch.system;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.options.ReducedMotion;
import java.util.List;
import java.util.UUID;
import org.calciwatch.stack.LocalStack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The admin's pages in a real browser, with all services behind them. */
@ExtendWith({Chromium.class, WholeStack.class})
class AdminTest {

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
                // Without scripts nothing would tell when a page that scrolls smoothly has come to rest.
                case WITHOUT_SCRIPTS ->
                    new NewContextOptions().setJavaScriptEnabled(false).setReducedMotion(ReducedMotion.REDUCE);
            };
        }

        String in(String english, String spanish) {
            return switch (this) {
                case LAPTOP, PHONE, WITHOUT_SCRIPTS -> english;
                case SPANISH_PHONE -> spanish;
            };
        }
    }

    private final Clinic clinic;
    private final String site;

    AdminTest(LocalStack stack, Clinic clinic) {
        this.clinic = clinic;
        // Not by number: cookies that are meant for TLS go to localhost without it too.
        this.site = "http://localhost:" + stack.ports().notification();
    }

    @ParameterizedTest
    @EnumSource
    void an_admin_sees_how_all_services_are_and_what_they_could_not_do(Kind kind, Visitors visitors) {
        var admin = visitors.at(site, kind.options());
        var page = admin.page();
        admin.open("/admin");
        admin.logIn("admin1");
        admin.arrivesAt("/admin");
        sees(admin, kind, "admin");
        for (var service : List.of(
                kind.in("Portal and intake: ready", "Portal y recepción: en servicio"),
                kind.in("Assessment: ready", "Evaluación: en servicio"),
                kind.in("Notification: ready", "Avisos: en servicio"))) {
            assertThat(page.locator("main")).containsText(service);
        }

        page.locator("main a[href='/admin/dead-letters']").first().click();
        admin.arrivesAt("/admin/dead-letters");
        sees(admin, kind, "dead letters");
        assertThat(page.locator("main h2")).hasCount(3);
        assertThat(page.locator("main .wrong")).hasCount(0);

        admin.open("/admin/rule-packs");
        sees(admin, kind, "rule packs");
        assertThat(page.locator("main")).containsText("1.0.0 · " + kind.in("active", "activo"));

        admin.open("/admin/rule-packs/1.0.0");
        sees(admin, kind, "rule pack");
        assertThat(page.locator("main")).containsText(kind.in("It is the active pack.", "Es el paquete activo."));
    }

    @ParameterizedTest
    @EnumSource
    void an_admin_adds_a_row_to_the_routing_table_and_tries_it_before_saving(Kind kind, Visitors visitors) {
        var category = "nobody-" + UUID.randomUUID();
        var admin = visitors.at(site, kind.options());
        var page = admin.page();
        admin.open("/admin/routing");
        admin.logIn("admin1");
        admin.arrivesAt("/admin/routing");
        sees(admin, kind, "routing");
        var row = page.locator("[name^=row-][name$=-recipients]").count();

        page.locator("button[value=add-row]").click();
        assertThat(page.locator("#row-" + row)).isVisible();
        page.locator("#row-" + row + "-severity-EMERGENCY").check();
        page.locator("#row-" + row + "-category").fill(category);
        page.locator("#row-" + row + "-recipients").fill("test@clinic.example");
        page.locator("#row-" + row + "-escalation").fill("soon: lead@clinic.example");
        page.locator("#save").click();
        assertThat(page.locator(".summary")).isVisible();
        sees(admin, kind, "refused");
        assertThat(page.locator("#row-" + row + "-wrong")).isVisible();
        assertThat(page.locator("#row-" + row + "-escalation-wrong")).isVisible();

        page.locator("#row-" + row + "-escalation").fill("15 min: lead@clinic.example");
        page.locator("button[value=up-" + row + "]").click();
        assertThat(page.locator("#row-" + (row - 1) + "-category")).hasValue(category);
        page.locator("#try-EMERGENCY").check();
        page.locator("#try-category").fill(category);
        page.locator("#try-it").click();
        assertThat(page.locator(".note ol li").first()).containsText("test@clinic.example");
        sees(admin, kind, "tried");

        page.locator("#save").click();
        admin.arrivesAt("/admin/routing");
        assertThat(page.locator("main [role=status]")).isVisible();
        sees(admin, kind, "saved");
        assertThat(categories()).contains(List.of(category));

        page.locator("button[value=remove-row-" + (row - 1) + "]").click();
        assertThat(page.locator("#row-" + row)).hasCount(0);
        page.locator("#save").click();
        assertThat(page.locator("main [role=status]")).isVisible();
        assertThat(categories()).doesNotContain(List.of(category));
    }

    @Test
    void the_keyboard_is_enough_to_change_the_table(Visitors visitors) {
        var admin = visitors.at(site);
        var page = admin.page();
        admin.open("/admin/routing");
        admin.logIn("admin1");
        admin.arrivesAt("/admin/routing");
        var row = page.locator("[name^=row-][name$=-recipients]").count();

        admin.presses(page.locator("button[value=add-row]"));
        assertThat(page.locator("#row-" + row + "-severity-EMERGENCY")).isFocused();
        page.keyboard().press("Space");
        assertThat(page.locator("#row-" + row + "-severity-EMERGENCY")).isChecked();
        admin.presses(page.locator("button[value=remove-row-" + row + "]"));
        assertThat(page.locator("#row-" + row)).hasCount(0);
        admin.types(page.locator("#digest-zone"), "Europe/Berlin");
        page.keyboard().press("Enter");
        assertThat(page.locator("#digest-zone")).hasValue("Europe/Berlin");
        assertThat(page.locator("main [role=status]")).hasCount(0);
        assertThat(admin.page().url()).endsWith("/admin/routing");
    }

    @Test
    void two_admins_at_one_table_hear_of_each_other(Visitors visitors) {
        var one = visitors.at(site);
        var other = visitors.at(site, Kind.PHONE.options());
        for (var admin : List.of(one, other)) {
            admin.open("/admin/routing");
            admin.logIn("admin1");
            admin.arrivesAt("/admin/routing");
        }
        var before = one.page().locator("#fallback").inputValue();
        try {
            one.page().locator("#fallback").fill(before + "\nhead@clinic.example");
            one.page().locator("#save").click();
            assertThat(one.page().locator("main [role=status]")).isVisible();

            other.page().locator("#fallback").fill(before + "\nsecond@clinic.example");
            other.page().locator("#save").click();
            assertThat(other.page().locator(".summary")).containsText("head@clinic.example");
            assertThat(other.page().locator("#fallback")).hasValue(before + "\nsecond@clinic.example");
            other.sees("overtaken");
        } finally {
            one.page().locator("#fallback").fill(before);
            one.page().locator("#save").click();
        }
        assertThat(one.page().locator("#fallback")).hasValue(before);
    }

    @ParameterizedTest
    @EnumSource
    void a_clinician_reads_who_hears_of_what(Kind kind, Visitors visitors) {
        var clinician = visitors.at(site, kind.options());
        clinician.open("/inbox/routing");
        clinician.logIn("clinician1");
        clinician.arrivesAt("/inbox/routing");
        sees(clinician, kind, "routing");
        assertThat(clinician.page().locator("main")).containsText("clinician1@clinic.example");
        assertThat(clinician.page().locator("main form")).hasCount(0);
    }

    private List<List<String>> categories() {
        return clinic.as("admin1")
                .get(clinic.notification("/routing"))
                .jsonPath()
                .getList("rows.category");
    }

    private static void sees(Visitor visitor, Kind kind, String step) {
        visitor.sees(step);
        var page = visitor.page();
        assertThat(page.locator("html")).hasAttribute("lang", kind.in("en", "es"));
        assertThat(page.locator("h1")).hasCount(1);
    }
}
