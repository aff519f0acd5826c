package org.calciwatch.notification.admin;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import java.util.List;
import org.calciwatch.metrics.Figure;

/** How flags, mails and webhooks stand, for whoever collects metrics. */
@ApplicationScoped
class FlagFigures {

    @Produces
    static final Figure FLAGS =
            new Figure("calciwatch.flags", "Flags that are not closed", "", List.of("severity", "status"), """
            select severity.name, status.name, count(flag.id)
            from (values ('EMERGENCY'), ('URGENT_SAME_DAY'), ('CLINICIAN_REVIEW')) severity(name)
            cross join (values ('OPEN'), ('ACKNOWLEDGED'), ('SNOOZED')) status(name)
            left join flag on flag.status <> 'CLOSED' and flag.severity = severity.name and flag.status = status.name
            group by severity.name, status.name""");

    /** An escalation does not begin it anew: it says since when nobody has taken note. */
    @Produces
    static final Figure OLDEST_FLAG = new Figure(
            "calciwatch.flags.oldest",
            "Since when the flag calls that nobody has taken note of for longest; 0 without one",
            "seconds",
            List.of("severity"),
            """
            select severity.name,
                   coalesce(extract(epoch from now() - min(coalesce(flag.calls_since, flag.opened_at))), 0)
            from (values ('EMERGENCY'), ('URGENT_SAME_DAY'), ('CLINICIAN_REVIEW')) severity(name)
            left join flag on flag.status = 'OPEN' and flag.severity = severity.name
            group by severity.name""");

    @Produces
    static final Figure FAILING_FLAGS = Figure.count(
            "calciwatch.flags.failing",
            "Flags that fail to escalate, come back or remind",
            "select count(*) from flag where failed_since is not null");

    @Produces
    static final Figure DELIVERIES = new Figure(
            "calciwatch.deliveries", "Mails that have not reached everybody they are for", "", List.of("status"), """
            select lower(status.name), count(delivery.id)
            from (values ('PENDING'), ('FAILED')) status(name) left join delivery on delivery.status = status.name
            group by status.name""");

    @Produces
    static final Figure OLDEST_DELIVERY = Figure.age(
            "calciwatch.deliveries.oldest",
            "Since when the mail that waits longest is tried in vain, or was to be tried; 0 without one",
            """
            select coalesce(greatest(extract(epoch from now() - min(coalesce(tried.at, next_attempt_at))), 0), 0)
            from delivery left join delivery_attempt tried on delivery_id = delivery.id and position = 0
            where status = 'PENDING' and (tried.at is not null or next_attempt_at <= now())""");

    @Produces
    static final Figure WEBHOOKS = new Figure(
            "calciwatch.webhooks", "Changes of flags that endpoints were not told of", "", List.of("status"), """
            select lower(status.name), count(webhook_delivery.id)
            from (values ('PENDING'), ('FAILED')) status(name)
            left join webhook_delivery on webhook_delivery.status = status.name
            group by status.name""");
}
