package org.calciwatch.notification.flag;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.uuid.Generators;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.core.Response.Status;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.calciwatch.audit.Access;
import org.calciwatch.crypto.SealBroken;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.Event;
import org.calciwatch.events.EventType;
import org.calciwatch.events.FlagChanged;
import org.calciwatch.events.PatientErased;
import org.calciwatch.events.consume.EventHandler;
import org.calciwatch.events.inbox.Inbox;
import org.calciwatch.events.outbox.Outbox;
import org.calciwatch.notification.NotificationConfig;
import org.calciwatch.notification.delivery.Deliveries;
import org.calciwatch.notification.delivery.FlagNotice;
import org.calciwatch.notification.delivery.Occasion;
import org.calciwatch.notification.delivery.Undeliverable;
import org.calciwatch.notification.flag.HistoryEntry.Action;
import org.calciwatch.notification.routing.Route;
import org.calciwatch.notification.routing.Routing;
import org.calciwatch.notification.routing.RoutingChanged;
import org.calciwatch.notification.webhook.Webhooks;
import org.calciwatch.privacy.ErasedSubmissions;
import org.calciwatch.privacy.PatientLock;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Opens and changes flags. With every change a {@code flag-changed} event leaves in the same transaction. */
@ApplicationScoped
public class Flags implements EventHandler<AssessmentCompleted> {

    private static final Logger LOG = Logger.getLogger(Flags.class);

    /** Without the look-alikes 0 and O, 1, I and L. Six of them name 31^6, some 890 million flags. */
    private static final String REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

    private static final int REFERENCE_LENGTH = 6;

    /** How the steps begin that tell the fallback of a mail that reached nobody. */
    private static final String UNDELIVERABLE = "undeliverable-";

    /** How the steps begin that tell of a flag that comes back. */
    private static final String WOKEN = "woken-";

    private final FlagRepository flags;
    private final Deliveries deliveries;
    private final Routing routing;
    private final Inbox inbox;
    private final PatientLock lock;
    private final ErasedSubmissions tombstones;
    private final Outbox outbox;
    private final Webhooks webhooks;
    private final Access access;
    private final ObjectMapper json;
    private final NotificationConfig config;
    private final MeterRegistry metrics;
    private final Clock clock;
    private final RandomGenerator random = new SecureRandom();

