package org.calciwatch.intake.result;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.calciwatch.events.Severity;
import org.calciwatch.intake.questionnaire.Amount;
import org.calciwatch.intake.submission.Submissions;
import org.calciwatch.intake.submission.Submissions.Completed;
import org.calciwatch.privacy.ErasedSubmissions;
import org.jspecify.annotations.Nullable;

/** Where the result of a submission's newest version is. */
@ApplicationScoped
public class Results {

    private final Submissions submissions;
    private final ErasedSubmissions erased;
    private final ResultRepository repository;
    private final ReleaseRepository releases;
    private final PatientWording wording;
    private final ObjectMapper json;

    Results(
            Submissions submissions,
            ErasedSubmissions erased,
            ResultRepository repository,
            ReleaseRepository releases,
            PatientWording wording,
            ObjectMapper json) {
        this.submissions = submissions;
        this.erased = erased;
        this.repository = repository;
        this.releases = releases;
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

        /**
         * It is there.
         *
         * @param assessedAt tells one assessment of a version from a later one
         */
        record Ready(PatientResult result, Findings findings, Instant assessedAt) implements State {}
    }

    /** What the patient reads. */
    @Transactional
    State of(UUID submissionId, String language) {
        return of(submissionId, language, false);
    }

    /** What the patient would read if it were released. */
    @Transactional
    State asReleased(UUID submissionId, String language) {
        return of(submissionId, language, true);
    }

    private State of(UUID submissionId, String language, boolean asReleased) {
        var progress = submissions.progress(submissionId);
        if (progress.isEmpty()) {
            return erased.contains(submissionId.toString()) ? new State.Erased() : new State.NoSubmission();
        }
        if (progress.get().draft()) {
            return new State.Draft();
        }
        var version = progress.get().version();
        // The result of an earlier version is not shown: it may be milder than what was just amended.
        var stored = repository.findByIdOptional(submissionId).filter(result -> result.submissionVersion == version);
        if (stored.isEmpty()) {
            return new State.Pending();
        }
        var findings = findings(stored.get());
        var released = asReleased || !releases.releasedOf(List.of(submissionId)).isEmpty();
        return new State.Ready(
                wording.result(submissionId.toString(), version, findings, released, language),
                findings,
                stored.get().assessedAt);
    }

    /**
     * What a list of results says of one.
     *
     * @param severity null where it is held back; emergency and same-day are told always
     */
    record Summary(@Nullable Severity severity) {}

    /** Of these, those that are assessed. */
    @Transactional
    Map<UUID, Summary> summaries(List<Completed> completed) {
        var summaries = new HashMap<UUID, Summary>();
        each(completed, (id, findings, held) -> {
            var urgent = findings.severity().compareTo(Severity.URGENT_SAME_DAY) >= 0;
            summaries.put(id, new Summary(held && !urgent ? null : findings.severity()));
        });
        return summaries;
    }

    /** The numbers the rules saw in these submissions, by input key; none of what the clinic holds back. */
    @Transactional
    public Map<UUID, Map<String, Amount>> values(List<Completed> completed) {
        var values = new HashMap<UUID, Map<String, Amount>>();
        each(completed, (id, findings, held) -> {
            if (!held) {
                values.put(id, findings.values());
            }
        });
        return values;
    }

    private interface Visitor {
        void visit(UUID id, Findings findings, boolean held);
    }

    private void each(List<Completed> completed, Visitor visitor) {
        var versions = completed.stream().collect(Collectors.toMap(Completed::id, Completed::version));
        var ids = List.copyOf(versions.keySet());
        Set<UUID> released = releases.releasedOf(ids);
        for (var stored : repository.of(ids)) {
            if (Integer.valueOf(stored.submissionVersion).equals(versions.get(stored.submissionId))) {
                visitor.visit(
                        stored.submissionId, findings(stored), wording.holds(released.contains(stored.submissionId)));
            }
        }
    }

    Findings findings(StoredResult stored) {
        try {
            return json.readValue(stored.findings(), Findings.class);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
