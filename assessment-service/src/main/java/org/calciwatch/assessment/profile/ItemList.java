package org.calciwatch.assessment.profile;

import java.util.Locale;

/** The three tick lists of the questionnaire. */
public enum ItemList {
    CONDITIONS,
    MEDICINES,
    SYMPTOMS;

    /** The linkId of the list, for example {@code conditions}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The linkId of its "not sure about" list, for example {@code conditions_unsure}. */
    public String unsureKey() {
        return key() + "_unsure";
    }
}
