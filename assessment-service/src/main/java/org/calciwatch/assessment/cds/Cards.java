package org.calciwatch.assessment.cds;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.calciwatch.assessment.detectedissue.ClinicianText;
import org.calciwatch.assessment.profile.Answers;
import org.calciwatch.assessment.profile.Inputs;
import org.calciwatch.assessment.profile.Numbers;
import org.calciwatch.assessment.rules.Evaluation;
import org.calciwatch.assessment.rules.Evaluation.Because;
import org.calciwatch.assessment.rules.Evaluation.Fired;
import org.calciwatch.assessment.rules.RulePack;
import org.calciwatch.assessment.rules.Severity;
import org.jspecify.annotations.Nullable;

/** What a clinician reads when a chart is opened. With nothing to say there is no card: silence is not an all-clear. */
final class Cards {

    /** Summaries are shorter than 140 characters (CDS Hooks 2.0). */
    static final int LONGEST_SUMMARY = 139;

    private static final String DIFFERENT_DAYS = "dq-calcium-different-days";
    private static final Set<String> CALCIUM = Set.of("ca_total", "ca_ion", "albumin");
    private static final String NOT_FINE = "This does not mean that everything is fine.";

    private final RulePack pack;
    private final Chart chart;
    private final NotUsed notUsed;

    Cards(RulePack pack, Chart chart, NotUsed notUsed) {
        this.pack = pack;
        this.chart = chart;
        this.notUsed = notUsed;
    }

    /** The one card of a patient whose age is not in scope. */
    static List<Card> notAssessed(RulePack pack, String why) {
        return List.of(information(
                pack,
                "not-assessed",
                "Not assessed: the age is outside the scope of these rules",
                Markdown.escape(why) + ". Nothing was assessed. " + NOT_FINE));
    }

    /** All cards, findings first and the most severe of them first. */
    List<Card> of(Findings findings) {
        var evaluation = findings.all();
        var cards = new ArrayList<Card>();
        evaluation.fired().stream()
                .filter(rule -> rule.severity().compareTo(Severity.CLINICIAN_REVIEW) >= 0)
                .sorted(Comparator.comparing(Fired::severity).reversed())
                .map(rule -> finding(rule, findings.judgedOf(rule)))
                .forEach(cards::add);
        attention(cards);
        education(evaluation, cards);
        unknown(evaluation, cards);
        dataNotes(evaluation, cards);
        notUsed(cards);
        return cards;
    }

    private Card finding(Fired rule, Findings.Judged judged) {
        var detail = new StringBuilder(rule.clinicianMessage()).append("\n\n");
        if (!rule.because().isEmpty()) {
            detail.append("**Values this rests on**\n\n");
            rule.because().forEach(because -> detail.append("- ")
                    .append(line(because, judged.reading()))
                    .append('\n'));
            detail.append('\n');
        }
        if (rule.because().stream().anyMatch(because -> CALCIUM.contains(because.input()))) {
            judged.evaluation().dataQuality().stream()
                    .filter(note -> note.checkId().equals(DIFFERENT_DAYS))
                    .forEach(note ->
                            detail.append(Markdown.escape(note.detail())).append("\n\n"));
        }
        chart.answered().ifPresent(day -> detail.append("The questionnaire was answered on ")
                .append(day)
                .append(".\n\n"));
        detail.append('_').append(ClinicianText.HEADER).append('_');
        return new Card(
                UUID.randomUUID(),
                rule.ruleId(),
                shorten(word(rule.severity()) + ": " + rule.title()),
                detail.toString(),
                indicator(rule.severity()),
                source(pack, new Card.Topic(ClinicianText.RULES, rule.ruleId(), rule.title())),
                links(rule.references()));
    }

    private static String line(Because because, Readings.Reading reading) {
        var line = new StringBuilder(because.label()).append(": ");
        switch (because.value()) {
            case Boolean yes -> line.append(yes ? "yes" : "no");
            case BigDecimal number -> line.append(amount(number, because.unit()));
            default -> line.append(Markdown.escape(because.value().toString()));
        }
        var more = new ArrayList<String>();
        var entered = because.entered();
        if (entered != null) {
            more.add("entered as " + amount(entered.value(), entered.unit()));
        }
        Inputs.quantity(because.input()).ifPresent(quantity -> quantity.reference()
                .ifPresent(range -> more.add("reference " + range + " " + quantity.unit())));
        var own = reading.ranges().get(because.input());
        if (own != null) {
            more.add("the laboratory's own range " + Markdown.escape(own));
        }
        if (because.input().equals(Labs.CALCIUM) && reading.corrected()) {
            more.add("already corrected for albumin by the laboratory, so albumin was left out");
        }
        var drawn = reading.answers().drawn().get(because.input());
        if (drawn != null) {
            more.add("drawn " + date(drawn));
        }
        return more.isEmpty() ? line.toString() : line + " (" + String.join("; ", more) + ")";
    }

    private static String amount(BigDecimal number, @Nullable String unit) {
        return Numbers.plain(number) + (unit == null ? " without a unit" : " " + Markdown.escape(unit));
    }

    private static String date(Answers.Drawn drawn) {
        return drawn.earliest().equals(drawn.latest())
                ? drawn.earliest().toString()
                : "between " + drawn.earliest() + " and " + drawn.latest();
    }

    private void education(Evaluation evaluation, List<Card> cards) {
        var topics = evaluation.fired().stream()
                .filter(rule -> rule.severity() == Severity.EDUCATION)
                .toList();
        if (!topics.isEmpty()) {
            cards.add(information(
                    pack,
                    "education",
                    "Education topics: " + topics.size(),
                    list(topics.stream()
                            .map(rule -> "**" + rule.title() + "**: " + rule.clinicianMessage())
                            .toList())));
        }
    }

