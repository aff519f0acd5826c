package org.calciwatch.notification.delivery;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.mail.Flags;
import jakarta.mail.Folder;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.search.FlagTerm;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.calciwatch.notification.NotificationConfig;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Reads the mailbox that undeliverable mails come back to, where the clinic has one, and has those recipients marked.
 * What was read is marked as seen. Two instances may read the same report: recording it twice changes nothing.
 */
@ApplicationScoped
class BounceMailbox {

    /** Reports come with the mail they are about at most; more is somebody's joke, and not read. */
    private static final int LARGEST = 4 * 1024 * 1024;

    /** As many reports in one look; the next look sees the others. */
    private static final int MOST = 200;

    private static final Logger LOG = Logger.getLogger(BounceMailbox.class);

    private final NotificationConfig.Imap config;
    private final Deliveries deliveries;
    private final MeterRegistry metrics;
    private @Nullable Thread thread;

    BounceMailbox(NotificationConfig config, Deliveries deliveries, MeterRegistry metrics) {
        this.config = config.mail().bounces().imap();
        this.deliveries = deliveries;
        this.metrics = metrics;
    }

    void start(@Observes StartupEvent start) {
        config.host().ifPresent(host -> {
            var settings = MailConnection.settings("imap", "calciwatch.mail.bounces.imap", config);
            // Reading alone marks nothing as seen: what could not be recorded is read again.
            settings.put("mail.imap.peek", "true");
            var session = Session.getInstance(settings);
            thread = Thread.ofVirtual().name("bounce-mailbox").start(() -> run(session, host));
        });
    }

    void stop(@Observes ShutdownEvent stop) throws InterruptedException {
        if (thread != null) {
            thread.interrupt();
            thread.join(Duration.ofSeconds(2));
        }
    }

    private void run(Session session, String host) {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                try {
                    look(session, host);
                } catch (MessagingException | RuntimeException | Error e) {
                    metrics.counter("calciwatch.bounces.unread").increment();
                    LOG.warnf(
                            "The mailbox of bounces cannot be read, next look in %s: %s",
                            config.every(), e.getClass().getSimpleName());
                }
                Thread.sleep(config.every());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look(Session session, String host) throws MessagingException {
        try (var store = session.getStore("imap")) {
            store.connect(
                    host, config.username().orElse(null), config.password().orElse(null));
            try (var folder = store.getFolder(config.folder())) {
                folder.open(Folder.READ_WRITE);
                var unseen = folder.search(new FlagTerm(new Flags(Flags.Flag.SEEN), false));
                for (int i = 0; i < Math.min(unseen.length, MOST); i++) {
                    if (isDone(unseen[i])) {
                        unseen[i].setFlag(Flags.Flag.SEEN, true);
                    }
                }
            }
        }
    }

    /** False when it has to be read again. A message that cannot be read must not keep back those behind it. */
    private boolean isDone(Message message) throws MessagingException {
        if (message.getSize() > LARGEST) {
            LOG.warnf("A message in the mailbox of bounces has %d bytes and is not read", message.getSize());
            return true;
        }
        Optional<BounceReport> report;
        try {
            report = BounceReport.of(new MimeMessage((MimeMessage) message));
        } catch (IOException | MessagingException | RuntimeException e) {
            if (!message.getFolder().isOpen()) {
                throw new MessagingException("The connection broke off", e);
            }
            LOG.warnf(
                    "A message in the mailbox of bounces cannot be read: %s",
                    e.getClass().getSimpleName());
            return true;
        }
        try {
            return report.map(deliveries::bounced).orElse(true);
        } catch (RuntimeException | Error e) {
            metrics.counter("calciwatch.bounces.unread").increment();
            LOG.errorf(
                    "A bounce cannot be recorded and is read again: %s",
                    e.getClass().getSimpleName());
            return false;
        }
    }
}
