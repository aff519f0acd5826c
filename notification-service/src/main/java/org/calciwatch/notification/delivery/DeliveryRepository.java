package org.calciwatch.notification.delivery;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Parameters;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.calciwatch.crypto.SealedColumn;
import org.jspecify.annotations.Nullable;

/** The deliveries in the database. */
@ApplicationScoped
class DeliveryRepository implements PanacheRepositoryBase<Delivery, UUID> {

    @Produces
    static final SealedColumn SUBJECT = SealedColumn.of("delivery", "subject", "id");

    @Produces
    static final SealedColumn TEXT = SealedColumn.of("delivery", "body_text", "id");

    @Produces
    static final SealedColumn HTML = SealedColumn.of("delivery", "body_html", "id");

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

    /** Whose findings the mails about these flags are about. */
    List<String> patientsOf(Collection<UUID> flags) {
        return flags.isEmpty()
                ? List.of()
                : getSession()
                        .createNativeQuery("select distinct patient_id from flag where id in (?1)", String.class)
                        .setParameter(1, flags)
                        .getResultList();
    }

    /** All deliveries of a flag, the first made first. */
    List<Delivery> of(UUID flag) {
        return list("flagId = ?1 order by id", flag);
    }

    /**
     * Removes the words of mails that were sent before a time.
     *
     * @return how many lost them
     */
    int removeContent(Instant before, int limit) {
        return getSession()
                .createNativeMutationQuery("""
                        update delivery set subject = null, body_text = null, body_html = null
                        where id in (select id from delivery
                                     where status = 'SENT' and subject is not null and created_at < ?1
                                     order by id limit ?2 for update skip locked)""")
                .setParameter(1, before)
                .setParameter(2, limit)
                .executeUpdate();
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
