package org.calciwatch.assessment.pack;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.hibernate.annotations.Immutable;

/** A rule pack in the database, without its archive, which only {@link StoredPacks#archive} reads. */
@Entity
@Immutable
@Table(name = "rule_pack")
class StoredPack {

    /** Counts up in the order of the uploads. */
    @Id
    long id;

    String version;

    String digest;

    @Column(name = "uploaded_at")
    Instant uploadedAt;

    @Column(name = "uploaded_by")
    String uploadedBy;

    @SuppressWarnings("NullAway.Init") // Hibernate fills the fields
    StoredPack() {}
}
