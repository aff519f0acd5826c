package org.calciwatch.assessment.pack;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The rule packs in the database. */
@ApplicationScoped
@Transactional
class StoredPacks implements PanacheRepositoryBase<StoredPack, Long> {

    /** The pack activated last, in all instances of the service; empty when none ever was. */
    Optional<StoredPack> active() {
        return find("""
                        version = (select a.version from Activation a
                            where a.id = (select max(b.id) from Activation b))""").firstResultOptional();
    }

    Optional<StoredPack> version(String version) {
        return find("version", version).firstResultOptional();
    }

    /** The newest first. */
    List<StoredPack> list(@Nullable Long before, int limit) {
        return find("id < ?1 order by id desc", before == null ? Long.MAX_VALUE : before)
                .page(0, limit)
                .list();
    }

    /** The files of a pack as a ZIP archive. */
    byte[] archive(StoredPack pack) {
        return getSession()
                .createNativeQuery("select archive from rule_pack where id = ?1", byte[].class)
                .setParameter(1, pack.id)
                .getSingleResult();
    }

    /**
     * Stores a pack.
     *
     * @return false when its version is stored already, with whatever content
     */
    boolean add(String version, String digest, byte[] archive, String by) {
        return getSession()
                        .createNativeMutationQuery("""
                                insert into rule_pack (version, digest, archive, uploaded_by)
                                values (?1, ?2, ?3, ?4) on conflict do nothing""")
                        .setParameter(1, version)
                        .setParameter(2, digest)
                        .setParameter(3, archive)
                        .setParameter(4, by)
                        .executeUpdate()
                == 1;
    }
}
