package org.calciwatch.notification.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.AssessmentCompleted.Because;
import org.calciwatch.events.AssessmentCompleted.DataQuality;
import org.calciwatch.events.AssessmentCompleted.Entered;
import org.calciwatch.events.AssessmentCompleted.Fired;
import org.calciwatch.events.AssessmentCompleted.OpenQuestion;
import org.calciwatch.events.AssessmentCompleted.OutsideReference;
import org.calciwatch.events.AssessmentCompleted.ReferenceRange;
import org.calciwatch.events.AssessmentCompleted.RulePackRef;
import org.calciwatch.events.AssessmentCompleted.StaleLab;
import org.calciwatch.events.AssessmentCompleted.Unknown;
import org.calciwatch.events.Severity;
import org.calciwatch.notification.NotificationConfig;
import org.calciwatch.notification.NotificationConfig.Detail;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Writes the mail about a flag from {@code templates/mail/flag.txt} and {@code flag.html}, or {@code reference.txt} and
 * {@code reference.html} where the clinic lets no finding leave by mail; see {@link MailTemplates}. What comes from the event is
 * untrusted: every value is made one line without control or direction-changing characters, and escaped in HTML. The
 * patient's id never reaches the templates.
 */
@ApplicationScoped
public class FlagMails {

    /** Knowledge base section 5, "Clinician header". */
    static final String CLINICIAN_HEADER = "Automated screening from patient-entered data; verify values, units and"
            + " dates. Considerations, not orders. Rules, thresholds and references: knowledge base v1.1.";

    /** Knowledge base section 5, "Standing disclaimer". */
    static final String DISCLAIMER = "This tool shares health information. It does not find or rule out any disease and"
            + " does not replace your clinician. It does not tell you to start, stop, or change any medicine or"
            + " supplement. Talk to your clinician before starting high-dose supplements.";

    private static final String UNREADABLE = "What was found cannot be read just now: please look at the flag in the"
            + " inbox, and have an admin restore the key it was sealed with.";

    private static final Logger LOG = Logger.getLogger(FlagMails.class);

    /** Lines about what could not be judged; the rest is a click away. */
    private static final int MOST_UNJUDGED = 8;

    private static final DateTimeFormatter MINUTE = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'");

    /** A double's range; a number beyond it is shown as written, not spread over the page. */
    private static final int LARGEST_EXPONENT = 308;

    /** Of the sample mail that templates are checked with. */
    static final String SAMPLE_REFERENCE = "CW-SAMPLE";

    static final String SAMPLE_MARKUP = "<calciwatch-sample>";

    /**
     * What the templates show.
     *
     * @param why why the mail comes
     * @param acknowledge null where somebody has
     * @param newerAt when newer, milder answers were assessed; null where there are none
     * @param readable false when what was found cannot be opened; then {@code why} says so, and the lists are empty
     * @param parts what was found, then what newer, milder answers say
     * @param unjudged what could not be judged by the newest answers
     */
    public record FlagMail(
            String severity,
            String title,
            String why,
            String reference,
            String link,
            @Nullable String acknowledge,
            @Nullable String newerAt,
            boolean readable,
            List<Part> parts,
            List<String> unjudged,
            String header,
            String disclaimer) {}

    /** What one assessment found. */
    public record Part(
            String assessedAt,
            @Nullable String kidneys,
            List<Finding> findings,
            List<String> dataQuality,
            List<String> outsideReference,
            List<String> staleLabs,
            List<String> education,
            String rulePack) {}

    /**
     * A fired rule that a clinician should look at.
     *
     * @param since what newer answers say of it; null where there are none
     */
    public record Finding(
            String severity,
            String title,
            List<Value> values,
            String message,
            List<String> references,
            @Nullable String since) {}

    /**
     * A value a rule rested on.
     *
     * @param entered what the patient typed, null for choices
     * @param range the reference range, null where there is none
     */
    public record Value(
            String label,
            @Nullable String entered,
            String normalised,
            @Nullable String range) {}

    private final MailTemplates templates;
    private final String inboxUrl;
    private final Detail detail;

