package org.calciwatch.assessment.cds;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A CDS Hooks 2.0 card.
 *
 * @param about the id of a rule, or the kind of an information card
 * @param summary plain text of fewer than 140 characters
 * @param detail GitHub flavoured markdown
 * @param indicator {@code info}, {@code warning} or {@code critical}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Card(
        UUID uuid,
        @JsonIgnore String about,
        String summary,
        String detail,
        String indicator,
        Source source,
        List<Link> links) {

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Source(String label, @Nullable Topic topic) {}

    record Topic(String system, String code, String display) {}

    record Link(String label, String url, String type) {}
}
