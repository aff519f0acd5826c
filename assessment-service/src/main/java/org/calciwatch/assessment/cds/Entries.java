package org.calciwatch.assessment.cds;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.LocalDate;
import java.util.LinkedHashSet;
import java.util.Set;
import org.calciwatch.assessment.cds.ClinicalCodes.Meaning;
import org.jspecify.annotations.Nullable;

/**
 * What the problem list and the list of medicines say. An entry is proof of presence; that there is none is proof of
 * nothing.
 */
final class Entries {

    private static final Set<String> OVER = Set.of("inactive", "remission", "resolved");
    private static final Set<String> UNCERTAIN = Set.of("unconfirmed", "provisional", "differential");
    private static final Set<String> TAKEN = Set.of("active", "intended");
    private static final Set<String> NOT_ORDERED = Set.of("proposal", "plan");
    private static final int YEARS_OF_LONG_USE = 1;

    private final Set<String> present = new LinkedHashSet<>();
    private final Set<String> refuted = new LinkedHashSet<>();
    private @Nullable String stage;

    private final Prefetch prefetch;
    private final ClinicalCodes codes;
    private final NotUsed notUsed;
    private final LocalDate today;

    Entries(Prefetch prefetch, ClinicalCodes codes, NotUsed notUsed, LocalDate today) {
        this.prefetch = prefetch;
        this.codes = codes;
        this.notUsed = notUsed;
        this.today = today;
        prefetch.all("Condition").forEach(this::condition);
        prefetch.all("MedicationStatement").forEach(this::medicine);
        prefetch.all("MedicationRequest").forEach(this::medicine);
        refuted.removeAll(present);
    }

    /** Keys of the items of all lists that are there. */
    Set<String> present() {
        return present;
    }

    /** Keys of the items that are said not to be there. */
    Set<String> refuted() {
        return refuted;
    }

    /** The most severe stage of kidney disease; null when none is there. */
    @Nullable
    String stage() {
        return stage;
    }

    private void condition(JsonNode condition) {
        var concept = condition.path("code");
        var what = "Condition " + Fhir.describe(concept);
        var meaning = codes.condition(Fhir.codings(concept));
        var verification = Fhir.statuses(condition.path("verificationStatus"));
        var clinical = Fhir.statuses(condition.path("clinicalStatus"));
        var uncertain = verification.stream().filter(UNCERTAIN::contains).findFirst();
        var over = clinical.stream().filter(OVER::contains).findFirst();
        if (verification.contains("entered-in-error")) {
            notUsed.add(what, "Entered in error");
        } else if (meaning.isNothing()) {
            notUsed.add(what, "A condition no rule uses, or a code that does not map without doubt");
        } else if (verification.contains("refuted")) {
            refuted.addAll(meaning.whole());
            if (meaning.stage() != null || !meaning.whole().containsAll(meaning.items())) {
                notUsed.add(what, "Refuted, which leaves open whether there is another form of it");
            }
        } else if (uncertain.isPresent()) {
            notUsed.add(what, "Not confirmed (" + uncertain.get() + "), so it stays open");
        } else if (over.isPresent()) {
            over(meaning, what, over.get());
        } else {
            present.addAll(meaning.items());
            stage = ClinicalCodes.worse(stage, meaning.stage());
        }
    }

    private void over(Meaning meaning, String what, String clinical) {
        var lasting = meaning.items().stream().filter(codes::isHistory).toList();
        present.addAll(lasting);
        if (meaning.stage() != null || lasting.size() < meaning.items().size()) {
            notUsed.add(what, "No longer active (" + clinical + "), so it stays open whether it counts");
        }
    }

    private void medicine(JsonNode medicine) {
        var concept = concept(medicine);
        var what = "Medicine " + Fhir.describe(concept);
        var codings = Fhir.codings(concept);
        var meaning = codes.medicine(codings);
        var status = medicine.path("status").asText("without a status");
        if (!TAKEN.contains(status)) {
            notUsed.add(what, "Not a current medicine (" + status + "), so it stays open");
        } else if (medicine.path("doNotPerform").asBoolean() || NOT_ORDERED.contains(Fhir.text(medicine, "intent"))) {
            notUsed.add(what, "Not ordered, so it stays open");
        } else if (!meaning.isNothing()) {
            present.addAll(meaning.items());
        } else if (codes.isProtonPumpInhibitor(codings)) {
            protonPumpInhibitor(medicine, what);
        } else {
            notUsed.add(
                    what,
                    medicine.has("medicationReference") && concept.isMissingNode()
                            ? "The medication it refers to was not sent"
                            : "A medicine no rule uses, or a code that does not map without doubt");
        }
    }

    private JsonNode concept(JsonNode medicine) {
        var reference = medicine.path("medicationReference").path("reference").textValue();
        if (reference == null) {
            return medicine.path("medicationCodeableConcept");
        }
        var resolved = prefetch.medication(medicine, reference);
        return resolved.isPresent() ? resolved.get().path("code") : medicine.path("medicationCodeableConcept");
    }

    private void protonPumpInhibitor(JsonNode medicine, String what) {
        var since = Fhir.time(medicine.path("effectivePeriod").path("start"));
        if (since.isPresent() && !since.get().day().latest().isAfter(today.minusYears(YEARS_OF_LONG_USE))) {
            present.add(ClinicalCodes.PPI_LONG);
        } else {
            notUsed.add(what, "Whether it has been taken for a year is not known");
        }
    }
}
