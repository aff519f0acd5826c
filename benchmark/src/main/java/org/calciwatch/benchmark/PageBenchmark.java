package org.calciwatch.benchmark;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import org.calciwatch.stack.LocalStack;

/**
 * How heavy the portal's pages are and how long the service takes for each, on a stack of its own with the real
 * processes. {@code ./calciwatch bench pages} runs it: {@code <project directory>}, and {@code --smoke} for a few requests
 * only, which show that everything works and no times.
 */
public final class PageBenchmark {

    /** Transferred on first view: page, styles, scripts and icons with their headers, nothing of it cached. */
    private static final long MOST_BYTES = 100 * 1024;

    /** Of the median, on a machine that does nothing else. */
    private static final double MOST_MILLIS = 50;

    /** Until the service has compiled what it uses all the time. */
    private static final int WARM_UP = 200;

    private static final int REQUESTS = 200;
    private static final int SMOKE = 5;
    private static final int MOST_LOOKS = 300;

    /** Comes from the same service over the same connection, and nothing is computed for it. */
    private static final String FLOOR = "/assets/portal.css";

    private static final Pattern LOADED = Pattern.compile("<(?:link|script|img)\\s[^>]*?(?:href|src)=\"([^\"]+)\"");
    private static final Path DIRECTORY = Path.of("target");
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What the lines of the table are about. */
    private record PageToMeasure(String name, String path) {}

    /**
     * What one page takes.
     *
     * @param requests on first view
     * @param bytes transferred on first view
     * @param millis the median
     */
    private record Figure(String page, int requests, long bytes, double millis) {
        boolean isLight() {
            return bytes <= MOST_BYTES;
        }

        boolean isFast() {
            return millis <= MOST_MILLIS;
        }
    }

    private final LocalStack stack;
    private final Visit patient;
    private final Visit api;

    private PageBenchmark(LocalStack stack) {
        this.stack = stack;
        var portal = URI.create("http://localhost:" + stack.ports().intake());
        patient = new Visit(portal);
        api = new Visit(portal);
    }

    /**
     * Starts a stack, measures and prints a table. A page that is too heavy is a failure; one that is too slow is none:
     * times depend on the machine.
     */
    public static void main(String[] arguments) throws Exception {
        var isLight = new boolean[1];
        WholeStack.with(
                "pages", arguments, (stack, isSmoke) -> isLight[0] = new PageBenchmark(stack).run(isSmoke, System.out));
        System.exit(isLight[0] ? 0 : 1);
    }

    private boolean run(boolean isSmoke, PrintStream out) throws IOException, InterruptedException {
        patient.logIn("/form", "patient1");
        var pages = pages();
        var paths = new ArrayList<>(pages.stream().map(PageToMeasure::path).toList());
        paths.add(FLOOR);
        out.printf("Asking for %d pages %d times each%n", pages.size(), isSmoke ? SMOKE : WARM_UP + REQUESTS);
        if (!isSmoke) {
            patient.times(paths, WARM_UP);
        }
        var times = patient.times(paths, isSmoke ? SMOKE : REQUESTS);
        var figures = new ArrayList<Figure>();
        for (var page : pages) {
            figures.add(firstView(page, Objects.requireNonNull(times.get(page.path()))));
        }
        double floor = Objects.requireNonNull(times.get(FLOOR));
        print(figures, floor, out);
        write(figures, floor, isSmoke ? SMOKE : REQUESTS, out);
        return figures.stream().allMatch(Figure::isLight);
    }

    /** One of each, with an assessed submission and a draft behind them. */
    private List<PageToMeasure> pages() throws IOException, InterruptedException {
        var submission = store("completed");
        var draft = store("in-progress");
        for (int looks = 0; !isReady(submission); looks++) {
            if (looks == MOST_LOOKS) {
                throw new IOException("The result of submission " + submission + " does not arrive.");
            }
            // Once in a while: the stack has just started, and each question takes its time from the answer.
            Thread.sleep(200);
        }
        return List.of(
                new PageToMeasure("welcome", "/"),
                new PageToMeasure("start of the form", "/form"),
                new PageToMeasure("page with questions", "/form/" + draft + "/symptoms"),
                new PageToMeasure("check your answers", "/form/" + draft + "/check"),
                new PageToMeasure("list of results", "/results"),
                new PageToMeasure("result", "/results/" + submission),
                new PageToMeasure("history", "/results/history"),
                new PageToMeasure("PDF", "/results/" + submission + "/pdf"));
    }

