package org.calciwatch.notification.delivery;

import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.calciwatch.crypto.SealBroken;
import org.calciwatch.events.Severity;
import org.calciwatch.notification.NotificationConfig;
import org.calciwatch.notification.NotificationConfig.Detail;
import org.calciwatch.notification.delivery.DigestEntry.Reason;
import org.jboss.logging.Logger;

/**
 * Writes digests from {@code templates/mail/digest.txt} and {@code digest.html}: the flags by the reason why they are
 * there, in each part the most severe first, and the oldest of those. Where the clinic lets no finding leave by mail
 * they have no headlines.
 */
@ApplicationScoped
public class DigestMails {

    /** Flags shown in a mail. More nobody reads in one, and mail servers refuse what is too large. */
    static final int MOST = 100;

    /** The most severe first, and the oldest of those. */
    private static final Comparator<DigestEntry> ORDER =
            Comparator.comparing(DigestEntry::severity).reversed().thenComparing(DigestEntry::openedAt);

    private static final String FOR_OTHERS =
            "Those who were to get this could not be reached by mail. That is why it comes to you.";

    private static final String SUBJECT_FOR_OTHERS = " (others could not be reached)";

    private static final Pattern BODY = Pattern.compile("<body[^>]*>");

    private static final Logger LOG = Logger.getLogger(DigestMails.class);

    private final MailTemplates templates;
    private final String inboxUrl;
    private final Detail detail;

    DigestMails(MailTemplates templates, NotificationConfig config) {
        this.templates = templates;
        this.inboxUrl = FlagMails.inboxUrl(config);
        this.detail = config.mail().detail();
    }

    /** What the templates show; {@code more} flags of {@code count} are in the inbox only. */
    public record DigestMail(
            String day, int count, String inbox, List<Part> parts, int more, String header, String disclaimer) {}

    /** The flags that are there for one reason. */
    public record Part(String title, List<Line> lines) {}

    /** A flag; {@code headline} is empty where no finding may leave by mail. */
    public record Line(String severity, String headline, String reference, String age, String link) {}

    void check(@Observes StartupEvent start) {
        var flag = UUID.fromString("00000000-0000-7000-8000-000000000000");
        var shown = List.of(
                FlagMails.SAMPLE_REFERENCE,
                Words.of(Severity.CLINICIAN_REVIEW),
                "/inbox/" + flag,
                FlagMails.DISCLAIMER);
        // One flag, one for each reason, and more than are shown; with headlines and without.
        for (var reasons : List.of(
                List.of(Reason.UNACKNOWLEDGED), List.of(Reason.values()), Collections.nCopies(MOST + 1, Reason.NEW))) {
            var notice = new DigestNotice(
                    "sample@clinic.example",
                    LocalDate.EPOCH,
                    Instant.EPOCH,
                    reasons.stream().map(reason -> sample(flag, reason)).toList());
            for (var sampleDetail : Detail.values()) {
                var mail = mail(notice, sampleDetail);
                templates.check("digest.txt", mail, shown, FlagMails.SAMPLE_MARKUP);
                templates.check("digest.html", mail, shown, FlagMails.SAMPLE_MARKUP);
            }
        }
    }

    private static DigestEntry sample(UUID flag, Reason reason) {
        return new DigestEntry(
                flag,
                FlagMails.SAMPLE_REFERENCE,
                Severity.CLINICIAN_REVIEW,
                FlagMails.SAMPLE_MARKUP,
                "OPEN",
                Instant.EPOCH,
                Duration.ofDays(2),
                reason);
    }

    /** The digest for a recipient and time. Where its words fail it says how many flags wait, and where. */
    Mail write(DigestNotice notice) {
        var worst = notice.entries().stream()
                .map(DigestEntry::severity)
                .max(Comparator.naturalOrder())
                .orElseThrow();
        var subject = subject(notice.entries().size()) + ", the most severe " + Words.of(worst) + " — " + notice.day();
        try {
            var mail = mail(notice, detail);
            return new Mail(subject, templates.render("digest.txt", mail), templates.render("digest.html", mail));
        } catch (RuntimeException | StackOverflowError e) {
            LOG.errorf(
                    "The words of %s failed with %s; it says only how many flags wait",
                    notice.step(), e.getClass().getSimpleName());
            templates.failed("none");
            return withoutFlags(subject);
        }
    }

    /** A digest that could not reach those it was for, as others get it. */
    Mail forOthers(Delivery digest) {
        if (digest.isContentRemoved()) {
            return withoutFlags(subject(digest.flags().size()) + SUBJECT_FOR_OTHERS);
        }
        try {
            var html = digest.html();
            var body = BODY.matcher(html);
            var begin = body.find() ? body.end() : 0;
            return new Mail(
                    digest.subject() + SUBJECT_FOR_OTHERS,
                    FOR_OTHERS + "\n\n" + digest.text(),
                    html.substring(0, begin) + "<p>" + FOR_OTHERS + "</p>" + html.substring(begin));
        } catch (SealBroken e) {
            LOG.errorf("Digest %s cannot be opened; others hear only how many flags wait", digest.id());
            return withoutFlags(subject(digest.flags().size()) + SUBJECT_FOR_OTHERS);
        }
    }

    private static String subject(int flags) {
        return "[DIGEST] " + flags + (flags == 1 ? " flag" : " flags") + " to look at";
    }

    private Mail withoutFlags(String subject) {
        return Mail.plain(
                subject,
                List.of("Flags wait for somebody. This mail cannot list them; please open the inbox."),
                inboxUrl + "/inbox");
    }

    private DigestMail mail(DigestNotice notice, Detail shown) {
        var first = notice.entries().stream().sorted(ORDER).limit(MOST).toList();
        return new DigestMail(
                notice.day().toString(),
                notice.entries().size(),
                inboxUrl + "/inbox",
                Arrays.stream(Reason.values())
                        .map(reason -> part(reason, first, shown))
                        .filter(part -> !part.lines().isEmpty())
                        .toList(),
                notice.entries().size() - first.size(),
                FlagMails.CLINICIAN_HEADER,
                FlagMails.DISCLAIMER);
    }

    /** @param entries in the order of a digest */
    private Part part(Reason reason, List<DigestEntry> entries, Detail shown) {
        return new Part(
                switch (reason) {
                    case NEW -> "New since the last digest";
                    case UNACKNOWLEDGED -> "Still not acknowledged";
                    case NOT_CLOSED -> "Acknowledged, but not closed";
                    case SNOOZED -> "Urgent, and snoozed";
                },
                entries.stream()
                        .filter(entry -> entry.reason() == reason)
                        .map(entry -> line(entry, shown))
                        .toList());
    }

    private Line line(DigestEntry entry, Detail shown) {
        return new Line(
                Words.of(entry.severity()),
                switch (shown) {
                    case SUMMARY -> Words.clean(entry.headline());
                    case REFERENCE_ONLY -> "";
                },
                entry.reference(),
                age(entry.age()),
                inboxUrl + "/inbox/" + entry.flagId());
    }

    private static String age(Duration age) {
        return switch (Math.clamp(age.toDays(), 0, Integer.MAX_VALUE)) {
            case 0 -> "less than a day";
            case 1 -> "1 day";
            default -> age.toDays() + " days";
        };
    }
}
