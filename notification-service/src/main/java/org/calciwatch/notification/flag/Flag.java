package org.calciwatch.notification.flag;

import jakarta.persistence.CollectionTable;
import jakarta.persistence.Column;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.OrderColumn;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.calciwatch.crypto.SealedText;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.AssessmentCompleted.Fired;
import org.calciwatch.events.Severity;
import org.calciwatch.notification.flag.HistoryEntry.Action;
import org.calciwatch.notification.routing.Route;
import org.hibernate.annotations.BatchSize;
import org.hibernate.annotations.DynamicUpdate;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;

/**
 * What a clinician has to look at: one patient's findings from the first assessment that needs a clinician until a
 * clinician closes it. A patient has at most one flag that is not closed.
 *
 * <p>The severity never goes down by itself: it is the highest of all assessments since the flag was opened.
 */
@Entity
@DynamicUpdate // an update of something else must not undo a re-sealing that came between
@Table(name = "flag")
public class Flag {

    /** How long an urgent flag can be out of sight. */
    public static final Duration LONGEST_URGENT_SNOOZE = Duration.ofHours(24);

    /** Where a flag is in its life. */
    public enum Status {
        OPEN,
        ACKNOWLEDGED,
        SNOOZED,
        CLOSED
    }

    /** How a flag ended. */
    public enum Outcome {
        CONTACTED,
        TREATED,
        FALSE_ALARM,
        DUPLICATE,
        OTHER;

