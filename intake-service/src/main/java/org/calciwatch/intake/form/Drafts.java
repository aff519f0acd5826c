package org.calciwatch.intake.form;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.security.ForbiddenException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.List;
import java.util.UUID;
import org.calciwatch.intake.fhir.FhirJson;
import org.calciwatch.intake.fhir.FhirProblem;
import org.calciwatch.intake.fhir.Issue;
import org.calciwatch.intake.questionnaire.Answers;
import org.calciwatch.intake.questionnaire.Questionnaire;
import org.calciwatch.intake.submission.ResponseValidator;
import org.calciwatch.intake.submission.SubmissionStatus;
import org.calciwatch.intake.submission.Submissions;
import org.calciwatch.intake.submission.Submissions.Stored;
import org.calciwatch.security.Caller;

/** The drafts behind the form: the caller's own, each saved version a FHIR response like any other. */
@ApplicationScoped
class Drafts {
    private static final EnumSet<SubmissionStatus> STATUSES =
            EnumSet.of(SubmissionStatus.IN_PROGRESS, SubmissionStatus.COMPLETED);

    private final Submissions submissions;
    private final ResponseValidator validator;
    private final Questionnaire questionnaire;
    private final Caller caller;
    private final FhirJson json;
    private final Clock clock;

    Drafts(
            Submissions submissions,
            ResponseValidator validator,
            Questionnaire questionnaire,
            Caller caller,
            FhirJson json,
            Clock clock) {
        this.submissions = submissions;
        this.validator = validator;
        this.questionnaire = questionnaire;
        this.caller = caller;
        this.json = json;
        this.clock = clock;
    }

    /** The caller's, the newest first. */
    List<Draft> all() {
        return submissions.draftsOf(patient()).stream().map(this::draft).toList();
    }

    /** One without answers. */
    Draft begin() {
        var unused = all().stream()
                .filter(draft -> draft.answers().values().isEmpty())
                .findFirst();
        if (unused.isPresent()) {
            return unused.get();
        }
        var response = json.object()
                .put("resourceType", "QuestionnaireResponse")
                .put("questionnaire", questionnaire.url() + "|" + questionnaire.version())
                .put("status", SubmissionStatus.IN_PROGRESS.code());
        response.putObject("subject").put("reference", "Patient/" + patient());
        return draft(submissions.create(checked(response)).stored());
    }

    /**
     * The newest version.
     *
     * @throws FhirProblem 404 when there is none with this id, 410 when it was erased
     */
    Draft get(UUID id) {
        return draft(submissions.get(id));
    }

    /** One version. */
    Draft get(UUID id, int version) {
        return draft(submissions.get(id, version));
    }

    /**
     * Saves other answers as the next version.
     *
     * @throws FhirProblem 412 when somebody else has saved one meanwhile
     */
    Draft save(Draft draft, Answers answers) {
        if (answers.sameAs(draft.answers())) {
            return draft;
        }
        return draft(submissions.update(draft.id(), draft.version(), checked(with(draft, answers))));
    }

    /** What the patient has to mend before the answers can be sent. */
    List<Issue> problems(Draft draft) {
        return validator.problems(completed(draft), STATUSES);
    }

    /**
     * Sends the answers; they are assessed from here on.
     *
     * @throws FhirProblem 412 when somebody else has saved a version meanwhile
     */
    void complete(Draft draft) {
        submissions.update(draft.id(), draft.version(), checked(completed(draft)));
    }

    /** The response as it would be sent now. */
    ObjectNode completed(Draft draft) {
        return with(draft, draft.answers())
                .put("status", SubmissionStatus.COMPLETED.code())
                .put("authored", clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
    }

    private ObjectNode with(Draft draft, Answers answers) {
        var response = draft.response().deepCopy();
        response.remove("item");
        if (!answers.values().isEmpty()) {
            answers.writeTo(response.putArray("item"), questionnaire.questions());
        }
        return response;
    }

    /** Nothing is stored that a client of the API could not store. */
    private ObjectNode checked(ObjectNode response) {
        var problems = validator.problems(response, STATUSES);
        if (!problems.isEmpty()) {
            throw new FhirProblem(422, problems);
        }
        return response;
    }

    private Draft draft(Stored stored) {
        var response = json.readOwn(stored.resource());
        return new Draft(stored.id(), stored.version(), stored.storedAt(), response, Answers.of(response));
    }

    private String patient() {
        return caller.patientId().orElseThrow(ForbiddenException::new);
    }
}
