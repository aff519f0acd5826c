package org.calciwatch.notification.delivery;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;

/** Mails as FHIR R4 Communication. */
final class Communications {

    private Communications() {}

    static ObjectNode of(Delivery delivery, String patientId) {
        var resource = JsonNodeFactory.instance
                .objectNode()
                .put("resourceType", "Communication")
                .put("id", delivery.id().toString());
        resource.putArray("identifier")
                .addObject()
                .put("system", "https://calciwatch.org/message-id")
                .put("value", delivery.messageId());
        resource.put(
                "status",
                switch (delivery.status()) {
                    case PENDING -> "preparation";
                    case SENT -> "completed";
                    case FAILED -> "stopped";
                    case WITHDRAWN -> "not-done";
                });
        if (delivery.status() == Delivery.Status.WITHDRAWN) {
            resource.putObject("statusReason").put("text", "Somebody had seen to the flag before the mail went out.");
        }
        resource.putObject("subject").put("reference", "Patient/" + patientId);
        var about = resource.putArray("about");
        delivery.flags().forEach(flag -> about.addObject().put("reference", "Flag/" + flag));
        delivery.attempts().stream()
                .filter(attempt ->
                        attempt.outcome() == Attempt.Outcome.SENT || attempt.outcome() == Attempt.Outcome.PARTLY_SENT)
                .findFirst()
                .ifPresent(attempt -> resource.put("sent", time(attempt.at())));
        var recipients = resource.putArray("recipient");
        delivery.recipients().forEach(recipient -> recipients.addObject().put("display", recipient));
        if (!delivery.isContentRemoved()) {
            var payload = resource.putArray("payload");
            payload.addObject().put("contentString", delivery.subject());
            payload.addObject().put("contentString", delivery.text());
            payload.addObject()
                    .putObject("contentAttachment")
                    .put("contentType", "text/html")
                    .put(
                            "data",
                            Base64.getEncoder().encodeToString(delivery.html().getBytes(StandardCharsets.UTF_8)));
        }
        var notes = resource.putArray("note");
        notes.addObject().put("time", time(delivery.createdAt())).put("text", "Made for: " + delivery.step());
        delivery.attempts().forEach(attempt -> notes.addObject()
                .put("time", time(attempt.at()))
                .put("text", attempt.outcome() + ": " + attempt.detail()));
        return resource;
    }

    private static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MILLIS).toString();
    }
}