        /** As in JSON: {@code false-alarm}. */
        public String wireName() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * One thing that happened.
     *
     * @param by who did it, {@link HistoryEntry#SYSTEM} for the service itself
     * @param note what changed and what the person wrote
     */
    public record Change(
            Instant at, String by, Action action, @Nullable String note) {}

    @Id
    private UUID id;

    private String reference;

    @Column(name = "patient_id")
    private String patientId;

    @Enumerated(EnumType.STRING)
    private Severity severity;

    /** 0 for the most severe; PostgreSQL works it out. */
    @Column(name = "severity_rank", insertable = false, updatable = false)
    private short severityRank;

    /** How often the severity went up; numbers the mails that say so. */
    @Column(name = "severity_raises")
    private int severityRaises;

    @Enumerated(EnumType.STRING)
    private Status status;

    @Column(name = "headline_rule_id")
    private String headlineRuleId;

    @Column(name = "headline_title")
    private String headlineTitle;

    @Column(name = "headline_category")
    private String headlineCategory;

    private @Nullable String clinic;

    /** Whether the fallback was told of it, at its opening or a raise, because no row of the routing table was for it. */
    @Column(name = "routed_by_fallback")
    private boolean routedByFallback;

    @JdbcTypeCode(SqlTypes.ARRAY)
    @Column(name = "rule_ids")
    private List<String> ruleIds;

    @Column(name = "assessment_id")
    private UUID assessmentId;

    private SealedText assessment;

    /** The assessment that set the severity, where a newer and milder one took its place; null where none did. */
    @Column(name = "decisive_assessment")
    private @Nullable SealedText decisiveAssessment;

    @Column(name = "assessed_at")
    private Instant assessedAt;

    @Column(name = "submission_id")
    private String submissionId;

    /** Every submission whose assessment left something in this flag, be it a line of its history. */
    @JdbcTypeCode(SqlTypes.ARRAY)
    @Column(name = "submission_ids")
    private List<String> submissionIds;

    private @Nullable String assignee;

    @Column(name = "snoozed_until")
    private @Nullable Instant snoozedUntil;

    @Enumerated(EnumType.STRING)
    private @Nullable Outcome outcome;

    /** Lower-case text that the list's {@code q} looks in. */
    @Column(name = "search_text")
    private String searchText;

    @Column(name = "opened_at")
    private Instant openedAt;

    /** Since when somebody had, or has, to take note: the opening, the last raise, the end of a snooze. */
    @Column(name = "calls_since")
    private @Nullable Instant callsSince;

    /** When somebody first took note after that; null while nobody has. */
    @Column(name = "acknowledged_at")
    private @Nullable Instant acknowledgedAt;

    /** Since when the flag waits for whatever comes next. */
    @Column(name = "waiting_since")
    private Instant waitingSince;

    @Column(name = "due_at")
    private @Nullable Instant dueAt;

    /** Since when it fails to do what is due; null while it does. */
    @Column(name = "failed_since")
    private @Nullable Instant failedSince;

    /** How often somebody else had to be told since the flag was opened, raised or woken. */
    private int escalations;

    /** Mails that the flag had sent by itself; numbers them. */
    @Column(name = "own_mails")
    private int ownMails;

    @Column(name = "updated_at")
    private Instant updatedAt;

    @Version
    private int version;

    @ElementCollection
    @CollectionTable(name = "flag_history", joinColumns = @JoinColumn(name = "flag_id"))
    @OrderColumn(name = "position")
    @BatchSize(size = 100)
    private List<HistoryEntry> history = new ArrayList<>();

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected Flag() {}

    /**
     * Opens a flag.
     *
     * @param assessment needs a clinician, so at least one rule fired
     * @param json the assessment as it is kept for the flag's view
     */
    Flag(UUID id, String reference, AssessmentCompleted assessment, String json, Instant at) {
        var headline = headlineOf(assessment);
        this.id = id;
        this.reference = reference;
        this.patientId = assessment.patientId();
        this.severity = assessment.severity();
        this.status = Status.OPEN;
        this.headlineRuleId = headline.ruleId();
        this.headlineTitle = headline.title();
        this.headlineCategory = headline.category();
        this.clinic = assessment.clinic();
        this.ruleIds = ruleIdsOf(assessment);
        this.assessmentId = assessment.id();
        this.assessment = sealed(json);
        this.assessedAt = assessment.assessedAt();
        this.submissionId = assessment.submissionId();
        this.submissionIds = List.of(assessment.submissionId());
        this.searchText = searchText();
        this.openedAt = at;
        this.callsSince = at;
        this.waitingSince = at;
        this.updatedAt = at;
        record(Action.OPENED, HistoryEntry.SYSTEM, severity + ": " + String.join(", ", ruleIds), at);
    }

    /** What a newer assessment of the patient does to the flag. */
    void reassess(AssessmentCompleted newer, String json, Instant at) {
        if (status == Status.CLOSED) {
            throw new ImpossibleTransition(this, "reassessed");
        }
        var contributors = new LinkedHashSet<>(submissionIds);
        contributors.add(newer.submissionId());
        submissionIds = List.copyOf(contributors);
        var raised = newer.severity().isAbove(severity);
        if (!newer.severity().needsClinician()) {
            record(
                    Action.NOTED,
                    HistoryEntry.SYSTEM,
                    "a newer assessment is " + newer.severity() + "; the flag stays " + severity,
                    at);
        } else if (!raised && newer.assessedAt().isBefore(assessedAt)) {
            record(
                    Action.NOTED,
                    HistoryEntry.SYSTEM,
                    "an earlier assessment of " + newer.assessedAt() + " came late: " + newer.severity(),
                    at);
        } else {
            var note = whatChanges(newer);
            if (raised) {
                severity = newer.severity();
                severityRaises++;
                reopen(at);
            } else if (status == Status.SNOOZED && hasNewUrgentRule(newer)) {
                // Whoever put it off did not know of that.
                note += "; no longer snoozed";
                reopen(at);
                ownMails++;
            }
            pointTo(newer, json);
            record(raised ? Action.SEVERITY_RAISED : Action.UPDATED, HistoryEntry.SYSTEM, note, at);
        }
    }

    private String whatChanges(AssessmentCompleted newer) {
        var changes = new ArrayList<String>();
        if (newer.severity() == severity) {
            changes.add("severity " + severity + " as before");
        } else if (newer.severity().isAbove(severity)) {
            changes.add("severity " + severity + " -> " + newer.severity());
            if (status != Status.OPEN) {
                changes.add("reopened from " + status);
            }
        } else {
            changes.add("the newer assessment is " + newer.severity() + "; the flag stays " + severity);
        }
        var added = new LinkedHashSet<>(ruleIdsOf(newer));
        ruleIds.forEach(added::remove);
        if (!added.isEmpty()) {
            changes.add("rules added: " + String.join(", ", added));
        }
        var removed = new LinkedHashSet<>(ruleIds);
        ruleIdsOf(newer).forEach(removed::remove);
        if (!removed.isEmpty()) {
            changes.add("rules removed: " + String.join(", ", removed));
        }
        return String.join("; ", changes);
    }

    private boolean hasNewUrgentRule(AssessmentCompleted newer) {
        return newer.fired().stream()
                .anyMatch(
                        rule -> rule.severity().isAbove(Severity.CLINICIAN_REVIEW) && !ruleIds.contains(rule.ruleId()));
    }

    private void reopen(Instant at) {
        switch (status) {
            case OPEN, ACKNOWLEDGED, SNOOZED -> {
                status = Status.OPEN;
                snoozedUntil = null;
                escalations = 0;
                callsSince = at;
                acknowledgedAt = null;
                waitingSince = at;
            }
            case CLOSED -> throw new ImpossibleTransition(this, "reopened");
        }
    }

    private void pointTo(AssessmentCompleted newer, String json) {
        // Below the flag's own severity the headline stays: a mild title beside EMERGENCY would mislead.
        if (newer.severity() == severity) {
            var headline = headlineOf(newer);
            headlineRuleId = headline.ruleId();
            headlineTitle = headline.title();
            headlineCategory = headline.category();
            clinic = newer.clinic();
            decisiveAssessment = null;
        } else if (decisiveAssessment == null) {
            // What was found then may just not have been measured since.
            decisiveAssessment = SealedText.of(FlagRepository.DECISIVE.context(id), assessment());
        }
        ruleIds = ruleIdsOf(newer);
        assessmentId = newer.id();
        assessment = sealed(json);
        assessedAt = newer.assessedAt();
        submissionId = newer.submissionId();
        searchText = searchText();
    }

    /** Somebody takes note of the flag; a second time is impossible. */
    public void acknowledge(String by, @Nullable String note, Instant at) {
        switch (status) {
            case OPEN, SNOOZED -> {
                status = Status.ACKNOWLEDGED;
                snoozedUntil = null;
                waitingSince = at;
                noticed(at);
                record(Action.ACKNOWLEDGED, by, note, at);
            }
            case ACKNOWLEDGED, CLOSED -> throw new ImpossibleTransition(this, "acknowledged");
        }
    }

    /** Somebody becomes responsible, whoever was before; the status stays. */
    public void assign(String assignee, String by, @Nullable String note, Instant at) {
        switch (status) {
            case OPEN, ACKNOWLEDGED, SNOOZED -> {
                this.assignee = assignee;
                record(Action.ASSIGNED, by, withNote("to " + assignee, note), at);
            }
            case CLOSED -> throw new ImpossibleTransition(this, "assigned");
        }
    }

    /**
     * Out of sight until a time, which can be moved by snoozing again. An urgent flag comes back {@link
     * #LONGEST_URGENT_SNOOZE} later at the latest, whatever was asked for.
     */
    public void snooze(Instant asked, String by, @Nullable String note, Instant at) {
        switch (status) {
            case OPEN, ACKNOWLEDGED, SNOOZED -> {
                var latest = at.plus(LONGEST_URGENT_SNOOZE);
                var until = isUrgent() && asked.isAfter(latest) ? latest : asked;
                status = Status.SNOOZED;
                snoozedUntil = until;
                waitingSince = at;
                noticed(at);
                record(
                        Action.SNOOZED,
                        by,
                        withNote(
                                until.equals(asked)
                                        ? "until " + until
                                        : "until " + until + ", not until " + asked + ", as it is urgent",
                                note),
                        at);
            }
            case CLOSED -> throw new ImpossibleTransition(this, "snoozed");
        }
    }

    /** Ends the flag; closing an open one acknowledges it too. */
    public void close(Outcome outcome, String by, @Nullable String note, Instant at) {
        switch (status) {
            case OPEN, ACKNOWLEDGED, SNOOZED -> {
                status = Status.CLOSED;
                snoozedUntil = null;
                waitingSince = at;
                noticed(at);
                this.outcome = outcome;
                record(Action.CLOSED, by, withNote(outcome.wireName(), note), at);
            }
            case CLOSED -> throw new ImpossibleTransition(this, "closed");
        }
    }

    private void noticed(Instant at) {
        if (acknowledgedAt == null) {
            acknowledgedAt = at;
        }
    }

    /**
     * When the flag does something by itself next, if nobody does anything until then.
     *
     * @param reminder how long an acknowledged flag may stay without being closed
     * @return empty when it waits for a person, or the digest, only
     */
    Optional<Instant> due(Route route, Duration reminder) {
        return switch (status) {
            case OPEN ->
                isUrgent()
                        ? Optional.of(waitingSince.plus(
                                route.escalation(escalations + 1).after()))
                        : Optional.empty();
            case SNOOZED -> Optional.ofNullable(snoozedUntil);
            case ACKNOWLEDGED -> Optional.of(waitingSince.plus(reminder));
            case CLOSED -> Optional.empty();
        };
    }

    /** No row of the routing table was for it. */
    void routedByFallback() {
        routedByFallback = true;
    }

    /** Has the flag looked at again at a time. What failed before it changed fails no more. */
    void schedule(Optional<Instant> due) {
        dueAt = due.orElse(null);
        failedSince = null;
    }

    /** Nobody who was told has acknowledged in time: others are told. */
    void escalate(List<String> recipients, Instant at) {
        escalations++;
        waitingSince = at;
        ownMails++;
        record(Action.ESCALATED, HistoryEntry.SYSTEM, toWhom(recipients), at);
    }

    /** The time it was snoozed for is over. */
    void wake(Instant at) {
        reopen(at);
        ownMails++;
        record(Action.WOKEN, HistoryEntry.SYSTEM, null, at);
    }

    /** Somebody took note of the flag but did not close it. */
    void remind(List<String> recipients, Instant at) {
        waitingSince = at;
        ownMails++;
        record(Action.REMINDED, HistoryEntry.SYSTEM, toWhom(recipients), at);
    }

    /** A mail reached none of its recipients. */
    void undeliverable(String step, Instant at) {
        ownMails++;
        record(Action.UNDELIVERABLE, HistoryEntry.SYSTEM, "nobody could be reached with the mail \"" + step + "\"", at);
    }

    private static String toWhom(List<String> recipients) {
        return "told " + String.join(", ", recipients);
    }

    private void record(Action action, String by, @Nullable String note, Instant at) {
        updatedAt = at;
        history.add(new HistoryEntry(
                at,
                by,
                action,
                note == null ? null : SealedText.of(FlagRepository.NOTE.context(id, history.size()), note)));
    }

    private String searchText() {
        return String.join("\n", reference, headlineTitle, headlineRuleId, String.join("\n", ruleIds))
                .toLowerCase(Locale.ROOT);
    }

    private SealedText sealed(String json) {
        return SealedText.of(FlagRepository.ASSESSMENT.context(id), json);
    }

    private static String withNote(String what, @Nullable String note) {
        return note == null ? what : what + ": " + note;
    }

    private static Fired headlineOf(AssessmentCompleted assessment) {
        return assessment.fired().stream()
                .reduce((first, next) -> next.severity().isAbove(first.severity()) ? next : first)
                .orElseThrow(() -> new IllegalArgumentException(
                        "Assessment " + assessment.id() + " is " + assessment.severity() + " but no rule fired"));
    }

    private static List<String> ruleIdsOf(AssessmentCompleted assessment) {
        return assessment.fired().stream().map(Fired::ruleId).toList();
    }

    /** Its id. */
    public UUID id() {
        return id;
    }

    /** The short pseudonymous name used in mails. */
    public String reference() {
        return reference;
    }

    /** Whose findings it is about. */
    public String patientId() {
        return patientId;
    }

    /** Place of its severity in the worklist, 0 for the most severe; as PostgreSQL worked it out. */
    short severityRank() {
        return severityRank;
    }

    /** The highest severity since it was opened. */
    public Severity severity() {
        return severity;
    }

    /** Whether it must not wait for a working day. */
    boolean isUrgent() {
        return severity.isAbove(Severity.CLINICIAN_REVIEW);
    }

    int severityRaises() {
        return severityRaises;
    }

    int escalations() {
        return escalations;
    }

    int ownMails() {
        return ownMails;
    }

    /** Where it is in its life. */
    public Status status() {
        return status;
    }

    /** The rule that matters most. */
    public String headlineRuleId() {
        return headlineRuleId;
    }

    /** Title of the rule that matters most. */
    public String headlineTitle() {
        return headlineTitle;
    }

    /** Category of the headline's rule; empty for flags of versions that kept none. */
    public String headlineCategory() {
        return headlineCategory;
    }

    /** Where the patient is seen; null when unknown. */
    @Nullable
    public String clinic() {
        return clinic;
    }

    /** The fired rules of the assessment it points to, in knowledge-base order. */
    public List<String> ruleIds() {
        return ruleIds;
    }

    /** The assessment it points to. */
    public UUID assessmentId() {
        return assessmentId;
    }

    /** The assessment's JSON as it came. */
    public String assessment() {
        return assessment.open(FlagRepository.ASSESSMENT.context(id));
    }

    /** The JSON of the assessment that set the severity, where that is another one. */
    public Optional<String> decisiveAssessment() {
        return Optional.ofNullable(decisiveAssessment).map(text -> text.open(FlagRepository.DECISIVE.context(id)));
    }

    /** The submission of that assessment. */
    public String submissionId() {
        return submissionId;
    }

    List<String> submissionIds() {
        return submissionIds;
    }

    /** Who is responsible; null when nobody is. */
    @Nullable
    public String assignee() {
        return assignee;
    }

    /** When it comes back; null when it is not snoozed. */
    @Nullable
    public Instant snoozedUntil() {
        return snoozedUntil;
    }

    /** How it ended; null before. */
    @Nullable
    public Outcome outcome() {
        return outcome;
    }

    /** When it was opened. */
    public Instant openedAt() {
        return openedAt;
    }

    /** When it last changed. */
    public Instant updatedAt() {
        return updatedAt;
    }

    /** When somebody took note, since the flag was opened, raised or woken. */
    @Nullable
    public Instant acknowledgedAt() {
        return acknowledgedAt;
    }

    @Nullable
    Instant dueAt() {
        return dueAt;
    }

    /** Counts the changes, so that one can tell whether another came between. */
    public int version() {
        return version;
    }

    /** What happened, oldest first. */
    public List<Change> history() {
        return IntStream.range(0, history.size()).mapToObj(this::change).toList();
    }

    private Change change(int position) {
        var entry = history.get(position);
        var note = entry.note();
        return new Change(
                entry.at(),
                entry.by(),
                entry.action(),
                note == null ? null : note.open(FlagRepository.NOTE.context(id, position)));
    }

    /** What happened last, unopened. */
    HistoryEntry lastEntry() {
        return history.getLast();
    }

    /** How many things happened. */
    int changes() {
        return history.size();
    }

    /** How often it was reminded of since somebody took note. */
    int reminders() {
        return (int) history.reversed().stream()
                .map(HistoryEntry::action)
                .takeWhile(action -> action != Action.ACKNOWLEDGED)
                .filter(action -> action == Action.REMINDED)
                .count();
    }
}