    private String store(String status) throws IOException, InterruptedException {
        var body = """
                {"resourceType": "QuestionnaireResponse", "status": "%s",
                 "questionnaire": "https://calciwatch.org/fhir/Questionnaire/calcification-risk",
                 "subject": {"reference": "Patient/P-0001"},
                 "item": [
                   {"linkId": "symptoms", "answer": [{"valueCoding": {"code": "none"}}]},
                   {"linkId": "consent", "answer": [{"valueCoding": {"code": "v1"}}]},
                   {"linkId": "age_years", "answer": [{"valueInteger": 68}]},
                   {"linkId": "ckd_reported", "answer": [{"valueCoding": {"code": "G3b"}}]},
                   {"linkId": "vitd25", "answer": [{"valueQuantity":
                     {"value": 180, "system": "http://unitsofmeasure.org", "code": "nmol/L"}}]},
                   {"linkId": "mg", "answer": [{"valueQuantity":
                     {"value": 0.62, "system": "http://unitsofmeasure.org", "code": "mmol/L"}}]}]}
                """.formatted(status);
        var answer = api.send(asPatient("/fhir/QuestionnaireResponse")
                .header("Content-Type", "application/fhir+json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
        if (answer.status() != 201) {
            throw new IOException("No submission was stored (" + answer.status() + "): " + answer.text());
        }
        return JSON.readTree(answer.text()).path("id").asText();
    }

    private boolean isReady(String submission) throws IOException, InterruptedException {
        return api.send(asPatient("/submissions/" + submission + "/result"))
                .text()
                .contains("\"ready\"");
    }

    private HttpRequest.Builder asPatient(String path) {
        return api.request(path)
                .header("Authorization", "Bearer " + stack.tokens().user("patient1"));
    }

    private Figure firstView(PageToMeasure page, double millis) throws IOException, InterruptedException {
        var shown = patient.show(page.path());
        long bytes = shown.transferred();
        var files = LOADED.matcher(shown.text())
                .results()
                .map(found -> found.group(1))
                .distinct()
                .toList();
        for (var file : files) {
            bytes += patient.show(file).transferred();
        }
        return new Figure(page.name(), 1 + files.size(), bytes, millis);
    }

    private static void print(List<Figure> figures, double floor, PrintStream out) {
        out.printf(
                Locale.ROOT,
                "Limits: %d KB on first view, %.0f ms at the median. Floor (a static file): %.1f ms%n",
                MOST_BYTES / 1024,
                MOST_MILLIS,
                floor);
        out.printf("%-22s %9s %9s %7s %9s %8s %7s%n", "", "requests", "KB", "light", "ms", "ratio", "fast");
        for (var figure : figures) {
            out.printf(
                    Locale.ROOT,
                    "%-22s %9d %9.1f %7s %9.1f %8.1f %7s%n",
                    figure.page(),
                    figure.requests(),
                    figure.bytes() / 1024.0,
                    figure.isLight() ? "yes" : "no",
                    figure.millis(),
                    figure.millis() / floor,
                    figure.isFast() ? "yes" : "no");
        }
    }

    private static void write(List<Figure> figures, double floor, int requests, PrintStream out) throws IOException {
        var all = JSON.createObjectNode()
                .put("requestsPerPage", requests)
                .put("limitBytes", MOST_BYTES)
                .put("limitMillis", MOST_MILLIS)
                .put("floorMillis", floor);
        var pages = all.putArray("pages");
        figures.forEach(figure -> pages.add(json(figure)));
        Files.createDirectories(DIRECTORY);
        var file = DIRECTORY.resolve("pages.json");
        JSON.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), all);
        out.printf("All figures: %s%n", file);
    }

    private static ObjectNode json(Figure figure) {
        return JSON.createObjectNode()
                .put("page", figure.page())
                .put("requests", figure.requests())
                .put("bytes", figure.bytes())
                .put("light", figure.isLight())
                .put("medianMillis", figure.millis())
                .put("fast", figure.isFast());
    }
}
