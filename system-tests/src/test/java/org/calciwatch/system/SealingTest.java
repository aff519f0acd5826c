package org.calciwatch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.calciwatch.system.Clinic.SOON;

import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.calciwatch.stack.LocalStack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(WholeStack.class)
class SealingTest {

    private static final List<String> DATABASES = List.of("intake", "assessment", "notification");

    /** A value of magnesium and a note that stand nowhere else; a value with fewer decimals could be part of a time. */
    private static final String MG = "0.61835274";

    private static final String NOTE = "canary: spoke with the sister";

    private final LocalStack stack;
    private final Clinic clinic;

    SealingTest(LocalStack stack, Clinic clinic) {
        this.stack = stack;
        this.clinic = clinic;
    }

    @Test
    void no_answer_stands_readable_in_any_column_of_any_database() throws Exception {
        var patient = Clinic.newPatient();
        var submission = clinic.submit(markedPatient(patient));
        clinic.result(submission);
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(clinic.flags(patient).getList("items")).hasSize(1));
        var flag = clinic.flags(patient).getString("items[0].id");
        clinic.as("clinician1")
                .contentType("application/json")
                .body(Map.of("note", NOTE))
                .post(clinic.notification("/flags/" + flag + "/acknowledge"))
                .then()
                .statusCode(200);

        for (var database : DATABASES) {
            assertThat(tablesWith(database, List.of(MG, NOTE))).as(database).isEmpty();
        }
        assertThat(tablesWith("notification", List.of(flag)))
                .as("that the search finds what is there")
                .contains("flag", "delivery");
        assertThat(clinic.as("clinician1")
                        .get(clinic.notification("/flags/" + flag))
                        .asString())
                .contains(MG, NOTE);
    }

    @Test
    void rows_of_an_earlier_version_are_sealed_before_the_service_is_ready() throws Exception {
        var submission = clinic.submit(markedPatient(Clinic.newPatient()));
        var resource = clinic.asIntegration()
                .get(clinic.intake("/fhir/QuestionnaireResponse/" + submission))
                .asString();
        stack.intake().kill();
        try (var connection = connect("intake");
                var update = connection.prepareStatement(
                        "UPDATE submission_version SET resource = '\\x00'::bytea || ? WHERE submission_id = ?::uuid");
                var forget = connection.createStatement()) {
            // What the migration makes of a row of the version before.
            update.setBytes(1, resource.getBytes(StandardCharsets.UTF_8));
            update.setString(2, submission);
            assertThat(update.executeUpdate()).isEqualTo(1);
            forget.executeUpdate("UPDATE vault_check SET complete_under = NULL");
        } finally {
            stack.intake().start();
        }
        stack.intake().awaitReady();

        assertThat(tablesWith("intake", List.of(MG))).isEmpty();
        assertThat(clinic.asIntegration()
                        .get(clinic.intake("/fhir/QuestionnaireResponse/" + submission))
                        .asString())
                .isEqualTo(resource);
    }

    @Test
    void a_service_without_a_key_says_so_and_does_not_start() throws Exception {
        assertThat(startOfIntake(Map.of())).contains("CALCIWATCH_KEYSET_FILE", "./calciwatch keys new FILE");
    }

    @Test
    void a_service_with_the_keys_of_another_database_says_so_and_does_not_start() throws Exception {
        assertThat(startOfIntake(Map.of(
                        "CALCIWATCH_KEYSET_FILE",
                        stack.keysetFile("notification").toString())))
                .contains("notification.json", "does not belong to this database");
    }

    /** Starts one more intake service with these settings, which must end by itself; returns what it wrote. */
    private String startOfIntake(Map<String, String> settings) throws IOException, InterruptedException {
        var service = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx160m",
                "-jar",
                Path.of(System.getProperty("calciwatch.project"), "intake-service/target/quarkus-app/quarkus-run.jar")
                        .toString());
        var environment = service.environment();
        environment.put("QUARKUS_HTTP_PORT", "0");
        environment.put("QUARKUS_DATASOURCE_JDBC_URL", stack.jdbcUrl("intake"));
        environment.put("QUARKUS_DATASOURCE_USERNAME", "intake");
        environment.put("QUARKUS_DATASOURCE_PASSWORD", stack.databasePassword("intake"));
        environment.put("QUARKUS_OIDC_AUTH_SERVER_URL", stack.issuer());
        environment.put("CALCIWATCH_OIDC_PORTAL_SECRET", "a secret that is long enough for cookies");
        environment.put("KAFKA_BOOTSTRAP_SERVERS", stack.kafkaBootstrapServers());
        environment.putAll(settings);
        var process = service.redirectErrorStream(true).start();
        try (var output = process.getInputStream()) {
            var written = new String(output.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(written).isNotZero();
            assertThat(written).doesNotContain("Exception");
            return written;
        } finally {
            process.destroyForcibly();
        }
    }

    /** The tables of a database that hold one of the texts, as text or as bytes. */
    private List<String> tablesWith(String database, List<String> texts) throws SQLException {
        try (var connection = connect(database);
                var names = connection.createStatement();
                var tables = names.executeQuery("SELECT table_name FROM information_schema.tables"
                        + " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'")) {
            var found = new ArrayList<String>();
            while (tables.next()) {
                var table = tables.getString(1);
                for (var text : texts) {
                    if (holds(connection, table, text)) {
                        found.add(table);
                    }
                }
            }
            return found;
        }
    }

    private static boolean holds(Connection connection, String table, String text) throws SQLException {
        // A row as text shows its bytes in hexadecimal.
        try (var select = connection.prepareStatement("""
                SELECT count(*) FROM "%s" AS t WHERE strpos(t::text, ?) > 0 OR strpos(t::text, ?) > 0""".formatted(table))) {
            select.setString(1, text);
            select.setString(2, HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8)));
            try (var row = select.executeQuery()) {
                return row.next() && row.getLong(1) > 0;
            }
        }
    }

    private Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(stack.jdbcUrl(database), database, stack.databasePassword(database));
    }

    /** The headline patient with a magnesium that nobody else has. */
    private static ObjectNode markedPatient(String patient) {
        var response = Clinic.headlinePatient(patient);
        for (var item : response.get("item")) {
            if (item.path("linkId").asText().equals("mg")) {
                ((ObjectNode) item.at("/answer/0/valueQuantity")).set("value", DecimalNode.valueOf(new BigDecimal(MG)));
            }
        }
        assertThat(response.toString()).contains(MG);
        return response;
    }
}
