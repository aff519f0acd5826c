package org.calciwatch.intake.result;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.io.UncheckedIOException;
import java.util.UUID;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.Event;
import org.calciwatch.events.EventType;
import org.calciwatch.events.consume.EventHandler;
import org.calciwatch.events.inbox.Inbox;
import org.calciwatch.privacy.ErasedSubmissions;
import org.calciwatch.privacy.PatientLock;
import org.jboss.logging.Logger;

/** Keeps intake's own copy of what the rules found, for the patient's page. */
@ApplicationScoped
class ResultHandler implements EventHandler<AssessmentCompleted> {

    private static final Logger LOG = Logger.getLogger(ResultHandler.class);

    private final Inbox inbox;
    private final PatientLock lock;
    private final ErasedSubmissions erased;
    private final ResultRepository results;
    private final Arrivals arrivals;
    private final ObjectMapper json;

    ResultHandler(
            Inbox inbox,
            PatientLock lock,
            ErasedSubmissions erased,
            ResultRepository results,
            Arrivals arrivals,
            ObjectMapper json) {
        this.inbox = inbox;
        this.lock = lock;
        this.erased = erased;
        this.results = results;
        this.arrivals = arrivals;
        this.json = json;
    }

    @Override
    public EventType<AssessmentCompleted> type() {
        return EventType.ASSESSMENT_COMPLETED;
    }

    @Override
    @Transactional
    public void handle(Event<AssessmentCompleted> event) {
        if (!inbox.firstTime(event.id())) {
            return;
        }
        var assessment = event.data();
        lock.take(assessment.patientId());
        if (erased.contains(assessment.submissionId())) {
            LOG.infof("Assessment %s is of erased submission %s", assessment.id(), assessment.submissionId());
            return;
        }
        var submissionId = UUID.fromString(assessment.submissionId());
        results.keepNewest(
                submissionId, assessment.submissionVersion(), assessment.assessedAt(), write(Findings.of(assessment)));
        arrivals.announceAfterCommit(submissionId);
    }

    private String write(Findings findings) {
        try {
            return json.writeValueAsString(findings);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
