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

    /**
     * Locks the flag that a delivery is about, if it is about one, until the transaction ends. Whoever changes a flag
     * locks it first and then its mails; who records what came of a mail, and may have to change the flag, has to take
     * them in the same order.
     */
    void lockFlagOf(UUID delivery) {
        getSession()
                .createNativeQuery("""
                        select flag.id from flag join delivery on delivery.flag_id = flag.id
                        where delivery.id = ?1 for no key update of flag""", UUID.class)
                .setParameter(1, delivery)
                .getResultList();
    }

    /** The id of the delivery with a Message-ID. */
    Optional<UUID> withMessageId(String messageId) {
        return getSession()
                .createNativeQuery("select id from delivery where message_id = ?1", UUID.class)
                .setParameter(1, messageId)
                .uniqueResultOptional();
    }

    /** The deliveries of a flag that somebody may still get, locked against others until the transaction ends. */
    List<Delivery> pendingOf(UUID flag) {
        return find("flagId = ?1 and status = ?2 order by id", flag, Delivery.Status.PENDING)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .list();
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

    /**
     * The mails about a patient's flags without digests, the last made first.
     *
     * @param before only those made before this one, null at the start
     */
    List<Delivery> newestOf(String patientId, @Nullable UUID before, int limit) {
        var query = getSession()
                .createNativeQuery("""
                        select * from delivery
                        where flag_id in (select id from flag where patient_id = ?1)%s
                        order by id desc""".formatted(before == null ? "" : " and id < ?2"), Delivery.class)
                .setParameter(1, patientId)
                .setMaxResults(limit);
        return (before == null ? query : query.setParameter(2, before)).getResultList();
    }

    /** How many mails there are about a patient's flags, without digests. */
    long numberOf(String patientId) {
        return getSession()
                .createNativeQuery("""
                        select count(*) from delivery
                        where flag_id in (select id from flag where patient_id = ?1)""", Long.class)
                .setParameter(1, patientId)
                .getSingleResult();
    }

    /** All deliveries of a flag, the first made first. */
    List<Delivery> of(UUID flag) {
        return list("flagId = ?1 order by id", flag);
    }

    /** All deliveries that tell of a flag, also digests, the first made first. */
    List<Delivery> tellingOf(UUID flag) {
        return getSession()
                .createNativeQuery("""
                        select * from delivery
                        where flag_id = ?1 or flag_id is null and mentions @> array[cast(?1 as uuid)]
                        order by created_at, id""", Delivery.class)
                .setParameter(1, flag)
                .getResultList();
    }

    /** When somebody was last told that a flag waits for them, other than because nobody else answered. */
    Optional<Instant> waitsSince(UUID flag) {
        return getSession()
                .createNativeQuery("""
                        select max(created_at) from delivery
                        where flag_id = ?1 and (step = ?2 or step like 'severity-raised-%' or step like 'woken-%')""", Instant.class)
                .setParameter(1, flag)
                .setParameter(2, FlagNotice.OPENED)
                .uniqueResultOptional();
    }

    boolean isMade(String messageId) {
        return count("messageId", messageId) > 0;
    }

    /** True when a mail about a dead letter was made in a time. */
    boolean isDeadLetterTold(Instant from, Instant to) {
        // As in the condition of the index.
        return !getSession()
                .createNativeQuery("""
                        select id from delivery where step like 'dead-letter-%' and created_at between ?1 and ?2
                        limit 1""", UUID.class)
                .setParameter(1, from)
                .setParameter(2, to)
                .getResultList()
                .isEmpty();
    }

    /** The newest message of a topic that could not be processed, and was not since. */
    Optional<UUID> newestDeadLetter(String topic) {
        return getSession()
                .createNativeQuery("""
                        select id from dead_letter where topic = ?1 and replayed_at is null
                        order by id desc limit 1""", UUID.class)
                .setParameter(1, topic)
                .uniqueResultOptional();
    }

    /** Keeps others who ask for the same step waiting until the transaction ends. */
    void takeTurn(String step) {
        getSession()
                .createNativeQuery("select 1 from pg_advisory_xact_lock(hashtextextended(?1, 0))", Integer.class)
                .setParameter(1, "delivery-step " + step)
                .getSingleResult();
    }

    /** True when another digest of the same time names the flag and reached somebody, or still may. */
    boolean isToldByAnotherDigest(UUID flag, Delivery digest) {
        return !getSession()
                .createNativeQuery("""
                        select id from delivery
                        where flag_id is null and mentions @> array[cast(?1 as uuid)]
                          and step in (?2, ?2 || ?4) and id <> ?3 and status <> 'FAILED'
                        limit 1""", UUID.class)
                .setParameter(1, flag)
                .setParameter(2, digest.step())
                .setParameter(3, digest.id())
                .setParameter(4, Delivery.FALLBACK)
                .getResultList()
                .isEmpty();
    }

    /** Removes digests that name a flag and were not sent, and the words of those that were. */
    void forget(UUID flag) {
        getSession().createNativeMutationQuery("""
                        delete from delivery
                        where flag_id is null and mentions @> array[cast(?1 as uuid)] and status <> 'SENT'""").setParameter(1, flag).executeUpdate();
        getSession().createNativeMutationQuery("""
                        update delivery
                        set subject = null, body_text = null, body_html = null, mentions = array_remove(mentions, ?1)
                        where flag_id is null and mentions @> array[cast(?1 as uuid)]""").setParameter(1, flag).executeUpdate();
    }

    /**
     * Removes digests that were made before a time.
     *
     * @return how many
     */
    int removeDigests(Instant before, int limit) {
        return getSession()
                .createNativeMutationQuery("""
                        delete from delivery
                        where id in (select id from delivery
                                     where flag_id is null and created_at < ?1
                                     order by id limit ?2 for update skip locked)""")
                .setParameter(1, before)
                .setParameter(2, limit)
                .executeUpdate();
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
