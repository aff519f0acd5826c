package org.calciwatch.events;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import org.calciwatch.metrics.Figure;

/** What waits or was set aside between the services. */
@ApplicationScoped
class FlowFigures {

    @Produces
    static final Figure OUTBOX_DEPTH = Figure.count(
            "calciwatch.outbox.depth",
            "Events that the broker has not been given yet",
            "select count(*) from outbox where set_aside_at is null");

    @Produces
    static final Figure OUTBOX_AGE =
            Figure.age("calciwatch.outbox.oldest", "Since when the event waits that waits longest for the broker", """
            select coalesce(extract(epoch from now() - min(created_at)), 0) from outbox where set_aside_at is null""");

    @Produces
    static final Figure OUTBOX_SET_ASIDE = Figure.count(
            "calciwatch.outbox.set.aside",
            "Events that cannot be opened and wait for a person",
            "select count(*) from outbox where set_aside_at is not null");

    @Produces
    static final Figure DEAD_LETTERS = Figure.count(
            "calciwatch.dead.letters",
            "Messages that could not be processed and wait for a person",
            "select count(*) from dead_letter where replayed_at is null");
}
