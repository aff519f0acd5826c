package org.calciwatch.privacy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.calciwatch.crypto.Vault;
import org.calciwatch.events.EventType;
import org.calciwatch.events.PatientErased;
import org.calciwatch.events.deadletter.DeadLetters;
import org.calciwatch.events.outbox.RawMessage;
import org.jspecify.annotations.Nullable;

/** The messages about a patient that this service could not process. */
@ApplicationScoped
class DeadLetterData implements PatientData {

    /** Without these an erasure would never be complete; they hold no answers. */
    private static final List<String> ERASURES =
            List.of(EventType.PATIENT_ERASED.topic(), EventType.PATIENT_ERASURE_CONFIRMED.topic());

    private final DataSource database;
    private final Vault vault;
    private final ObjectMapper json;
    private final Documents documents;

    DeadLetterData(DataSource database, Vault vault, ObjectMapper json, Documents documents) {
        this.database = database;
        this.vault = vault;
        this.json = json;
        this.documents = documents;
    }

    private record Letter(UUID id, RawMessage message, Instant sentAt, Instant failedAt, String reason) {
        byte[] payload() {
            var payload = message.payload();
            return payload == null ? new byte[0] : payload;
        }

        /** When the event happened: a message may be sent much later than it was stored. */
        Instant time() {
            return message.headers().stream()
                    .filter(header -> header.key().equals("ce_time") && header.value() != null)
                    .flatMap(header -> parse(new String(header.value(), StandardCharsets.UTF_8)).stream())
                    .findFirst()
                    .orElse(sentAt);
        }

        private static Optional<Instant> parse(String time) {
            try {
                return Optional.of(Instant.parse(time));
            } catch (DateTimeParseException e) {
                return Optional.empty();
            }
        }
    }

    @Override
    @Transactional
    public List<ObjectNode> export(String patientId) {
        return lettersOf(patientId).stream()
                .map(letter -> documents.document(
                        letter.id().toString(),
                        patientId,
                        letter.failedAt(),
                        "A message on " + letter.message().topic() + " that could not be processed: " + letter.reason(),
                        new Documents.Content("application/json", letter.payload())))
                .toList();
    }

    @Override
    @Transactional(Transactional.TxType.MANDATORY)
    public void erase(PatientErased erased) {
        var gone = lettersOf(erased.patientId()).stream()
                .filter(letter -> isErased(letter, erased))
                .map(Letter::id)
                .toArray();
        try (var connection = database.getConnection();
                var delete = connection.prepareStatement("DELETE FROM dead_letter WHERE id = ANY (?)")) {
            delete.setArray(1, connection.createArrayOf("uuid", gone));
            delete.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException("Could not remove dead letters", e);
        }
    }

    private boolean isErased(Letter letter, PatientErased erased) {
        // Why a message is a dead letter may be that it is no JSON; then its time decides.
        var submission = DeadLetters.submissionOf(json, letter.payload());
        return submission.filter(erased::covers).isPresent() || letter.time().isBefore(erased.erasedAt());
    }

    private List<Letter> lettersOf(String patientId) {
        try (var connection = database.getConnection();
                var select = connection.prepareStatement("""
                        SELECT * FROM dead_letter WHERE key = ? AND topic <> ALL (?) ORDER BY id""")) {
            select.setBytes(1, patientId.getBytes(StandardCharsets.UTF_8));
            select.setArray(2, connection.createArrayOf("text", ERASURES.toArray()));
            var letters = new ArrayList<Letter>();
            try (var row = select.executeQuery()) {
                while (row.next()) {
                    var id = row.getObject("id", UUID.class);
                    letters.add(new Letter(
                            id,
                            RawMessage.read(row, payload(id, row.getBytes("payload"))),
                            row.getObject("sent_at", OffsetDateTime.class).toInstant(),
                            row.getObject("failed_at", OffsetDateTime.class).toInstant(),
                            row.getString("reason")));
                }
            }
            return letters;
        } catch (SQLException e) {
            throw new IllegalStateException("Could not read the dead letters of a patient", e);
        }
    }

    private byte @Nullable [] payload(UUID id, byte @Nullable [] sealed) {
        return sealed == null ? null : vault.openBytes(DeadLetters.PAYLOAD.context(id), sealed);
    }
}
