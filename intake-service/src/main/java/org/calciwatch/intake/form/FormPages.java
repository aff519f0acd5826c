package org.calciwatch.intake.form;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.CookieParam;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.NewCookie;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.calciwatch.audit.Action;
import org.calciwatch.audit.AuditedAs;
import org.calciwatch.intake.fhir.FhirProblem;
import org.calciwatch.intake.form.EmergencyCheck.Emergency;
import org.calciwatch.intake.portal.Moments;
import org.calciwatch.intake.portal.SafetyWording;
import org.calciwatch.intake.questionnaire.Answers;
import org.calciwatch.intake.questionnaire.Question;
import org.calciwatch.pages.Frame;
import org.calciwatch.pages.Frames;
import org.calciwatch.pages.Localised;
import org.calciwatch.security.Roles;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/**
 * The questionnaire as pages. Each page that is sent is saved as a version of the draft, whatever button was pressed, as
 * far as it can be; so going back, changing the language and stopping lose nothing.
 */
@Path("/form")
@RolesAllowed(Roles.PATIENT)
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
@Tag(name = "Pages")
class FormPages {
    private static final int UNPROCESSABLE = 422;
    private static final int CONFLICT = 409;
    private static final String CHANGE_LANGUAGE = "language-";
    private static final String CHECK = "check";

    private final Drafts drafts;
    private final Form form;
    private final EmergencyCheck check;
    private final SafetyWording wording;
    private final Frames frames;

    FormPages(Drafts drafts, Form form, EmergencyCheck check, SafetyWording wording, Frames frames) {
        this.drafts = drafts;
        this.form = form;
        this.check = check;
        this.wording = wording;
        this.frames = frames;
    }

    /**
     * What stands above the questions.
     *
     * @param block the sentence of the knowledge base that begins every emergency
     * @param callFor signs of an emergency, named on every page
     * @param found the emergencies of the answers so far
     */
    record Alarm(String block, List<String> callFor, List<Emergency> found) {}

    /**
     * A page with questions.
     *
     * @param version of the draft that is shown
     * @param number of the page among those that are asked, from 1
     * @param isFromCheck whether it was reached from "check your answers", where it leads back
     * @param isSaved whether something was saved already
     * @param isConflict whether it was changed on another device meanwhile
     * @param wrong fields with an error
     */
    record PageView(
            UUID id,
            int version,
            Form.Page page,
            List<Field> fields,
            int number,
            int total,
            boolean isFromCheck,
            boolean isSaved,
            boolean isConflict,
            List<Field> wrong,
            Alarm alarm) {

        public boolean canSkip() {
            return fields.stream().noneMatch(field -> field.question().required());
        }

        public boolean isInDoubt() {
            return Entry.flat(fields).stream().anyMatch(Field::isInDoubt);
        }
    }

    /**
     * Answers to check.
     *
     * @param missing questions that must be answered and are not
     */
    record CheckView(UUID id, int version, List<Section> sections, List<Row> missing, boolean isChanged, Alarm alarm) {}

    /** The answers of a group of questions. */
    record Section(String title, List<Row> rows) {}

    /**
     * An answer.
     *
     * @param page id of the page on which it is changed
     * @param answers for people; none when the question was not answered
     */
    record Row(String page, Question question, List<String> answers, boolean isNotUsed) {}

    /**
     * A draft in the list.
     *
     * @param when it was saved last, in words
     */
    record Begun(UUID id, String when) {}

    /** The templates. */
    @CheckedTemplate(basePath = "form")
    static class Templates {
        static native TemplateInstance start(Frame frame, List<Begun> drafts);

        static native TemplateInstance page(Frame frame, PageView view, boolean isLost);

        static native TemplateInstance look(Frame frame, PageView view);

        static native TemplateInstance emergency(Frame frame, UUID id, String then, Alarm alarm);

        static native TemplateInstance check(Frame frame, CheckView view);

        private Templates() {}
    }

