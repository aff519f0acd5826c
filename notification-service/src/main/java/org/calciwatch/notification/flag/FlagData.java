package org.calciwatch.notification.flag;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Produces;
import jakarta.transaction.Transactional;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.calciwatch.events.PatientErased;
import org.calciwatch.notification.delivery.Deliveries;
import org.calciwatch.notification.webhook.Webhooks;
import org.calciwatch.privacy.Documents;
import org.calciwatch.privacy.Expiring;
import org.calciwatch.privacy.PatientData;
import org.calciwatch.privacy.RetentionConfig;
import org.jspecify.annotations.Nullable;

/** A patient's flags with their history, the assessments they show, their mails and what endpoints were told. */
@ApplicationScoped
class FlagData implements PatientData {

    private static final String EXTENSIONS = "https://calciwatch.org/fhir/StructureDefinition/";
    private static final String RULES = "https://calciwatch.org/fhir/CodeSystem/rule";
    private static final String RULE_CATEGORIES = "https://calciwatch.org/fhir/CodeSystem/rule-category";

    private final FlagRepository flags;
    private final Flags changes;
    private final Deliveries deliveries;
    private final Webhooks webhooks;
    private final Documents documents;
    private final ObjectMapper json;

    FlagData(
            FlagRepository flags,
            Flags changes,
            Deliveries deliveries,
            Webhooks webhooks,
            Documents documents,
            ObjectMapper json) {
        this.flags = flags;
        this.changes = changes;
        this.deliveries = deliveries;
        this.webhooks = webhooks;
        this.documents = documents;
        this.json = json;
    }

    @Override
    @Transactional
    public List<ObjectNode> export(String patientId) {
        var resources = new ArrayList<ObjectNode>();
        for (var flag : flags.of(patientId)) {
            resources.add(resource(flag));
            resources.add(documents.document(
                    "flag-" + flag.id(),
                    patientId,
                    flag.updatedAt(),
                    "The assessment that Flag/" + flag.id() + " shows",
                    new Documents.Content("application/json", flag.assessment().getBytes(StandardCharsets.UTF_8))));
            flag.decisiveAssessment()
                    .ifPresent(decisive -> resources.add(documents.document(
                            "flag-" + flag.id() + "-decisive",
                            patientId,
                            flag.updatedAt(),
                            "The earlier assessment that set the severity of Flag/" + flag.id(),
                            new Documents.Content("application/json", decisive.getBytes(StandardCharsets.UTF_8)))));
            resources.addAll(deliveries.export(flag.id(), patientId));
            resources.addAll(webhooks.export(flag.id()));
        }
        return resources;
    }

    /** A flag as FHIR R4. */
    ObjectNode resource(Flag flag) {
        var resource = json.createObjectNode()
                .put("resourceType", "Flag")
                .put("id", flag.id().toString());
        var extensions = resource.putArray("extension");
        add(extensions, "flag-status", flag.status().name());
        add(extensions, "flag-severity", flag.severity().name());
        flag.ruleIds().forEach(rule -> add(extensions, "flag-rule", rule));
        flag.submissionIds().forEach(submission -> add(extensions, "flag-submission", submission));
        add(extensions, "flag-assignee", flag.assignee());
        var outcome = flag.outcome();
        add(extensions, "flag-outcome", outcome == null ? null : outcome.wireName());
        var snoozedUntil = flag.snoozedUntil();
        add(extensions, "flag-snoozed-until", snoozedUntil == null ? null : time(snoozedUntil));
        for (var entry : flag.history()) {
            var parts = extensions
                    .addObject()
                    .put("url", EXTENSIONS + "flag-history")
                    .putArray("extension");
            parts.addObject().put("url", "at").put("valueInstant", time(entry.at()));
            parts.addObject().put("url", "by").put("valueString", entry.by());
            parts.addObject()
                    .put("url", "action")
                    .put("valueString", entry.action().wireName());
            if (entry.note() != null && !entry.note().isBlank()) {
                parts.addObject().put("url", "note").put("valueString", entry.note());
            }
        }
        resource.putArray("identifier")
                .addObject()
                .put("system", "https://calciwatch.org/flag-reference")
                .put("value", flag.reference());
        var isClosed = flag.status() == Flag.Status.CLOSED;
        resource.put("status", isClosed ? "inactive" : "active");
        var categories = resource.putArray("category");
        categories
                .addObject()
                .putArray("coding")
                .addObject()
                .put("system", "http://terminology.hl7.org/CodeSystem/flag-category")
                .put("code", "clinical")
                .put("display", "Clinical");
        if (!flag.headlineCategory().isBlank()) {
            categories
                    .addObject()
                    .putArray("coding")
                    .addObject()
                    .put("system", RULE_CATEGORIES)
                    .put("code", flag.headlineCategory());
        }
        var code = resource.putObject("code");
        code.putArray("coding")
                .addObject()
                .put("system", RULES)
                .put("code", flag.headlineRuleId())
                .put("display", flag.headlineTitle());
        code.put("text", flag.headlineTitle());
        resource.putObject("subject").put("reference", "Patient/" + flag.patientId());
        var period = resource.putObject("period").put("start", time(flag.openedAt()));
        if (isClosed) {
            period.put("end", time(flag.updatedAt()));
        }
        return resource;
    }

    private static void add(ArrayNode extensions, String name, @Nullable String value) {
        if (value != null && !value.isBlank()) {
            extensions.addObject().put("url", EXTENSIONS + name).put("valueString", value);
        }
    }

    private static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MILLIS).toString();
    }

    @Override
    @Transactional(Transactional.TxType.MANDATORY)
    public void erase(PatientErased erased) {
        changes.erase(erased);
    }

    @Produces
    @Dependent
    Expiring closedFlags(RetentionConfig periods) {
        return new Expiring("closed flags", periods.clinicalRecords(), flags::purge);
    }

    @Produces
    @Dependent
    Expiring assessedSubmissions(RetentionConfig periods) {
        return new Expiring("notes of assessed submissions", periods.clinicalRecords(), flags::purgeAssessed);
    }
}
