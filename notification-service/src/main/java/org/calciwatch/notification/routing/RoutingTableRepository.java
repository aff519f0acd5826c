package org.calciwatch.notification.routing;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.util.Optional;

/** The routing tables in the database. Only ever added to. */
@ApplicationScoped
@Transactional
class RoutingTableRepository implements PanacheRepositoryBase<StoredTable, Integer> {

    /** The table in force, in all instances of the service; empty when none was ever stored. */
    Optional<StoredTable> newest() {
        return find("order by version desc").firstResultOptional();
    }

    /**
     * Stores a version. Of several callers at once one succeeds, the others wait for its transaction.
     *
     * @return false when the version is there already
     */
    boolean add(int version, String document, String by, Instant at) {
        return getSession()
                        .createNativeMutationQuery("""
                                insert into routing_table (version, document, changed_by, changed_at)
                                values (?1, ?2, ?3, ?4) on conflict do nothing""")
                        .setParameter(1, version)
                        .setParameter(2, document)
                        .setParameter(3, by)
                        .setParameter(4, at)
                        .executeUpdate()
                == 1;
    }
}
