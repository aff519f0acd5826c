package org.calciwatch.intake.result;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.calciwatch.intake.result.Results.State;
import org.calciwatch.intake.submission.Submissions;
import org.calciwatch.security.Caller;

/** A result as a server-sent event, as soon as it is there. */
@ApplicationScoped
class ResultStream {

    /** A browser that still waits after this long asks again; nothing is left behind by one that went away. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

    /**
     * A result stored by this instance wakes the waiting at once. This finds one that another instance stored, and is
     * also how often a sign of life goes out, so that proxies keep the connection.
     */
    private static final Duration LOOK_AGAIN = Duration.ofMillis(1500);

    private static final Map<String, String> PENDING = Map.of("status", "pending");

    private final Submissions submissions;
    private final Results results;
    private final Arrivals arrivals;
    private final Caller caller;
    private final ObjectMapper json;
    private final Clock clock;

    ResultStream(
            Submissions submissions,
            Results results,
            Arrivals arrivals,
            Caller caller,
            ObjectMapper json,
            Clock clock) {
        this.submissions = submissions;
        this.results = results;
        this.arrivals = arrivals;
        this.caller = caller;
        this.json = json;
        this.clock = clock;
    }

    /**
     * The answer to whoever asks for the events of a submission and may read it.
     *
     * @throws HttpProblem 404 when there is no such submission or it is a draft, 410 when it was erased, 429 when the
     *     caller waits for it too often at once
     */
    Response of(UUID id, String language, RoutingContext request) {
        submissions.requireReadable(id);
        return switch (results.of(id, language)) {
            case State.NoSubmission _ -> throw ResultResource.noSubmission();
            case State.Erased _ -> throw ResultResource.erased();
            case State.Draft _ -> throw ResultResource.draft();
            case State.Pending _, State.Ready _ -> {
                var arrival = arrivals.waitFor(id, caller.name()).orElseThrow(ResultStream::tooManyWait);
                // However the request ends, also before a word was sent.
                request.addEndHandler(_ -> arrival.close());
                yield Response.ok((StreamingOutput) browser -> send(arrival, language, browser, request.response()))
                        .type(MediaType.SERVER_SENT_EVENTS_TYPE)
                        .header(HttpHeaders.CACHE_CONTROL, "no-store")
                        .build();
            }
        };
    }

    /**
     * Runs on a virtual thread of its own while the browser waits; between two looks it holds no database connection.
     *
     * @param connection tells when the browser has gone away, which writing to it does not
     */
    private void send(Arrivals.Waiting arrival, String language, OutputStream browser, HttpServerResponse connection)
            throws IOException {
        var end = clock.instant().plus(LONGEST_WAIT);
        try (arrival) {
            while (!connection.closed()) {
                if (results.of(arrival.submissionId(), language) instanceof State.Ready ready) {
                    write(browser, "event: result\ndata: " + json.writeValueAsString(ready.result()) + "\n\n");
                    return;
                }
                if (arrivals.isStopping() || clock.instant().isAfter(end)) {
                    write(browser, "event: pending\ndata: " + json.writeValueAsString(PENDING) + "\n\n");
                    return;
                }
                write(browser, ": waiting\n\n");
                arrival.await(LOOK_AGAIN);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static HttpProblem tooManyWait() {
        return HttpProblem.builder()
                .withStatus(429)
                .withTitle("Too Many Requests")
                .withDetail("You wait for this result %d times already, the most at once. Close one, or ask in %d s."
                        .formatted(Arrivals.MOST_OF_ONE, LONGEST_WAIT.toSeconds()))
                .withHeader(HttpHeaders.RETRY_AFTER, LONGEST_WAIT.toSeconds())
                .build();
    }

    private static void write(OutputStream browser, String event) throws IOException {
        browser.write(event.getBytes(StandardCharsets.UTF_8));
        browser.flush();
    }
}
