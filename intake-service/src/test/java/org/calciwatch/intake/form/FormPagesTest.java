package org.calciwatch.intake.form;

import static org.assertj.core.api.Assertions.assertThat;
import static org.calciwatch.intake.Api.stored;
import static org.calciwatch.intake.Responses.draft;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.util.UUID;
import java.util.regex.Pattern;
import org.calciwatch.intake.PagesByToken;
import org.calciwatch.stack.Login;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(PagesByToken.class)
class FormPagesTest {

    /** patient1 of the demo realm. */
    private static final String PATIENT = "P-0001";

    private static final String LOST = "What you typed on this page was not saved";

    private static RequestSpecification browser() {
        return Login.as("patient1")
                .header("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
                .header("Accept-Language", "en")
                .redirects()
                .follow(false);
    }

    /** Sends a form as a page of ours would, with the token of one. */
    private static Response send(String path, String fields) {
        var token = browser().get("/form").cookie("csrf-token");
        return browser()
                .cookie("csrf-token", token)
                .contentType(ContentType.URLENC)
                .body("csrf-token=" + token + "&" + fields)
                .post(path);
    }

    @Test
    void who_was_signed_out_while_typing_is_told_once_that_it_was_not_saved() {
        var page = "/form/" + stored(draft(PATIENT)) + "/symptoms";
        var back = browser().cookie(LostPage.COOKIE, page).get(page);
        assertThat(back.statusCode()).isEqualTo(200);
        assertThat(back.asString()).contains(LOST, "The pages before it are saved.");
        assertThat(back.detailedCookie(LostPage.COOKIE).getMaxAge()).isZero();
        assertThat(browser()
                        .cookie(LostPage.COOKIE, "/form/other/symptoms")
                        .get(page)
                        .asString())
                .doesNotContain(LOST);
        assertThat(browser().get(page).asString()).doesNotContain(LOST);
    }

    @Test
    void each_draft_can_be_continued_and_is_told_from_the_others() {
        var older = stored(draft(PATIENT));
        var newer = stored(draft(PATIENT));
        var page = browser().get("/form").asString();
        assertThat(page).containsSubsequence("/form/" + newer, "/form/" + older);
        assertThat(Pattern.compile("<a [^>]*href=\"/form/[0-9a-f-]{36}\">([^<]+)</a>")
                        .matcher(page)
                        .results()
                        .map(link -> link.group(1)))
                .hasSizeGreaterThan(1)
                .doesNotHaveDuplicates();
        browser().get("/form/" + older).then().statusCode(303);
    }

    @Test
    void a_date_without_a_result_is_shown_again_with_what_to_do() {
        var draft = stored(draft(PATIENT).choice("add_labs", "usual"));
        var answer = send("/form/" + draft + "/phosphate", "action=continue&mg_date=2026-03-01");
        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.asString()).contains("There is a date but no result.", "value=\"2026-03-01\"");
    }

    @Test
    void a_page_asks_in_its_own_language_while_it_is_filled_in() {
        var page = "/form/" + stored(draft(PATIENT)) + "/symptoms";
        assertThat(browser().get(page + "?_language=es").asString())
                .contains("hx-post=\"" + page + "/look?_language=es\"");
    }

    @Test
    void a_form_that_is_too_big_is_refused_with_a_page_that_says_so() {
        var page = "/form/" + stored(draft(PATIENT)) + "/symptoms";
        var answer = send(page, "x=1&".repeat(20_000));
        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(answer.contentType()).startsWith("text/html");
        assertThat(answer.asString()).contains("What was sent is too big").doesNotContain("on our side");
    }

    @Test
    void a_form_with_a_long_field_is_read_like_any_other() {
        var page = "/form/" + stored(draft(PATIENT)) + "/symptoms";
        assertThat(send(page, "version=" + "1".repeat(5000)).statusCode()).isEqualTo(422);
    }

    @Test
    void a_browser_is_told_on_a_page_that_there_is_no_such_page() {
        for (var path : new String[] {"/nothing", "/form/a/b/c/d", "/form/" + UUID.randomUUID() + "/symptoms"}) {
            var answer = browser().get(path);
            assertThat(answer.statusCode()).as(path).isEqualTo(404);
            assertThat(answer.asString()).as(path).contains("<h1>", "There is no such page");
        }
        var notAllowed = browser().delete("/");
        assertThat(notAllowed.statusCode()).isEqualTo(405);
        assertThat(notAllowed.asString()).contains("<h1>", "There is no such page");
        assertThat(Login.as("patient1").accept("*/*").get("/nothing").contentType())
                .startsWith("application/problem+json");
    }

    @Test
    void the_token_of_forms_goes_to_no_foreign_site() {
        assertThat(browser().get("/form").headers().getValues("Set-Cookie"))
                .anySatisfy(
                        cookie -> assertThat(cookie).startsWith("csrf-token=").contains("SameSite=Lax"));
    }
}
