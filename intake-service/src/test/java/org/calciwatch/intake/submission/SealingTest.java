package org.calciwatch.intake.submission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.calciwatch.intake.Api.RESPONSES;
import static org.calciwatch.intake.Api.newPatient;
import static org.calciwatch.intake.Api.stored;
import static org.calciwatch.intake.Responses.completed;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.calciwatch.crypto.KeysCommand;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

@QuarkusTest
class SealingTest {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String MG = "1.5173";

    @Inject
    DataSource database;

    @ConfigProperty(name = "calciwatch.keyset-file")
    Path keysetFile;

    @Test
    void keys_are_rotated_while_submissions_go_on_and_every_answer_stays_readable() throws Exception {
        var submissions = new CopyOnWriteArrayList<String>();
        var over = new AtomicBoolean();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var sender = threads.submit(() -> {
                while (!over.get()) {
                    submissions.add(stored(completed(newPatient()).quantity("mg", MG, "mg/dL")));
                }
            });
            try {
                waitForMore(submissions);
                var old = underWhichKey();
                keys("add");
                waitForMore(submissions);
                assertReadable(submissions);

                keys("promote");
                await().atMost(SOON).until(() -> underWhichKey() != old);
                waitForMore(submissions);
                assertThat(number("SELECT count(*) FROM submission_version, vault_check WHERE substr(resource, 1, 5)"
                                + " <> decode('01' || lpad(to_hex(complete_under), 8, '0'), 'hex')"))
                        .isZero();
                assertReadable(submissions);

                keys("prune");
                waitForMore(submissions);
                assertReadable(submissions);
            } finally {
                over.set(true);
            }
            sender.get();
        }
    }

    private static void waitForMore(List<String> submissions) {
        var before = submissions.size();
        await().atMost(SOON).until(() -> submissions.size() >= before + 10);
    }

    private static void assertReadable(List<String> submissions) {
        assertThat(submissions).allSatisfy(id -> assertThat(RestAssured.get(RESPONSES + "/" + id)
                        .then()
                        .statusCode(200)
                        .extract()
                        .asString())
                .contains(MG));
    }

    private long underWhichKey() throws SQLException {
        return number("SELECT complete_under FROM vault_check");
    }

    private long number(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            assertThat(row.next()).isTrue();
            return row.getLong(1);
        }
    }

    private void keys(String verb) {
        var out = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        assertThat(KeysCommand.run(List.of(verb, keysetFile.toString()), out, out))
                .isZero();
    }
}