    FlagMails(MailTemplates templates, NotificationConfig config) {
        this.templates = templates;
        this.inboxUrl = inboxUrl(config);
        this.detail = config.mail().detail();
    }

    /** Without a slash at the end. */
    static String inboxUrl(NotificationConfig config) {
        return config.inboxUrl().toString().replaceAll("/+$", "");
    }

    /**
     * A clinic's own template that is broken must not be found out by the first emergency: each is tried with everything
     * that can be in a mail and with nothing that need not be, for every occasion.
     */
    void check(@Observes StartupEvent start) {
        var full = sampleOfEverything();
        var bare = sampleOfLittle(List.of(sampleOfLittle(Severity.CLINICIAN_REVIEW)));
        for (var occasion : Occasion.values()) {
            for (var waitsSince : List.of(Optional.of(Instant.EPOCH), Optional.<Instant>empty())) {
                for (var found : List.of(
                        sample(occasion, full, full),
                        sample(occasion, full, null),
                        sample(occasion, bare, null),
                        sample(occasion, bare, sampleOfLittle(List.of())))) {
                    var mail = mail(found, waitsSince);
                    check("flag.txt", mail);
                    check("flag.html", mail);
                    check("reference.txt", mail);
                    check("reference.html", mail);
                }
                var unreadable = mail(sample(occasion, null, null), waitsSince);
                check("reference.txt", unreadable);
                check("reference.html", unreadable);
            }
        }
    }

    private void check(String name, FlagMail sample) {
        templates.check(
                name,
                sample,
                List.of(sample.severity(), sample.reference(), sample.link(), sample.disclaimer()),
                SAMPLE_MARKUP);
    }

    private static FlagNotice sample(
            Occasion occasion, @Nullable AssessmentCompleted decisive, @Nullable AssessmentCompleted newer) {
        return new FlagNotice(
                UUID.fromString("00000000-0000-7000-8000-000000000000"),
                SAMPLE_REFERENCE,
                Severity.CLINICIAN_REVIEW,
                SAMPLE_MARKUP,
                FlagNotice.OPENED,
                occasion,
                decisive,
                newer,
                List.of("sample@clinic.example"),
                Instant.EPOCH);
    }

    private static AssessmentCompleted sampleOfEverything() {
        return sample(
                List.of(
                        sampleRule("sample-review", Severity.CLINICIAN_REVIEW),
                        sampleOfLittle(Severity.CLINICIAN_REVIEW),
                        sampleRule("sample-education", Severity.EDUCATION)),
                List.of(
                        new Unknown("sample-unknown", SAMPLE_MARKUP, List.of("sample"), Map.of()),
                        new Unknown("sample-open", SAMPLE_MARKUP, List.of("sample"), Map.of())),
                List.of(new OpenQuestion(
                        List.of("sample"), SAMPLE_MARKUP, Map.of(), List.of("sample-open"), List.of("sample-open"))),
                List.of(
                        new DataQuality("dq-sample", null, SAMPLE_MARKUP, Map.of()),
                        new DataQuality("dq-sample", "sample", SAMPLE_MARKUP, Map.of())),
                List.of(new OutsideReference("sample", SAMPLE_MARKUP, BigDecimal.ONE, "U/L", "2-3")),
                List.of(new StaleLab("sample", SAMPLE_MARKUP, "1970", 12)),
                Map.of(
                        "egfr",
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("value", BigDecimal.ONE)
                                .put("stage", SAMPLE_MARKUP)
                                .put("source", SAMPLE_MARKUP)));
    }

    private static AssessmentCompleted sampleOfLittle(List<Fired> fired) {
        return sample(fired, List.of(), List.of(), List.of(), List.of(), List.of(), Map.of());
    }

