package org.calciwatch.notification.routing;

/** A CDI event, fired in the transaction that stores another table. */
public record RoutingChanged(int version) {}
