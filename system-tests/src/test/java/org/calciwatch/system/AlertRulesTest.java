package org.calciwatch.system;

import static io.restassured.RestAssured.given;
import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.calciwatch.system.Clinic.SOON;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Alerts, runbooks and dashboards speak of what the services really tell. */
@ExtendWith(WholeStack.class)
class AlertRulesTest {

    private static final Path PROJECT = Path.of(System.getProperty("calciwatch.project"));
    private static final Path RULES = PROJECT.resolve("deploy/observability/prometheus");
    private static final Pattern METRIC = Pattern.compile("\\b(calciwatch|http_server|kafka|jvm|process)_[a-z0-9_]+");
    /** A counter is told of from its first event on; until then its name stands in the code only. */
    private static final Pattern COUNTER = Pattern.compile("counter\\(\\s*\"(calciwatch[a-z.]+)\"");

    private final Clinic clinic;

    AlertRulesTest(Clinic clinic) {
        this.clinic = clinic;
    }

    @Test
    void each_alert_fires_for_what_it_is_for_and_for_nothing_else() throws Exception {
        var isThere = Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, "promtool")));
        assumeTrue(
                isThere || "required".equals(System.getenv("CALCIWATCH_BROWSER")),
                "The alerts are not tested: there is no promtool on the PATH (Debian's package prometheus has it)");
        var promtool = new ProcessBuilder("promtool", "test", "rules", "alerts_test.yaml")
                .directory(RULES.toFile())
                .redirectErrorStream(true)
                .start();
        var said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(promtool.waitFor()).as(said).isZero();
        assertThat(found("alertname: (\\w+)", RULES.resolve("alerts_test.yaml")))
                .as("alerts that are tested")
                .isEqualTo(alerts());
    }

    @Test
    void each_alert_has_a_page_that_says_what_to_do_and_each_page_an_alert() throws IOException {
        try (var pages = Files.list(PROJECT.resolve("docs/runbooks"))) {
            SortedSet<String> names = pages.map(
                            page -> page.getFileName().toString().replace(".md", ""))
                    .collect(toCollection(TreeSet::new));
            assertThat(names).isEqualTo(alerts());
        }
        assertThat(found("runbook_url: docs/runbooks/(\\w+)\\.md", RULES.resolve("alerts.yaml")))
                .isEqualTo(alerts());
        for (var alert : alerts()) {
            assertThat(Files.readString(PROJECT.resolve("docs/runbooks/" + alert + ".md")))
                    .as(alert)
                    .contains("**For patients and clinicians.**", "**Look.**", "**Do.**", "**Over when**");
        }
    }

    @Test
    void alerts_and_dashboards_name_only_what_the_services_tell() throws IOException {
        clinic.submit(Clinic.headlinePatient(Clinic.newPatient()));
        var named = metricsIn(RULES.resolve("alerts.yaml"));
        try (var dashboards = Files.list(PROJECT.resolve("deploy/observability/grafana/dashboards"))) {
            dashboards.forEach(dashboard -> named.addAll(metricsIn(dashboard)));
        }
        named.addAll(metricsIn(PROJECT.resolve("docs/observability.md")));
        assertThat(named).hasSizeGreaterThan(20);

        await().atMost(SOON).untilAsserted(() -> assertThat(told()).containsAll(named));
    }

    @Test
    void no_metric_tells_of_a_patient_or_a_flag() {
        var patient = Clinic.newPatient();
        var submission = clinic.submit(Clinic.headlinePatient(patient));
        await().atMost(SOON).ignoreExceptions().untilAsserted(() -> assertThat(
                        clinic.flags(patient).getList("items"))
                .isNotEmpty());
        var flag = clinic.flags(patient).getString("items[0].id");

        assertThat(exposition()).doesNotContain(patient, submission, flag);
    }

    private SortedSet<String> told() throws IOException {
        var told = new TreeSet<>(found("(?m)^([a-z][a-z0-9_]+)[{ ]", exposition()));
        try (var sources = Files.walk(PROJECT)) {
            sources.filter(file -> file.toString().contains("/src/main/java/")
                            && file.toString().endsWith(".java"))
                    .flatMap(file -> COUNTER.matcher(read(file)).results())
                    .map(counter -> counter.group(1).replace('.', '_') + "_total")
                    .forEach(told::add);
        }
        // The family's name stands for its count, sum and buckets.
        told.stream()
                .filter(name -> name.endsWith("_count"))
                .map(name -> name.replaceAll("_count$", ""))
                .toList()
                .forEach(told::add);
        return told;
    }

    private String exposition() {
        return Stream.of(
                        clinic.intake("/q/metrics"), clinic.assessment("/q/metrics"), clinic.notification("/q/metrics"))
                .map(metrics -> given().accept("text/plain").get(metrics).asString())
                .reduce("", String::concat);
    }

    private static SortedSet<String> alerts() {
        return found("- alert: (\\w+)", RULES.resolve("alerts.yaml"));
    }

    private static SortedSet<String> metricsIn(Path file) {
        return METRIC.matcher(read(file)).results().map(MatchResult::group).collect(toCollection(TreeSet::new));
    }

    private static SortedSet<String> found(String pattern, Path file) {
        return found(pattern, read(file));
    }

    private static SortedSet<String> found(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .collect(toCollection(TreeSet::new));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
