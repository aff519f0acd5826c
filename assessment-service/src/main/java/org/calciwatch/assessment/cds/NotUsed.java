package org.calciwatch.assessment.cds;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What was sent and not used, by reason: nothing is dropped silently. Texts may come from the request as they are. */
final class NotUsed {

    private final Map<String, Map<String, Integer>> byReason = new LinkedHashMap<>();
    private final Set<String> attention = new LinkedHashSet<>();

    /**
     * @param what the kind of entry, its name and its code; never an id
     * @param why a reason, the same words for all that share it
     */
    void add(String what, String why) {
        byReason.computeIfAbsent(why, ignored -> new LinkedHashMap<>()).merge(what, 1, Integer::sum);
    }

    /** Something that should have been used: a clinician must look at it himself. */
    void attend(String what) {
        attention.add(what);
    }

    /** What a clinician must look at himself, as markdown. */
    List<String> attention() {
        return attention.stream().map(Markdown::escape).toList();
    }

    boolean isEmpty() {
        return byReason.isEmpty();
    }

    /** How many entries. */
    int size() {
        return byReason.values().stream()
                .flatMap(entries -> entries.values().stream())
                .mapToInt(Integer::intValue)
                .sum();
    }

    /** One line of markdown for each reason. */
    List<String> lines() {
        return byReason.entrySet().stream()
                .map(reason -> Markdown.escape(reason.getKey()) + ": "
                        + reason.getValue().entrySet().stream()
                                .map(entry -> Markdown.escape(entry.getKey())
                                        + (entry.getValue() == 1 ? "" : " (" + entry.getValue() + " times)"))
                                .collect(Collectors.joining("; ")))
                .toList();
    }
}
