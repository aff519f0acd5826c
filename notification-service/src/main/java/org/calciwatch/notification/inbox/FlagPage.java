package org.calciwatch.notification.inbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.AssessmentCompleted.Because;
import org.calciwatch.events.AssessmentCompleted.Fired;
import org.calciwatch.events.AssessmentCompleted.Unknown;
import org.calciwatch.events.Severity;
import org.calciwatch.notification.delivery.SentMails.Sent;
import org.calciwatch.notification.delivery.Words;
import org.calciwatch.notification.flag.Flag;
import org.calciwatch.notification.flag.FlagResource;
import org.calciwatch.notification.flag.HistoryEntry;
import org.calciwatch.notification.flag.HistoryEntry.Action;
import org.calciwatch.pages.Localised;
import org.jspecify.annotations.Nullable;

/**
 * A flag as its page, its confirmation page and its PDF show it. Texts of findings are in the pack's first language.
 *
 * @param seen the version shown; actions carry it, so that nobody overwrites what another did meanwhile
 * @param changed what the last newer assessment changed, null when there was none
 * @param taken who last took note or closed it, null while nobody has
 * @param earlier what set the severity, where the latest answers are milder; null where they are not
 * @param zone of all times shown
 */
public record FlagPage(
        UUID id,
        String reference,
        String patientId,
        Severity severity,
        Flag.Status status,
        Flag.@Nullable Outcome outcome,
        String headline,
        @Nullable String assignee,
        @Nullable String snoozedUntil,
        String openedAt,
        Duration age,
        int seen,
        Entry last,
        @Nullable Entry changed,
        @Nullable Entry taken,
        List<Entry> history,
        List<Told> told,
        @Nullable Earlier earlier,
        Findings findings,
        List<Course> courses,
        String zone) {

    private static final Pattern NAMES =
            Pattern.compile(Stream.concat(Arrays.stream(Severity.values()), Arrays.stream(Flag.Status.values()))
                    .map(Enum::name)
                    .collect(Collectors.joining("|", "\\b(", ")\\b")));

    /** One thing that happened; {@code note} is empty without one. */
    public record Entry(String at, String by, Action action, String note) {

        /** Whether no person did it. */
        public boolean isBySystem() {
            return by.equals(HistoryEntry.SYSTEM);
        }
    }

    /** A mail that was to tell somebody; each list of addresses with commas between, empty for none. */
    public record Told(String kind, String at, String reached, String failed, String waiting) {}

    /**
     * What an earlier assessment found that set the flag's severity.
     *
     * @param corrected whether the latest answers took the place of those it rests on, and do not just follow them
     */
    public record Earlier(List<Finding> findings, String assessedAt, boolean corrected) {}

    /** What the assessment of the latest answers found. */
    public record Findings(
            List<Finding> findings,
            List<String> education,
            List<String> checks,
            List<Outside> outside,
            List<Stale> stale,
            List<Open> open,
            List<String> unjudged,
            String assessedAt,
            String rulePack) {}

    /** A fired rule that a clinician should look at. */
    public record Finding(
            String title, Severity severity, List<Value> values, String message, List<String> references) {}

    /**
     * A value a rule rested on.
     *
     * @param yes for a yes or no; null for anything else
     * @param value as the rules saw it
     * @param entered as it was typed, empty where that was no number
     * @param usual the reference range, empty without one
     */
    public record Value(String label, @Nullable Boolean yes, String value, String entered, String usual) {}

    /** A laboratory value outside its reference range that no finding rests on. */
    public record Outside(String label, String value, String usual) {}

    /** A laboratory value that may be too old. */
    public record Stale(String label, String drawn, int months) {}

    /** Something that would settle what could not be judged. */
    public record Open(String text, List<String> settles, List<String> helps) {}

    /** How it can end. */
    public List<Flag.Outcome> outcomes() {
        return List.of(Flag.Outcome.values());
    }

    /** Characters a note may have. */
    public int longestNote() {
        return FlagResource.LONGEST_NOTE;
    }

    /** Characters a user name may have. */
    public int longestAssignee() {
        return FlagResource.LONGEST_ASSIGNEE;
    }

    /** Whether it must not wait for a working day. */
    public boolean isUrgent() {
        return severity.isAbove(Severity.CLINICIAN_REVIEW);
    }

    /** Hours an urgent flag can be out of sight. */
    public long longestUrgentSnooze() {
        return Flag.LONGEST_URGENT_SNOOZE.toHours();
    }

    /** Whether something can still be done. */
    public boolean isOpen() {
        return status != Flag.Status.CLOSED;
    }

    /** Whether nobody has taken note of what it says now. */
    public boolean canAcknowledge() {
        return status == Flag.Status.OPEN || status == Flag.Status.SNOOZED;
    }

    static FlagPage of(
            Flag flag,
            AssessmentCompleted assessment,
            Optional<AssessmentCompleted> decisive,
            List<AssessmentCompleted> all,
            List<Sent> sent,
            Instant now,
            ZoneId zone,
            Localised localised) {
        var history = flag.history().stream()
                .map(change -> entry(change, zone, localised))
                .toList();
        var assignee = flag.assignee();
        var snoozedUntil = flag.snoozedUntil();
        var restsOn = Stream.concat(
                        assessment.fired().stream(), decisive.stream().flatMap(earlier -> earlier.fired().stream()))
                .flatMap(rule -> rule.because().stream())
                .map(Because::input)
                .collect(Collectors.toSet());
        return new FlagPage(
                flag.id(),
                flag.reference(),
                Words.clean(flag.patientId()),
                flag.severity(),
                flag.status(),
                flag.outcome(),
                Words.clean(flag.headlineTitle()),
                assignee == null ? null : Words.clean(assignee),
                snoozedUntil == null ? null : localised.moment(snoozedUntil, zone),
                localised.moment(flag.openedAt(), zone),
                Duration.between(flag.openedAt(), now),
                flag.version(),
                history.getLast(),
                last(history, Action.UPDATED, Action.SEVERITY_RAISED, Action.NOTED)
                        .orElse(null),
                last(history, Action.ACKNOWLEDGED, Action.CLOSED).orElse(null),
                history,
                sent.stream()
                        .map(mail -> new Told(
                                mail.kind(),
                                localised.moment(mail.madeAt(), zone),
                                String.join(", ", mail.reached()),
                                String.join(", ", mail.failed()),
                                String.join(", ", mail.waiting())))
                        .toList(),
                decisive.map(earlier -> new Earlier(
                                clinical(earlier, localised),
                                localised.moment(earlier.assessedAt(), zone),
                                earlier.submissionId().equals(assessment.submissionId())))
                        .orElse(null),
                findings(assessment, zone, localised),
                Course.of(all, restsOn, zone, localised),
                // "Z" says nothing to a clinician.
                zone.normalized().equals(ZoneOffset.UTC) ? "UTC" : zone.getId());
    }

    private static Optional<Entry> last(List<Entry> history, Action... actions) {
        var wanted = List.of(actions);
        return history.reversed().stream()
                .filter(entry -> wanted.contains(entry.action()))
                .findFirst();
    }

    private static Entry entry(Flag.Change change, ZoneId zone, Localised localised) {
        var given = change.note();
        var text = given == null ? "" : given;
        // A person's words stay as they are.
        var note = change.by().equals(HistoryEntry.SYSTEM) ? inWords(text) : text;
        return new Entry(
                localised.moment(change.at(), zone),
                Words.clean(change.by()),
                change.action(),
                // Line by line: a note may have several.
                note.lines().map(Words::clean).collect(Collectors.joining("\n")));
    }

    /** A note of the system's own, which is English, without the names that severities and statuses have in code. */
    private static String inWords(String note) {
        return NAMES.matcher(note)
                .replaceAll(name -> name.group().toLowerCase(Locale.ROOT).replace('_', ' '));
    }

    private static Findings findings(AssessmentCompleted assessment, ZoneId zone, Localised localised) {
        var titles = assessment.unknown().stream()
                .collect(Collectors.toMap(Unknown::ruleId, Unknown::title, (first, _) -> first));
        var asked = new HashSet<String>();
        var open = assessment.openQuestions().stream()
                .map(question -> {
                    asked.addAll(question.settles());
                    asked.addAll(question.helps());
                    return new Open(
                            Words.clean(capitalised(question.text())),
                            titles(question.settles(), titles),
                            titles(question.helps(), titles));
                })
                .toList();
        return new Findings(
                clinical(assessment, localised),
                assessment.fired().stream()
                        .filter(rule -> !rule.severity().needsClinician())
                        .map(rule -> Words.clean(rule.title()))
                        .toList(),
                assessment.dataQuality().stream()
                        .map(check -> Words.clean(check.detail()))
                        .toList(),
                assessment.outsideReference().stream()
                        .map(lab -> new Outside(
                                Words.clean(lab.label()),
                                Numbers.amount(Words.judged(lab.value()), lab.unit(), localised),
                                Words.clean(lab.reference())))
                        .toList(),
                assessment.staleLabs().stream()
                        .map(lab -> new Stale(Words.clean(lab.label()), Words.clean(lab.drawn()), lab.months()))
                        .toList(),
                open,
                assessment.unknown().stream()
                        .filter(rule -> !asked.contains(rule.ruleId()))
                        .map(rule -> Words.clean(rule.title()))
                        .toList(),
                localised.moment(assessment.assessedAt(), zone),
                Words.clean(assessment.rulePack().id() + " "
                        + assessment.rulePack().version() + ", "
                        + assessment.rulePack().digest()));
    }

    private static List<Finding> clinical(AssessmentCompleted assessment, Localised localised) {
        return assessment.fired().stream()
                .filter(rule -> rule.severity().needsClinician())
                .sorted(Comparator.comparing(Fired::severity).reversed())
                .map(rule -> finding(rule, localised))
                .toList();
    }

    private static List<String> titles(List<String> ruleIds, Map<String, String> titles) {
        return ruleIds.stream()
                .map(id -> Words.clean(titles.getOrDefault(id, id)))
                .toList();
    }

    private static String capitalised(String text) {
        return text.isEmpty() ? text : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    private static Finding finding(Fired rule, Localised localised) {
        return new Finding(
                Words.clean(rule.title()),
                rule.severity(),
                rule.because().stream()
                        .map(because -> value(because, localised))
                        .toList(),
                Words.clean(rule.clinicianMessage()),
                rule.references().stream().map(Words::clean).toList());
    }

    private static Value value(Because because, Localised localised) {
        var entered = because.entered();
        return new Value(
                Words.clean(because.label()),
                because.value().isBoolean() ? because.value().booleanValue() : null,
                text(because.value(), because.unit(), localised),
                entered == null ? "" : Numbers.amount(entered.value(), entered.unit(), localised),
                Numbers.range(because.reference(), because.unit(), localised));
    }

    private static String text(JsonNode value, @Nullable String unit, Localised localised) {
        return value.isNumber()
                ? Numbers.amount(Words.judged(value.decimalValue()), unit, localised)
                : Words.clean(value.isTextual() ? value.textValue() : value.toString());
    }
}
