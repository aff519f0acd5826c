package org.calciwatch.notification.delivery;

/** A mail's words: one line of subject, and the same body as plain text and as HTML. */
record Mail(String subject, String text, String html) {}
