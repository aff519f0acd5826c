package org.calciwatch.audit;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import javax.sql.DataSource;

/** The names under which the audit trail of this service knows the patients: random, so that forgetting one is final. */
@ApplicationScoped
class Pseudonyms {

    private static final Pattern PATIENT_ID = Pattern.compile("[A-Za-z0-9.-]{1,64}");

    private final DataSource database;

    Pseudonyms(DataSource database) {
        this.database = database;
    }

    /** Nobody's data are kept under an id of another form. */
    static boolean isPatientId(String text) {
        return PATIENT_ID.matcher(text).matches();
    }

    /** The pseudonyms of these patients, in the order of the pseudonyms, new ones for those who have none. */
    @Transactional(Transactional.TxType.MANDATORY)
    List<UUID> of(Collection<String> patientIds) {
        if (patientIds.isEmpty()) {
            return List.of();
        }
        // Sorted, so that two transactions that name the same new patients wait for each other in one order only.
        var ids = patientIds.stream().distinct().sorted().toArray(String[]::new);
        try (var connection = database.getConnection()) {
            var known = known(connection, ids);
            // More than once only where a patient is being forgotten at the same time.
            while (known.size() < ids.length) {
                add(connection, ids);
                known = known(connection, ids);
            }
            return known.values().stream().sorted().toList();
        } catch (SQLException e) {
            throw new IllegalStateException("Could not look up the pseudonyms of patients", e);
        }
    }

    /** The pseudonyms of those of these patients who have one, in the order of the pseudonyms. */
    @Transactional(Transactional.TxType.MANDATORY)
    List<UUID> existing(Collection<String> patientIds) {
        try (var connection = database.getConnection()) {
            return known(connection, patientIds.toArray(String[]::new)).values().stream()
                    .sorted()
                    .toList();
        } catch (SQLException e) {
            throw new IllegalStateException("Could not look up the pseudonyms of patients", e);
        }
    }

    private static void add(Connection connection, String[] ids) throws SQLException {
        try (var insert = connection.prepareStatement(
                "INSERT INTO patient_pseudonym (patient_id) SELECT unnest(?) ON CONFLICT DO NOTHING")) {
            insert.setArray(1, connection.createArrayOf("text", ids));
            insert.executeUpdate();
        }
    }

    private static Map<String, UUID> known(Connection connection, String[] ids) throws SQLException {
        try (var select = connection.prepareStatement("SELECT * FROM patient_pseudonym WHERE patient_id = ANY (?)")) {
            select.setArray(1, connection.createArrayOf("text", ids));
            var found = new HashMap<String, UUID>();
            try (var row = select.executeQuery()) {
                while (row.next()) {
                    found.put(row.getString("patient_id"), row.getObject("pseudonym", UUID.class));
                }
            }
            return found;
        }
    }

    /** The pseudonym of a patient; empty for one who was never named here, or is forgotten. */
    @Transactional
    Optional<UUID> find(String patientId) {
        try (var connection = database.getConnection()) {
            return Optional.ofNullable(
                    known(connection, new String[] {patientId}).get(patientId));
        } catch (SQLException e) {
            throw new IllegalStateException("Could not look up a patient's pseudonym", e);
        }
    }

    /** The patient ids behind pseudonyms, without the forgotten ones. */
    @Transactional
    Map<UUID, String> patients(Collection<UUID> pseudonyms) {
        try (var connection = database.getConnection();
                var select = connection.prepareStatement("SELECT * FROM patient_pseudonym WHERE pseudonym = ANY (?)")) {
            select.setArray(1, connection.createArrayOf("uuid", pseudonyms.toArray()));
            var found = new HashMap<UUID, String>();
            try (var row = select.executeQuery()) {
                while (row.next()) {
                    found.put(row.getObject("pseudonym", UUID.class), row.getString("patient_id"));
                }
            }
            return found;
        } catch (SQLException e) {
            throw new IllegalStateException("Could not look up the patients behind pseudonyms", e);
        }
    }

    /** From now on nobody can tell who the pseudonym stood for, unless it was given after that time. */
    @Transactional
    void forget(String patientId, Instant givenBefore) {
        try (var connection = database.getConnection();
                var delete = connection.prepareStatement(
                        "DELETE FROM patient_pseudonym WHERE patient_id = ? AND created_at < ?")) {
            delete.setString(1, patientId);
            delete.setObject(2, givenBefore.atOffset(ZoneOffset.UTC));
            delete.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException("Could not forget a patient's pseudonym", e);
        }
    }
}
