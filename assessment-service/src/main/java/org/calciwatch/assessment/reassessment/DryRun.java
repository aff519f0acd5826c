package org.calciwatch.assessment.reassessment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.UriBuilder;
import java.io.UncheckedIOException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.calciwatch.assessment.pack.RulePacks;
import org.calciwatch.assessment.profile.Profile;
import org.calciwatch.assessment.reassessment.DryRunReport.Change;
import org.calciwatch.assessment.reassessment.DryRunReport.Difference;
import org.calciwatch.assessment.reassessment.DryRunReport.RuleChange;
import org.calciwatch.assessment.reassessment.DryRunReport.SeverityChange;
import org.calciwatch.assessment.response.QuestionnaireResponseReader;
import org.calciwatch.assessment.response.ResponseRefused;
import org.calciwatch.assessment.rules.Evaluation;
import org.calciwatch.assessment.rules.Rule;
import org.calciwatch.assessment.rules.RulePack;
import org.calciwatch.assessment.stored.StoredAssessments;
import org.calciwatch.assessment.stored.StoredAssessments.Answered;
import org.calciwatch.http.Cursors;
import org.jspecify.annotations.Nullable;

/**
 * Judges what every patient submitted last by two packs and tells the difference. Both judge now, so that the report
 * shows what the packs do, not what else has changed since a patient was assessed. Stores nothing.
 */
@ApplicationScoped
class DryRun {

    /** With answers of 256 KiB, the most intake takes, 25 MiB; usually about 1 MiB. */
    private static final int BATCH = 100;

    private final RulePacks packs;
    private final StoredAssessments assessments;
    private final ObjectMapper json;

    DryRun(RulePacks packs, StoredAssessments assessments, ObjectMapper json) {
        this.packs = packs;
        this.assessments = assessments;
        this.json = json;
    }

    /**
     * Compares a stored pack with the active one. Takes about a millisecond per patient.
     *
     * @param cursor the patient after whom {@code items} begins
     * @param limit most items
     */
    DryRunReport of(String version, @Nullable String cursor, int limit) {
        var active = packs.active();
        var candidate = packs.version(version);
        var comparison = new Comparison(active, candidate);
        if (cursor != null) {
            comparison.patients(null, cursor, 0);
        }
        // One more than asked for tells whether there are more.
        comparison.patients(cursor, null, limit + 1);
        var page = Cursors.page(comparison.items, limit, last -> next(version, limit, last));
        return new DryRunReport(
                RulePacks.ref(active),
                RulePacks.ref(candidate),
                comparison.patients,
                comparison.changed,
                comparison.notComparable,
                comparison.rules(),
                page.items(),
                page.next());
    }

    private static String next(String version, int limit, Change last) {
        return UriBuilder.fromPath("/rule-packs/{version}/$dry-run")
                .queryParam("limit", limit)
                .queryParam("cursor", "{cursor}")
                .build(version, last.patientId())
                .toString();
    }

    private Optional<Profile> profile(Answered answered) {
        if (answered.response() == null || answered.submittedAt() == null) {
            return Optional.empty();
        }
        try {
            // The day of the assessment itself, as AssessSubmission reads it.
            return Optional.of(QuestionnaireResponseReader.read(
                    json.readTree(answered.response()), LocalDate.ofInstant(answered.submittedAt(), ZoneOffset.UTC)));
        } catch (ResponseRefused refused) {
            return Optional.empty();
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The sums so far. */
    private final class Comparison {

        private final RulePack active;
        private final RulePack candidate;
        private final Map<String, RuleCount> counts = new LinkedHashMap<>();
        private final List<Change> items = new ArrayList<>();
        private int patients;
        private int changed;
        private int notComparable;

        Comparison(RulePack active, RulePack candidate) {
            this.active = active;
            this.candidate = candidate;
            Stream.of(candidate, active)
                    .flatMap(pack -> pack.rules().stream())
                    .map(Rule::id)
                    .forEach(id -> counts.putIfAbsent(id, new RuleCount()));
        }

        /** Compares the patients of a range of ids, and lists as many of them as there is room for. */
        void patients(@Nullable String after, @Nullable String upTo, int room) {
            List<Answered> batch;
            do {
                batch = assessments.newestOfEachPatient(after, upTo, BATCH);
                for (var answered : batch) {
                    compare(answered).ifPresent(change -> {
                        if (items.size() < room) {
                            items.add(change);
                        }
                    });
                    after = answered.patientId();
                }
            } while (batch.size() == BATCH);
        }

        private Optional<Change> compare(Answered answered) {
            patients++;
            var profile = profile(answered);
            if (profile.isEmpty()) {
                notComparable++;
                return Optional.empty();
            }
            var change = change(answered, active.evaluate(profile.get()), candidate.evaluate(profile.get()));
            if (!change.isOne()) {
                return Optional.empty();
            }
            changed++;
            count(change);
            return Optional.of(change);
        }

        private static Change change(Answered answered, Evaluation from, Evaluation to) {
            return new Change(
                    answered.patientId(),
                    answered.submissionId(),
                    answered.assessmentId(),
                    new SeverityChange(from.severity(), to.severity()),
                    difference(from, to, Evaluation::fired, Evaluation.Fired::ruleId),
                    difference(from, to, Evaluation::unknown, Evaluation.Unknown::ruleId),
                    difference(from, to, Evaluation::suppressed, Evaluation.Suppressed::ruleId),
                    difference(from, to, Evaluation::dataQuality, Evaluation.DataQuality::checkId),
                    textsChange(from, to));
        }

        private static <T> Difference difference(
                Evaluation from, Evaluation to, Function<Evaluation, List<T>> list, Function<T, String> id) {
            return Difference.between(
                    list.apply(from).stream().map(id).toList(),
                    list.apply(to).stream().map(id).toList());
        }

        private static boolean textsChange(Evaluation from, Evaluation to) {
            var before = from.fired().stream().collect(Collectors.toMap(Evaluation.Fired::ruleId, DryRun::unexplained));
            return to.fired().stream().anyMatch(fired -> {
                var earlier = before.get(fired.ruleId());
                return earlier != null && !earlier.equals(unexplained(fired));
            });
        }

        private void count(Change change) {
            change.fired().added().forEach(id -> count(id).nowFires++);
            change.fired().removed().forEach(id -> count(id).noLongerFires++);
            change.unknown().added().forEach(id -> count(id).nowUnknown++);
            change.unknown().removed().forEach(id -> count(id).noLongerUnknown++);
        }

        private RuleCount count(String ruleId) {
            return counts.computeIfAbsent(ruleId, id -> new RuleCount());
        }

        List<RuleChange> rules() {
            return counts.entrySet().stream()
                    .map(count -> count.getValue().of(count.getKey()))
                    .filter(rule -> !rule.equals(new RuleCount().of(rule.ruleId())))
                    .toList();
        }
    }

    /** A fired rule without the inputs it rests on, which are no text. */
    private static Evaluation.Fired unexplained(Evaluation.Fired fired) {
        return new Evaluation.Fired(
                fired.ruleId(),
                fired.title(),
                fired.category(),
                fired.severity(),
                fired.mechanism(),
                List.of(),
                fired.patientMessage(),
                fired.clinicianMessage(),
                fired.references(),
                fired.translations());
    }

    private static final class RuleCount {
        private int nowFires;
        private int noLongerFires;
        private int nowUnknown;
        private int noLongerUnknown;

        RuleChange of(String ruleId) {
            return new RuleChange(ruleId, nowFires, noLongerFires, nowUnknown, noLongerUnknown);
        }
    }
}
