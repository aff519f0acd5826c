package org.calciwatch.notification.delivery;

import java.util.UUID;

/**
 * A CDI event: nobody who was to be told of a flag at a step can be reached by mail. They were refused for good, their
 * mails came back, or their mail server took nothing for 72 hours. Fired in the transaction that records it, and again
 * when a person had the mail retried in vain.
 *
 * @param step as in {@link FlagNotice}
 */
public record Undeliverable(UUID flagId, String step) {}
