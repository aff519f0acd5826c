package org.calciwatch.stack.mail;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/** The catcher on the web: a page for people, JSON for programs. Whatever a mail contains, it is shown, never run. */
final class MailPages implements HttpHandler {
    /** More would make the page slow; the API has all. */
    private static final int MOST_ON_PAGE = 200;

    private final MailStore store;
    private final ObjectMapper json = new ObjectMapper();

    MailPages(MailStore store) {
        this.store = store;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!exchange.getRequestMethod().equals("GET")) {
                exchange.getResponseHeaders().set("Allow", "GET");
                answer(exchange, 405, "text/plain", "Only GET is answered here.\n");
                return;
            }
            switch (exchange.getRequestURI().getPath()) {
                case "/" -> answer(exchange, 200, "text/html", page());
                case "/api/messages" ->
                    answer(exchange, 200, "application/json", json.writeValueAsString(store.newestFirst()));
                case "/health" -> answer(exchange, 200, "text/plain", "ready\n");
                case String path ->
                    answer(exchange, 404, "text/plain", "There is nothing at " + path + ". Try / or /api/messages.\n");
            }
        }
    }

    private static void answer(HttpExchange exchange, int status, String type, String body) throws IOException {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        var headers = exchange.getResponseHeaders();
        headers.set("Content-Type", type + "; charset=utf-8");
        headers.set("Cache-Control", "no-store");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private String page() {
        var mails = store.newestFirst();
        return """
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <title>Caught mail</title>
                <style>
                  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
                  details { border: 1px solid #999; border-radius: .3rem; padding: .5rem 1rem; margin: .5rem 0; }
                  summary { cursor: pointer; font-weight: 600; overflow-wrap: anywhere; }
                  pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f4f4f4; padding: 1rem; }
                  iframe { width: 100%%; height: 30rem; border: 1px solid #999; background: #fff; }
                </style>
                </head>
                <body>
                <h1>Caught mail</h1>
                <p>%d caught; nothing leaves this machine. Newest first%s. As JSON: <a href="/api/messages">/api/messages</a></p>
                %s
                </body>
                </html>
                """.formatted(
                        mails.size(),
                        mails.size() > MOST_ON_PAGE ? ", the last " + MOST_ON_PAGE : "",
                        mails.stream().limit(MOST_ON_PAGE).map(MailPages::entry).collect(Collectors.joining()));
    }

    private static String entry(CaughtMail mail) {
        var text = mail.text() == null ? "" : "<pre>" + escape(mail.text()) + "</pre>";
        // An empty sandbox: no scripts, no forms, no links out of the frame.
        var html = mail.html() == null
                ? ""
                : "<iframe sandbox title=\"The mail as HTML\" srcdoc=\"" + escape(mail.html()) + "\"></iframe>";
        return """
                <details>
                <summary>%s</summary>
                <p>From %s to %s, received %s</p>
                %s
                %s
                </details>
                """.formatted(
                        escape(mail.subject()),
                        escape(mail.from()),
                        escape(String.join(", ", mail.to())),
                        escape(mail.receivedAt()),
                        text,
                        html);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
