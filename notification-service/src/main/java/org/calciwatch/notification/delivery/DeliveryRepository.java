package org.calciwatch.notification.delivery;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Parameters;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The deliveries in the database. */
@ApplicationScoped
class DeliveryRepository implements PanacheRepositoryBase<Delivery, UUID> {

    /** The delivery that waits longest for its attempt, locked; those that another transaction holds are passed by. */
    Optional<Delivery> nextDue(Instant now) {
        return getSession().createNativeQuery("""
                        select * from delivery
                        where status = 'PENDING' and next_attempt_at <= ?1
                          and (locked_until is null or locked_until <= ?1)
                        order by next_attempt_at, id
                        limit 1 for update skip locked""", Delivery.class).setParameter(1, now).getResultList().stream()
                .findFirst();
    }

    /** A delivery, locked against others until the transaction ends. */
    Optional<Delivery> forChange(UUID id) {
        return findByIdOptional(id, LockModeType.PESSIMISTIC_WRITE);
    }

    /**
     * Deliveries, the last made first.
     *
     * @param flag only this flag's, null for all
     * @param before only those made before this one, null at the start
     */
    List<Delivery> list(@Nullable UUID flag, @Nullable UUID before, int limit) {
        var conditions = new ArrayList<>(List.of("1 = 1"));
        var values = new Parameters();
        if (flag != null) {
            conditions.add("flagId = :flag");
            values.and("flag", flag);
        }
        if (before != null) {
            conditions.add("id < :before");
            values.and("before", before);
        }
        return find(String.join(" and ", conditions) + " order by id desc", values)
                .page(0, limit)
                .list();
    }
}
