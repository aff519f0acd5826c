package org.calciwatch.assessment.stored;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.io.UncheckedIOException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.stream.Collectors;
import org.calciwatch.assessment.evaluation.Assessor;
import org.calciwatch.assessment.pack.RulePackUnusable;
import org.calciwatch.assessment.profile.Profile;
import org.calciwatch.assessment.response.Consent;
import org.calciwatch.assessment.response.QuestionnaireResponseReader;
import org.calciwatch.assessment.response.ResponseRefused;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.Event;
import org.calciwatch.events.EventType;
import org.calciwatch.events.QuestionnaireSubmitted;
import org.calciwatch.events.UnreadableEvent;
import org.calciwatch.events.consume.EventHandler;
import org.calciwatch.events.consume.NotNow;
import org.calciwatch.events.inbox.Inbox;
import org.calciwatch.events.outbox.Outbox;
import org.calciwatch.privacy.ErasedSubmissions;
import org.calciwatch.privacy.PatientLock;
import org.jboss.logging.Logger;

/** Turns each submitted questionnaire into one assessment. */
@ApplicationScoped
class AssessSubmission implements EventHandler<QuestionnaireSubmitted> {

    private static final Logger LOG = Logger.getLogger(AssessSubmission.class);

    private final Inbox inbox;
    private final PatientLock lock;
    private final ErasedSubmissions erased;
    private final Assessor assessor;
    private final StoredAssessments assessments;
    private final Outbox outbox;
    private final ObjectMapper json;
    private final MeterRegistry metrics;

    AssessSubmission(
            Inbox inbox,
            PatientLock lock,
            ErasedSubmissions erased,
            Assessor assessor,
            StoredAssessments assessments,
            Outbox outbox,
            ObjectMapper json,
            MeterRegistry metrics) {
        this.inbox = inbox;
        this.lock = lock;
        this.erased = erased;
        this.assessor = assessor;
        this.assessments = assessments;
        this.outbox = outbox;
        this.json = json;
        this.metrics = metrics;
    }

    @Override
    public EventType<QuestionnaireSubmitted> type() {
        return EventType.QUESTIONNAIRE_SUBMITTED;
    }

    @Override
    @Transactional
    public void handle(Event<QuestionnaireSubmitted> event) {
        if (!inbox.firstTime(event.id())) {
            return;
        }
        var submission = event.data();
        lock.take(submission.patientId());
        if (erased.contains(submission.submissionId())) {
            LOG.infof("Submission %s version %d was erased", submission.submissionId(), submission.submissionVersion());
            return;
        }
        if (!Consent.isIn(submission.response())) {
            throw new UnreadableEvent("the response carries no consent; without one nothing is assessed");
        }
        var known = assessments.of(submission.submissionId(), submission.submissionVersion());
        if (known.isPresent()) {
            sendAgain(known.get());
            return;
        }
        var assessment = assess(submission);
        try {
            assessments.persist(new StoredAssessment(
                    assessment,
                    json.writeValueAsString(assessment),
                    json.writeValueAsString(submission.response()),
                    submission.submittedAt()));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
        outbox.add(EventType.ASSESSMENT_COMPLETED, assessment.patientId(), assessment);
        count(assessment);
        LOG.infof(
                "Submission %s version %d assessed as %s",
                assessment.submissionId(), assessment.submissionVersion(), assessment.id());
    }

    /** What rules find over time shows whether one fires too often, or never can for want of answers. */
    private void count(AssessmentCompleted assessment) {
        for (var rule : assessment.fired()) {
            metrics.counter(
                            "calciwatch.rules.fired",
                            "rule",
                            rule.ruleId(),
                            "severity",
                            rule.severity().name())
                    .increment();
        }
        for (var rule : assessment.unknown()) {
            metrics.counter("calciwatch.rules.unknown", "rule", rule.ruleId()).increment();
        }
    }

    /** Intake replays after a restoration; the services behind this one may have lost what this one has. */
    private void sendAgain(StoredAssessment known) {
        try {
            outbox.add(
                    EventType.ASSESSMENT_COMPLETED,
                    known.patientId,
                    json.readValue(known.data(), AssessmentCompleted.class));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
        LOG.infof(
                "Submission %s version %d was assessed before as %s, which is sent again",
                known.submissionId, known.submissionVersion, known.id);
    }

    private AssessmentCompleted assess(QuestionnaireSubmitted submission) {
        try {
            return assessor.assess(
                    submission.submissionId(),
                    submission.submissionVersion(),
                    submission.patientId(),
                    profile(submission),
                    submission.clinic());
        } catch (RulePackUnusable unusable) {
            // Every submission would fail alike, and none of them is at fault.
            throw new NotNow(unusable);
        }
    }

    private static Profile profile(QuestionnaireSubmitted submission) {
        try {
            return QuestionnaireResponseReader.read(
                    submission.response(), LocalDate.ofInstant(submission.submittedAt(), ZoneOffset.UTC));
        } catch (ResponseRefused refused) {
            // The places only: the messages may quote answers.
            throw new UnreadableEvent("the answers cannot be assessed, see "
                    + refused.problems().stream()
                            .map(ResponseRefused.Problem::expression)
                            .collect(Collectors.joining(", ")));
        }
    }
}