    @GET
    @Operation(summary = "Begin a questionnaire, or go on with one")
    public TemplateInstance start() {
        var frame = frames.here();
        var all = drafts.all();
        var names = Moments.inWords(all.stream().map(Draft::savedAt).toList(), frame.language());
        var begun = IntStream.range(0, all.size())
                .mapToObj(i -> new Begun(all.get(i).id(), names.get(i)))
                .toList();
        return Templates.start(frame, begun).setLocale(frame.language());
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @AuditedAs(Action.CREATE)
    @Operation(summary = "Begin a questionnaire")
    public Response begin() {
        var draft = drafts.begin();
        return see(draft, form.pages(frames.here().language(), draft.answers()).getFirst());
    }

    @GET
    @Path("{id}")
    @Operation(summary = "Go on where the last answer was given")
    public Response goOn(@PathParam("id") String id) {
        var draft = drafts.get(uuid(id));
        if (!draft.isOpen()) {
            return seeResult(draft);
        }
        return form.resume(frames.here().language(), draft.answers())
                .map(page -> see(draft, page))
                .orElseGet(() -> see("/form/" + draft.id() + "/check"));
    }

    @GET
    @Path("{id}/{page}")
    @Operation(summary = "A page with questions")
    public Response page(
            @PathParam("id") String id,
            @PathParam("page") String page,
            @QueryParam("from") @Nullable String from,
            @CookieParam(LostPage.COOKIE) @Nullable String lost,
            @Context UriInfo address) {
        var draft = drafts.get(uuid(id));
        if (!draft.isOpen()) {
            return seeResult(draft);
        }
        var frame = frames.here();
        var answers = draft.answers();
        var shown = find(page, frame);
        if (!form.pages(frame.language(), answers).contains(shown)) {
            return see("/form/" + draft.id());
        }
        var view = view(draft, shown, Entry.saved(shown, answers, frame.language()), frame, isFromCheck(from), false);
        if (!address.getPath().equals(lost)) {
            return html(200, frame, view);
        }
        return Response.ok(Templates.page(frame.aroundForm(), view, true).setLocale(frame.language()))
                .cookie(new NewCookie.Builder(LostPage.COOKIE)
                        .path(LostPage.PATH)
                        .maxAge(0)
                        .httpOnly(true)
                        .sameSite(NewCookie.SameSite.LAX)
                        .build())
                .build();
    }

    @POST
    @Path("{id}/{page}")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @AuditedAs(Action.UPDATE)
    @Operation(summary = "Save a page, and go on, go back, skip or change the language")
    public Response save(
            @PathParam("id") String id, @PathParam("page") String page, MultivaluedMap<String, String> sent) {
        while (true) {
            try {
                return save(drafts.get(uuid(id)), page, sent);
            } catch (FhirProblem problem) {
                // Saved by another device between our look and our save: look again, it may concern this page.
                if (problem.status() != 412) {
                    throw problem;
                }
            }
        }
    }

    private Response save(Draft stored, String pageId, MultivaluedMap<String, String> sent) {
        if (!stored.isOpen()) {
            return seeResult(stored);
        }
        var action = Objects.requireNonNullElse(sent.getFirst("action"), "continue");
        var frame = action.startsWith(CHANGE_LANGUAGE)
                ? frames.in(action.substring(CHANGE_LANGUAGE.length()))
                : frames.here();
        var page = find(pageId, frame);
        var isFromCheck = isFromCheck(sent.getFirst("from"));
        var mustBeRight = action.equals("continue")
                || (action.equals("skip") && page.questions().stream().anyMatch(Question::required));
        var entry = Entry.read(page, stored.answers(), sent, frame.language(), mustBeRight);
        var isTold = sent.containsKey("conflict");
        if (isTold && action.startsWith(CHANGE_LANGUAGE)) {
            return conflict(stored, page, entry, differing(stored, entry), frame, isFromCheck);
        }
        if (isTold && !action.equals("continue")) {
            // Nothing is saved: only Continue decides between two devices.
            return go(stored, stored, page, action, isFromCheck, frame);
        }
        var elsewhere = changedElsewhere(stored, entry, version(sent));
        if (!elsewhere.isEmpty()) {
            return conflict(stored, page, entry, elsewhere, frame, isFromCheck);
        }
        var saved = drafts.save(stored, stored.answers().with(entry.answers()));
        if (action.startsWith(CHANGE_LANGUAGE)) {
            var fields = entry.isRight() ? Entry.saved(page, saved.answers(), frame.language()) : entry.fields();
            return html(200, frame, view(saved, page, fields, frame, isFromCheck, false));
        }
        // What cannot be read is shown whatever was pressed; it would be lost, and what stood there before be sent.
        if (!entry.isRight() || (mustBeRight && entry.isInDoubt())) {
            return html(
                    entry.isRight() ? 200 : UNPROCESSABLE,
                    frame,
                    view(saved, page, entry.fields(), frame, isFromCheck, false));
        }
        return go(stored, saved, page, action, isFromCheck, frame);
    }

    private Response go(Draft before, Draft after, Form.Page page, String action, boolean isFromCheck, Frame frame) {
        var next = next(before, after, page, action, isFromCheck, frame.language());
        if (isNewEmergency(before, after, frame.language())) {
            return see("/form/" + after.id() + "/emergency?then=" + next);
        }
        if (action.equals("back") && next.isEmpty()) {
            return see("/form");
        }
        return see("/form/" + after.id() + (next.isEmpty() ? "" : "/" + next));
    }

    private Response conflict(
            Draft stored, Form.Page page, Entry entry, List<String> elsewhere, Frame frame, boolean isFromCheck) {
        var fields = entry.fields().stream()
                .map(field -> marked(field, elsewhere, stored, frame))
                .toList();
        return html(CONFLICT, frame, view(asTyped(stored, entry), page, fields, frame, isFromCheck, true));
    }

    /** The draft as it would be with what was typed, which is not saved. */
    private static Draft asTyped(Draft stored, Entry entry) {
        return new Draft(
                stored.id(),
                stored.version(),
                stored.savedAt(),
                stored.response(),
                stored.answers().with(entry.answers()));
    }

    private static List<String> differing(Draft stored, Entry entry) {
        return entry.answers().entrySet().stream()
                .filter(typed -> !Answers.same(stored.answers().of(typed.getKey()), typed.getValue()))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The questions of the page that were changed since it was shown, and now differ from what was typed. */
    private List<String> changedElsewhere(Draft stored, Entry entry, int shown) {
        // Without the number of a version there was none shown that could have changed.
        if (shown < 1 || shown >= stored.version()) {
            return List.of();
        }
        var before = drafts.get(stored.id(), shown).answers();
        return differing(stored, entry).stream()
                .filter(linkId -> !Answers.same(stored.answers().of(linkId), before.of(linkId)))
                .toList();
    }

    private static Field marked(Field field, List<String> elsewhere, Draft stored, Frame frame) {
        return new Field(
                field.question(),
                field.chosen(),
                field.typed(),
                field.unit(),
                field.units(),
                field.usual(),
                field.error(),
                field.doubt(),
                elsewhere.contains(field.id())
                        ? Optional.of(String.join("; ", text(field.question(), stored.answers(), frame.language())))
                        : Optional.empty(),
                field.fields().stream()
                        .map(inner -> marked(inner, elsewhere, stored, frame))
                        .toList());
    }

    private boolean isNewEmergency(Draft before, Draft after, String language) {
        if (before.answers().sameAs(after.answers())) {
            return false;
        }
        var rules = rules(emergencies(after, language));
        return !rules.isEmpty() && !rules(emergencies(before, language)).containsAll(rules);
    }

    private static Set<String> rules(List<Emergency> emergencies) {
        return emergencies.stream().map(Emergency::ruleId).collect(Collectors.toSet());
    }

    /** Id of the page to go to; empty for where the last answer was given. */
    private String next(
            Draft before, Draft after, Form.Page page, String action, boolean isFromCheck, String language) {
        var pages = ids(after, language);
        var here = pages.indexOf(page.id());
        if (here < 0) {
            return ""; // another device has changed what is asked
        }
        if (action.equals("back")) {
            return isFromCheck ? CHECK : here > 0 ? pages.get(here - 1) : "";
        }
        // An answer that was changed may have brought new questions.
        if (isFromCheck && pages.equals(ids(before, language))) {
            return CHECK;
        }
        return here + 1 < pages.size() ? pages.get(here + 1) : CHECK;
    }

    private List<String> ids(Draft draft, String language) {
        return form.pages(language, draft.answers()).stream().map(Form.Page::id).toList();
    }

    @POST
    @Path("{id}/{page}/look")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @AuditedAs(Action.EXECUTE)
    @Operation(summary = "What is to be said about a page as it is being filled in; saves nothing")
    public TemplateInstance look(
            @PathParam("id") String id, @PathParam("page") String page, MultivaluedMap<String, String> sent) {
        var stored = drafts.get(uuid(id));
        if (!stored.isOpen()) {
            throw new NotFoundException();
        }
        var frame = frames.here();
        var shown = find(page, frame);
        var entry = Entry.read(shown, stored.answers(), sent, frame.language(), false);
        return Templates.look(frame, view(asTyped(stored, entry), shown, entry.fields(), frame, false, false))
                .setLocale(frame.language());
    }

    @GET
    @Path("{id}/emergency")
    @Operation(summary = "What to do at once, alone on its page")
    public Response emergency(@PathParam("id") String id, @QueryParam("then") @DefaultValue("") String then) {
        var draft = drafts.get(uuid(id));
        var frame = frames.here();
        var alarm = alarm(draft, frame);
        var on = "/form/" + draft.id()
                + (ids(draft, frame.language()).contains(then) || then.equals(CHECK) ? "/" + then : "");
        if (alarm.found().isEmpty() || !draft.isOpen()) {
            return see(on);
        }
        return Response.ok(Templates.emergency(frame, draft.id(), on, alarm).setLocale(frame.language()))
                .build();
    }

    @GET
    @Path("{id}/check")
    @Operation(summary = "All answers, before they are sent")
    public Response check(@PathParam("id") String id) {
        var draft = drafts.get(uuid(id));
        var frame = frames.here();
        return draft.isOpen() ? html(200, frame, checkView(draft, frame, false)) : seeResult(draft);
    }

    @POST
    @Path("{id}/check")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @AuditedAs(Action.UPDATE)
    @Operation(summary = "Send the answers")
    public Response send(@PathParam("id") String id, MultivaluedMap<String, String> sent) {
        var draft = drafts.get(uuid(id));
        if (!draft.isOpen()) {
            return seeResult(draft);
        }
        var frame = frames.here();
        var view = checkView(draft, frame, version(sent) != draft.version());
        if (view.isChanged()) {
            return html(CONFLICT, frame, view);
        }
        if (!view.missing().isEmpty()) {
            return html(UNPROCESSABLE, frame, view);
        }
        try {
            drafts.complete(draft);
        } catch (FhirProblem problem) {
            if (problem.status() == 412) {
                var newest = drafts.get(draft.id());
                // Sent twice at once is sent.
                return newest.isOpen() ? html(CONFLICT, frame, checkView(newest, frame, true)) : seeResult(newest);
            }
            throw problem;
        }
        return seeResult(draft);
    }

    private PageView view(
            Draft draft, Form.Page page, List<Field> fields, Frame frame, boolean isFromCheck, boolean isConflict) {
        var pages = ids(draft, frame.language());
        return new PageView(
                draft.id(),
                draft.version(),
                page,
                fields,
                pages.indexOf(page.id()) + 1,
                pages.size() + 1, // the last step is to check the answers
                isFromCheck,
                draft.version() > 1,
                isConflict,
                Entry.flat(fields).stream()
                        .filter(field -> field.error().isPresent())
                        .toList(),
                alarm(draft, frame));
    }

    private CheckView checkView(Draft draft, Frame frame, boolean isChanged) {
        var answers = draft.answers();
        var sections = form.pages(frame.language(), answers).stream()
                .collect(Collectors.groupingBy(
                        Form.Page::title,
                        java.util.LinkedHashMap::new,
                        Collectors.flatMapping(
                                page -> page.asked(answers).stream()
                                        .filter(question -> !question.collapsed() || answers.has(question.linkId()))
                                        .map(question -> row(page, question, answers, frame)),
                                Collectors.toList())));
        var all = sections.entrySet().stream()
                .map(section -> new Section(section.getKey(), section.getValue()))
                .toList();
        return new CheckView(
                draft.id(),
                draft.version(),
                all,
                all.stream()
                        .flatMap(section -> section.rows().stream())
                        .filter(row ->
                                row.question().required() && row.answers().isEmpty())
                        .toList(),
                isChanged,
                alarm(draft, frame));
    }

    private static Row row(Form.Page page, Question question, Answers answers, Frame frame) {
        var isNotUsed = answers.amount(question.linkId())
                .filter(amount -> Question.in(Objects.requireNonNullElse(amount.unit(), ""), question.plausible())
                        .filter(range -> !range.holds(amount.value()))
                        .isPresent())
                .isPresent();
        return new Row(page.id(), question, text(question, answers, frame.language()), isNotUsed);
    }

    /** The answers for people; a choice as it is worded, a number with its unit. */
    private static List<String> text(Question question, Answers answers, String language) {
        return answers.of(question.linkId()).stream()
                .map(value -> text(question, value, language))
                .toList();
    }

    private static String text(Question question, JsonNode value, String language) {
        return switch (question.type()) {
            case CHOICE ->
                question.options()
                        .getOrDefault(
                                value.path("code").asText(), value.path("code").asText());
            case QUANTITY -> {
                var number = value.path("value").isNumber()
                        ? TypedNumber.write(value.get("value").decimalValue(), language)
                        : "";
                var unit = value.path("code").asText();
                yield (number + " " + question.options().getOrDefault(unit, unit)).strip();
            }
            case DATE -> new Localised(language).date(value.asText());
            case INTEGER, GROUP -> value.asText();
        };
    }

    private Alarm alarm(Draft draft, Frame frame) {
        return new Alarm(
                wording.sentence("emergency-block", frame.language()),
                form.emergencies(frame.language()),
                emergencies(draft, frame.language()));
    }

    private List<Emergency> emergencies(Draft draft, String language) {
        // Without an answer there is nothing to ask about.
        return draft.answers().values().isEmpty() ? List.of() : check.in(drafts.completed(draft), language);
    }

    private Form.Page find(String page, Frame frame) {
        return form.page(frame.language(), page).orElseThrow(NotFoundException::new);
    }

    private static boolean isFromCheck(@Nullable String from) {
        return CHECK.equals(from);
    }

    private static int version(MultivaluedMap<String, String> sent) {
        var version = Objects.requireNonNullElse(sent.getFirst("version"), "");
        return version.matches("\\d{1,9}") ? Integer.parseInt(version) : 0;
    }

    private static UUID uuid(String id) {
        try {
            return UUID.fromString(id);
        } catch (IllegalArgumentException e) {
            throw new NotFoundException(e);
        }
    }

    private static Response html(int status, Frame frame, PageView view) {
        return Response.status(status)
                .entity(Templates.page(frame.aroundForm(), view, false).setLocale(frame.language()))
                .build();
    }

    private static Response html(int status, Frame frame, CheckView view) {
        return Response.status(status)
                .entity(Templates.check(frame, view).setLocale(frame.language()))
                .build();
    }

    private static Response see(Draft draft, Form.Page page) {
        return see("/form/" + draft.id() + "/" + page.id());
    }

    private static Response seeResult(Draft draft) {
        return see("/results/" + draft.id());
    }

    private static Response see(String path) {
        return Response.seeOther(URI.create(path)).build();
    }
}
