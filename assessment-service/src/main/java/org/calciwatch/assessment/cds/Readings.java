package org.calciwatch.assessment.cds;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.calciwatch.assessment.cds.Labs.Lab;
import org.calciwatch.assessment.profile.Answers;
import org.calciwatch.assessment.profile.Answers.Drawn;
import org.calciwatch.assessment.profile.Answers.Entered;
import org.calciwatch.assessment.profile.Answers.ListAnswer;
import org.calciwatch.assessment.profile.ItemList;
import org.jspecify.annotations.Nullable;

/**
 * The ways a record can be read where its sources say different things: one reading for each combination of what is said,
 * as long as there are not too many.
 */
final class Readings {

    /** As many as six inputs of which two sources say different things make. */
    private static final int MOST_COMBINATIONS = 64;

    /** When not all combinations are judged; more are a broken record. */
    private static final int MOST_READINGS = 256;

    private final LocalDate today;
    private final NotUsed notUsed;
    private final List<Choice> choices = new ArrayList<>();

    Readings(NotUsed notUsed, LocalDate today) {
        this.notUsed = notUsed;
        this.today = today;
    }

    /**
     * The record read in one way.
     *
     * @param ranges the laboratory's own reference range, by input
     * @param corrected whether total calcium is one that the laboratory has corrected for albumin
     */
    record Reading(Answers answers, Map<String, String> ranges, boolean corrected) {}

    /** An input, or what belongs together, with all that the sources say of it; the first is the likeliest. */
    record Choice(String label, List<Option> options) {}

    /**
     * One of the things said.
     *
     * @param told whether the questionnaire says it
     */
    record Option(boolean told, Consumer<Draft> change) {}

    /** A reading in the making. */
    static final class Draft {
        final Map<String, Entered> quantities;
        final Map<String, Drawn> drawn;
        final Map<String, String> ranges = new HashMap<>();
        Map<String, String> choices;
        Map<ItemList, ListAnswer> lists;

        @Nullable
        Integer age;

        boolean corrected;

        Draft(Answers base) {
            this.quantities = new HashMap<>(base.quantities());
            this.drawn = new HashMap<>(base.drawn());
            this.choices = base.choices();
            this.lists = base.lists();
            this.age = base.ageYears();
        }

        void put(String key, @Nullable Lab lab) {
            quantities.remove(key);
            drawn.remove(key);
            if (lab != null) {
                quantities.put(key, lab.entered());
                if (lab.time() != null) {
                    drawn.put(key, lab.time().day());
                }
                if (lab.range() != null) {
                    ranges.put(key, lab.range());
                }
            }
        }
    }

    void add(Choice choice) {
        choices.add(choice);
    }

    /** All readings of these answers with what is said beside them, the likeliest first. */
    List<Reading> of(Answers base) {
        var sizes = choices.stream().mapToInt(choice -> choice.options().size()).toArray();
        var picks = new LinkedHashSet<List<Integer>>();
        picks.add(Collections.nCopies(sizes.length, 0));
        if (IntStream.of(sizes)
                        .mapToLong(size -> size)
                        .reduce(1, (one, other) -> Math.min(one * other, Short.MAX_VALUE))
                <= MOST_COMBINATIONS) {
            for (int place = 0; place < sizes.length; place++) {
                for (var pick : List.copyOf(picks)) {
                    for (int option = 1; option < sizes[place]; option++) {
                        picks.add(with(pick, place, option));
                    }
                }
            }
        } else {
            some(sizes, picks);
        }
        return picks.stream()
                .limit(MOST_READINGS)
                .map(pick -> reading(base, pick))
                .toList();
    }

    /** Too many to combine: what the questionnaire says, all alternatives together, and each alone. */
    private void some(int[] sizes, Set<List<Integer>> picks) {
        notUsed.attend("Too many conflicting entries to judge every combination of them: "
                + choices.stream()
                        .filter(choice -> choice.options().size() > 1)
                        .map(Choice::label)
                        .collect(Collectors.joining(", "))
                + ".");
        picks.add(choices.stream()
                .map(choice -> (int) choice.options().stream()
                                .takeWhile(option -> !option.told())
                                .count()
                        % choice.options().size())
                .toList());
        int most = IntStream.of(sizes).max().orElse(1);
        for (int row = 1; row < most; row++) {
            int option = row;
            picks.add(IntStream.of(sizes)
                    .mapToObj(size -> Math.min(option, size - 1))
                    .toList());
            for (int place = 0; place < sizes.length; place++) {
                if (option < sizes[place]) {
                    picks.add(with(Collections.nCopies(sizes.length, 0), place, option));
                }
            }
        }
        if (picks.size() > MOST_READINGS) {
            notUsed.attend("There are so many conflicting results that some of them were not judged at all.");
        }
    }

    private static List<Integer> with(List<Integer> pick, int place, int option) {
        var changed = new ArrayList<>(pick);
        changed.set(place, option);
        return List.copyOf(changed);
    }

    private Reading reading(Answers base, List<Integer> pick) {
        var draft = new Draft(base);
        for (int place = 0; place < pick.size(); place++) {
            choices.get(place).options().get(pick.get(place)).change().accept(draft);
        }
        return new Reading(
                new Answers(draft.age, draft.quantities, draft.choices, draft.lists, draft.drawn, today),
                Map.copyOf(draft.ranges),
                draft.corrected);
    }
}
