package org.calciwatch.notification.webhook;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Parameters;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.calciwatch.crypto.SealedColumn;
import org.jspecify.annotations.Nullable;

/** What endpoints are told, in the database. */
@ApplicationScoped
class WebhookRepository implements PanacheRepositoryBase<WebhookDelivery, UUID> {

    @Produces
    static final SealedColumn BODY = SealedColumn.of("webhook_delivery", "body", "id");

    /** What waits longest for an endpoint, locked; what another transaction holds is passed by. */
    Optional<WebhookDelivery> nextDue(String endpoint, Instant now) {
        return getSession()
                .createNativeQuery("""
                        select * from webhook_delivery
                        where endpoint = ?1 and status = 'PENDING' and next_attempt_at <= ?2
                          and (locked_until is null or locked_until <= ?2)
                        order by next_attempt_at, id
                        limit 1 for update skip locked""", WebhookDelivery.class)
                .setParameter(1, endpoint)
                .setParameter(2, now)
                .getResultList()
                .stream()
                .findFirst();
    }

    /** Locked against others until the transaction ends. */
    Optional<WebhookDelivery> forChange(UUID id) {
        return findByIdOptional(id, LockModeType.PESSIMISTIC_WRITE);
    }

    /** What was told of a flag, the first first. */
    List<WebhookDelivery> of(UUID flag) {
        return list("flagId = ?1 order by id", flag);
    }

    /**
     * What was told, the last made first.
     *
     * @param status only in this state, null for all
     * @param before only what was made before this one, null at the start
     */
    List<WebhookDelivery> list(WebhookDelivery.@Nullable Status status, @Nullable UUID before, int limit) {
        var conditions = new ArrayList<>(List.of("1 = 1"));
        var values = new Parameters();
        if (status != null) {
            conditions.add("status = :status");
            values.and("status", status);
        }
        if (before != null) {
            conditions.add("id < :before");
            values.and("before", before);
        }
        return find(String.join(" and ", conditions) + " order by id desc", values)
                .page(0, limit)
                .list();
    }

    /**
     * Removes what was made before a time.
     *
     * @return how many
     */
    int purge(Instant before, int limit) {
        return getSession()
                .createNativeMutationQuery("""
                        delete from webhook_delivery
                        where id in (select id from webhook_delivery
                                     where created_at < ?1
                                     order by created_at limit ?2 for update skip locked)""")
                .setParameter(1, before)
                .setParameter(2, limit)
                .executeUpdate();
    }
}
