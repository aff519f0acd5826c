package org.calciwatch.audit;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.calciwatch.security.Roles;
import org.jspecify.annotations.Nullable;

/**
 * One line of the audit trail. Holds no query strings, no bodies and no patient ids.
 *
 * @param recordedAt to the microsecond, as PostgreSQL keeps it
 * @param agent a user name; of patients the pseudonym; of a service by itself the service's name
 * @param agentRole the agent's roles, "system" for a service by itself
 * @param source network address of the client, null for a service by itself
 * @param action code of FHIR's audit-event-action
 * @param what method and route template, or the name of a service's own activity
 * @param entities references to what was read or changed, such as {@code Flag/<id>}
 * @param patients pseudonyms of those whose data it was about
 * @param outcome code of FHIR's audit-event-outcome: 0 success, 4 refused, 8 failed
 * @param httpStatus null for a service by itself
 * @param traceId OpenTelemetry trace
 */
record AuditEvent(
        UUID id,
        Instant recordedAt,
        String agent,
        String agentRole,
        @Nullable String source,
        String action,
        String what,
        List<String> entities,
        List<UUID> patients,
        int outcome,
        @Nullable Integer httpStatus,
        String traceId) {

    /** FHIR's outcome of what was not done because of who asked, or what was asked. */
    static final int REFUSED = 4;

    /** FHIR's outcome of an HTTP status. */
    static int outcome(int httpStatus) {
        return httpStatus < 400 ? 0 : httpStatus < 500 ? REFUSED : 8;
    }

    /**
     * What a patient may see of it: one event may be about a whole list of patients, and nobody learns of the others, not
     * even by what was shown of them.
     */
    AuditEvent shownTo(UUID own) {
        var isOthersAgent = agentRole.equals(Roles.PATIENT) && !agent.equals(own.toString());
        return new AuditEvent(
                id,
                recordedAt,
                isOthersAgent ? "another patient" : agent,
                agentRole,
                isOthersAgent ? null : source,
                action,
                what,
                patients.equals(List.of(own)) ? entities : List.of(),
                patients.stream().filter(own::equals).toList(),
                outcome,
                httpStatus,
                traceId);
    }

    static AuditEvent read(ResultSet row) throws SQLException {
        return new AuditEvent(
                row.getObject("id", UUID.class),
                row.getObject("recorded_at", OffsetDateTime.class).toInstant(),
                row.getString("agent"),
                row.getString("agent_role"),
                row.getString("source"),
                row.getString("action"),
                row.getString("what"),
                List.of((String[]) row.getArray("entities").getArray()),
                List.of((UUID[]) row.getArray("patients").getArray()),
                row.getInt("outcome"),
                row.getObject("http_status", Integer.class),
                row.getString("trace_id"));
    }

    /** Every field with its length before it: no two different events have the same bytes. Never to be changed. */
    byte[] canonical() {
        var bytes = new ByteArrayOutputStream();
        var out = new DataOutputStream(bytes);
        try {
            write(out, id.toString());
            write(out, Long.toString(ChronoUnit.MICROS.between(Instant.EPOCH, recordedAt)));
            write(out, agent);
            write(out, agentRole);
            write(out, source);
            write(out, action);
            write(out, what);
            write(out, entities.stream());
            write(out, patients.stream().map(UUID::toString));
            write(out, Integer.toString(outcome));
            write(out, httpStatus == null ? null : httpStatus.toString());
            write(out, traceId);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, Stream<String> texts) throws IOException {
        var list = texts.toList();
        out.writeInt(list.size());
        for (var text : list) {
            write(out, text);
        }
    }

    private static void write(DataOutputStream out, @Nullable String text) throws IOException {
        if (text == null) {
            out.writeInt(-1);
        } else {
            var utf8 = text.getBytes(StandardCharsets.UTF_8);
            out.writeInt(utf8.length);
            out.write(utf8);
        }
    }
}
