package org.calciwatch.intake.result;

import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.core.Response.Status;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.calciwatch.audit.Access;
import org.calciwatch.events.Severity;
import org.calciwatch.http.Cursors;
import org.calciwatch.http.Page;
import org.calciwatch.intake.submission.Submissions;
import org.calciwatch.security.Caller;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Results that clinicians let patients read in full, where the clinic holds them back until then. */
@ApplicationScoped
class Releases {

    private static final Logger LOG = Logger.getLogger(Releases.class);

    private final ReleaseRepository repository;
    private final Results results;
    private final Submissions submissions;
    private final PatientWording wording;
    private final Access access;
    private final Caller caller;
    private final Clock clock;

    Releases(
            ReleaseRepository repository,
            Results results,
            Submissions submissions,
            PatientWording wording,
            Access access,
            Caller caller,
            Clock clock) {
        this.repository = repository;
        this.results = results;
        this.submissions = submissions;
        this.wording = wording;
        this.access = access;
        this.caller = caller;
        this.clock = clock;
    }

    /** A result that waits for its release. */
    record Waiting(UUID submissionId, int submissionVersion, String patientId, Severity severity, Instant assessedAt) {}

    /** Where the next page begins: after this one. */
    private record Position(Instant assessedAt, UUID id) {

        static final Position FIRST = new Position(Instant.EPOCH, new UUID(0, 0));

        static Position parse(@Nullable String cursor) {
            if (cursor == null || cursor.isBlank()) {
                return FIRST;
            }
            var parts = cursor.split("_", -1);
            try {
                if (parts.length == 2) {
                    return new Position(
                            Instant.EPOCH.plus(Long.parseLong(parts[0]), ChronoUnit.MICROS), UUID.fromString(parts[1]));
                }
            } catch (IllegalArgumentException | DateTimeException | ArithmeticException e) {
                // said below
            }
            throw HttpProblem.valueOf(
                    Status.BAD_REQUEST, "cursor must be taken unchanged from the 'next' of the page before");
        }

        static String after(Waiting last) {
            return ChronoUnit.MICROS.between(Instant.EPOCH, last.assessedAt()) + "_" + last.submissionId();
        }
    }

    /**
     * What waits, the oldest first; nothing where results are shown at once.
     *
     * @param path of the list, for the link to the next page
     */
    @Transactional
    Page<Waiting> waiting(int limit, @Nullable String cursor, String path) {
        var from = Position.parse(cursor);
        if (!wording.holdsUntilReleased()) {
            return new Page<>(List.of(), null);
        }
        var found = repository.waiting(from.assessedAt(), from.id(), limit + 1).stream()
                .map(waiting -> new Waiting(
                        waiting.result().submissionId,
                        waiting.result().submissionVersion,
                        waiting.patientId(),
                        results.findings(waiting.result()).severity(),
                        waiting.result().assessedAt))
                .toList();
        var page = Cursors.page(found, limit, last -> path + "?limit=" + limit + "&cursor=" + Position.after(last));
        page.items().forEach(waiting -> {
            access.about(waiting.patientId());
            access.entity("QuestionnaireResponse", waiting.submissionId());
        });
        return page;
    }

    /**
     * Lets the patient read the result of this version of the answers.
     *
     * @param read the assessment that was read before, where the caller says so
     * @throws HttpProblem 404 when there is no such submission, 410 when it was erased, 409 when the result is of
     *     another version or another assessment, is not there yet, or waits for nobody
     */
    @Transactional
    void release(UUID id, int version, @Nullable Instant read) {
        submissions.requireReadable(id);
        switch (results.of(id, "en")) {
            case Results.State.NoSubmission _ -> throw ResultResource.noSubmission();
            case Results.State.Erased _ -> throw ResultResource.erased();
            case Results.State.Draft _ -> throw ResultResource.draft();
            case Results.State.Pending _ ->
                throw conflict("The newest version of the answers is not assessed yet; read its result first.");
            case Results.State.Ready ready -> {
                if (ready.result().submissionVersion() != version) {
                    throw conflict("The newest version of the answers is "
                            + ready.result().submissionVersion() + "; read its result and release that.");
                }
                if (read != null && !read.equals(ready.assessedAt())) {
                    throw conflict("The answers were assessed again meanwhile; read the new result first.");
                }
                if (!wording.holdsUntilReleased()) {
                    throw conflict("Results are shown at once here (calciwatch.education.release); none waits.");
                }
                if (!repository.release(id, version, ready.assessedAt(), caller.name(), clock.instant())) {
                    throw conflict("This result is released already.");
                }
            }
        }
        access.recordNow(204);
        LOG.infof("The result of submission %s version %d is released", id, version);
    }

    /** Whether the result, which must be there, waits for its release as it is now. */
    @Transactional
    boolean waits(UUID id) {
        return wording.holds(repository.releasedOf(List.of(id)).contains(id));
    }

    private static HttpProblem conflict(String detail) {
        return HttpProblem.valueOf(Status.CONFLICT, detail);
    }
}
