package org.calciwatch.privacy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;

/** Data that no FHIR resource has a place for, as DocumentReference, so that an export leaves nothing out. */
@Singleton
public class Documents {

    private final ObjectMapper json;

    Documents(ObjectMapper json) {
        this.json = json;
    }

    /**
     * One form of what a document says.
     *
     * @param type media type
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Content(String type, byte[] data) {}

    /**
     * A DocumentReference that carries its contents.
     *
     * @param id a FHIR id
     * @param description what it is, for a person
     */
    public ObjectNode document(String id, String patientId, Instant date, String description, Content... contents) {
        var document = json.createObjectNode()
                .put("resourceType", "DocumentReference")
                .put("id", id)
                .put("status", "current");
        document.putObject("subject").put("reference", "Patient/" + patientId);
        document.put("date", date.truncatedTo(ChronoUnit.MILLIS).toString());
        document.put("description", description);
        var list = document.putArray("content");
        for (var content : contents) {
            var attachment = list.addObject().putObject("attachment").put("contentType", content.type());
            // FHIR has no empty values.
            if (content.data().length > 0) {
                attachment.put("data", Base64.getEncoder().encodeToString(content.data()));
            }
        }
        return document;
    }
}
