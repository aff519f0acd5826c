package org.calciwatch.assessment.pack;

import com.fasterxml.jackson.annotation.JsonProperty;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.hibernate.annotations.Immutable;

/** From this moment on a version was active, until the next activation. */
@Entity
@Immutable
@Table(name = "rule_pack_activation")
class Activation {

    @Id
    @JsonProperty
    long id;

    @JsonProperty
    String version;

    @JsonProperty
    @Column(name = "activated_at")
    Instant activatedAt;

    @JsonProperty
    @Column(name = "activated_by")
    String activatedBy;

    @SuppressWarnings("NullAway.Init") // Hibernate fills the fields
    Activation() {}
}
