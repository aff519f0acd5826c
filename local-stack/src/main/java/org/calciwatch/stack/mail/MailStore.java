package org.calciwatch.stack.mail;

import com.icegreen.greenmail.mail.MailAddress;
import com.icegreen.greenmail.mail.MovingMessage;
import com.icegreen.greenmail.user.GreenMailUser;
import com.icegreen.greenmail.user.UserException;
import com.icegreen.greenmail.user.UserManager;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;

/**
 * Every caught mail: one file each, written through to the disk before SMTP says 250, and read again at the next start.
 * The envelope, which the mail itself does not contain, stands before it as three headers.
 */
final class MailStore {
    private static final String SENDER = "X-Envelope-From";
    private static final String RECIPIENT = "X-Envelope-To";
    private static final String RECEIVED = "X-Received-At";

    private final Path directory;
    private final UserManager users;
    private final List<CaughtMail> mails = new ArrayList<>();
    private long lastStamp;

    MailStore(Path directory, UserManager users) {
        this.directory = directory;
        this.users = users;
    }

    /** Puts the mails of earlier runs into their mailboxes. */
    synchronized void load() throws IOException {
        try (var files = Files.list(directory)) {
            for (var file : files.filter(path -> path.toString().endsWith(".eml"))
                    .sorted()
                    .toList()) {
                load(file);
            }
        }
    }

    private void load(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            var message = new MimeMessage(Session.getInstance(new Properties()), in);
            var sender = message.getHeader(SENDER, null);
            var recipients = List.of(message.getHeader(RECIPIENT));
            var receivedAt = Instant.parse(message.getHeader(RECEIVED, null));
            var name = file.getFileName().toString();
            mails.add(CaughtMail.of(
                    name.substring(0, name.length() - ".eml".length()), sender, recipients, receivedAt, message));
            for (var header : List.of(SENDER, RECIPIENT, RECEIVED)) {
                message.removeHeader(header);
            }
            for (var recipient : recipients) {
                user(recipient).deliver(message);
            }
        } catch (MessagingException | UserException e) {
            throw new IOException(file + " is not a mail this catcher has written: " + e.getMessage(), e);
        }
    }

    /** GreenMail's delivery hook: called for each recipient, before the answer to the client. */
    synchronized GreenMailUser deliver(MovingMessage mail, MailAddress recipient)
            throws MessagingException, UserException {
        if (recipient.equals(mail.getToAddresses().iterator().next())) {
            try {
                keep(mail);
            } catch (IOException e) {
                throw new MessagingException("the mail cannot be written to disk", e);
            }
        }
        return user(recipient.getEmail());
    }

    /** All mails, the newest first. */
    synchronized List<CaughtMail> newestFirst() {
        return List.copyOf(mails.reversed());
    }

    private void keep(MovingMessage mail) throws IOException, MessagingException {
        var receivedAt = Instant.now();
        lastStamp = Math.max(lastStamp + 1, receivedAt.toEpochMilli() * 1000);
        var id = String.format(Locale.ROOT, "%016d", lastStamp);
        var sender = mail.getReturnPath().getEmail();
        var recipients = mail.getToAddresses().stream()
                .map(MailAddress::getEmail)
                .sorted()
                .toList();
        var caught = CaughtMail.of(id, sender, recipients, receivedAt, mail.getMessage());

        var temporary = directory.resolve(id + ".new");
        try (var channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel));
            var envelope = new StringBuilder(SENDER + ": " + sender + "\r\n");
            recipients.forEach(recipient -> envelope.append(RECIPIENT + ": " + recipient + "\r\n"));
            envelope.append(RECEIVED + ": " + receivedAt + "\r\n");
            out.write(envelope.toString().getBytes(StandardCharsets.UTF_8));
            mail.getMessage().writeTo(out);
            out.flush();
            channel.force(true);
        }
        Files.move(temporary, directory.resolve(id + ".eml"), StandardCopyOption.ATOMIC_MOVE);
        try (var entry = FileChannel.open(directory, StandardOpenOption.READ)) {
            entry.force(true); // the new name, too, is on disk only after this
        }
        mails.add(caught);
    }

    private GreenMailUser user(String address) throws UserException {
        var known = users.getUserByEmail(address);
        return known == null ? users.createUser(address, address, "") : known;
    }
}
