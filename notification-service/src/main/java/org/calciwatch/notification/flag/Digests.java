package org.calciwatch.notification.flag;

import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.calciwatch.notification.NotificationConfig;
import org.calciwatch.notification.delivery.Deliveries;
import org.calciwatch.notification.delivery.DigestEntry;
import org.calciwatch.notification.delivery.DigestNotice;
import org.calciwatch.notification.routing.Routing;
import org.jboss.logging.Logger;

/**
 * Once a day tells everybody, in one mail, of the flags they hear of that still wait for somebody: those nobody
 * acknowledged, those acknowledged long ago and not closed, and urgent ones that somebody put off.
 */
@ApplicationScoped
class Digests {

    private static final Logger LOG = Logger.getLogger(Digests.class);

    private final FlagRepository flags;
    private final Routing routing;
    private final Deliveries deliveries;
    private final NotificationConfig config;
    private final Clock clock;

    Digests(FlagRepository flags, Routing routing, Deliveries deliveries, NotificationConfig config, Clock clock) {
        this.flags = flags;
        this.routing = routing;
        this.deliveries = deliveries;
        this.config = config;
        this.clock = clock;
    }

    /**
     * Sends the digest that is due, if it is. After days without the service there is one, not one for each day.
     *
     * <p>Each recipient's mail is made in a transaction of its own, so that one that fails takes no other along. The
     * digest counts as made when all are: until then those that failed are tried again, as waiting for the next one
     * would leave somebody untold for a day; the others are not told twice, as a recipient has one mail of a digest.
     *
     * @return false when something failed
     */
    @Transactional
    boolean sendDue() {
        var now = clock.instant();
        var last = flags.lastDigest();
        if (last.isEmpty()) {
            return true;
        }
        var due = routing.nextDigestAfter(last.get());
        if (due.isAfter(now)) {
            return true;
        }
        for (var next = routing.nextDigestAfter(due); !next.isAfter(now); next = routing.nextDigestAfter(due)) {
            due = next;
        }
        var isWhole = send(last.get(), due, now);
        if (isWhole) {
            flags.digestMade(now);
        }
        return isWhole;
    }

    private boolean send(Instant last, Instant due, Instant now) {
        var failures = 0;
        var perRecipient = new LinkedHashMap<String, List<DigestEntry>>();
        for (var waiting : flags.waiting(now.minus(config.reminder()))) {
            try {
                var entry = entry(waiting, last, now);
                routing.route(waiting.severity(), waiting.category(), waiting.clinic()).recipients(now).stream()
                        .distinct()
                        .forEach(recipient -> perRecipient
                                .computeIfAbsent(recipient, unused -> new ArrayList<>())
                                .add(entry));
            } catch (RuntimeException | Error e) {
                failures++;
                LOG.errorf(e, "Flag %s could not be put into the digest; it is tried again", waiting.id());
            }
        }
        // The day it was due, so that a try after midnight is still of the same digest.
        var day = due.atZone(routing.zone()).toLocalDate();
        for (var each : perRecipient.entrySet()) {
            try {
                var notice = new DigestNotice(each.getKey(), day, due, each.getValue());
                QuarkusTransaction.requiringNew().run(() -> deliveries.enqueue(notice));
            } catch (RuntimeException | Error e) {
                failures++;
                LOG.errorf(e, "The digest of %s could not be made for a recipient; it is tried again", day);
            }
        }
        LOG.infof("Digest of %s for %d recipients, %d failures", day, perRecipient.size(), failures);
        return failures == 0;
    }

    private static DigestEntry entry(WaitingFlag flag, Instant last, Instant now) {
        return new DigestEntry(
                flag.id(),
                flag.reference(),
                flag.severity(),
                flag.headline(),
                flag.status().name(),
                flag.openedAt(),
                Duration.between(flag.openedAt(), now),
                switch (flag.status()) {
                    case OPEN ->
                        flag.openedAt().isAfter(last) ? DigestEntry.Reason.NEW : DigestEntry.Reason.UNACKNOWLEDGED;
                    case ACKNOWLEDGED, CLOSED -> DigestEntry.Reason.NOT_CLOSED;
                    case SNOOZED -> DigestEntry.Reason.SNOOZED;
                });
    }
}
