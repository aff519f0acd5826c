package org.calciwatch.audit;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import io.opentelemetry.api.trace.Span;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * The audit trail of this service. Rows are inserted side by side and in the caller's transaction where there is one;
 * {@link AuditSealer} chains them afterwards, so that no transaction waits for another.
 */
@ApplicationScoped
public class AuditLog {

    private final DataSource database;
    private final Pseudonyms pseudonyms;
    private final String service;
    private final Clock clock = Clock.systemUTC();
    private final TimeBasedEpochGenerator ids = Generators.timeBasedEpochGenerator();

    AuditLog(
            DataSource database,
            Pseudonyms pseudonyms,
            @ConfigProperty(name = "quarkus.application.name") String service) {
        this.database = database;
        this.pseudonyms = pseudonyms;
        this.service = service;
    }

    /**
     * Who makes a request.
     *
     * @param name the user name; not kept when there is a patient id
     * @param roles the roles with blanks between
     * @param patientId of a patient who acts for themselves, else null
     */
    record Agent(String name, String roles, @Nullable String patientId) {}

    /**
     * A request and what came of it.
     *
     * @param source network address of the client
     * @param what method and route template, such as {@code GET /flags/{id}}
     */
    record Request(
            Agent agent,
            @Nullable String source,
            Action action,
            String what,
            List<String> patientIds,
            List<String> entities,
            int httpStatus,
            String traceId) {}

    /**
     * Records something that the service did by itself, successfully.
     *
     * @param activity its name, such as {@code mail sent}
     * @param patientIds whose data it was about
     * @param entities references to what it was done with; never with a patient id
     */
    @Transactional
    public void record(Action action, String activity, Collection<String> patientIds, Collection<String> entities) {
        insert(new AuditEvent(
                ids.generate(),
                now(),
                service,
                "system",
                null,
                action.code(),
                activity,
                List.copyOf(entities),
                pseudonyms.of(patientIds),
                0,
                null,
                Span.current().getSpanContext().getTraceId()));
    }

    @Transactional
    void record(Request request) {
        var patientId = request.agent().patientId();
        var agent = patientId == null
                ? request.agent().name()
                : pseudonyms.of(List.of(patientId)).getFirst().toString();
        var outcome = AuditEvent.outcome(request.httpStatus());
        // Who is refused may have made the ids up; only those that mean somebody here are kept.
        var patients = outcome == AuditEvent.REFUSED
                ? pseudonyms.existing(request.patientIds())
                : pseudonyms.of(request.patientIds());
        insert(new AuditEvent(
                ids.generate(),
                now(),
                agent,
                request.agent().roles(),
                request.source(),
                request.action().code(),
                request.what(),
                request.entities(),
                patients,
                outcome,
                request.httpStatus(),
                request.traceId()));
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    private void insert(AuditEvent event) {
        try (var connection = database.getConnection();
                var insert = connection.prepareStatement("""
                        WITH stored AS (
                            INSERT INTO audit_event (id, recorded_at, agent, agent_role, source, action, what, entities,
                                                     patients, outcome, http_status, trace_id)
                            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id)
                        INSERT INTO audit_unchained SELECT id FROM stored""")) {
            insert.setObject(1, event.id());
            insert.setObject(2, event.recordedAt().atOffset(ZoneOffset.UTC));
            insert.setString(3, event.agent());
            insert.setString(4, event.agentRole());
            insert.setString(5, event.source());
            insert.setString(6, event.action());
            insert.setString(7, event.what());
            insert.setArray(8, connection.createArrayOf("text", event.entities().toArray()));
            insert.setArray(9, connection.createArrayOf("uuid", event.patients().toArray()));
            insert.setInt(10, event.outcome());
            insert.setObject(11, event.httpStatus(), Types.INTEGER);
            insert.setString(12, event.traceId());
            insert.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException("Could not store an audit event", e);
        }
    }

    /** One event; empty when there is none with this id. */
    @Transactional
    Optional<AuditEvent> find(UUID id) {
        return select("id = ?", List.of(id), "").stream().findFirst();
    }

    /** A page of those found, the newest first. */
    @Transactional
    List<AuditEvent> find(AuditSearch search, int limit) {
        return select(search.whereAfterCursor(), search.valuesAfterCursor(), " ORDER BY id DESC LIMIT " + limit);
    }

    /** All about a patient, the oldest first. */
    @Transactional
    List<AuditEvent> about(UUID pseudonym) {
        return select(
                "patients @> ARRAY[?::uuid] OR agent = ?", List.of(pseudonym, pseudonym.toString()), " ORDER BY id");
    }

    private List<AuditEvent> select(String where, List<?> values, String rest) {
        try (var connection = database.getConnection();
                var select = connection.prepareStatement("SELECT * FROM audit_event WHERE " + where + rest)) {
            for (int i = 0; i < values.size(); i++) {
                select.setObject(i + 1, values.get(i));
            }
            var events = new ArrayList<AuditEvent>();
            try (var row = select.executeQuery()) {
                while (row.next()) {
                    events.add(AuditEvent.read(row));
                }
            }
            return events;
        } catch (SQLException e) {
            throw new IllegalStateException("Could not read the audit trail", e);
        }
    }

    /** How many are found, on all pages. */
    @Transactional
    long count(AuditSearch search) {
        try (var connection = database.getConnection();
                var select = connection.prepareStatement("SELECT count(*) FROM audit_event WHERE " + search.where())) {
            var values = search.values();
            for (int i = 0; i < values.size(); i++) {
                select.setObject(i + 1, values.get(i));
            }
            try (var row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("Could not count audit events", e);
        }
    }
}
