package org.calciwatch.notification.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.qute.Engine;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.calciwatch.events.AssessmentCompleted;
import org.calciwatch.events.AssessmentCompleted.Because;
import org.calciwatch.events.AssessmentCompleted.Fired;
import org.calciwatch.events.Severity;
import org.calciwatch.notification.NotificationConfig;
import org.calciwatch.notification.NotificationConfig.Detail;
import org.jspecify.annotations.Nullable;

/**
 * Writes the mail about a flag from {@code templates/mail/flag.txt} and {@code flag.html}, or {@code reference.txt} and
 * {@code reference.html} where the clinic lets no finding leave by mail. What comes from the event is
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

    private static final int LONGEST_VALUE = 5000;
    private static final int LONGEST_SUBJECT_TITLE = 150;
    private static final DateTimeFormatter MINUTE = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'");

    /** A double's range; a number beyond it is shown as written, not spread over the page. */
    private static final int LARGEST_EXPONENT = 308;

    /** What the templates show. */
    public record FlagMail(
            String severity,
            String title,
            boolean raised,
            String reference,
            String link,
            String assessedAt,
            @Nullable String kidneys,
            List<Finding> findings,
            List<String> education,
            List<String> unjudged,
            List<String> dataQuality,
            List<String> outsideReference,
            List<String> staleLabs,
            String rulePack,
            List<String> references,
            String header,
            String disclaimer) {}

    /** A fired rule that a clinician should look at. */
    public record Finding(String severity, String title, String message, List<Value> values) {}

    /** A value a rule rested on; {@code entered} is what the patient typed, null for choices. */
    public record Value(String label, @Nullable String entered, String normalised) {}

    private final Engine templates;
    private final String inboxUrl;
    private final Detail detail;

    FlagMails(Engine templates, NotificationConfig config) {
        this.templates = templates;
        this.inboxUrl = config.inboxUrl().toString().replaceAll("/+$", "");
        this.detail = config.mail().detail();
    }

    /** The mail about a notice. */
    Mail write(FlagNotice notice) {
        var mail = mail(notice);
        return switch (detail) {
            case SUMMARY -> summary(mail);
            case REFERENCE_ONLY ->
                new Mail(
                        "[" + mail.severity() + "] " + mail.reference(),
                        render("mail/reference.txt", mail),
                        render("mail/reference.html", mail));
        };
    }

    private Mail summary(FlagMail mail) {
        var title = mail.title().length() <= LONGEST_SUBJECT_TITLE
                ? mail.title()
                : mail.title().substring(0, LONGEST_SUBJECT_TITLE) + "…";
        return new Mail(
                "[" + mail.severity() + "] " + title + " — " + mail.reference(),
                render("mail/flag.txt", mail),
                render("mail/flag.html", mail));
    }

    private String render(String template, FlagMail mail) {
        return Objects.requireNonNull(templates.getTemplate(template), template)
                .data("mail", mail)
                .render();
    }

    private FlagMail mail(FlagNotice notice) {
        var assessment = notice.assessment();
        var pack = assessment.rulePack();
        return new FlagMail(
                words(notice.severity()),
                clean(notice.headline()),
                notice.step().startsWith("severity-raised"),
                notice.reference(),
                inboxUrl + "/inbox/" + notice.flagId(),
                MINUTE.format(assessment.assessedAt().atOffset(ZoneOffset.UTC)),
                kidneys(assessment),
                assessment.fired().stream()
                        .filter(rule -> rule.severity().needsClinician())
                        .sorted(Comparator.comparing(Fired::severity).reversed())
                        .map(FlagMails::finding)
                        .toList(),
                assessment.fired().stream()
                        .filter(rule -> !rule.severity().needsClinician())
                        .map(rule -> clean(rule.title()))
                        .toList(),
                unjudged(assessment),
                assessment.dataQuality().stream().map(FlagMails::check).toList(),
                assessment.outsideReference().stream()
                        .map(lab -> clean("%s %s (reference range %s)"
                                .formatted(lab.label(), withUnit(plain(lab.value()), lab.unit()), lab.reference())))
                        .toList(),
                assessment.staleLabs().stream()
                        .map(lab -> clean("%s, drawn %s, more than %d months before the answers"
                                .formatted(lab.label(), lab.drawn(), lab.months())))
                        .toList(),
                clean(pack.id() + " " + pack.version() + ", " + pack.digest()),
                assessment.fired().stream()
                        .flatMap(rule -> rule.references().stream())
                        .map(FlagMails::clean)
                        .distinct()
                        .toList(),
                CLINICIAN_HEADER,
                DISCLAIMER);
    }

    /** The eGFR that the rules used, with its stage and where it comes from; null when there is none. */
    private static @Nullable String kidneys(AssessmentCompleted assessment) {
        var egfr = assessment.profile().get("egfr");
        return egfr == null || !egfr.path("value").isNumber()
                ? null
                : clean("eGFR " + plain(egfr.get("value").decimalValue()) + " mL/min/1.73 m², "
                        + egfr.path("stage").asText() + ", "
                        + egfr.path("source").asText());
    }

    /** What would settle the checks that could not be made, then checks that nothing asked for here would settle. */
    private static List<String> unjudged(AssessmentCompleted assessment) {
        var titles = assessment.unknown().stream()
                .collect(Collectors.toMap(AssessmentCompleted.Unknown::ruleId, AssessmentCompleted.Unknown::title));
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
            lines.add(clean(capitalised(question.text()) + ": " + String.join("; ", does)));
            settled.addAll(question.settles());
            settled.addAll(question.helps());
        }
        assessment.unknown().stream()
                .filter(rule -> !settled.contains(rule.ruleId()))
                .map(rule -> clean(rule.title()))
                .forEach(lines::add);
        return List.copyOf(lines);
    }

    private static String capitalised(String text) {
        return text.isEmpty() ? text : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    private static String titles(List<String> ruleIds, Map<String, String> titles) {
        return ruleIds.stream()
                .map(id -> "“" + titles.getOrDefault(id, id) + "”")
                .collect(Collectors.joining(", "));
    }

    private static String words(Severity severity) {
        return severity.name().replace('_', ' ');
    }

    private static Finding finding(Fired rule) {
        return new Finding(
                words(rule.severity()),
                clean(rule.title()),
                clean(rule.clinicianMessage()),
                rule.because().stream().map(FlagMails::value).toList());
    }

    private static Value value(Because because) {
        var entered = because.entered();
        return new Value(
                clean(because.label()),
                entered == null ? null : clean(withUnit(plain(entered.value()), entered.unit())),
                clean(withUnit(words(because.value()), because.unit())));
    }

    private static String check(AssessmentCompleted.DataQuality check) {
        return clean(
                check.checkId() + (check.input() == null ? "" : " (" + check.input() + ")") + ": " + check.detail());
    }

    private static String words(JsonNode value) {
        return switch (value.getNodeType()) {
            case NUMBER -> plain(value.decimalValue());
            case BOOLEAN -> value.booleanValue() ? "yes" : "no";
            case STRING -> value.textValue();
            case ARRAY, BINARY, MISSING, NULL, OBJECT, POJO -> value.toString();
        };
    }

    private static String plain(BigDecimal number) {
        return Math.abs((long) number.scale()) > LARGEST_EXPONENT ? number.toString() : number.toPlainString();
    }

    private static String withUnit(String value, @Nullable String unit) {
        return unit == null ? value : value + " " + unit;
    }

    /** One line; no control characters, so no forged header or section; no characters that turn the reading order. */
    private static String clean(String text) {
        var line = text.replaceAll("[\\s\\p{Cntrl}\\u0085\\u2028\\u2029]+", " ")
                .replaceAll("[\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\p{Cs}]", "")
                .strip();
        return line.length() <= LONGEST_VALUE ? line : line.substring(0, LONGEST_VALUE) + "…";
    }
}
