package org.calciwatch.notification.delivery;

import jakarta.mail.BodyPart;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.InternetHeaders;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a delivery status notification (RFC 3464) says of a mail that came back. Anybody can write one: it says only
 * which of the clinic's own mails to look at.
 *
 * @param messageId of the mail that came back, from its returned headers
 */
record BounceReport(String messageId, List<Failure> failures) {

    /** Far more than the fields of a report of ours need, which has a few recipients. */
    private static final int MOST_BYTES = 64 * 1024;

    private static final Pattern STATUS = Pattern.compile("[45]\\.\\d{1,3}\\.\\d{1,3}");

    /**
     * A recipient whom the mail did not reach and will not.
     *
     * @param addresses the same recipient, before and after servers on the way rewrote the address
     * @param status the enhanced status code (RFC 3463), as in {@code 5.1.1}
     */
    record Failure(Set<String> addresses, String status) {}

    /**
     * Reads a report.
     *
     * @return empty when the message is none, names no mail, or tells of delays and successes only
     */
    static Optional<BounceReport> of(MimeMessage message) throws MessagingException, IOException {
        if (!message.isMimeType("multipart/report") || !(message.getContent() instanceof MimeMultipart parts)) {
            return Optional.empty();
        }
        Optional<String> messageId = Optional.empty();
        var failures = new ArrayList<Failure>();
        for (int i = 0; i < parts.getCount(); i++) {
            var part = parts.getBodyPart(i);
            if (part.isMimeType("message/delivery-status")) {
                failures.addAll(failures(bytes(part)));
            } else if (part.isMimeType("message/rfc822") || part.isMimeType("text/rfc822-headers")) {
                messageId = first(new InternetHeaders(new ByteArrayInputStream(bytes(part))), "Message-ID");
            }
        }
        return messageId.filter(_ -> !failures.isEmpty()).map(id -> new BounceReport(id, List.copyOf(failures)));
    }

    private static byte[] bytes(BodyPart part) throws MessagingException, IOException {
        try (var in = part.getInputStream()) {
            return in.readNBytes(MOST_BYTES);
        }
    }

    /** Fields about the mail come first, then a group of fields for each recipient. */
    private static List<Failure> failures(byte[] fields) throws MessagingException {
        var failures = new ArrayList<Failure>();
        var in = new ByteArrayInputStream(fields);
        while (in.available() > 0) {
            var group = new InternetHeaders(in);
            var addresses = new LinkedHashSet<String>();
            first(group, "Original-Recipient").map(BounceReport::address).ifPresent(addresses::add);
            first(group, "Final-Recipient").map(BounceReport::address).ifPresent(addresses::add);
            // A server that gave up after days of trying says so too, with a status of 4.
            var isFailed = first(group, "Action")
                    .filter(action -> action.toLowerCase(Locale.ROOT).equals("failed"))
                    .isPresent();
            if (isFailed && !addresses.isEmpty()) {
                failures.add(new Failure(Set.copyOf(addresses), status(group)));
            }
        }
        return failures;
    }

    private static String status(InternetHeaders group) {
        var status = STATUS.matcher(first(group, "Status").orElse(""));
        return status.lookingAt() ? status.group() : "no status";
    }

    /** {@code rfc822; one@clinic.example}, where angle brackets are not uncommon. */
    private static String address(String field) {
        return field.substring(field.indexOf(';') + 1).replaceAll("[<>\\s]", "");
    }

    private static Optional<String> first(InternetHeaders headers, String name) {
        @Nullable String[] values = headers.getHeader(name);
        return values == null || values.length == 0
                ? Optional.empty()
                : Optional.ofNullable(values[0]).map(String::strip);
    }
}
