package org.calciwatch.assessment.detectedissue;

import java.util.Optional;
import java.util.regex.Pattern;

/** What every finding for clinicians carries, as a FHIR resource or as a card. */
public final class ClinicianText {

    /** Knowledge base section 5, "Clinician header". */
    public static final String HEADER = "Automated screening from patient-entered data; verify values, units and dates."
            + " Considerations, not orders. Rules, thresholds and references: knowledge base v1.1.";

    /** The edition of the clinical knowledge the rules come from. */
    public static final String KNOWLEDGE_BASE = "knowledge base v1.1";

    /** The code system of the rule ids. */
    public static final String RULES = "https://calciwatch.org/fhir/CodeSystem/rule";

    private static final Pattern DOI = Pattern.compile("\\bdoi:(10\\.\\d{4,9}/[^\\s;,\\]]*[^\\s;,.\\]])");

    private ClinicianText() {}

    /** The web address of a citation that has a DOI. */
    public static Optional<String> link(String citation) {
        var doi = DOI.matcher(citation);
        return doi.find() ? Optional.of("https://doi.org/" + doi.group(1)) : Optional.empty();
    }
}
