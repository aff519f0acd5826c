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
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.IntStream;
import org.calciwatch.crypto.SealedText;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.AssessmentCompleted.Fired;
import org.calciwatch.events.Severity;
import org.calciwatch.notification.flag.HistoryEntry.Action;
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
    record Change(
            Instant at, String by, Action action, @Nullable String note) {}

    @Id
    private UUID id;

    private String reference;

    @Column(name = "patient_id")
    private String patientId;

    @Enumerated(EnumType.STRING)
    private Severity severity;

    /** How often the severity went up; numbers the mails that say so. */
    @Column(name = "severity_raises")
    private int severityRaises;

    @Enumerated(EnumType.STRING)
    private Status status;

    @Column(name = "headline_rule_id")
    private String headlineRuleId;

    @Column(name = "headline_title")
    private String headlineTitle;

    @JdbcTypeCode(SqlTypes.ARRAY)
    @Column(name = "rule_ids")
    private List<String> ruleIds;

    @Column(name = "assessment_id")
    private UUID assessmentId;

    private SealedText assessment;

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
        this.ruleIds = ruleIdsOf(assessment);
        this.assessmentId = assessment.id();
        this.assessment = sealed(json);
        this.assessedAt = assessment.assessedAt();
        this.submissionId = assessment.submissionId();
        this.submissionIds = List.of(assessment.submissionId());
        this.searchText = searchText();
        this.openedAt = at;
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
                reopen();
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

    private void reopen() {
        switch (status) {
            case OPEN -> {
                // stays open
            }
            case ACKNOWLEDGED, SNOOZED -> {
                status = Status.OPEN;
                snoozedUntil = null;
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
        }
        ruleIds = ruleIdsOf(newer);
        assessmentId = newer.id();
        assessment = sealed(json);
        assessedAt = newer.assessedAt();
        submissionId = newer.submissionId();
        searchText = searchText();
    }

    /** Somebody takes note of the flag; a second time is impossible. */
    void acknowledge(String by, @Nullable String note, Instant at) {
        switch (status) {
            case OPEN, SNOOZED -> {
                status = Status.ACKNOWLEDGED;
                snoozedUntil = null;
                record(Action.ACKNOWLEDGED, by, note, at);
            }
            case ACKNOWLEDGED, CLOSED -> throw new ImpossibleTransition(this, "acknowledged");
        }
    }

    /** Somebody becomes responsible, whoever was before; the status stays. */
    void assign(String assignee, String by, @Nullable String note, Instant at) {
        switch (status) {
            case OPEN, ACKNOWLEDGED, SNOOZED -> {
                this.assignee = assignee;
                record(Action.ASSIGNED, by, withNote("to " + assignee, note), at);
            }
            case CLOSED -> throw new ImpossibleTransition(this, "assigned");
        }
    }

    /** Out of sight until a time, which can be moved by snoozing again. */
    void snooze(Instant until, String by, @Nullable String note, Instant at) {
        switch (status) {
            case OPEN, ACKNOWLEDGED, SNOOZED -> {
                status = Status.SNOOZED;
                snoozedUntil = until;
                record(Action.SNOOZED, by, withNote("until " + until, note), at);
            }
            case CLOSED -> throw new ImpossibleTransition(this, "snoozed");
        }
    }

    /** Ends the flag; closing an open one acknowledges it too. */
    void close(Outcome outcome, String by, @Nullable String note, Instant at) {
        switch (status) {
            case OPEN, ACKNOWLEDGED, SNOOZED -> {
                status = Status.CLOSED;
                snoozedUntil = null;
                this.outcome = outcome;
                record(Action.CLOSED, by, withNote(outcome.wireName(), note), at);
            }
            case CLOSED -> throw new ImpossibleTransition(this, "closed");
        }
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
        return String.join("\n", reference, headlineTitle, String.join("\n", ruleIds))
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

    UUID id() {
        return id;
    }

    String reference() {
        return reference;
    }

    String patientId() {
        return patientId;
    }

    Severity severity() {
        return severity;
    }

    int severityRaises() {
        return severityRaises;
    }

    Status status() {
        return status;
    }

    String headlineRuleId() {
        return headlineRuleId;
    }

    String headlineTitle() {
        return headlineTitle;
    }

    List<String> ruleIds() {
        return ruleIds;
    }

    UUID assessmentId() {
        return assessmentId;
    }

    /** The assessment's JSON as it came. */
    String assessment() {
        return assessment.open(FlagRepository.ASSESSMENT.context(id));
    }

    String submissionId() {
        return submissionId;
    }

    List<String> submissionIds() {
        return submissionIds;
    }

    @Nullable
    String assignee() {
        return assignee;
    }

    @Nullable
    Instant snoozedUntil() {
        return snoozedUntil;
    }

    @Nullable
    Outcome outcome() {
        return outcome;
    }

    Instant openedAt() {
        return openedAt;
    }

    Instant updatedAt() {
        return updatedAt;
    }

    /** What happened, oldest first. */
    List<Change> history() {
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

    Change lastChange() {
        return change(history.size() - 1);
    }
}
