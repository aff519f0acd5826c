package org.calciwatch.assessment.cds;

/** Keeps texts from a request plain: no markup, links or control characters of theirs reach a clinician's screen. */
final class Markdown {

    private static final int LONGEST = 600;
    private static final String MARKUP = "\\`*_[]|~#!@";

    private Markdown() {}

    /** The text as GitHub flavoured markdown that shows just its characters, on one line. */
    static String escape(String text) {
        var escaped = new StringBuilder();
        var shown = text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
        shown.codePoints().forEach(character -> {
            if (Character.isISOControl(character) || character == '\u2028' || character == '\u2029') {
                escaped.append(' ');
            } else if (character <= Character.MAX_VALUE && Character.isSurrogate((char) character)) {
                escaped.append('\ufffd');
            } else if (Character.getType(character) == Character.FORMAT) {
                escaped.append(' '); // could turn the direction of what follows
            } else if (MARKUP.indexOf(character) >= 0) {
                escaped.append('\\').appendCodePoint(character);
            } else {
                switch (character) {
                    case '<' -> escaped.append("&lt;");
                    case '>' -> escaped.append("&gt;");
                    case '&' -> escaped.append("&amp;");
                    default -> escaped.appendCodePoint(character);
                }
            }
        });
        // A bare address would become a link.
        return escaped.toString().replace("://", "\\://").replaceAll("(?i)www\\.", "www\\\\.");
    }
}
