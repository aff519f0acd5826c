package org.calciwatch.events.consume;

import org.calciwatch.events.Event;
import org.calciwatch.events.EventType;

/**
 * What a service does with one kind of event.
 *
 * @param <T> the event's data
 */
public interface EventHandler<T> {

    /** The events this handler takes. */
    EventType<T> type();

    /**
     * Does the work in one transaction that begins with {@link org.calciwatch.events.inbox.Inbox#firstTime}. May be
     * called again with the same event, and concurrently for different patients.
     */
    void handle(Event<T> event);
}
