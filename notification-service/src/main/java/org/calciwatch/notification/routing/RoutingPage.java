package org.calciwatch.notification.routing;

import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.calciwatch.events.Severity;
import org.calciwatch.notification.routing.Routing.InForce;
import org.calciwatch.notification.routing.RoutingForm.RowForm;
import org.calciwatch.pages.Localised;
import org.jspecify.annotations.Nullable;

/**
 * What the routing pages show.
 *
 * @param form the table as it is, or as somebody is changing it
 * @param since when the table in force was stored; null for the one made of the settings
 * @param isEditable false for a table that the form cannot hold without changing it
 * @param isSaved it was stored just now
 * @param focus id of the field that was added or moved just now, empty for none
 */
public record RoutingPage(
        RoutingForm form,
        @Nullable String since,
        @Nullable String by,
        boolean isEditable,
        boolean isSaved,
        String focus,
        List<Wrong> wrong,
        Question question,
        @Nullable Answer answer,
        @Nullable Meanwhile meanwhile) {

    /** Who would hear of a flag? As it was typed. */
    public record Question(String severity, String category, String clinic, String at) {
        static final Question NONE = new Question("", "", "", "");
    }

    /**
     * Who would hear of it.
     *
     * @param row which matches, from 1; null for the fallback
     * @param every how often the last mail is repeated
     * @param zone of all times
     */
    public record Answer(
            @Nullable Integer row, List<Mail> mails, String every, List<Simulation.Warning> warnings, String zone) {

        static Answer of(Simulation simulation, ZoneId zone, Localised localised) {
            return new Answer(
                    simulation.row(),
                    simulation.steps().stream()
                            .map(step -> new Mail(
                                    localised.moment(step.at(), zone),
                                    String.join(", ", step.recipients()),
                                    step.via() == Simulation.Via.DIGEST))
                            .toList(),
                    RoutingLines.duration(simulation.repeatEvery()),
                    simulation.warnings(),
                    zone.getId());
        }
    }

    /** One mail. */
    public record Mail(String at, String recipients, boolean isDigest) {}

    /**
     * Somebody else has stored another table since this one was opened.
     *
     * @param before the rows that are not there any more as they were
     * @param now the rows that are there in their place
     * @param parts the other parts that are different
     */
    public record Meanwhile(String by, String at, List<Numbered> before, List<Numbered> now, List<Change> parts) {

        static Meanwhile of(RoutingForm before, RoutingForm now, String by, String at) {
            var start = 0;
            var most = Math.min(before.rows().size(), now.rows().size());
            while (start < most && before.rows().get(start).equals(now.rows().get(start))) {
                start++;
            }
            var end = 0;
            while (end < most - start
                    && before.rows()
                            .get(before.rows().size() - 1 - end)
                            .equals(now.rows().get(now.rows().size() - 1 - end))) {
                end++;
            }
            var parts = new ArrayList<Change>();
            note(Wrong.Part.FALLBACK, before.fallback(), now.fallback(), parts);
            note(Wrong.Part.QUIET_HOURS, text(before.quiet()), text(now.quiet()), parts);
            note(Wrong.Part.DIGEST, text(before.digest()), text(now.digest()), parts);
            note(Wrong.Part.ON_CALL, onCall(before), onCall(now), parts);
            return new Meanwhile(
                    by, at, Numbered.of(before.rows(), start, end), Numbered.of(now.rows(), start, end), parts);
        }

        private static void note(Wrong.Part part, String before, String now, List<Change> parts) {
            if (!before.equals(now)) {
                parts.add(new Change(part, before, now));
            }
        }

        private static String text(RoutingForm.QuietForm quiet) {
            return (quiet.from() + "–" + quiet.to() + " " + quiet.zone()).replaceAll("^–\\s*$", "");
        }

        private static String text(RoutingForm.DigestForm digest) {
            return (digest.at() + " " + digest.zone()).strip();
        }

        private static String onCall(RoutingForm form) {
            return String.join(
                    "\n",
                    form.onCall().stream()
                            .map(list -> list.name() + " (" + list.zone() + ")\n" + list.shifts())
                            .toList());
        }
    }

    /** A part that is different. */
    public record Change(Wrong.Part part, String before, String now) {}

    /** A row with its number, from 1. */
    public record Numbered(int number, RowForm row) {
        private static List<Numbered> of(List<RowForm> rows, int start, int end) {
            return IntStream.range(start, rows.size() - end)
                    .mapToObj(i -> new Numbered(i + 1, rows.get(i)))
                    .toList();
        }
    }

    /** A field of the form. */
    public record Field(String id, String value, List<Wrong> wrong, boolean isFocused) {}

    /** A severity to tick. */
    public record Tick(Severity severity, boolean isTicked) {}

    /** All fields of a row. */
    public record Row(
            String id,
            int number,
            boolean isLast,
            List<Wrong> wrong,
            boolean isDigest,
            List<Tick> severities,
            Field severity,
            Field category,
            Field clinic,
            Field recipients,
            Field escalation,
            boolean isFocused) {}

    /** All fields of a list of those on call. */
    public record OnCall(int number, Field name, Field zone, Field shifts) {}

    static RoutingPage of(InForce inForce, RoutingForm form, Localised localised, ZoneId zone) {
        return new RoutingPage(
                form,
                inForce.since() == null ? null : localised.moment(inForce.since(), zone),
                inForce.by(),
                true,
                false,
                "",
                List.of(),
                Question.NONE,
                null,
                null);
    }

    RoutingPage readOnly() {
        return new RoutingPage(form, since, by, false, false, "", List.of(), question, null, null);
    }

    RoutingPage saved() {
        return new RoutingPage(form, since, by, isEditable, true, "", List.of(), question, null, null);
    }

    RoutingPage focusedOn(String id) {
        return new RoutingPage(form, since, by, isEditable, false, id, wrong, question, answer, meanwhile);
    }

    RoutingPage asked(Question asked) {
        return new RoutingPage(form, since, by, isEditable, false, focus, wrong, asked, answer, meanwhile);
    }

    RoutingPage refused(List<Wrong> reasons) {
        return new RoutingPage(form, since, by, isEditable, false, "", reasons, question, null, meanwhile);
    }

    RoutingPage answered(Answer given) {
        return new RoutingPage(form, since, by, isEditable, false, "", wrong, question, given, meanwhile);
    }

    RoutingPage overtaken(Meanwhile other) {
        return new RoutingPage(form, since, by, isEditable, false, "", wrong, question, null, other);
    }

    /** The rows as fields. */
    public List<Row> rows() {
        return IntStream.range(0, form.rows().size()).mapToObj(this::row).toList();
    }

    private Row row(int index) {
        var row = form.rows().get(index);
        var id = "row-" + index;
        return new Row(
                id,
                index + 1,
                index + 1 == form.rows().size(),
                wrongAt(id),
                row.isDigest(),
                RoutingTableReader.SEVERITIES.reversed().stream()
                        .map(name ->
                                new Tick(Severity.valueOf(name), row.severity().contains(name)))
                        .toList(),
                field(id + "-severity", ""),
                field(id + "-category", row.category()),
                field(id + "-clinic", row.clinic()),
                field(id + "-recipients", row.recipients()),
                field(id + "-escalation", row.escalation()),
                focus.equals(id));
    }

    /** The lists of those on call as fields. */
    public List<OnCall> onCall() {
        return IntStream.range(0, form.onCall().size())
                .mapToObj(index -> new OnCall(
                        index + 1,
                        field(
                                "oncall-" + index + "-name",
                                form.onCall().get(index).name()),
                        field(
                                "oncall-" + index + "-zone",
                                form.onCall().get(index).zone()),
                        field(
                                "oncall-" + index + "-shifts",
                                form.onCall().get(index).shifts())))
                .toList();
    }

    /** Who hears of what no row matches. */
    public Field fallback() {
        return field("fallback", form.fallback());
    }

    public Field quietFrom() {
        return field("quiet-from", form.quiet().from());
    }

    public Field quietTo() {
        return field("quiet-to", form.quiet().to());
    }

    public Field quietZone() {
        return field("quiet-zone", form.quiet().zone());
    }

    public Field digestAt() {
        return field("digest-at", form.digest().at());
    }

    public Field digestZone() {
        return field("digest-zone", form.digest().zone());
    }

    public Field trySeverity() {
        return field("try-severity", question.severity());
    }

    public Field tryCategory() {
        return field("try-category", question.category());
    }

    public Field tryClinic() {
        return field("try-clinic", question.clinic());
    }

    public Field tryAt() {
        return field("try-at", question.at());
    }

    /** When the digest goes, also where the table leaves it to us. */
    public String digestTime() {
        if (!form.digest().at().isEmpty()) {
            return form.digest().at() + " " + form.digest().zone();
        }
        return RoutingTable.DIGEST_AT + " "
                + (form.quiet().zone().isEmpty() ? "UTC" : form.quiet().zone());
    }

    /** The severities to ask for, the highest first. */
    public List<Tick> trySeverities() {
        return RoutingTableReader.SEVERITIES.reversed().stream()
                .map(name ->
                        new Tick(Severity.valueOf(name), question.severity().equals(name)))
                .toList();
    }

    private Field field(String id, String value) {
        return new Field(id, value, wrongAt(id), focus.equals(id));
    }

    private List<Wrong> wrongAt(String id) {
        return wrong.stream().filter(one -> one.field().equals(id)).toList();
    }
}
