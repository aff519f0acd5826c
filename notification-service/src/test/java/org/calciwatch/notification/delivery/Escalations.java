package org.calciwatch.notification.delivery;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/** Notes which steps of which flags nobody could be told of. */
@Singleton
class Escalations {

    private final List<Undeliverable> seen = new CopyOnWriteArrayList<>();

    void on(@Observes Undeliverable mail) {
        seen.add(mail);
    }

    /** Of one flag, in the order they came. */
    List<String> stepsOf(UUID flagId) {
        return seen.stream()
                .filter(mail -> mail.flagId().equals(flagId))
                .map(Undeliverable::step)
                .toList();
    }
}