    Flags(
            FlagRepository flags,
            Deliveries deliveries,
            Routing routing,
            Inbox inbox,
            PatientLock lock,
            ErasedSubmissions tombstones,
            Outbox outbox,
            Webhooks webhooks,
            Access access,
            ObjectMapper json,
            NotificationConfig config,
            MeterRegistry metrics,
            Clock clock) {
        this.flags = flags;
        this.deliveries = deliveries;
        this.routing = routing;
        this.inbox = inbox;
        this.lock = lock;
        this.tombstones = tombstones;
        this.outbox = outbox;
        this.webhooks = webhooks;
        this.access = access;
        this.json = json;
        this.config = config;
        this.metrics = metrics;
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
        if (!flags.keep(assessment, asJson(assessment), clock.instant())) {
            LOG.infof(
                    "Assessment %s of version %d of submission %s is not newer than what is known",
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

    private Flag open(AssessmentCompleted assessment) {
        var now = clock.instant();
        var flag = new Flag(
                Generators.timeBasedEpochGenerator().generate(), freeReference(), assessment, asJson(assessment), now);
        flags.persist(flag);
        var route = changed(flag);
        noteFallback(flag, route);
        if (!route.waitsForDigest(flag.severity())) {
            tell(flag, "opened", Occasion.OPENED, route);
        }
        return flag;
    }

    private void noteFallback(Flag flag, Route route) {
        if (route.isFallback()) {
            flag.routedByFallback();
            metrics.counter("calciwatch.routing.fallback").increment();
            LOG.warnf(
                    "No row of the routing table is for flag %s (%s, category %s); the fallback hears of it",
                    flag.id(), flag.severity(), flag.headlineCategory());
        }
    }

    private void reassess(Flag flag, AssessmentCompleted newer) {
        var wasSnoozed = flag.status() == Flag.Status.SNOOZED;
        flag.reassess(newer, asJson(newer), clock.instant());
        var route = changed(flag);
        if (flag.lastEntry().action() == Action.SEVERITY_RAISED) {
            noteFallback(flag, route);
            // What was to be told of it is less than what is told now.
            deliveries.withdraw(flag.id());
            tell(flag, "severity-raised-" + flag.severityRaises(), Occasion.SEVERITY_RAISED, route);
        } else if (wasSnoozed && flag.status() == Flag.Status.OPEN) {
            tell(flag, WOKEN + flag.ownMails(), Occasion.WOKEN, route);
        }
    }

    /**
     * Has the flag that is due longest do what it does by itself: tell the next ones, come back, remind.
     *
     * @return the flag, empty when none is due
     * @throws NotDone when it could not, or the database did not keep it; for {@link #postpone} to be called
     */
    Optional<UUID> actOnNextDue() {
        var acting = new AtomicReference<@Nullable UUID>();
        try {
            return QuarkusTransaction.requiringNew().call(() -> {
                var now = clock.instant();
                var next = flags.nextDue(now);
                next.ifPresent(flag -> {
                    acting.set(flag.id());
                    act(flag, now);
                });
                return next.map(Flag::id);
            });
        } catch (RuntimeException | Error e) {
            var flag = acting.get();
            if (flag == null) {
                throw e;
            }
            throw new NotDone(flag, e);
        }
    }

    /** What a flag had to do by itself failed. */
    static final class NotDone extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final UUID flag;

        NotDone(UUID flag, Throwable cause) {
            super(cause);
            this.flag = flag;
        }

        UUID flag() {
            return flag;
        }
    }

    /** Lets the others go first. */
    @Transactional
    void postpone(UUID id, Duration pause) {
        var now = clock.instant();
        flags.postpone(id, now.plus(pause), now);
    }

    private void act(Flag flag, Instant now) {
        var due = flag.due(route(flag), config.reminder());
        if (due.isEmpty() || due.get().isAfter(now)) {
            // Another version of the service, or another routing table, had set the time.
            flag.schedule(due);
            return;
        }
        switch (flag.status()) {
            case OPEN -> escalate(flag, now);
            case SNOOZED -> {
                flag.wake(now);
                var route = changed(flag);
                tell(flag, WOKEN + flag.ownMails(), Occasion.WOKEN, route);
            }
            case ACKNOWLEDGED -> remind(flag, now);
            case CLOSED -> throw new IllegalStateException("A closed flag does nothing by itself");
        }
    }

    /** Of an urgent flag that was reminded of in vain, those of the next step hear too. */
    private void remind(Flag flag, Instant now) {
        var route = route(flag);
        var at = route.firstMailAt(flag.severity(), now);
        var recipients = new LinkedHashSet<>(route.recipients(at));
        if (flag.isUrgent() && flag.reminders() > 0) {
            recipients.addAll(route.escalation(flag.reminders()).recipients(at));
        }
        var told = List.copyOf(recipients);
        flag.remind(told, now);
        changed(flag);
        notify(flag, "reminder-" + flag.ownMails(), Occasion.REMINDER, told, at);
    }

    private void escalate(Flag flag, Instant now) {
        var recipients = route(flag).escalation(flag.escalations() + 1).recipients(now);
        flag.escalate(recipients, now);
        changed(flag);
        notify(flag, "escalation-" + flag.ownMails(), Occasion.ESCALATED, recipients, now);
    }

    /** Nobody got a mail: the next ones are told at once, and where there are no next ones, the fallback. */
    void undeliverable(@Observes Undeliverable mail) {
        var found = flags.forChange(mail.flagId());
        if (found.isEmpty() || found.get().status() == Flag.Status.CLOSED) {
            return;
        }
        var flag = found.get();
        var now = clock.instant();
        flag.undeliverable(mail.step(), now);
        var route = changed(flag);
        if (flag.status() == Flag.Status.OPEN
                && flag.isUrgent()
                && !route.escalation(flag.escalations() + 1).isRepeat()) {
            escalate(flag, now);
        } else if (!mail.step().startsWith(UNDELIVERABLE)) {
            notify(flag, UNDELIVERABLE + flag.ownMails(), Occasion.UNDELIVERABLE, route.fallback(), now);
        } else {
            LOG.errorf("Flag %s: not even the fallback can be reached by mail", flag.id());
        }
    }

    /** Another routing table may want others told sooner. */
    @Transactional(Transactional.TxType.MANDATORY)
    void lookAgain(@Observes RoutingChanged change) {
        flags.lookAtOpenFlags(clock.instant());
    }

    /**
     * Does what a person asks for.
     *
     * @return the changed flag
     * @throws HttpProblem 404 when there is no such flag, 409 when its status does not allow the action
     */
    @Transactional
    Flag change(UUID id, Consumer<Flag> action) {
        return changed(flags.forChange(id).orElseThrow(() -> unknown(id)), action);
    }

    /**
     * Does what a person asks for who has seen the flag as it was after so many changes.
     *
     * @param seen the {@link Flag#version} of the page
     * @return false when somebody else changed it since; then nothing is done
     * @throws HttpProblem 404 when there is no such flag, 409 when its status does not allow the action
     */
    @Transactional
    public boolean change(UUID id, int seen, Consumer<Flag> action) {
        var flag = flags.forChange(id).orElseThrow(() -> unknown(id));
        if (flag.version() != seen) {
            return false;
        }
        changed(flag, action);
        return true;
    }

    private Flag changed(Flag flag, Consumer<Flag> action) {
        access.about(flag.patientId());
        access.entity("Flag", flag.id());
        action.accept(flag);
        switch (flag.lastEntry().action()) {
            // Whoever is not told yet need not be told any more, or not now.
            case ACKNOWLEDGED, SNOOZED, CLOSED -> deliveries.withdraw(flag.id());
            case OPENED, UPDATED, SEVERITY_RAISED, NOTED, ASSIGNED, WOKEN, ESCALATED, REMINDED, UNDELIVERABLE -> {}
        }
        changed(flag);
        access.recordNow(200);
        return flag;
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
                survivors.addAll(survivors(flag, erased));
            }
            deliveries.forget(flag.id());
            flags.delete(flag);
            LOG.infof("Flag %s went with erasure %s", flag.id(), erased.erasureId());
        }
        // Hibernate would insert first, and a patient has one flag that is not closed.
        flags.flush();
        flags.forgetAssessed(erased.patientId(), erased::covers);
        survivors.stream()
                .dropWhile(assessment -> !assessment.severity().needsClinician())
                .findFirst()
                .ifPresent(first -> {
                    var flag = open(first);
                    survivors.stream()
                            .dropWhile(assessment -> !assessment.equals(first))
                            .skip(1)
                            .forEach(newer -> reassess(flag, newer));
                });
    }

