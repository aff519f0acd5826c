package org.calciwatch.notification.routing;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.hibernate.annotations.Immutable;

/** A routing table as it was stored: in force from then on, until the next version. */
@Entity
@Immutable
@Table(name = "routing_table")
class StoredTable {

    @Id
    int version;

    /** JSON. */
    String document;

    @Column(name = "changed_by")
    String changedBy;

    @Column(name = "changed_at")
    Instant changedAt;

    @SuppressWarnings("NullAway.Init") // Hibernate fills the fields
    StoredTable() {}
}
