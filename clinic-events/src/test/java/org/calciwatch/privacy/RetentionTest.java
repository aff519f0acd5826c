package org.calciwatch.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.time.Period;
import java.util.UUID;
import javax.sql.DataSource;
import org.calciwatch.stack.LocalStackResource;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = LocalStackResource.class, initArgs = @ResourceArg(name = "database", value = "intake"))
class RetentionTest {

    @Inject
    Retention retention;

    @Inject
    DataSource database;

    @Test
    void event_ids_older_than_a_month_go_in_batches_and_newer_ones_stay() throws SQLException {
        run("INSERT INTO inbox SELECT gen_random_uuid(), now() - interval '31 days' FROM generate_series(1, 2500)");
        var recent = UUID.randomUUID();
        run("INSERT INTO inbox VALUES ('" + recent + "', now() - interval '29 days')");

        assertThat(retention.purge()).containsEntry("handled event ids", 2500);

        assertThat(count("SELECT count(*) FROM inbox WHERE event_id = '" + recent + "'"))
                .isOne();
        assertThat(count("SELECT count(*) FROM inbox WHERE received_at < now() - interval '30 days'"))
                .isZero();
    }

    @Test
    void a_dead_letter_goes_three_months_after_it_was_replayed_and_never_before_it_was() throws SQLException {
        var old = deadLetter("now() - interval '99 days'", "now() - interval '91 days'");
        var replayed = deadLetter("now() - interval '91 days'", "now() - interval '1 day'");
        var waiting = deadLetter("now() - interval '11 years'", "NULL");

        retention.purge();

        assertThat(count("SELECT count(*) FROM dead_letter WHERE id = '" + old + "'"))
                .isZero();
        assertThat(count("SELECT count(*) FROM dead_letter WHERE id IN ('" + replayed + "', '" + waiting + "')"))
                .isEqualTo(2);
    }

    @Test
    void while_another_instance_is_at_it_nothing_is_done() throws SQLException {
        try (var other = database.getConnection();
                var statement = other.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(" + 0x72657461696eL + ")");
            try {
                assertThat(retention.purge()).isEmpty();
            } finally {
                statement.execute("SELECT pg_advisory_unlock(" + 0x72657461696eL + ")");
            }
        }
        assertThat(retention.purge()).containsKeys("handled event ids", "dead letters");
    }

    @Test
    void a_period_that_would_remove_everything_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Expiring("drafts", Period.ZERO, (before, limit) -> 0))
                .withMessageContaining("drafts")
                .withMessageContaining("P90D");
    }

    private UUID deadLetter(String failedAt, String replayedAt) throws SQLException {
        var id = UUID.randomUUID();
        run("""
            INSERT INTO dead_letter (id, topic, "partition", "offset", sent_at, header_names, header_values, reason,
                                     failed_at, replayed_at)
            VALUES ('%s', 'flag-changed', 0, floor(random() * 1e9), now(), '{}', '{}', 'a test', %s, %s)""".formatted(id, failedAt, replayedAt));
        return id;
    }

    private void run(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    private int count(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getInt(1);
        }
    }
}
