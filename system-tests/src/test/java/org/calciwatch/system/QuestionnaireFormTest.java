package org.calciwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.calciwatch.stack.LocalStack;
import org.calciwatch.system.Browser.Page;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The questionnaire's pages without any JavaScript, as they come and are sent. */
@ExtendWith(WholeStack.class)
class QuestionnaireFormTest {

    private static final Pattern HIDDEN =
            Pattern.compile("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\"");
    private static final String CALL_FOR = "Call 112 now for any of these:";
    private static final String EMERGENCY = "Some of your answers may be signs of an emergency. Call 112 now.";

    private final LocalStack stack;
    private final Clinic clinic;
    private final Browser phone = new Browser();
    private final Browser desk = new Browser();

    QuestionnaireFormTest(LocalStack stack, Clinic clinic) {
        this.stack = stack;
        this.clinic = clinic;
    }

    private String form(String path) {
        return clinic.intake("/form" + path);
    }

    /** Logs in and begins; ends on the first page with questions. */
    private Page begin() {
        var start = phone.login(form(""), "patient1");
        assertThat(start.status()).as(start.body()).isEqualTo(200);
        return phone.send(form(""), hidden(start));
    }

    private static Map<String, String> hidden(Page page) {
        var fields = new LinkedHashMap<String, String>();
        HIDDEN.matcher(page.body()).results().forEach(field -> fields.put(field.group(1), field.group(2)));
        return fields;
    }

    private static Page send(Browser browser, Page page, String... fields) {
        var all = hidden(page);
        for (int i = 0; i < fields.length; i += 2) {
            all.put(fields[i], fields[i + 1]);
        }
        return browser.send(page.form(), all);
    }

