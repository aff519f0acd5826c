package org.calciwatch.pages;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The languages readers may choose from. Each service says which it has.
 *
 * @param all the first is the default
 */
public record Languages(List<String> all) {

    /**
     * The best of them by RFC 4647 look-up; the default when the wish is unreadable or not met.
     *
     * @param chosen the query parameter {@code _language}, which outweighs the header
     * @param accepted the header {@code Accept-Language}
     */
    public String best(@Nullable String chosen, @Nullable String accepted) {
        var wish = chosen != null ? chosen : accepted;
        if (wish == null || wish.isBlank()) {
            return all.getFirst();
        }
        try {
            var best = Locale.lookupTag(Locale.LanguageRange.parse(wish), all);
            return best == null ? all.getFirst() : best;
        } catch (IllegalArgumentException e) {
            return all.getFirst();
        }
    }
}
