package org.calciwatch.intake.portal;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.util.regex.Pattern;
import org.calciwatch.intake.PagesByToken;
import org.calciwatch.stack.Login;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(PagesByToken.class)
class FrameTest {

    private static String page(String user, String path, int status) {
        var answer = Login.as(user).header("Accept-Language", "en").get(path);
        answer.then().statusCode(status).contentType("text/html");
        return answer.asString();
    }

    @Test
    void a_page_stands_between_the_links_of_patients_and_the_number_for_an_emergency() {
        assertThat(page("patient1", "/results/history", 200))
                .containsSubsequence(
                        "<title>How your test results moved over time · Calciwatch</title>",
                        "<a class=\"skip\" href=\"#main\">Skip to the content</a>",
                        "<a href=\"/form\">Questionnaire</a>",
                        "<a href=\"/results/history?_language=es\" lang=\"es\" hreflang=\"es\">Español</a>",
                        "<a href=\"/logout\">Sign out</a>",
                        "<main id=\"main\" tabindex=\"-1\">",
                        "<h1>How your test results moved over time</h1>",
                        "</main>",
                        "<strong>Emergency: call 112</strong>")
                .containsOnlyOnce("<h1>")
                .containsOnlyOnce("<main");
    }

    @Test
    void a_page_that_cannot_be_shown_has_the_frame_of_all_others_in_the_readers_language() {
        assertThat(page("clinician1", "/results", 403))
                .contains("<title>This page cannot be shown · Calciwatch</title>", "Emergency: call 112")
                .doesNotContain("href=\"/form\"");
        assertThat(page("clinician1", "/results?_language=es", 403))
                .contains("<html lang=\"es\">", "No es para la cuenta con la que ha iniciado sesión.");
    }

    @Test
    void every_style_and_script_that_pages_name_is_there() {
        var files = Pattern.compile("(?:href|src)=\"(/(?:assets|webjars|clinic)/[^\"]+)\"")
                .matcher(page("patient1", "/results/history", 200))
                .results()
                .map(found -> found.group(1))
                .toList();
        assertThat(files)
                .containsSubsequence(
                        "/webjars/bootstrap/dist/css/bootstrap.min.css",
                        "/assets/calciwatch.css",
                        "/assets/pages.css",
                        "/assets/portal.css",
                        "/clinic/style.css",
                        "/assets/result.css")
                .allSatisfy(file -> Login.asNobody().get(file).then().statusCode(200));
    }
}
