package org.calciwatch.benchmark;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a browser does at a site over plain HTTP: one request after the other on one connection, with cookies, taking what
 * is compressed as it comes. Cookies marked as secure go to localhost all the same, as browsers do.
 */
final class Visit {

    private static final int MOST_REDIRECTS = 10;
    private static final Pattern FORM = Pattern.compile("<form[^>]*\\saction=\"([^\"]+)\"");

    /** What browsers say without TLS; only with it they take Brotli too. */
    private static final String ENCODINGS = "gzip, deflate";

    private final URI site;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** By port, which stands for the site here: each has its own names and paths. */
    private final Map<Integer, Map<String, String>> cookies = new LinkedHashMap<>();

    /** @param site where paths begin */
    Visit(URI site) {
        this.site = site;
    }

    /**
     * An answer.
     *
     * @param text where it is text and not compressed
     * @param length of the body as it was transferred
     */
    record Answer(URI address, int status, HttpHeaders headers, String text, int length) {

        /** Bytes of the status line, the headers and the body. */
        long transferred() {
            long bytes = length;
            bytes += "HTTP/1.1 200 OK\r\n\r\n".length();
            for (var header : headers.map().entrySet()) {
                for (var value : header.getValue()) {
                    bytes += header.getKey().length() + ": \r\n".length() + value.length();
                }
            }
            return bytes;
        }
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(site.resolve(path));
    }

    /** Opens a page that asks a demo user for name and password first. */
    void logIn(String path, String user) throws IOException, InterruptedException {
        var asked = follow(request(path));
        var form = FORM.matcher(asked.text());
        if (!form.find()) {
            throw new IOException("There is no form to sign in at " + asked.address());
        }
        var fields = "credentialId=&password=demo&username=" + URLEncoder.encode(user, StandardCharsets.UTF_8);
        var shown = follow(
                HttpRequest.newBuilder(asked.address().resolve(form.group(1).replace("&amp;", "&")))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(fields)));
        if (shown.status() != 200 || shown.address().getPort() != site.getPort()) {
            throw new IOException(
                    user + " could not sign in; it ended at " + shown.address() + " with " + shown.status());
        }
    }

    private Answer follow(HttpRequest.Builder first) throws IOException, InterruptedException {
        var answer = send(first);
        for (int i = 0; i < MOST_REDIRECTS && answer.status() >= 300 && answer.status() < 400; i++) {
            var next = answer.headers().firstValue("Location").orElseThrow();
            answer = send(HttpRequest.newBuilder(answer.address().resolve(next)));
        }
        return answer;
    }

    /** Sends a request, with the cookies so far. */
    Answer send(HttpRequest.Builder builder) throws IOException, InterruptedException {
        builder.setHeader("Accept-Encoding", ENCODINGS);
        var address = builder.copy().build().uri();
        var kept = cookies.computeIfAbsent(address.getPort(), _ -> new LinkedHashMap<>());
        if (!kept.isEmpty()) {
            builder.setHeader(
                    "Cookie",
                    kept.entrySet().stream()
                            .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                            .collect(Collectors.joining("; ")));
        }
        var answer = http.send(builder.build(), BodyHandlers.ofByteArray());
        for (var line : answer.headers().allValues("Set-Cookie")) {
            var pair = line.split(";", 2)[0].split("=", 2);
            if (line.contains("Max-Age=0")) {
                kept.remove(pair[0]);
            } else {
                kept.put(pair[0], pair[1]);
            }
        }
        return new Answer(
                address,
                answer.statusCode(),
                answer.headers(),
                new String(answer.body(), StandardCharsets.UTF_8),
                answer.body().length);
    }

    /**
     * Opens a page.
     *
     * @throws IOException when the answer is another than 200
     */
    Answer show(String path) throws IOException, InterruptedException {
        var answer = send(request(path));
        if (answer.status() != 200) {
            throw new IOException(path + " answers " + answer.status() + "; right would be 200.");
        }
        return answer;
    }

    /** Median times in milliseconds by path. The paths take turns, so that whatever else goes on concerns all alike. */
    Map<String, Double> times(List<String> paths, int count) throws IOException, InterruptedException {
        var nanos = new TreeMap<String, long[]>();
        paths.forEach(path -> nanos.put(path, new long[count]));
        for (int turn = 0; turn < count; turn++) {
            for (var measured : nanos.entrySet()) {
                long begin = System.nanoTime();
                show(measured.getKey());
                measured.getValue()[turn] = System.nanoTime() - begin;
            }
        }
        return nanos.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, measured -> Medians.ofNanos(measured.getValue())));
    }
}
