package org.calciwatch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.calciwatch.system.Clinic.SOON;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.calciwatch.stack.LocalStack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(WholeStack.class)
class ReplayTest {

    private final LocalStack stack;
    private final Clinic clinic;

    ReplayTest(LocalStack stack, Clinic clinic) {
        this.stack = stack;
        this.clinic = clinic;
    }

    @Test
    void a_replay_of_what_everybody_knows_changes_nothing() {
        var patient = Clinic.newPatient();
        var since = Instant.now().minus(1, ChronoUnit.SECONDS);
        var first = clinic.submit(Clinic.headlinePatient(patient));
        var flag = flagged(patient);
        var history = clinic.flags(patient).getList("items[0].history.action", String.class);
        var assessment = clinic.assessments(first).getString("items[0].id");

        assertThat(replay(since)).isPositive();

        // What comes later for the same patient is handled later, so then the replay is through.
        var second = clinic.submit(Clinic.headlinePatient(patient));
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(clinic.flags(patient).getString("items[0].submissionId"))
                        .isEqualTo(second));
        assertThat(clinic.assessments(first).getList("items.id")).isEqualTo(List.of(assessment));
        assertThat(clinic.flags(patient).getList("items.id")).isEqualTo(List.of(flag));
        assertThat(clinic.flags(patient).getList("items[0].history.action", String.class))
                .as("the second submission is one entry, the replay none")
                .hasSize(history.size() + 1)
                .startsWith(history.toArray(String[]::new));
        assertThat(clinic.deliveries(flag).getList("items")).hasSize(1);
    }

    @Test
    void what_databases_have_lost_comes_back_by_a_replay() throws SQLException {
        var patient = Clinic.newPatient();
        var since = Instant.now().minus(1, ChronoUnit.SECONDS);
        var submission = clinic.submit(Clinic.headlinePatient(patient));
        var flag = flagged(patient);
        clinic.result(submission);
        lose("assessment", "delete from assessment where submission_id = ?", submission);
        lose("intake", "delete from result where submission_id = ?::uuid", submission);

        assertThat(replay(since)).isPositive();

        await().atMost(SOON)
                .untilAsserted(() -> assertThat(clinic.assessments(submission).getList("items.submissionVersion"))
                        .isEqualTo(List.of(1)));
        assertThat(clinic.result(submission).getString("status")).isEqualTo("ready");
        assertThat(clinic.flags(patient).getList("items.id")).isEqualTo(List.of(flag));
        assertThat(clinic.deliveries(flag).getList("items")).hasSize(1);
    }

    @Test
    void without_a_moment_nothing_is_sent_again() {
        var refused =
                clinic.as("admin1").contentType("application/json").post(clinic.intake("/replay?since=yesterday"));

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.jsonPath().getString("detail")).contains("since", "2026-11-23T12:00:00Z");
    }

    /** The id of the patient's flag, about which a mail is out. */
    private String flagged(String patient) {
        await().atMost(SOON).ignoreExceptions().untilAsserted(() -> assertThat(
                        clinic.deliveries(clinic.flags(patient).getString("items[0].id"))
                                .getList("items.status"))
                .isEqualTo(List.of("SENT")));
        return clinic.flags(patient).getString("items[0].id");
    }

    /** How many submissions were sent again. */
    private int replay(Instant since) {
        var answer = clinic.as("admin1").contentType("application/json").post(clinic.intake("/replay?since=" + since));
        assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
        return answer.jsonPath().getInt("sent");
    }

    private void lose(String database, String statement, String submission) throws SQLException {
        try (var connection = DriverManager.getConnection(
                        stack.jdbcUrl(database), database, stack.databasePassword(database));
                var delete = connection.prepareStatement(statement)) {
            delete.setString(1, submission);
            assertThat(delete.executeUpdate()).isEqualTo(1);
        }
    }
}
