package org.calciwatch.intake.form;

import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.calciwatch.intake.questionnaire.Answers;
import org.calciwatch.intake.questionnaire.Question;
import org.calciwatch.intake.questionnaire.Questionnaire;

/** The questionnaire as pages with a few related questions each. */
@Singleton
class Form {

    /** The most questions on a page; a list to tick stands alone. */
    private static final int MOST = 4;

    private final Map<String, List<Page>> pages = new HashMap<>();

    Form(Questionnaire questionnaire) {
        for (var language : questionnaire.languages()) {
            pages.put(
                    language,
                    questionnaire.groups(language).stream().flatMap(Form::pages).toList());
        }
    }

    /**
     * A page.
     *
     * @param id linkId of its first question, the same in each language
     * @param title of the group its questions belong to
     */
    record Page(String id, String title, List<Question> questions) {

        /** Its questions and their own, as far as they are asked. */
        List<Question> asked(Answers answers) {
            return questions.stream()
                    .filter(answers::enable)
                    .flatMap(question -> Stream.concat(Stream.of(question), question.items().stream()))
                    .toList();
        }

        private boolean isAsked(Answers answers) {
            return questions.stream().anyMatch(answers::enable);
        }
    }

    /** A question that depends on another one comes on a later page, so that it need not appear out of the blue. */
    private static Stream<Page> pages(Question group) {
        var pages = new ArrayList<Page>();
        var current = new ArrayList<Question>();
        var here = new HashSet<String>();
        var weight = 0;
        for (var question : group.items()) {
            var depends = question.enableWhen().conditions().stream().anyMatch(one -> here.contains(one.question()));
            if (!current.isEmpty() && (depends || weight + weight(question) > MOST)) {
                pages.add(new Page(current.getFirst().linkId(), group.text(), List.copyOf(current)));
                current.clear();
                here.clear();
                weight = 0;
            }
            current.add(question);
            here.add(question.linkId());
            weight += weight(question);
        }
        pages.add(new Page(current.getFirst().linkId(), group.text(), List.copyOf(current)));
        return pages.stream();
    }

    private static int weight(Question question) {
        return question.collapsed() ? 0 : question.repeats() ? MOST : 1;
    }

    /** The pages that are asked, in order. */
    List<Page> pages(String language, Answers answers) {
        return Objects.requireNonNull(pages.get(language), language).stream()
                .filter(page -> page.isAsked(answers))
                .toList();
    }

    /** The page with this id, also when it is not asked now; empty when there is none. */
    Optional<Page> page(String language, String id) {
        return Objects.requireNonNull(pages.get(language), language).stream()
                .filter(page -> page.id().equals(id))
                .findFirst();
    }

    /** Where to go on: after the last page that has an answer; at the end when that is the last one. */
    Optional<Page> resume(String language, Answers answers) {
        var asked = pages(language, answers);
        Predicate<Page> isAnswered =
                page -> page.questions().stream().anyMatch(question -> answers.has(question.linkId()));
        for (int i = asked.size(); i > 0; i--) {
            if (isAnswered.test(asked.get(i - 1))) {
                return i == asked.size() ? Optional.empty() : Optional.of(asked.get(i));
            }
        }
        return Optional.of(asked.getFirst());
    }

    /** What help must be called for at once, whoever reads this: the marked options, as they are worded there. */
    List<String> emergencies(String language) {
        return Objects.requireNonNull(pages.get(language), language).stream()
                .flatMap(page -> page.questions().stream())
                .flatMap(question -> question.options().entrySet().stream()
                        .filter(option -> question.emergencies().contains(option.getKey()))
                        .map(Map.Entry::getValue))
                .toList();
    }
}
