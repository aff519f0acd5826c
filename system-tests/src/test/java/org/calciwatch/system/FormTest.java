package org.calciwatch.system;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.assertions.LocatorAssertions.ContainsTextOptions;
import com.microsoft.playwright.options.LoadState;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.calciwatch.stack.LocalStack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The questionnaire in the portal, as patients fill it in with a real browser. */
@ExtendWith({Chromium.class, WholeStack.class})
class FormTest {

    private static final ContainsTextOptions SOON =
            new ContainsTextOptions().setTimeout((double) Clinic.SOON.toMillis());

    /** By linkId: codes to tick or pick; a number, and its unit after a space. */
    private static final List<Map.Entry<String, List<String>>> ANSWERS = List.of(
            entry("symptoms", List.of("none")),
            entry("consent", List.of("v1")),
            entry("age_years", List.of("68")),
            entry("sex_for_egfr", List.of("male")),
            entry("ckd_reported", List.of("G3b")),
            entry("conditions", List.of("diabetes", "osteoporosis")),
            entry("medicines", List.of("none")),
            entry("add_labs", List.of("usual")),
            entry("vitd25", List.of("180 nmol/L")),
            entry("mg", List.of("0.62 mmol/L")));

    private final LocalStack stack;
    private final Clinic clinic;
    private final String portal;

    FormTest(LocalStack stack, Clinic clinic) {
        this.stack = stack;
        this.clinic = clinic;
        this.portal = "http://localhost:" + stack.ports().intake();
    }

    @Test
    void the_keyboard_is_enough_for_the_whole_form_and_the_result_arrives_by_itself(Visitors visitors) {
        var patient = begins(visitors.at(portal, new NewContextOptions().setViewportSize(320, 640)), "patient1");
        answersUntil(patient, "check");
        patient.sees("check");
        stack.assessment().kill();
        try {
            patient.presses(patient.page().locator("form[action$='/check'] button"));
            patient.page().waitForURL(url -> url.contains("/results/"));
            patient.sees("pending");
        } finally {
            stack.assessment().start();
        }
        assertThat(patient.page().locator("main"))
                .containsText("High vitamin D with low magnesium in kidney disease", SOON);
        patient.sees("result");
        var pdf = patient.page().context().request().get(patient.page().url() + "/pdf");
        assertThat(pdf.headers()).containsEntry("content-type", "application/pdf");
        assertThat(new String(pdf.body(), 0, 5, StandardCharsets.US_ASCII)).isEqualTo("%PDF-");
        patient.open("/results/history");
        assertThat(patient.page().locator("main")).containsText("0.62 mmol/L");
        patient.sees("history");
    }

    /** On a telephone line of the country each kilobyte is felt. */
    @Test
    void the_first_view_of_every_page_is_less_than_100_kilobytes(Visitors visitors) {
        var patient = begins(visitors.at(portal), "patient1");
        var longest = patient.page().url();
        var session = patient.page().context().storageState();
        for (var address : List.of(portal + "/", portal + "/form", longest, portal + "/results")) {
            var somebodyNew = visitors.at(portal, new NewContextOptions().setStorageState(session));
            var requests = new ArrayList<Request>();
            somebodyNew.page().onRequestFinished(requests::add);
            somebodyNew.page().navigate(address);
            somebodyNew.page().waitForLoadState(LoadState.NETWORKIDLE);
            assertThat(requests).as(address).hasSizeGreaterThan(3);
            assertThat(requests.stream()
                            .map(Request::sizes)
                            .mapToLong(sizes -> sizes.responseBodySize + sizes.responseHeadersSize)
                            .sum())
                    .as("bytes that came for %s", address)
                    .isLessThan(100_000);
        }
    }

    @Test
    void a_form_begun_in_one_browser_goes_on_in_another(Visitors visitors) {
        var atHome = begins(visitors.at(portal), "patient2");
        answersUntil(atHome, "conditions");
        var onTheWay = visitors.at(portal, new NewContextOptions().setViewportSize(320, 640));
        onTheWay.open("/form");
        onTheWay.logIn("patient2");
        onTheWay.arrivesAt("/form");
        onTheWay.page().locator("main a[href^='/form/']").click();
        assertThat(place(onTheWay)).isEqualTo("conditions");
        onTheWay.sees("went on");
        answersUntil(onTheWay, "check");
        assertThat(onTheWay.page().locator("main")).containsText("Stage G3b");
    }

    @Test
    void a_certain_emergency_is_shown_before_the_next_question(Visitors visitors) {
        clinic.warmUp();
        var patient = begins(visitors.at(portal), "patient1");
        patient.ticks(patient.page().locator("#symptoms-chest_pain"));
        assertThat(patient.page().locator("#alarm .alarm")).isVisible();
        continues(patient);
        assertThat(place(patient)).isEqualTo("emergency");
        patient.sees("emergency");
        patient.presses(patient.page().locator("main a.btn"));
        patient.page().waitForURL(url -> url.endsWith("/consent"));
        patient.sees("later page");
    }

    @Test
    void without_scripts_the_form_works_in_spanish_too(Visitors visitors) {
        var patient = begins(
                visitors.at(
                        portal,
                        new NewContextOptions().setJavaScriptEnabled(false).setLocale("es-ES")),
                "patient2");
        assertThat(patient.page().locator("html")).hasAttribute("lang", "es");
        answersUntil(patient, "check");
        patient.sees("check");
        patient.page().locator("form[action$='/check'] button").click();
        patient.page().waitForURL(url -> url.contains("/results/"));
    }

    private static Visitor begins(Visitor patient, String user) {
        patient.open("/form");
        patient.logIn(user);
        patient.arrivesAt("/form");
        patient.sees("start");
        patient.presses(patient.page().locator("form[action='/form'] button"));
        patient.page().waitForURL(url -> url.contains("/form/"));
        return patient;
    }

    /** Answers page after page, by keyboard, up to the one with this id. */
    private static void answersUntil(Visitor patient, String last) {
        while (!place(patient).equals(last)) {
            var here = place(patient);
            patient.sees(here);
            for (var given : ANSWERS) {
                if (patient.page().locator("#" + given.getKey()).count() > 0) {
                    given.getValue().forEach(answer -> answer(patient, given.getKey(), answer));
                }
            }
            patient.photograph(here + " answered");
            continues(patient);
            assertThat(place(patient)).as("the page after %s", here).isNotEqualTo(here);
        }
    }

    private static void answer(Visitor patient, String linkId, String answer) {
        var page = patient.page();
        var option = page.locator("#" + linkId + "-" + answer.replaceAll("[^A-Za-z0-9_]", "\\\\$0"));
        var list = page.locator("#" + linkId + "-unit");
        var field = page.locator("#" + linkId);
        if (list.count() > 0) {
            var parts = answer.split(" ", 2);
            patient.types(field, parts[0]);
            patient.selects(list, parts[1]);
        } else if (isField(field)) {
            patient.types(field, answer);
        } else if ("checkbox".equals(option.getAttribute("type"))) {
            patient.ticks(option);
        } else {
            patient.picks(option);
        }
    }

    private static boolean isField(Locator element) {
        return Boolean.TRUE.equals(element.evaluate("element => element.tagName === 'INPUT'"));
    }

    private static void continues(Visitor patient) {
        var before = patient.page().url();
        patient.presses(patient.page().locator("button[name=action][value=continue]"));
        patient.page().waitForURL(url -> !url.equals(before));
    }

    /** The last part of the address: the id of a page of the form. */
    private static String place(Visitor patient) {
        var path = URI.create(patient.page().url()).getPath();
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
