package org.calciwatch.intake.form;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import org.calciwatch.stack.Login;
import org.junit.jupiter.api.Test;

/** A form that is sent after the session has ended, with the login of browsers. */
@QuarkusTest
class SignedOutTest {

    private static final String FORM = "/form/01a20568-6182-73c2-80d1-5eecf91ff12d";

    private static Response post(String path) {
        return Login.asNobody()
                .redirects()
                .follow(false)
                .contentType(ContentType.URLENC)
                .body("action=continue&symptoms=none")
                .post(path);
    }

    @Test
    void a_page_that_led_to_the_login_is_remembered_as_lost() {
        var answer = post(FORM + "/symptoms");
        assertThat(answer.statusCode()).isEqualTo(302);
        assertThat(answer.header("Location")).contains("/protocol/openid-connect/auth");
        var lost = answer.detailedCookie(LostPage.COOKIE);
        assertThat(lost.getValue()).isEqualTo(FORM + "/symptoms");
        assertThat(lost.getPath()).isEqualTo("/form");
        assertThat(lost.isHttpOnly()).isTrue();
        assertThat(lost.getSameSite()).isEqualTo("Lax");
    }

    @Test
    void where_nothing_was_typed_nothing_is_lost() {
        for (var path : new String[] {"/form", FORM + "/check", FORM + "/symptoms/look"}) {
            var answer = post(path);
            assertThat(answer.statusCode()).as(path).isEqualTo(302);
            assertThat(answer.cookies()).as(path).doesNotContainKey(LostPage.COOKIE);
        }
        assertThat(given().redirects().follow(false).get(FORM + "/symptoms").cookies())
                .doesNotContainKey(LostPage.COOKIE);
    }
}
