package org.calciwatch.privacy;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.sql.SQLException;
import java.time.ZoneOffset;
import javax.sql.DataSource;
import org.calciwatch.events.PatientErased;

/**
 * The tombstones of erased submissions. They hold random ids only and stay for good: a message about an erased
 * submission may come at any time, from a topic, an outbox or a dead letter that is replayed.
 */
@ApplicationScoped
public class ErasedSubmissions {

    private final DataSource database;

    ErasedSubmissions(DataSource database) {
        this.database = database;
    }

    /** Remembers the submissions of an erasure; doing so again changes nothing. */
    @Transactional(Transactional.TxType.MANDATORY)
    public void remember(PatientErased erased) {
        try (var connection = database.getConnection();
                var insert = connection.prepareStatement("""
                        INSERT INTO erased_submission (submission_id, erasure_id, erased_at)
                        SELECT unnest(?::text[]), ?, ? ON CONFLICT DO NOTHING""")) {
            insert.setArray(
                    1,
                    connection.createArrayOf("text", erased.listedSubmissions().toArray()));
            insert.setObject(2, erased.erasureId());
            insert.setObject(3, erased.erasedAt().atOffset(ZoneOffset.UTC));
            insert.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException("Could not remember the submissions of erasure " + erased.erasureId(), e);
        }
    }

    /** True when what belongs to this submission must not be stored any more. */
    @Transactional
    public boolean contains(String submissionId) {
        try (var connection = database.getConnection();
                var select = connection.prepareStatement("SELECT 1 FROM erased_submission WHERE submission_id = ?")) {
            select.setString(1, submissionId);
            try (var row = select.executeQuery()) {
                return row.next();
            }
        } catch (SQLException e) {
            throw new IllegalStateException("Could not look for the tombstone of " + submissionId, e);
        }
    }
}