    private static AssessmentCompleted sample(
            List<Fired> fired,
            List<Unknown> unknown,
            List<OpenQuestion> openQuestions,
            List<DataQuality> dataQuality,
            List<OutsideReference> outsideReference,
            List<StaleLab> staleLabs,
            Map<String, JsonNode> profile) {
        return new AssessmentCompleted(
                new UUID(0, 0),
                "sample",
                1,
                "sample",
                Instant.EPOCH,
                new RulePackRef("sample", "1.0.0", "sha256:0"),
                Severity.CLINICIAN_REVIEW,
                fired,
                List.of(),
                unknown,
                openQuestions,
                dataQuality,
                outsideReference,
                staleLabs,
                profile,
                null);
    }

    /** A rule that rests on nothing that could be shown, and names no source. */
    private static Fired sampleOfLittle(Severity severity) {
        return new Fired(
                "sample-bare",
                SAMPLE_MARKUP,
                "sample",
                severity,
                null,
                List.of(),
                SAMPLE_MARKUP,
                SAMPLE_MARKUP,
                List.of(),
                Map.of());
    }

    private static Fired sampleRule(String id, Severity severity) {
        return new Fired(
                id,
                SAMPLE_MARKUP,
                "sample",
                severity,
                null,
                List.of(
                        new Because(
                                "sample",
                                SAMPLE_MARKUP,
                                DecimalNode.valueOf(BigDecimal.ONE),
                                "U/L",
                                new Entered(BigDecimal.ONE, "U/L"),
                                new ReferenceRange(BigDecimal.ONE, BigDecimal.TWO)),
                        new Because("choice", SAMPLE_MARKUP, TextNode.valueOf("sample"), null, null, null)),
                SAMPLE_MARKUP,
                SAMPLE_MARKUP,
                List.of(SAMPLE_MARKUP),
                Map.of());
    }

    /**
     * The mail about a notice. Words never keep it back: where they fail, it says that there is a flag, and where.
     *
     * @param waitsSince for an escalation, since when nobody has acknowledged the flag
     */
    Mail write(FlagNotice notice, Optional<Instant> waitsSince) {
        try {
            return written(notice, waitsSince);
        } catch (RuntimeException | StackOverflowError e) {
            // Without its message, which may quote what was found.
            LOG.errorf(
                    "Flag %s, step %s: the words of the mail failed with %s; it names severity and reference only",
                    notice.flagId(), notice.step(), e.getClass().getSimpleName());
            templates.failed("none");
            return Mail.plain(
                    referenceSubject(notice),
                    List.of(
                            Words.of(notice.severity()),
                            "Reference " + notice.reference(),
                            why(notice.occasion(), waitsSince),
                            "This mail cannot show what was found. Please open the flag:",
                            DISCLAIMER),
                    link(notice));
        }
    }

    private Mail written(FlagNotice notice, Optional<Instant> waitsSince) {
        var mail = mail(notice, waitsSince);
        return switch (mail.readable() ? detail : Detail.REFERENCE_ONLY) {
            case SUMMARY ->
                new Mail(
                        "[" + mail.severity() + "] " + Words.inSubject(mail.title()) + " — " + mail.reference()
                                + subjectNote(notice.occasion()),
                        templates.render("flag.txt", mail),
                        templates.render("flag.html", mail));
            case REFERENCE_ONLY ->
                new Mail(
                        referenceSubject(notice),
                        templates.render("reference.txt", mail),
                        templates.render("reference.html", mail));
        };
    }

    private static String referenceSubject(FlagNotice notice) {
        return "[" + Words.of(notice.severity()) + "] " + notice.reference() + subjectNote(notice.occasion());
    }

    private String link(FlagNotice notice) {
        return inboxUrl + "/inbox/" + notice.flagId();
    }

    private static String subjectNote(Occasion occasion) {
        return switch (occasion) {
            case OPENED, SEVERITY_RAISED -> "";
            case ESCALATED -> " (not acknowledged)";
            case REMINDER -> " (not closed)";
            case WOKEN -> " (no longer snoozed)";
            case UNDELIVERABLE -> " (others could not be reached)";
        };
    }

