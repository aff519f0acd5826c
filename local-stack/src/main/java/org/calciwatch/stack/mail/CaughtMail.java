package org.calciwatch.stack.mail;

import jakarta.mail.BodyPart;
import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A mail as {@code GET /api/messages} shows it.
 *
 * @param id unique in this catcher; sorts by arrival
 * @param to those it was delivered to, also the ones no header names
 * @param html null when the mail has no such part, as is {@code text}
 * @param receivedAt ISO 8601, UTC
 */
record CaughtMail(
        String id,
        String from,
        List<String> to,
        String subject,
        @Nullable String text,
        @Nullable String html,
        String receivedAt,
        @Nullable String messageId) {

    static CaughtMail of(String id, String sender, List<String> recipients, Instant receivedAt, MimeMessage message)
            throws MessagingException, IOException {
        var subject = message.getSubject();
        return new CaughtMail(
                id,
                from(sender, message),
                recipients,
                subject == null ? "" : subject,
                body(message, "text/plain"),
                body(message, "text/html"),
                receivedAt.toString(),
                message.getMessageID());
    }

    private static String from(String sender, MimeMessage message) throws MessagingException {
        var from = message.getFrom();
        return from != null && from.length > 0 && from[0] instanceof InternetAddress address
                ? address.getAddress()
                : sender;
    }

    /** The first part of the type that is not an attachment. */
    private static @Nullable String body(Part part, String type) throws MessagingException, IOException {
        if (Part.ATTACHMENT.equalsIgnoreCase(part.getDisposition())) {
            return null;
        }
        if (part.isMimeType(type)) {
            return part.getContent() instanceof String text ? text : null;
        }
        if (part.getContent() instanceof Multipart multipart) {
            for (int i = 0; i < multipart.getCount(); i++) {
                BodyPart inner = multipart.getBodyPart(i);
                var found = body(inner, type);
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }
}
