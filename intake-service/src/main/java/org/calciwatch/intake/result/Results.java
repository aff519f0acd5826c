package org.calciwatch.intake.result;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.UUID;
import org.calciwatch.intake.submission.Submissions;
import org.calciwatch.privacy.ErasedSubmissions;

/** Where the result of a submission's newest version is. */
@ApplicationScoped
class Results {

    private final Submissions submissions;
    private final ErasedSubmissions erased;
    private final ResultRepository repository;
    private final PatientWording wording;
    private final ObjectMapper json;

    Results(
            Submissions submissions,
            ErasedSubmissions erased,
            ResultRepository repository,
            PatientWording wording,
            ObjectMapper json) {
        this.submissions = submissions;
        this.erased = erased;
        this.repository = repository;
        this.wording = wording;
        this.json = json;
    }

    /** Where a submission's result is. */
    sealed interface State {
        /** There is no such submission. */
        record NoSubmission() implements State {}

        /** It was erased with all data of its patient. */
        record Erased() implements State {}

        /** It is a draft; nothing is assessed before it is completed. */
        record Draft() implements State {}

        /** The newest version is not assessed yet. */
        record Pending() implements State {}

        /** It is there. */
        record Ready(PatientResult result) implements State {}
    }

    @Transactional
    State of(UUID submissionId, String language) {
        var progress = submissions.progress(submissionId);
        if (progress.isEmpty()) {
            return erased.contains(submissionId.toString()) ? new State.Erased() : new State.NoSubmission();
        }
        if (progress.get().draft()) {
            return new State.Draft();
        }
        var version = progress.get().version();
        // The result of an earlier version is not shown: it may be milder than what was just amended.
        Optional<StoredResult> stored =
                repository.findByIdOptional(submissionId).filter(result -> result.submissionVersion == version);
        return stored.<State>map(result -> new State.Ready(wording.result(
                        submissionId.toString(), result.submissionVersion, read(result.findings()), language)))
                .orElseGet(State.Pending::new);
    }

    private Findings read(String findings) {
        try {
            return json.readValue(findings, Findings.class);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