    private static String why(Occasion occasion, Optional<Instant> waitsSince) {
        return switch (occasion) {
            case OPENED -> "This is the first mail about this flag.";
            case SEVERITY_RAISED -> "A newer assessment is more severe than the one before.";
            case ESCALATED ->
                waitsSince
                                .map(since -> "Nobody has acknowledged this since " + minute(since) + ".")
                                .orElse("Nobody has acknowledged this in time.")
                        + " That is why it comes to you.";
            case REMINDER -> "This was acknowledged, but it is not closed. Please close it when all is done.";
            case WOKEN -> "This was snoozed until now. It waits for somebody again.";
            case UNDELIVERABLE ->
                "Those who were to hear of this could not be reached by mail. That is why it comes to you.";
        };
    }

    private static String minute(Instant instant) {
        return MINUTE.format(instant.atOffset(ZoneOffset.UTC));
    }

    private FlagMail mail(FlagNotice notice, Optional<Instant> waitsSince) {
        var decisive = notice.decisive();
        var newer = notice.newer();
        var why = why(notice.occasion(), waitsSince);
        var parts = new ArrayList<Part>();
        if (decisive != null) {
            parts.add(part(decisive, newer));
            if (newer != null) {
                parts.add(part(newer, null));
            }
        }
        return new FlagMail(
                Words.of(notice.severity()),
                Words.clean(notice.headline()),
                decisive == null ? why + " " + UNREADABLE : why,
                notice.reference(),
                link(notice),
                switch (notice.occasion()) {
                    case REMINDER -> null;
                    case OPENED, SEVERITY_RAISED, ESCALATED, WOKEN, UNDELIVERABLE -> link(notice) + "/acknowledge";
                },
                decisive == null || newer == null ? null : minute(newer.assessedAt()),
                decisive != null,
                List.copyOf(parts),
                decisive == null ? List.of() : shortened(unjudged(newer == null ? decisive : newer)),
                CLINICIAN_HEADER,
                DISCLAIMER);
    }

    private static Part part(AssessmentCompleted assessment, @Nullable AssessmentCompleted newer) {
        var pack = assessment.rulePack();
        return new Part(
                minute(assessment.assessedAt()),
                kidneys(assessment),
                assessment.fired().stream()
                        .filter(rule -> rule.severity().needsClinician())
                        .sorted(Comparator.comparing(Fired::severity).reversed())
                        .map(rule -> finding(rule, newer))
                        .toList(),
                assessment.dataQuality().stream().map(FlagMails::check).toList(),
                assessment.outsideReference().stream()
                        .map(lab -> Words.clean("%s %s (reference range %s)"
                                .formatted(
                                        lab.label(),
                                        withUnit(plain(Words.judged(lab.value())), lab.unit()),
                                        lab.reference())))
                        .toList(),
                assessment.staleLabs().stream()
                        .map(lab -> Words.clean("%s, drawn %s, more than %d months before the answers"
                                .formatted(lab.label(), lab.drawn(), lab.months())))
                        .toList(),
                assessment.fired().stream()
                        .filter(rule -> !rule.severity().needsClinician())
                        .map(rule -> Words.clean(rule.title()))
                        .toList(),
                Words.clean(pack.id() + " " + pack.version() + ", " + pack.digest()));
    }

    /** What newer answers say of a finding. That they do not say enough for it must not read as if it were over. */
    private static @Nullable String since(Fired rule, @Nullable AssessmentCompleted newer) {
        if (newer == null) {
            return null;
        }
        var answers = "the answers of " + minute(newer.assessedAt());
        if (newer.fired().stream().anyMatch(other -> other.ruleId().equals(rule.ruleId()))) {
            return "found again in " + answers;
        }
        if (newer.unknown().stream().anyMatch(other -> other.ruleId().equals(rule.ruleId()))) {
            return "not judged again, " + answers + " do not say enough for it";
        }
        if (newer.suppressed().stream().anyMatch(other -> other.ruleId().equals(rule.ruleId()))) {
            return "held back by another rule in " + answers;
        }
        return "not found again in " + answers;
    }

