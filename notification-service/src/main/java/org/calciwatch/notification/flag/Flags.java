package org.calciwatch.notification.flag;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.uuid.Generators;
import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.core.Response.Status;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.calciwatch.audit.Access;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.Event;
import org.calciwatch.events.EventType;
import org.calciwatch.events.FlagChanged;
import org.calciwatch.events.PatientErased;
import org.calciwatch.events.consume.EventHandler;
import org.calciwatch.events.inbox.Inbox;
import org.calciwatch.events.outbox.Outbox;
import org.calciwatch.notification.delivery.Deliveries;
import org.calciwatch.notification.delivery.FlagNotice;
import org.calciwatch.notification.flag.HistoryEntry.Action;
import org.calciwatch.privacy.ErasedSubmissions;
import org.calciwatch.privacy.PatientLock;
import org.jboss.logging.Logger;

/** Opens and changes flags. With every change a {@code flag-changed} event leaves in the same transaction. */
@ApplicationScoped
public class Flags implements EventHandler<AssessmentCompleted> {

    private static final Logger LOG = Logger.getLogger(Flags.class);

    /** Without the look-alikes 0 and O, 1, I and L. Six of them name 31^6, some 890 million flags. */
    private static final String REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

    private static final int REFERENCE_LENGTH = 6;

    private final FlagRepository flags;
    private final Deliveries deliveries;
    private final Inbox inbox;
    private final PatientLock lock;
    private final ErasedSubmissions tombstones;
    private final Outbox outbox;
    private final Access access;
    private final ObjectMapper json;
    private final Clock clock;
    private final RandomGenerator random = new SecureRandom();

    Flags(
            FlagRepository flags,
            Deliveries deliveries,
            Inbox inbox,
            PatientLock lock,
            ErasedSubmissions tombstones,
            Outbox outbox,
            Access access,
            ObjectMapper json,
            Clock clock) {
        this.flags = flags;
        this.deliveries = deliveries;
        this.inbox = inbox;
        this.lock = lock;
        this.tombstones = tombstones;
        this.outbox = outbox;
        this.access = access;
        this.json = json;
        this.clock = clock;
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
        var assessment = withoutNul(event.data());
        lock.take(assessment.patientId());
        if (tombstones.contains(assessment.submissionId())) {
            LOG.infof("Assessment %s is of erased submission %s", assessment.id(), assessment.submissionId());
            return;
        }
        if (!flags.isLatestVersion(assessment)) {
            LOG.infof(
                    "Assessment %s is of version %d of submission %s, of which a later one was assessed before",
                    assessment.id(), assessment.submissionVersion(), assessment.submissionId());
            return;
        }
        var existing = flags.notClosedOf(assessment.patientId());
        if (existing.isPresent()) {
            reassess(existing.get(), assessment);
        } else if (assessment.severity().needsClinician()) {
            open(assessment);
        }
    }

    private void open(AssessmentCompleted assessment) {
        var flag = new Flag(
                Generators.timeBasedEpochGenerator().generate(),
                freeReference(),
                assessment,
                asJson(assessment),
                clock.instant());
        flags.persist(flag);
        changed(flag);
        notify(flag, "opened", assessment);
    }

    private void reassess(Flag flag, AssessmentCompleted newer) {
        flag.reassess(newer, asJson(newer), clock.instant());
        changed(flag);
        if (flag.lastChange().action() == Action.SEVERITY_RAISED) {
            notify(flag, "severity-raised-" + flag.severityRaises(), newer);
        }
    }

    /**
     * Does what a person asks for.
     *
     * @return the changed flag as clients see it
     * @throws HttpProblem 404 when there is no such flag, 409 when its status does not allow the action
     */
    @Transactional
    FlagView change(UUID id, Consumer<Flag> action) {
        var flag = flags.forChange(id).orElseThrow(() -> unknown(id));
        access.about(flag.patientId());
        access.entity("Flag", id);
        action.accept(flag);
        changed(flag);
        access.recordNow(200);
        return FlagView.of(flag);
    }

