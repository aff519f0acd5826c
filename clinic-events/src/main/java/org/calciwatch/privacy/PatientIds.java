package org.calciwatch.privacy;

import java.util.regex.Pattern;

/** What an id of a patient looks like, here and in the events' schemas. */
public final class PatientIds {

    /** What would be right, for error messages. */
    public static final String RIGHT = "A patient's id is 1 to 64 letters, digits, '-' and '.'.";

    private static final Pattern SYNTAX = Pattern.compile("[A-Za-z0-9.-]{1,64}");

    private PatientIds() {}

    /** Whether a text is one. */
    public static boolean isValid(String id) {
        return SYNTAX.matcher(id).matches();
    }
}
