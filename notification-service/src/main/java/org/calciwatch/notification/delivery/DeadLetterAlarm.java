package org.calciwatch.notification.delivery;

import com.fasterxml.uuid.Generators;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.calciwatch.events.EventType;
import org.calciwatch.notification.NotificationConfig;
import org.calciwatch.notification.routing.Routing;

/**
 * Tells the fallback of assessments that ended in the dead letters: whatever they found, nobody was told of it. Of the
 * newest by its id, without anything of the patient, and at most once an hour however many there are.
 */
@ApplicationScoped
class DeadLetterAlarm {

    static final String STEP = "dead-letter-";

    private static final Duration PAUSE = Duration.ofHours(1);

    private final DeliveryRepository deliveries;
    private final Deliveries mails;
    private final Routing routing;
    private final NotificationConfig config;
    private final Clock clock;

    DeadLetterAlarm(
            DeliveryRepository deliveries, Deliveries mails, Routing routing, NotificationConfig config, Clock clock) {
        this.deliveries = deliveries;
        this.mails = mails;
        this.routing = routing;
        this.config = config;
        this.clock = clock;
    }

    /** Looks by itself, as a dead letter must be kept even where no mail can be made of it. */
    @Scheduled(every = "1m", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    @Transactional
    void look() {
        deliveries.takeTurn(STEP);
        var now = clock.instant();
        if (deliveries.isDeadLetterTold(now.minus(PAUSE), now)) {
            return;
        }
        deliveries.newestDeadLetter(EventType.ASSESSMENT_COMPLETED.topic()).ifPresent(letter -> {
            var domain = config.mail().messageIdDomain();
            mails.enqueueOnce(Delivery.aboutNoFlag(
                    Generators.timeBasedEpochGenerator().generate(),
                    STEP + letter,
                    Delivery.messageId("dead-letter." + letter, domain),
                    routing.fallback(),
                    Mail.plain(
                            "[DEAD LETTER] An assessment could not be processed — " + letter,
                            List.of(
                                    "An assessment could not be processed. Whatever it found, no flag tells of it, and"
                                            + " nobody was told. Others may have met the same fate.",
                                    "Dead letter " + letter,
                                    "An admin sees there why, and has it processed again once that is repaired:"),
                            FlagMails.inboxUrl(config) + "/admin/dead-letters"),
                    config.mail().attempts(),
                    now));
        });
    }
}