    private void unknown(Evaluation evaluation, List<Card> cards) {
        if (evaluation.unknown().isEmpty()) {
            return;
        }
        var titles = evaluation.unknown().stream()
                .collect(Collectors.toMap(Evaluation.Unknown::ruleId, Evaluation.Unknown::title));
        var lines = new ArrayList<String>();
        for (var question : evaluation.openQuestions()) {
            var alone = titles(question.settles(), titles);
            var together = titles(question.helps(), titles);
            var line = new StringBuilder(capital(question.text()));
            if (!question.settles().isEmpty()) {
                line.append(" would settle ")
                        .append(checks(question.settles().size()))
                        .append(": ")
                        .append(alone);
            }
            if (!question.helps().isEmpty()) {
                line.append(
                                question.settles().isEmpty()
                                        ? " would help with "
                                        : "; together with more, it would help with ")
                        .append(checks(question.helps().size()))
                        .append(": ")
                        .append(together);
            }
            lines.add(line.append('.').toString());
        }
        var summary = "Not enough data for " + checks(evaluation.unknown().size());
        var first = evaluation.openQuestions().isEmpty()
                ? null
                : evaluation.openQuestions().getFirst();
        if (first != null && !first.settles().isEmpty()) {
            summary += ". " + capital(first.text()) + " would settle "
                    + checks(first.settles().size());
        }
        cards.add(information(
                pack,
                "unknown",
                shorten(summary),
                "These checks could not be judged. " + NOT_FINE + "\n\n"
                        + (lines.isEmpty() ? list(List.copyOf(titles.values())) : list(lines))));
    }

    private static String titles(List<String> rules, Map<String, String> titles) {
        return rules.stream().map(rule -> titles.getOrDefault(rule, rule)).collect(Collectors.joining("; "));
    }

    private void dataNotes(Evaluation evaluation, List<Card> cards) {
        var lines = new ArrayList<String>();
        evaluation
                .outsideReference()
                .forEach(lab -> lines.add("Outside the reference range, no rule: %s %s (reference %s)"
                        .formatted(lab.label(), amount(lab.value(), lab.unit()), lab.reference())));
        evaluation
                .staleLabs()
                .forEach(lab -> lines.add(
                        "Older than %d months: %s, drawn %s".formatted(lab.months(), lab.label(), date(lab.drawn()))));
        evaluation.dataQuality().forEach(note -> lines.add(Markdown.escape(note.detail())));
        chart.notes().forEach(note -> lines.add(Markdown.escape(note)));
        if (!lines.isEmpty()) {
            cards.add(information(pack, "data-notes", "Notes on the data: " + lines.size(), list(lines)));
        }
    }

    private void attention(List<Card> cards) {
        var lines = notUsed.attention();
        if (!lines.isEmpty()) {
            cards.add(note(
                    pack,
                    "attention",
                    "Please look yourself: " + lines.size()
                            + (lines.size() == 1 ? " entry" : " entries")
                            + " could not be judged as it stands",
                    "Not judged as it stands:\n\n" + list(lines) + "\n\n" + NOT_FINE,
                    "warning"));
        }
    }

    private void notUsed(List<Card> cards) {
        if (!notUsed.isEmpty()) {
            cards.add(information(
                    pack,
                    "not-used",
                    "Not used: " + notUsed.size() + (notUsed.size() == 1 ? " entry" : " entries") + " of the record",
                    "Not used in any check:\n\n" + list(notUsed.lines())));
        }
    }

    private static Card information(RulePack pack, String kind, String summary, String detail) {
        return note(pack, kind, summary, detail, "info");
    }

    private static Card note(RulePack pack, String kind, String summary, String detail, String indicator) {
        return new Card(
                UUID.randomUUID(),
                kind,
                summary,
                detail + "\n\n_" + ClinicianText.HEADER + "_",
                indicator,
                source(pack, null),
                List.of());
    }

    private static Card.Source source(RulePack pack, Card.@Nullable Topic topic) {
        return new Card.Source("Calciwatch, " + ClinicianText.KNOWLEDGE_BASE + ", rule pack " + pack.version(), topic);
    }

    private static List<Card.Link> links(List<String> references) {
        return references.stream()
                .flatMap(citation ->
                        ClinicianText.link(citation)
                                .map(url -> new Card.Link(linkLabel(citation), url, "absolute"))
                                .stream())
                .toList();
    }

    /** Number and authors, up to the first full stop. */
    private static String linkLabel(String citation) {
        int end = citation.indexOf(". ");
        return end < 0 ? citation : citation.substring(0, end);
    }

    private static String list(List<String> lines) {
        return lines.stream().map(line -> "- " + line).collect(Collectors.joining("\n"));
    }

    private static String checks(int count) {
        return count == 1 ? "1 check" : count + " checks";
    }

    private static String capital(String text) {
        return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    /** At most {@link #LONGEST_SUMMARY} characters, cut between words. */
    static String shorten(String text) {
        if (text.length() <= LONGEST_SUMMARY) {
            return text;
        }
        int end = text.lastIndexOf(' ', LONGEST_SUMMARY - 1);
        return text.substring(0, end > 0 ? end : LONGEST_SUMMARY - 1) + "…";
    }

    private static String word(Severity severity) {
        return switch (severity) {
            case EMERGENCY -> "Emergency";
            case URGENT_SAME_DAY -> "Same day";
            case CLINICIAN_REVIEW -> "Review";
            case EDUCATION, NONE -> "Information";
        };
    }

    private static String indicator(Severity severity) {
        return switch (severity) {
            case EMERGENCY, URGENT_SAME_DAY -> "critical";
            case CLINICIAN_REVIEW -> "warning";
            case EDUCATION, NONE -> "info";
        };
    }
}
