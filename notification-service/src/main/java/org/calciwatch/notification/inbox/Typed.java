package org.calciwatch.notification.inbox;

import org.jspecify.annotations.Nullable;

/**
 * What somebody typed into one of the forms of a flag's page, to be there again when it could not be done.
 *
 * @param problem why it was not done
 * @param form the form it was in
 * @param note empty without one
 * @param field what else was typed or chosen there, empty for nothing
 */
public record Typed(@Nullable Problem problem, Form form, String note, String field) {

    /** The forms of the page. */
    public enum Form {
        NONE,
        ACKNOWLEDGE,
        ASSIGN,
        SNOOZE,
        CLOSE
    }

    /** Why something was not done. */
    public enum Problem {
        /** Somebody changed the flag after the page was shown. */
        CHANGED,
        /** The flag's status does not allow it. */
        IMPOSSIBLE,
        NOTE_TOO_LONG,
        NO_ASSIGNEE,
        NO_TIME,
        NO_OUTCOME
    }

    static final Typed NOTHING = new Typed(null, Form.NONE, "", "");

    /** Nothing that is due to what was typed, but to the flag. */
    boolean isConflict() {
        return problem == Problem.CHANGED || problem == Problem.IMPOSSIBLE;
    }

    /** Whether it was in this form, by its {@link Form}'s name. */
    public boolean isIn(String other) {
        return form.name().equals(other);
    }

    /** The note typed in a form, by its {@link Form}'s name. */
    public String noteIn(String other) {
        return isIn(other) ? note : "";
    }

    /** What else was typed in a form, by its {@link Form}'s name. */
    public String fieldIn(String other) {
        return isIn(other) ? field : "";
    }
}