    /** What the flag's other submissions were found to say, the oldest first. */
    private List<AssessmentCompleted> survivors(Flag flag, PatientErased erased) {
        var others = new ArrayList<AssessmentCompleted>();
        for (var assessed : flags.assessedOf(erased.patientId())) {
            var submission = assessed.submissionId();
            if (flag.submissionIds().contains(submission) && !erased.covers(submission)) {
                assessed.assessment()
                        .or(() -> flag.submissionId().equals(submission)
                                ? Optional.of(flag.assessment())
                                : Optional.empty())
                        .ifPresentOrElse(
                                json -> others.add(asAssessment(json)),
                                // Noted by a version that kept no assessments. A person can tell.
                                () -> LOG.warnf(
                                        "Flag %s went with erasure %s; it also rested on submission %s, see its assessments",
                                        flag.id(), erased.erasureId(), submission));
            }
        }
        return others;
    }

    /** The problem for an id that is no flag's. */
    public static HttpProblem unknown(UUID id) {
        return HttpProblem.valueOf(Status.NOT_FOUND, "There is no flag " + id);
    }

    /**
     * After every change: says it to whoever listens, and works out when the flag is due.
     *
     * @return who hears of the flag now
     */
    private Route changed(Flag flag) {
        var route = route(flag);
        flag.schedule(flag.due(route, config.reminder()));
        var change = flag.lastEntry();
        var event = outbox.add(
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
        webhooks.enqueue(event, flag.changes());
        LOG.infof(
                "Flag %s %s after assessment %s of submission %s",
                flag.id(), change.action().wireName(), flag.assessmentId(), flag.submissionId());
        return route;
    }

    private Route route(Flag flag) {
        return routing.route(flag.severity(), flag.headlineCategory(), flag.clinic());
    }

    /** Tells those who are on call when the mail goes out, which is after the quiet hours for what can wait. */
    private void tell(Flag flag, String step, Occasion occasion, Route route) {
        var at = route.firstMailAt(flag.severity(), clock.instant());
        notify(flag, step, occasion, route.recipients(at), at);
    }

    private void notify(Flag flag, String step, Occasion occasion, List<String> recipients, Instant notBefore) {
        @Nullable AssessmentCompleted decisive = null;
        @Nullable AssessmentCompleted newer = null;
        try {
            var latest = asAssessment(flag.assessment());
            var earlier = flag.decisiveAssessment().map(this::asAssessment);
            decisive = earlier.orElse(latest);
            newer = earlier.isPresent() ? latest : null;
        } catch (SealBroken | UncheckedIOException e) {
            // Nobody may miss a flag because its findings cannot be opened.
            LOG.errorf("Flag %s: its findings cannot be opened, the mail goes out without them: %s", flag.id(), e);
        }
        deliveries.enqueue(new FlagNotice(
                flag.id(),
                flag.reference(),
                flag.severity(),
                flag.headlineTitle(),
                step,
                occasion,
                decisive,
                newer,
                recipients,
                notBefore));
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
