package org.calciwatch.system;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.calciwatch.system.Clinic.SOON;

import io.restassured.specification.RequestSpecification;
import java.net.URI;
import java.util.Map;
import java.util.regex.Pattern;
import org.calciwatch.stack.LocalStack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The pages behind the login, as a browser comes to them. */
@ExtendWith(WholeStack.class)
class LoginTest {

    private static final Pattern SEEN = Pattern.compile("name=\"seen\" value=\"([0-9]+)\"");
    private static final Pattern CSRF = Pattern.compile("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]+)\"");

    private final LocalStack stack;
    private final Clinic clinic;
    private final Browser browser = new Browser();

    LoginTest(LocalStack stack, Clinic clinic) {
        this.stack = stack;
        this.clinic = clinic;
    }

    @Test
    void a_clinician_logs_in_and_acknowledges_a_flag_by_its_form_only() {
        var patient = Clinic.newPatient();
        var flag = flagOf(patient);
        var page = browser.login(inbox("/inbox/" + flag), "clinician1");
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.address().getPath()).isEqualTo("/inbox/" + flag);
        assertThat(page.body()).contains(patient);
        assertThat(browser.sessionCookies()).isNotEmpty().allSatisfy(cookie -> assertThat(cookie)
                .containsIgnoringCase("httponly")
                .containsIgnoringCase("samesite=lax"));

        var form = page.form();
        assertThat(browser.send(form, Map.of("note", "seen")).status()).isEqualTo(400);
        assertThat(browser.send(form, Map.of("note", "seen", "csrf-token", "guessed"))
                        .status())
                .isEqualTo(400);
        assertThat(clinic.flags(patient).getString("items[0].status")).isEqualTo("OPEN");

        var csrf = CSRF.matcher(page.body());
        assertThat(csrf.find()).isTrue();
        var seen = SEEN.matcher(page.body());
        assertThat(seen.find()).isTrue();
        var acknowledged =
                browser.send(form, Map.of("note", "seen", "seen", seen.group(1), csrf.group(1), csrf.group(2)));
        assertThat(acknowledged.status()).isEqualTo(200);
        var flags = clinic.flags(patient);
        assertThat(flags.getString("items[0].status")).isEqualTo("ACKNOWLEDGED");
        assertThat(flags.getString("items[0].history.find { it.action == 'acknowledged' }.by"))
                .isEqualTo("clinician1");
    }

    @Test
    void a_patient_is_refused_at_the_inbox() {
        assertThat(browser.login(inbox("/inbox"), "patient1").status()).isEqualTo(403);
    }

    @Test
    void a_patient_sees_the_own_result_and_no_other() {
        var own = clinic.submit(Clinic.headlinePatient("P-0001"));
        var others = clinic.submit(Clinic.headlinePatient("P-0002"));
        clinic.result(own);
        clinic.result(others);
        var page = browser.login(portal("/results/" + own), "patient1");
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.address().getPath()).isEqualTo("/results/" + own);
        assertThat(browser.open(portal("/results/" + others)).status()).isEqualTo(403);
    }

    @Test
    void signing_out_ends_the_session_of_the_provider_too() {
        assertThat(browser.login(inbox("/inbox"), "clinician1").status()).isEqualTo(200);
        assertThat(browser.open(inbox("/inbox")).asksForPassword()).isFalse();
        browser.open(inbox("/logout"));
        assertThat(browser.open(inbox("/inbox")).asksForPassword()).isTrue();
    }

    @Test
    void a_session_that_an_admin_ends_at_the_provider_is_over_here_at_once() {
        var admin = given().formParam("grant_type", "password")
                .formParam("client_id", "admin-cli")
                .formParam("username", "admin")
                .formParam("password", stack.keycloakAdminPassword())
                .post(stack.keycloakUrl() + "/realms/master/protocol/openid-connect/token")
                .then()
                .statusCode(200)
                .extract()
                .<String>path("access_token");
        var realm = stack.keycloakUrl() + "/admin/realms/clinic";
        // The demo realm cannot know the port.
        Map<String, Object> client = asAdmin(admin)
                .get(realm + "/clients?clientId=calciwatch-inbox")
                .jsonPath()
                .getMap("[0]");
        client.put(
                "attributes",
                Map.of(
                        "pkce.code.challenge.method", "S256",
                        "post.logout.redirect.uris", "+",
                        "backchannel.logout.url", inbox("/back-channel-logout"),
                        "backchannel.logout.session.required", "true"));
        asAdmin(admin)
                .contentType("application/json")
                .body(client)
                .put(realm + "/clients/" + client.get("id"))
                .then()
                .statusCode(204);
        assertThat(browser.login(inbox("/inbox"), "clinician2").status()).isEqualTo(200);
        assertThat(browser.open(inbox("/inbox")).asksForPassword()).isFalse();

        var user = asAdmin(admin)
                .get(realm + "/users?exact=true&username=clinician2")
                .jsonPath()
                .getString("[0].id");
        asAdmin(admin).post(realm + "/users/" + user + "/logout").then().statusCode(204);

        assertThat(browser.open(inbox("/inbox")).asksForPassword()).isTrue();
    }

    private static RequestSpecification asAdmin(String token) {
        return given().header("Authorization", "Bearer " + token);
    }

    @Test
    void a_session_opens_pages_only() {
        assertThat(browser.login(inbox("/inbox"), "clinician1").status()).isEqualTo(200);
        given().header("Cookie", browser.cookies(URI.create(inbox("/flags"))))
                .get(inbox("/flags"))
                .then()
                .statusCode(401);
    }

    private String flagOf(String patient) {
        clinic.submit(Clinic.headlinePatient(patient));
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(clinic.flags(patient).getList("items")).hasSize(1));
        return clinic.flags(patient).getString("items[0].id");
    }

    private String inbox(String path) {
        return "http://localhost:" + stack.ports().notification() + path;
    }

    private String portal(String path) {
        return "http://localhost:" + stack.ports().intake() + path;
    }
}
