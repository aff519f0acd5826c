package org.calciwatch.intake.questionnaire;

import jakarta.inject.Singleton;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The languages patients may choose from: those of the questionnaire. */
@Singleton
public final class Languages {

    private final List<String> languages;

    /** The languages of this questionnaire. */
    public Languages(Questionnaire questionnaire) {
        this.languages = questionnaire.languages();
    }

    /** All of them; the first is the default. */
    public List<String> all() {
        return languages;
    }

    /**
     * The best of our languages by RFC 4647 look-up; the default when the wish is unreadable or not met.
     *
     * @param chosen the query parameter {@code _language}, which outweighs the header
     * @param accepted the header {@code Accept-Language}
     */
    public String best(@Nullable String chosen, @Nullable String accepted) {
        var wish = chosen != null ? chosen : accepted;
        if (wish == null || wish.isBlank()) {
            return languages.getFirst();
        }
        try {
            var best = Locale.lookupTag(Locale.LanguageRange.parse(wish), languages);
            return best == null ? languages.getFirst() : best;
        } catch (IllegalArgumentException e) {
            return languages.getFirst();
        }
    }
}
