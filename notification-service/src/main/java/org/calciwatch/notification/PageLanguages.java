package org.calciwatch.notification;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;
import org.calciwatch.pages.Languages;

/** The languages of the clinicians' pages. */
class PageLanguages {
    @Produces
    @Singleton
    static Languages languages() {
        return new Languages(List.of("en", "es"));
    }

    private PageLanguages() {}
}