    /** The eGFR that the rules used, with its stage and where it comes from; null when there is none. */
    private static @Nullable String kidneys(AssessmentCompleted assessment) {
        var egfr = assessment.profile().get("egfr");
        return egfr == null || !egfr.path("value").isNumber()
                ? null
                : Words.clean("eGFR " + plain(Words.judged(egfr.get("value").decimalValue())) + " mL/min/1.73 m², "
                        + egfr.path("stage").asText() + ", "
                        + egfr.path("source").asText());
    }

    /** What would settle the checks that could not be made, then checks that nothing asked for here would settle. */
    private static List<String> unjudged(AssessmentCompleted assessment) {
        var titles = assessment.unknown().stream()
                .collect(Collectors.toMap(Unknown::ruleId, Unknown::title, (first, _) -> first));
        var settled = new HashSet<String>();
        var lines = new ArrayList<String>();
        for (var question : assessment.openQuestions()) {
            var does = new ArrayList<String>();
            if (!question.settles().isEmpty()) {
                does.add("settles " + titles(question.settles(), titles));
            }
            if (!question.helps().isEmpty()) {
                does.add("helps with " + titles(question.helps(), titles));
            }
            lines.add(Words.clean(capitalised(question.text()) + ": " + String.join("; ", does)));
            settled.addAll(question.settles());
            settled.addAll(question.helps());
        }
        assessment.unknown().stream()
                .filter(rule -> !settled.contains(rule.ruleId()))
                .map(rule -> Words.clean(rule.title()))
                .forEach(lines::add);
        return List.copyOf(lines);
    }

    private static List<String> shortened(List<String> lines) {
        if (lines.size() <= MOST_UNJUDGED) {
            return lines;
        }
        var first = new ArrayList<>(lines.subList(0, MOST_UNJUDGED));
        first.add("and " + (lines.size() - MOST_UNJUDGED) + " more, see the flag");
        return List.copyOf(first);
    }

    private static String capitalised(String text) {
        return text.isEmpty() ? text : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    private static String titles(List<String> ruleIds, Map<String, String> titles) {
        return ruleIds.stream()
                .map(id -> "“" + titles.getOrDefault(id, id) + "”")
                .collect(Collectors.joining(", "));
    }

    private static Finding finding(Fired rule, @Nullable AssessmentCompleted newer) {
        return new Finding(
                Words.of(rule.severity()),
                Words.clean(rule.title()),
                rule.because().stream().map(FlagMails::value).toList(),
                Words.clean(rule.clinicianMessage()),
                rule.references().stream().map(Words::clean).toList(),
                since(rule, newer));
    }

    private static Value value(Because because) {
        var entered = because.entered();
        return new Value(
                Words.clean(because.label()),
                entered == null ? null : Words.clean(withUnit(plain(entered.value()), entered.unit())),
                Words.clean(withUnit(words(because.value()), because.unit())),
                because.reference() == null ? null : range(because.reference(), because.unit()));
    }

    /** Limits belong to the range. */
    private static @Nullable String range(ReferenceRange range, @Nullable String unit) {
        var low = range.low();
        var high = range.high();
        if (low == null && high == null) {
            return null;
        }
        var limits = low == null
                ? "up to " + plain(Objects.requireNonNull(high))
                : high == null ? "from " + plain(low) : plain(low) + " to " + plain(high);
        return Words.clean(withUnit(limits, unit));
    }

    private static String check(DataQuality check) {
        return Words.clean(
                check.checkId() + (check.input() == null ? "" : " (" + check.input() + ")") + ": " + check.detail());
    }

    private static String words(JsonNode value) {
        return switch (value.getNodeType()) {
            case NUMBER -> plain(Words.judged(value.decimalValue()));
            case BOOLEAN -> value.booleanValue() ? "yes" : "no";
            case STRING -> value.textValue();
            case ARRAY, BINARY, MISSING, NULL, OBJECT, POJO -> value.toString();
        };
    }

    private static String plain(BigDecimal number) {
        return Math.abs((long) number.scale()) > LARGEST_EXPONENT ? number.toString() : number.toPlainString();
    }

    private static String withUnit(String value, @Nullable String unit) {
        return unit == null ? value : (value + " " + Words.unit(unit)).strip();
    }
}