    private static String last(Page page) {
        var path = page.address().getPath();
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private static String id(Page page) {
        return page.address().getPath().split("/", -1)[2];
    }

    private Page to(Browser browser, Page page, String other) {
        return browser.open(form("/" + id(page) + "/" + other));
    }

    @Test
    void answers_are_sent_and_become_a_result() {
        var page = begin();
        page = send(phone, page, "symptoms", "none");
        assertThat(last(page)).isEqualTo("consent");
        page = send(phone, page, "consent", "v1");
        page = send(phone, page, "age_years", "68", "sex_for_egfr", "male");
        assertThat(last(page)).as("no question about pregnancy for men").isEqualTo("ckd_reported");
        page = send(phone, page, "ckd_reported", "G3b");
        page = send(phone, to(phone, page, "add_labs"), "add_labs", "usual");
        page = send(phone, page, "vitd25", "180", "vitd25.unit", "nmol/L");
        page = send(phone, page, "mg", "0.62", "mg.unit", "mmol/L");
        var check = to(phone, page, "check");
        assertThat(check.body()).contains("180 nmol/L", "0.62 mmol/L", "68");

        var result = send(phone, check);

        assertThat(result.address().getPath()).isEqualTo("/results/" + id(page));
        assertThat(clinic.result(id(page)).getList("review.ruleId")).contains("high-vitd-low-mg-ckd");
        var again = phone.open(form("/" + id(page) + "/symptoms"));
        assertThat(again.address().getPath()).as("sent is sent").isEqualTo("/results/" + id(page));
    }

    @Test
    void whoever_stops_goes_on_with_another_device_after_the_last_answer() {
        var page = send(phone, begin(), "symptoms", "none");
        page = send(phone, page, "consent", "v1");

        assertThat(desk.login(form(""), "patient1").body()).contains("/form/" + id(page));
        var there = desk.open(form("/" + id(page)));

        assertThat(last(there)).isEqualTo("age_years");
        assertThat(to(desk, there, "symptoms").body()).contains("id=\"symptoms-none\" value=\"none\" checked");
    }

    @Test
    void going_back_saves_what_is_right_and_shows_what_cannot_be_read() {
        var page = to(phone, begin(), "age_years");
        page = send(phone, page, "age_years", "17", "sex_for_egfr", "female", "action", "back");
        assertThat(page.status()).isEqualTo(422);
        assertThat(page.body()).contains("value=\"17\"", "value=\"female\" checked");
        page = send(phone, page, "age_years", "", "sex_for_egfr", "female", "action", "back");
        assertThat(last(page)).isEqualTo("consent");
        assertThat(to(phone, page, "age_years").body()).contains("value=\"female\" checked");
    }

    @Test
    void an_emergency_is_told_however_contradictory_the_page_is() {
        clinic.warmUp();
        var page = begin();
        var fields = hidden(page);
        fields.put("symptoms", "none");
        fields.put("symptoms_unsure", "chest_pain");
        var told = phone.send(page.form(), fields);
        assertThat(told.status()).isEqualTo(422);
        assertThat(told.body()).contains("Tick either the last answer or others, not both.", CALL_FOR);
    }

    @Test
    void a_dangerous_result_stays_when_one_says_to_have_none() {
        clinic.warmUp();
        var page = send(phone, to(phone, begin(), "add_labs"), "add_labs", "all");
        page = send(phone, to(phone, page, "egfr_reported"), "potassium", "7.2", "potassium.unit", "mmol/L");
        assertThat(page.body()).contains(EMERGENCY);
        send(phone, to(phone, page, "add_labs"), "add_labs", "none");
        assertThat(to(phone, page, "check").body()).contains("7.2 mmol/L", EMERGENCY);
    }

    @Test
    void only_continue_decides_between_two_devices() {
        var onPhone = to(phone, begin(), "ckd_reported");
        desk.login(form(""), "patient1");
        send(desk, to(desk, onPhone, "ckd_reported"), "ckd_reported", "G4");
        var told = send(phone, onPhone);
        assertThat(told.status()).isEqualTo(409);
        send(phone, told, "action", "skip");
        assertThat(to(phone, told, "ckd_reported").body()).contains("value=\"G4\" checked");
        var inSpanish = send(phone, told, "action", "language-es");
        assertThat(inSpanish.body()).contains("En el otro dispositivo", "name=\"conflict\"");
        assertThat(to(desk, told, "ckd_reported").body()).contains("value=\"G4\" checked");
    }

    @Test
    void back_from_the_first_page_leads_to_where_one_began() {
        var start = send(phone, begin(), "symptoms", "none", "action", "back");
        assertThat(start.address().getPath()).isEqualTo("/form");
        assertThat(start.body()).contains("Go on with the questionnaire of");
    }

    @Test
    void a_page_that_is_not_asked_for_leads_on() {
        var page = send(phone, to(phone, begin(), "add_labs"), "add_labs", "none");
        assertThat(last(page)).isEqualTo("check");
        assertThat(last(to(phone, page, "vitd25"))).isEqualTo("check");
    }

    @Test
    void changing_the_language_keeps_what_was_typed_right_or_wrong() {
        var page = to(phone, begin(), "age_years");
        page = send(phone, page, "age_years", "abc", "sex_for_egfr", "female", "action", "language-es");
        assertThat(page.body())
                .contains("<html lang=\"es\">", "¿Cuántos años tiene?", "value=\"abc\"", "value=\"female\" checked");
        assertThat(to(phone, page, "consent").body()).contains("<html lang=\"es\">");
    }

    @Test
    void two_devices_at_once_do_not_overwrite_each_other_silently() {
        var onPhone = to(phone, begin(), "age_years");
        desk.login(form(""), "patient1");
        var onDesk = to(desk, onPhone, "age_years");
        assertThat(last(send(desk, onDesk, "age_years", "70"))).isEqualTo("pregnancy");

        var told = send(phone, onPhone, "age_years", "68");

        assertThat(told.status()).isEqualTo(409);
        assertThat(told.body()).contains("changed on another device", "On the other device: 70", "value=\"68\"");
        assertThat(to(desk, onDesk, "age_years").body()).contains("value=\"70\"");
        assertThat(last(send(phone, told, "age_years", "68"))).isEqualTo("pregnancy");
        assertThat(to(desk, onDesk, "age_years").body()).contains("value=\"68\"");
    }

    @Test
    void answers_to_other_pages_from_another_device_are_kept() {
        var onPhone = to(phone, begin(), "age_years");
        desk.login(form(""), "patient1");
        send(desk, to(desk, onPhone, "consent"), "consent", "v1");

        assertThat(last(send(phone, onPhone, "age_years", "68"))).isEqualTo("pregnancy");

        assertThat(to(phone, onPhone, "check").body()).contains("68", "I agree");
    }

    @Test
    void what_changed_since_it_was_checked_is_not_sent_unseen() {
        var check = to(phone, begin(), "check");
        desk.login(form(""), "patient1");
        send(desk, to(desk, check, "consent"), "consent", "v1");

        var told = send(phone, check);

        assertThat(told.status()).isEqualTo(409);
        assertThat(told.body()).contains("Your answers have changed since this page was shown");
    }

    @Test
    void without_what_must_be_answered_nothing_is_sent() {
        var told = send(phone, to(phone, begin(), "check"));
        assertThat(told.status()).isEqualTo(422);
        assertThat(told.body()).contains("consent?from=check#consent", "age_years?from=check#age_years");
    }

    @Test
    void an_emergency_stands_alone_before_the_next_question_and_above_all_later_ones() {
        clinic.warmUp();
        var alarm = send(phone, begin(), "symptoms", "chest_pain");
        assertThat(last(alarm)).isEqualTo("emergency");
        assertThat(alarm.body()).contains(EMERGENCY, "/consent").doesNotContain("<form id=\"answers\"");
        assertThat(to(phone, alarm, "consent").body()).contains(EMERGENCY);
        assertThat(last(send(phone, to(phone, alarm, "consent"), "consent", "v1")))
                .as("told once in between")
                .isEqualTo("age_years");
    }

    @Test
    void the_form_goes_on_while_nobody_can_look_for_emergencies() {
        var page = begin();
        stack.assessment().kill();
        try {
            page = send(phone, page, "symptoms", "chest_pain");
            assertThat(last(page)).isEqualTo("consent");
            assertThat(page.body()).contains(CALL_FOR, "Chest pain");
        } finally {
            stack.assessment().start();
        }
        stack.assessment().awaitReady();
        clinic.warmUp();
        assertThat(to(phone, page, "consent").body()).contains(EMERGENCY);
    }

    @Test
    void a_form_that_was_not_made_here_changes_nothing() {
        var page = begin();
        var forged = hidden(page);
        forged.remove("csrf-token");
        forged.put("symptoms", "none");
        assertThat(phone.send(page.form(), forged).status()).isEqualTo(400);
        forged.put("csrf-token", "guessed");
        assertThat(phone.send(page.form(), forged).status()).isEqualTo(400);
        assertThat(to(phone, page, "symptoms").body()).doesNotContain("checked>");
    }

    @Test
    void a_draft_is_its_patients_only() {
        var page = begin();
        for (var user : java.util.List.of("patient2", "clinician1", "admin1")) {
            var other = new Browser();
            other.login(form(""), user);
            for (var path : java.util.List.of("", "/symptoms", "/check", "/emergency")) {
                var answer = other.open(form("/" + id(page) + path));
                assertThat(answer.status()).as(user + path).isEqualTo(403);
                assertThat(answer.body()).contains("This page cannot be shown").doesNotContain("Do you have any");
            }
        }
        assertThat(phone.open(form("/" + UUID.randomUUID())).status()).isEqualTo(404);
        assertThat(phone.open(form("/nonsense")).status()).isEqualTo(404);
        assertThat(to(phone, page, "nonsense").status()).isEqualTo(404);
    }

    @Test
    void pages_carry_no_script_or_style_of_their_own() {
        var page = begin();
        assertThat(page.body()).doesNotContain("style=\"", "<style", "onclick", "javascript:");
        assertThat(page.body().replaceAll("<script src=\"[^\"]+\"( defer)?></script>", ""))
                .doesNotContain("<script");
    }
}
