package org.calciwatch.events;

import java.time.Instant;
import java.util.UUID;

/**
 * One event as it travels.
 *
 * @param id UUIDv7; the same id is the same event, however often it arrives
 * @param patientId the message key: events of one patient stay in order
 * @param time when it happened
 */
public record Event<T>(UUID id, EventType<T> type, String patientId, Instant time, T data) {}
