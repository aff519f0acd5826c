package org.calciwatch.notification.delivery;

import java.util.List;
import java.util.stream.Collectors;

/** A mail's words: one line of subject, and the same body as plain text and as HTML. */
record Mail(String subject, String text, String html) {

    /** A mail that needs no template, for when those fail: some sentences and a link, all words of ours. */
    static Mail plain(String subject, List<String> sentences, String link) {
        var text = String.join("\n\n", sentences);
        var paragraphs = sentences.stream()
                .map(sentence -> "<p>" + escaped(sentence) + "</p>")
                .collect(Collectors.joining("\n"));
        return new Mail(subject, text + "\n\n" + link + "\n", """
                <!DOCTYPE html>
                <html lang="en">
                <head><meta charset="utf-8"><title>%s</title></head>
                <body>
                %s
                <p><a href="%s">%s</a></p>
                </body>
                </html>
                """.formatted(
                        escaped(subject), paragraphs, escaped(link), escaped(link)));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
