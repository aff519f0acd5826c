package org.calciwatch.notification.delivery;

/** Why clinicians are told of a flag. */
public enum Occasion {
    /** The flag is new. */
    OPENED,
    /** A newer assessment is more severe than the one before. */
    SEVERITY_RAISED,
    /** Nobody acknowledged it in time. */
    ESCALATED,
    /** It was acknowledged long ago and is not closed. */
    REMINDER,
    /** It was put off until now. */
    WOKEN,
    /** Those who were to be told before could not be reached by mail. */
    UNDELIVERABLE
}
