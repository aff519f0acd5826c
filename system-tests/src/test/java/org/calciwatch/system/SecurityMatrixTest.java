package org.calciwatch.system;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.calciwatch.system.Clinic.SOON;

import io.restassured.config.EncoderConfig;
import io.restassured.config.RestAssuredConfig;
import io.restassured.response.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.calciwatch.stack.LocalStack;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every row of the tables in docs/security.md, tried with every kind of caller. */
@ExtendWith(WholeStack.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SecurityMatrixTest {

    private static final Pattern ROW = Pattern.compile("\\| `(\\w+) ([^`]+)` \\|(.*)\\|");
    private static final List<String> COLUMNS =
            List.of("without a valid token", "own patient", "other patient", "clinician", "admin", "integration");
    private static final String OWN_PATIENT = "P-0001";

    private final LocalStack stack;
    private final Clinic clinic;
    private final Callers callers;

    private String submission = "";
    private String flag = "";
    private String delivery = "";
    private String assessment = "";

    SecurityMatrixTest(LocalStack stack, Clinic clinic) {
        this.stack = stack;
        this.clinic = clinic;
        this.callers = new Callers(stack);
    }

    /** @param expected status by column */
    record Row(String service, String method, String path, Map<String, Integer> expected) {
        @Override
        public String toString() {
            return service + " " + method + " " + path;
        }
    }

    @BeforeAll
    void somethingToAskFor() {
        submission = clinic.submit(Clinic.headlinePatient(OWN_PATIENT));
        clinic.result(submission);
        assessment = clinic.assessments(submission).getString("items[0].id");
        await().atMost(SOON).untilAsserted(() -> {
            var flags = clinic.flags(OWN_PATIENT);
            assertThat(flags.getList("items.submissionId")).contains(submission);
            flag = flags.getString("items[0].id");
            var deliveries = clinic.deliveries(flag);
            assertThat(deliveries.getList("items.status")).contains("SENT");
            delivery = deliveries.getString("items[0].id");
        });
    }

    static Stream<Row> rows() throws IOException {
        var document = Files.readString(Path.of(System.getProperty("calciwatch.project"), "docs/security.md"));
        var rows = new ArrayList<Row>();
        var service = "";
        for (var line : document.lines().toList()) {
            if (line.startsWith("### ")) {
                service = line.substring(4);
            }
            var row = ROW.matcher(line);
            if (row.matches()) {
                var cells = row.group(3).split("\\|", -1);
                assertThat(cells).as(line).hasSameSizeAs(COLUMNS);
                var expected = new LinkedHashMap<String, Integer>();
                for (int i = 0; i < cells.length; i++) {
                    expected.put(
                            COLUMNS.get(i), Integer.valueOf(cells[i].strip().substring(0, 3)));
                }
                rows.add(new Row(service, row.group(1), row.group(2), expected));
            }
        }
        return rows.stream();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void the_table_holds(Row row) {
        callers.invalidTokens()
                .forEach((kind, token) -> assertThat(ask(row, token).statusCode())
                        .as(row + " with " + kind)
                        .isEqualTo(row.expected().get("without a valid token")));
        callers.valid()
                .forEach((column, token) -> assertThat(ask(row, token.get()).statusCode())
                        .as(row + " as " + column)
                        .isEqualTo(row.expected().get(column)));
    }

    @Test
    void every_endpoint_stands_in_a_table() throws IOException {
        var inTables = rows().map(Row::toString).collect(Collectors.toCollection(TreeSet::new));
        var registered = new TreeSet<String>();
        Map.of(
                        "intake-service", clinic.intake(""),
                        "assessment-service", clinic.assessment(""),
                        "notification-service", clinic.notification(""))
                .forEach((service, base) -> {
                    Map<String, Map<String, Object>> paths = given().get(base + "/q/openapi?format=json")
                            .jsonPath()
                            .getMap("paths");
                    paths.forEach((path, methods) -> methods.keySet().stream()
                            .filter(method -> List.of("get", "post", "put", "delete", "patch")
                                    .contains(method))
                            .filter(method -> !isPage(path))
                            .forEach(method -> registered.add(
                                    service + " " + method.toUpperCase(java.util.Locale.ROOT) + " " + path)));
                });
        assertThat(registered).isEqualTo(inTables);
    }

    private static boolean isPage(String path) {
        return path.matches("/|/(form|results|release|clinic|inbox|admin)(/.*)?");
    }

    @Test
    void a_refused_token_is_answered_without_a_reason() {
        callers.invalidTokens().forEach((kind, token) -> {
            var fhir = given().headers(token).get(clinic.intake("/fhir/QuestionnaireResponse"));
            assertThat(fhir.statusCode()).as(kind).isEqualTo(401);
            assertThat(fhir.jsonPath().getString("issue[0].code")).as(kind).isEqualTo("login");
            assertThat(fhir.header("WWW-Authenticate")).as(kind).isEqualTo("Bearer");
            var other = given().headers(token).get(clinic.notification("/flags"));
            assertThat(other.statusCode()).as(kind).isEqualTo(401);
            assertThat(fhir.asString() + other.asString())
                    .as(kind)
                    .doesNotContainIgnoringCase("expired")
                    .doesNotContainIgnoringCase("signature")
                    .doesNotContainIgnoringCase("issuer")
                    .doesNotContainIgnoringCase("audience");
        });
    }

    @Test
    void pages_send_whoever_has_no_session_to_the_login() {
        for (var page : List.of(
                clinic.intake("/form"),
                clinic.intake("/form/" + submission + "/symptoms"),
                clinic.intake("/results"),
                clinic.intake("/results/" + submission),
                clinic.intake("/results/" + submission + "/pdf"),
                clinic.intake("/results/" + submission + "/events"),
                clinic.intake("/results/history"),
                clinic.intake("/release"),
                clinic.intake("/release/" + submission),
                clinic.notification("/inbox"),
                clinic.notification("/inbox/flags"),
                clinic.notification("/inbox/" + flag),
                clinic.notification("/inbox/" + flag + "/acknowledge"),
                clinic.notification("/inbox/" + flag + "/flag.pdf"),
                clinic.notification("/inbox/routing"),
                clinic.notification("/admin"),
                clinic.notification("/admin/dead-letters"),
                clinic.notification("/admin/rule-packs"),
                clinic.notification("/admin/routing"))) {
            for (var token : callers.invalidTokens().values()) {
                var answer = given().headers(token).redirects().follow(false).get(page);
                assertThat(answer.statusCode()).isEqualTo(302);
                assertThat(answer.header("Location")).startsWith(stack.issuer() + "/");
            }
        }
        given().get(clinic.intake("/")).then().statusCode(200);
    }

    private Response ask(Row row, Map<String, String> token) {
        var path = path(row);
        var request = given().config(RestAssuredConfig.config()
                        .encoderConfig(EncoderConfig.encoderConfig()
                                .appendDefaultContentCharsetToContentTypeIfUndefined(false)))
                .urlEncodingEnabled(false)
                .headers(token);
        var url =
                switch (row.service()) {
                    case "intake-service" -> clinic.intake(path);
                    case "assessment-service" -> clinic.assessment(path);
                    default -> clinic.notification(path);
                };
        if (row.method().equals("GET") || row.method().equals("DELETE")) {
            return request.request(row.method(), url);
        }
        if (row.method().equals("PUT")) {
            request.header("If-Match", clinic.tag(submission));
        }
        return request.contentType(contentType(row.path()))
                .body(body(row.path()).getBytes(StandardCharsets.UTF_8))
                .request(row.method(), url);
    }

    /** The row's path with things that exist in it, the own patient's where they are a patient's. */
    private String path(Row row) {
        var path = row.path()
                .replace("{version}", row.path().contains("_history") ? "1" : "1.0.0")
                .replace("{ruleId}", "mg-low")
                .replace("{service}", "calcification-risk");
        if (path.contains("/Patient/")) {
            // Erasing the patient whom the other rows ask for would be too much.
            path = path.replace("{id}", row.method().equals("DELETE") ? Clinic.newPatient() : OWN_PATIENT);
        } else if (path.contains("QuestionnaireResponse/{id}") || path.startsWith("/submissions/")) {
            path = path.replace("{id}", submission);
        } else if (path.startsWith("/flags/")) {
            path = path.replace("{id}", flag);
        } else if (path.startsWith("/deliveries/")) {
            path = path.replace("{id}", delivery);
        } else if (path.startsWith("/assessments/")) {
            path = path.replace("{id}", assessment);
        }
        path = path.replace("{id}", UUID.randomUUID().toString());
        return switch (path) {
            case "/fhir/QuestionnaireResponse" -> row.method().equals("GET") ? path + "?subject=" + OWN_PATIENT : path;
            case "/fhir/Communication" -> path + "?subject=" + OWN_PATIENT;
            case "/assessments", "/fhir/DetectedIssue", "/fhir/Flag", "/flags" -> path + "?patient=" + OWN_PATIENT;
            default -> path;
        };
    }

    private static String contentType(String path) {
        if (path.startsWith("/fhir/$import")) {
            return "application/fhir+ndjson";
        }
        if (path.equals("/rule-packs")) {
            return "application/zip";
        }
        return path.startsWith("/fhir/") ? "application/fhir+json" : "application/json";
    }

    private String body(String path) {
        var response = Clinic.headlinePatient(OWN_PATIENT);
        return switch (path) {
            case "/fhir/QuestionnaireResponse/{id}" ->
                response.put("id", submission).put("status", "amended").toString();
            case "/fhir/QuestionnaireResponse",
                    "/fhir/QuestionnaireResponse/$validate",
                    "/fhir/$import",
                    "/assessments/$evaluate" -> response.toString();
            case "/flags/{id}/assign" -> "{\"assignee\":\"clinician2\"}";
            case "/flags/{id}/snooze" ->
                "{\"until\":\"" + Instant.now().plus(1, ChronoUnit.DAYS).truncatedTo(ChronoUnit.SECONDS) + "\"}";
            case "/flags/{id}/close" -> "{\"outcome\":\"contacted\"}";
            case "/rule-packs" -> "";
            default -> "{}";
        };
    }
}
