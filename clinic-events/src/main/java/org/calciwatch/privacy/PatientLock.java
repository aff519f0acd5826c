package org.calciwatch.privacy;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.sql.SQLException;
import javax.sql.DataSource;

/**
 * Lets one transaction at a time, in all instances of a service, decide about a patient. There may be no row to lock: the
 * data of an erased patient are gone, and those of a new one are not there yet.
 */
@ApplicationScoped
public class PatientLock {

    private final DataSource database;

    PatientLock(DataSource database) {
        this.database = database;
    }

    /** Waits for the patient's lock and keeps it until the caller's transaction ends. */
    @Transactional(Transactional.TxType.MANDATORY)
    public void take(String patientId) {
        try (var connection = database.getConnection();
                var lock = connection.prepareStatement("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))")) {
            lock.setString(1, patientId);
            lock.execute();
        } catch (SQLException e) {
            throw new IllegalStateException("Could not lock a patient", e);
        }
    }
}