    /**
     * Removes the flags that rest on erased submissions, with their history and mails. What a later submission found is
     * not forgotten: it gets a flag and a mail of its own, though its assessment came before the erasure did.
     */
    @Transactional(Transactional.TxType.MANDATORY)
    void erase(PatientErased erased) {
        var survivors = new ArrayList<AssessmentCompleted>();
        for (var flag : flags.forErasureOf(erased.patientId())) {
            var isTouched = flag.submissionIds().stream().anyMatch(erased::covers);
            if (!isTouched) {
                continue;
            }
            if (flag.status() != Flag.Status.CLOSED) {
                survivor(flag, erased).ifPresent(survivors::add);
            }
            flags.delete(flag);
            LOG.infof("Flag %s went with erasure %s", flag.id(), erased.erasureId());
        }
        // Hibernate would insert first, and a patient has one flag that is not closed.
        flags.flush();
        flags.forgetAssessed(flags.assessedSubmissionsOf(erased.patientId()).stream()
                .filter(erased::covers)
                .toList());
        survivors.forEach(this::open);
    }

    private Optional<AssessmentCompleted> survivor(Flag flag, PatientErased erased) {
        if (!erased.covers(flag.submissionId())) {
            return Optional.of(asAssessment(flag.assessment()));
        }
        flag.submissionIds().stream()
                .filter(submission -> !erased.covers(submission))
                // It was noted only: it needs no clinician, or a more recent one took its place. A person can tell.
                .forEach(submission -> LOG.warnf(
                        "Flag %s went with erasure %s; it had also noted submission %s, see its assessments",
                        flag.id(), erased.erasureId(), submission));
        return Optional.empty();
    }

    /** The problem for an id that is no flag's. */
    static HttpProblem unknown(UUID id) {
        return HttpProblem.valueOf(Status.NOT_FOUND, "There is no flag " + id);
    }

    private void changed(Flag flag) {
        var change = flag.lastChange();
        outbox.add(
                EventType.FLAG_CHANGED,
                flag.patientId(),
                new FlagChanged(
                        flag.id(),
                        flag.reference(),
                        flag.patientId(),
                        flag.severity(),
                        flag.status().name(),
                        change.action().wireName(),
                        change.by(),
                        change.at(),
                        flag.assessmentId(),
                        flag.submissionId()));
        LOG.infof(
                "Flag %s %s after assessment %s of submission %s",
                flag.id(), change.action().wireName(), flag.assessmentId(), flag.submissionId());
    }

    private void notify(Flag flag, String step, AssessmentCompleted assessment) {
        deliveries.enqueue(
                new FlagNotice(flag.id(), flag.reference(), flag.severity(), flag.headlineTitle(), step, assessment));
    }

    private String freeReference() {
        while (true) {
            var reference = new StringBuilder("CW-");
            for (int i = 0; i < REFERENCE_LENGTH; i++) {
                reference.append(REFERENCE_ALPHABET.charAt(random.nextInt(REFERENCE_ALPHABET.length())));
            }
            if (!flags.isTaken(reference.toString())) {
                return reference.toString();
            }
        }
    }

    /**
     * The assessment without the one character that PostgreSQL's text and jsonb refuse. Better a flag with a replacement
     * character in some text than no flag.
     */
    private AssessmentCompleted withoutNul(AssessmentCompleted assessment) {
        // After an even number of backslashes it is an escaped NUL, after an odd number the text "\\u0000".
        var cleaned = asJson(assessment).replaceAll("(?<!\\\\)((?:\\\\\\\\)*)\\\\u0000", "$1\\\\ufffd");
        return asAssessment(cleaned);
    }

    private AssessmentCompleted asAssessment(String text) {
        try {
            return json.readValue(text, AssessmentCompleted.class);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String asJson(AssessmentCompleted assessment) {
        try {
            return json.writeValueAsString(assessment);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
