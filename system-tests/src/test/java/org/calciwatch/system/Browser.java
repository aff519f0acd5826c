package org.calciwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a browser does with redirects, cookies and forms. Cookies marked as secure go to localhost without TLS too, as
 * browsers do; Java's cookie manager would keep them back.
 */
final class Browser {

    private static final int MOST_REDIRECTS = 10;
    private static final Pattern FORM = Pattern.compile("<form[^>]*\\saction=\"([^\"]+)\"");
    private static final Pattern PASSWORD = Pattern.compile("<input[^>]*type=\"password\"");

    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<String, Cookie> cookies = new LinkedHashMap<>();
    private final List<String> cookieLines = new ArrayList<>();

    private record Cookie(String path, String pair) {}

    /** What is shown in the end. */
    record Page(URI address, int status, String body, HttpHeaders headers) {

        boolean asksForPassword() {
            return PASSWORD.matcher(body).find();
        }

        /** Where the page's form goes. */
        String form() {
            var form = FORM.matcher(body);
            assertThat(form.find())
                    .as("a form at " + address + " (" + status + ")")
                    .isTrue();
            return address.resolve(form.group(1).replace("&amp;", "&")).toString();
        }
    }

    /** Opens a page, over any redirects. */
    Page open(String url) {
        return follow(HttpRequest.newBuilder(URI.create(url)).GET());
    }

    /** Sends a form, over any redirects. */
    Page send(String url, Map<String, String> fields) {
        var body = fields.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return follow(HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(body)));
    }

    /** Opens a page that asks for the password of a demo user first. */
    Page login(String url, String user) {
        var asked = open(url);
        assertThat(asked.asksForPassword())
                .as("asked for a password at " + asked.address())
                .isTrue();
        var shown = send(asked.form(), Map.of("username", user, "password", "demo", "credentialId", ""));
        assertThat(shown.status()).as(shown.address() + shown.body()).isLessThan(500);
        return shown;
    }

    /** The Set-Cookie lines of the sessions at the services so far. */
    List<String> sessionCookies() {
        return cookieLines.stream().filter(line -> line.startsWith("q_session")).toList();
    }

    /** The Cookie line for an address. */
    String cookies(URI address) {
        return cookies.values().stream()
                .filter(cookie -> address.getPath().startsWith(cookie.path()))
                .map(Cookie::pair)
                .collect(Collectors.joining("; "));
    }

    private Page follow(HttpRequest.Builder first) {
        var page = exchange(first);
        for (int i = 0; i < MOST_REDIRECTS; i++) {
            var location = page.headers().firstValue("Location");
            if (page.status() < 300 || page.status() > 399 || location.isEmpty()) {
                return page;
            }
            page = exchange(HttpRequest.newBuilder(page.address().resolve(location.get()))
                    .GET());
        }
        throw new AssertionError("Too many redirects, the last one to " + page.address());
    }

    private Page exchange(HttpRequest.Builder builder) {
        var address = builder.build().uri();
        var line = cookies(address);
        var request = line.isEmpty()
                ? builder.build()
                : builder.header("Cookie", line).build();
        try {
            var answer = http.send(request, BodyHandlers.ofString());
            answer.headers().allValues("Set-Cookie").forEach(this::keep);
            return new Page(address, answer.statusCode(), answer.body(), answer.headers());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void keep(String line) {
        cookieLines.add(line);
        var parts = line.split(";", -1);
        var name = parts[0].substring(0, parts[0].indexOf('='));
        var path = "/";
        var isOver = false;
        for (var attribute : parts) {
            var part = attribute.strip();
            var lower = part.toLowerCase(Locale.ROOT);
            if (lower.startsWith("path=")) {
                path = part.substring("path=".length());
            }
            isOver |= lower.equals("max-age=0") || lower.matches("expires=thu, 0?1[ -]jan[ -]1970.*");
        }
        if (isOver) {
            cookies.remove(name + path);
        } else {
            cookies.put(name + path, new Cookie(path, parts[0]));
        }
    }
}
