package org.calciwatch.notification.delivery;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * The flags that wait for somebody, for one recipient and time.
 *
 * @param recipient e-mail address
 * @param day in the clinic's time zone, for readers
 * @param due when it was to be made; a clinic may move the time, so a day can have two digests
 * @param entries at least one
 */
public record DigestNotice(String recipient, LocalDate day, Instant due, List<DigestEntry> entries) {

    /** 48 bits: two of a clinic's addresses with the same would be a wonder. */
    private static final int HASH_BYTES = 6;

    /** To the minute, as routing tables tell times, and without a colon, which a Message-ID may not hold. */
    private static final DateTimeFormatter DUE = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HHmm'Z'");

    public DigestNotice {
        if (entries.isEmpty()) {
            throw new IllegalArgumentException("The digest of " + day + " for a recipient is empty");
        }
        entries = List.copyOf(entries);
    }

    /** Names the digests of a time, as steps name the mails about a flag. */
    String step() {
        return "digest-" + DUE.format(due.atOffset(ZoneOffset.UTC));
    }

    /** The left-hand side of the Message-ID: the same for this recipient and time, however the address is written. */
    String stableId() {
        try {
            var hash = MessageDigest.getInstance("SHA-256")
                    .digest(recipient.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8));
            return step().replaceFirst("-", ".") + "." + HexFormat.of().formatHex(hash, 0, HASH_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
