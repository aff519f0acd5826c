package org.calciwatch.assessment.stored;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Parameters;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

@ApplicationScoped
class StoredAssessments implements PanacheRepositoryBase<StoredAssessment, UUID> {

    /** Newest first. Ids are UUIDv7, so their order is the order of time. */
    List<StoredAssessment> find(
            @Nullable String submission, @Nullable String patient, @Nullable UUID before, int limit) {
        var conditions = new ArrayList<String>();
        var parameters = new Parameters();
        if (submission != null) {
            conditions.add("submissionId = :submission");
            parameters.and("submission", submission);
        }
        if (patient != null) {
            conditions.add("patientId = :patient");
            parameters.and("patient", patient);
        }
        if (before != null) {
            conditions.add("id < :before");
            parameters.and("before", before);
        }
        var where = conditions.isEmpty() ? "" : String.join(" and ", conditions);
        return find(where + " order by id desc", parameters).page(0, limit).list();
    }
}
