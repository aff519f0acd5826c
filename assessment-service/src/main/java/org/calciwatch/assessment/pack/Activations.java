package org.calciwatch.assessment.pack;

import static java.util.stream.Collectors.toMap;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who activated which rule pack when. Only ever added to. */
@ApplicationScoped
@Transactional
class Activations implements PanacheRepositoryBase<Activation, Long> {

    /**
     * Makes a version the active one, in all instances of the service from the end of this transaction on.
     *
     * @return false when it is the active one already
     */
    boolean activate(String version, String by) {
        lock();
        if (newest().filter(activation -> activation.version.equals(version)).isPresent()) {
            return false;
        }
        add(version, by);
        return true;
    }

    /**
     * Makes a version the active one unless some version is.
     *
     * @return false when one is
     */
    boolean activateFirst(String version, String by) {
        lock();
        if (newest().isPresent()) {
            return false;
        }
        add(version, by);
        return true;
    }

    private Optional<Activation> newest() {
        return find("order by id desc").firstResultOptional();
    }

    /** One activation at a time, in all instances; nobody who reads waits. */
    private void lock() {
        getSession()
                .createNativeMutationQuery("lock table rule_pack_activation in share row exclusive mode")
                .executeUpdate();
    }

    private void add(String version, String by) {
        getSession()
                .createNativeMutationQuery("insert into rule_pack_activation (version, activated_by) values (?1, ?2)")
                .setParameter(1, version)
                .setParameter(2, by)
                .executeUpdate();
    }

    /** When each of these versions was activated last; without those that never were. */
    Map<String, Instant> lastOf(Collection<String> versions) {
        return getSession()
                .createQuery(
                        "select version, max(activatedAt) from Activation where version in ?1 group by version",
                        Object[].class)
                .setParameter(1, versions)
                .getResultStream()
                .collect(toMap(row -> (String) row[0], row -> (Instant) row[1]));
    }

    /** The newest first. */
    List<Activation> list(@Nullable Long before, int limit) {
        return find("id < ?1 order by id desc", before == null ? Long.MAX_VALUE : before)
                .page(0, limit)
                .list();
    }
}
