package org.calciwatch.intake.submission;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import io.quarkus.security.ForbiddenException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.calciwatch.audit.Access;
import org.calciwatch.events.EventType;
import org.calciwatch.events.QuestionnaireSubmitted;
import org.calciwatch.events.outbox.Outbox;
import org.calciwatch.http.Page;
import org.calciwatch.intake.fhir.FhirJson;
import org.calciwatch.intake.fhir.FhirProblem;
import org.calciwatch.privacy.ErasedSubmissions;
import org.calciwatch.privacy.PatientLock;
import org.calciwatch.security.Caller;
import org.calciwatch.security.Roles;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Stores checked responses with all their versions; each completed or amended one becomes an event. */
@ApplicationScoped
public class Submissions {

    /** What an event carries of a response: what the rules need, and nothing that names the patient otherwise. */
    private static final List<String> IN_EVENTS =
            List.of("resourceType", "id", "meta", "questionnaire", "status", "authored", "item");

    private static final Logger LOG = Logger.getLogger(Submissions.class);

    private final SubmissionRepository repository;
    private final PatientLock lock;
    private final ErasedSubmissions erased;
    private final Outbox outbox;
    private final Caller caller;
    private final Access access;
    private final FhirJson json;
    private final Clock clock;
    private final ClinicId.Own ownClinic;
    private final TimeBasedEpochGenerator ids = Generators.timeBasedEpochGenerator();

    Submissions(
            SubmissionRepository repository,
            PatientLock lock,
            ErasedSubmissions erased,
            Outbox outbox,
            Caller caller,
            Access access,
            FhirJson json,
            Clock clock,
            ClinicId.Own ownClinic) {
        this.repository = repository;
        this.lock = lock;
        this.erased = erased;
        this.outbox = outbox;
        this.caller = caller;
        this.access = access;
        this.json = json;
        this.clock = clock;
        this.ownClinic = ownClinic;
    }

    /**
     * One stored version.
     *
     * @param resource the FHIR resource as text
     */
    public record Stored(UUID id, int version, Instant storedAt, String resource) {
        static Stored of(SubmissionVersion version) {
            return new Stored(version.key.submissionId(), version.key.version(), version.storedAt, version.resource());
        }
    }

    /** What became of a POST; not created means that the same content was there already. */
    public record Posted(boolean created, Stored stored) {}

    /** One page of a search, and the number of all that were found. */
    record Found(long total, List<Stored> page, boolean more) {}

    /**
     * How far the newest version is.
     *
     * @param version number of the newest version
     * @param draft true when it is not completed
     */
    public record Progress(int version, boolean draft) {}

    /**
     * Stores a new submission, or finds the one that was stored before under the same identifier.
     *
     * @param response without problems
     * @param forAnyPatient the roles that may submit for any patient here
     * @throws ForbiddenException (403) when a patient submits for somebody else
     * @throws FhirProblem 409 when its identifier belongs to other content
     */
    @Transactional
    public Posted create(ObjectNode response, String... forAnyPatient) {
        var header = SubmissionHeader.of(response);
        authorise(header.patientId(), forAnyPatient);
        // Before the id, which tells the time: an erasure that is under way must not take this for an older one.
        lock.take(header.patientId());
        var id = ids.generate();
        var identifier = header.identifier();
        if (identifier != null) {
            var owner = repository.claim(identifier, id);
            if (!owner.equals(id)) {
                return new Posted(false, findSame(response, owner));
            }
        }
        var submission = new Submission(id, header, namedClinic(header));
        repository.persist(submission);
        var stored = store(id, 1, header.status(), header.patientId(), submission.clinic, response);
        access.recordNow(201);
        return new Posted(true, stored);
    }

    /** Notes who is asked for, also where it is then refused. */
    private void authorise(String patientId, String... forAnyPatient) {
        access.about(patientId);
        caller.requireAccessTo(patientId, forAnyPatient);
    }

    private Stored findSame(ObjectNode response, UUID id) {
        // Not there when it is another patient's who is erased in this moment.
        var first = repository.findByIdOptional(id).orElseThrow(Submissions::identifierTaken);
        access.about(first.patientId);
        access.entity("QuestionnaireResponse", first.id);
        var latest = repository.version(first.id, first.version).orElseThrow();
        // A retry repeats what was first sent, also when the submission has been changed since.
        var original = repository.version(first.id, 1).orElseThrow();
        if (!isSame(response, latest) && !isSame(response, original)) {
            throw identifierTaken();
        }
        return Stored.of(latest);
    }

    private boolean isSame(ObjectNode response, SubmissionVersion stored) {
        return content(response).equals(NUMBERS_BY_VALUE, content(json.readOwn(stored.resource())));
    }

    private static JsonNode content(ObjectNode response) {
        return response.deepCopy().without(List.of("id", "meta"));
    }

    /** 2 and 2.0 are the same number; everything else must be equal. */
    private static final Comparator<JsonNode> NUMBERS_BY_VALUE = (one, other) -> one.isNumber() && other.isNumber()
            ? one.decimalValue().compareTo(other.decimalValue())
            : one.equals(other) ? 0 : 1;

    /**
     * Replaces a version: saves a draft, completes it, or amends what is completed.
     *
     * @param response without problems
     * @throws FhirProblem 404 when there is no such submission, 409 when its identifier belongs to another one, 410 when
     *     it was erased, 412 when it has another version, 422 when it may not change in this way
     */
    @Transactional
    public Stored update(UUID id, int expectedVersion, ObjectNode response) {
        var header = SubmissionHeader.of(response);
        lock.take(header.patientId());
        var current = repository.findByIdOptional(id).orElseThrow(() -> missing(id));
        access.entity("QuestionnaireResponse", id);
        authorise(current.patientId, Roles.INTEGRATION);
        if (current.version != expectedVersion) {
            throw stale(expectedVersion);
        }
        access.about(header.patientId());
        if (!header.patientId().equals(current.patientId)) {
            throw new FhirProblem(
                    422, "business-rule", "The subject of a response may not change; it belongs to another patient.");
        }
        var identifier = header.identifier();
        if (identifier != null && !repository.claim(identifier, id).equals(id)) {
            throw identifierTaken();
        }
        var status = current.status
                .after(header.status())
                .orElseThrow(() -> new FhirProblem(
                        422,
                        "business-rule",
                        "A response that is " + current.status.code() + " cannot become "
                                + header.status().code() + "."));
        var named = namedClinic(header);
        // What a clinic's portal began and the patient goes on with here still belongs to that clinic.
        var clinic = named == null ? current.clinic : named.value();
        if (!repository.advance(id, expectedVersion, status, header, clinic)) {
            throw stale(expectedVersion);
        }
        var stored = store(id, expectedVersion + 1, status, header.patientId(), clinic, response);
        access.recordNow(200);
        return stored;
    }

    /** The clinic a response names as its author, where that is a machine client's word: patients do not choose it. */
    private @Nullable ClinicId namedClinic(SubmissionHeader header) {
        return caller.has(Roles.INTEGRATION) ? header.clinic() : null;
    }

    private Stored store(
            UUID id,
            int version,
            SubmissionStatus status,
            String patientId,
            @Nullable String clinic,
            ObjectNode response) {
        var now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        var resource =
                json.object().put("resourceType", "QuestionnaireResponse").put("id", id.toString());
        ObjectNode meta = response.get("meta") instanceof ObjectNode sent ? sent.deepCopy() : json.object();
        resource.set("meta", meta.put("versionId", Integer.toString(version)).put("lastUpdated", now.toString()));
        for (var property : response.properties()) {
            if (!resource.has(property.getKey())) {
                resource.set(property.getKey(), property.getValue());
            }
        }
        resource.put("status", status.code());
        var kept = new SubmissionVersion(new SubmissionVersion.Key(id, version), now, json.write(resource));
        repository.keep(kept);
        access.entity("QuestionnaireResponse", id);
        switch (status) {
            case IN_PROGRESS -> {
                // nobody hears of a draft
            }
            case COMPLETED, AMENDED -> send(kept, resource, patientId, clinic);
        }
        LOG.infof("Submission %s version %d stored, %s", id, version, status.code());
        return Stored.of(kept);
    }

    private void send(SubmissionVersion version, ObjectNode resource, String patientId, @Nullable String clinic) {
        outbox.add(
                EventType.QUESTIONNAIRE_SUBMITTED,
                patientId,
                new QuestionnaireSubmitted(
                        version.key.submissionId().toString(),
                        version.key.version(),
                        patientId,
                        version.storedAt,
                        forEvent(resource, patientId),
                        clinic == null ? ownClinic.id().map(ClinicId::value).orElse(null) : clinic));
    }

    /**
     * Some versions that were looked at again.
     *
     * @param sent how many of them became events; drafts do not
     * @param last the last of them; null when there was none
     */
    record SentAgain(int sent, SubmissionVersion.@Nullable Place last) {}

    /** Sends the events of the completed and amended versions behind this place once more, under new event ids. */
    @Transactional
    SentAgain sendAgain(SubmissionVersion.Place after, int limit) {
        var sent = 0;
        SubmissionVersion.@Nullable Place last = null;
        for (var version : repository.after(after, limit)) {
            var resource = json.readOwn(version.resource());
            if (SubmissionHeader.of(resource).status() != SubmissionStatus.IN_PROGRESS) {
                var submission = repository.findById(version.key.submissionId());
                send(version, resource, submission.patientId, submission.clinic);
                sent++;
            }
            last = version.place();
        }
        return new SentAgain(sent, last);
    }

    private static ObjectNode forEvent(ObjectNode resource, String patientId) {
        ObjectNode response = resource.deepCopy().retain(IN_EVENTS);
        response.putObject("subject").put("reference", "Patient/" + patientId);
        return response;
    }

    /**
     * The newest version.
     *
     * @throws FhirProblem 404 when there is no such submission, 410 when it was erased
     */
    @Transactional
    public Stored get(UUID id) {
        requireReadable(id);
        return repository.latest(id).map(Stored::of).orElseThrow(() -> missing(id));
    }

    /**
     * One version.
     *
     * @throws FhirProblem 404 when there is no such submission or version, 410 when it was erased
     */
    @Transactional
    public Stored get(UUID id, int version) {
        requireReadable(id);
        return repository.version(id, version).map(Stored::of).orElseThrow(() -> missing(id));
    }

    @Transactional
    Found search(SubmissionSearch search) {
        search.patients().forEach(access::about);
        if (!caller.seesAny(Roles.CLINICIAN, Roles.INTEGRATION)) {
            search.restrictTo(caller.patientId().orElseThrow(ForbiddenException::new));
        }
        var total = repository.count(search);
        if (search.count() == 0) {
            return new Found(total, List.of(), false);
        }
        // One more than the page holds tells whether there is a next one.
        var found = repository.list(search, search.count() + 1).stream()
                .map(Stored::of)
                .toList();
        var more = found.size() > search.count();
        var page = more ? found.subList(0, search.count()) : found;
        page.forEach(stored -> access.entity("QuestionnaireResponse", stored.id()));
        repository.patientsOf(page.stream().map(Stored::id).toList()).forEach(access::about);
        return new Found(total, page, more);
    }

    /**
     * Refuses a patient somebody else's submission; there need not be one with this id.
     *
     * @throws ForbiddenException (403) when it belongs to another patient
     */
    @Transactional
    public void requireReadable(UUID id) {
        access.entity("QuestionnaireResponse", id);
        repository
                .findByIdOptional(id)
                .ifPresent(found -> authorise(found.patientId, Roles.CLINICIAN, Roles.INTEGRATION));
    }

    /**
     * A version of a completed submission.
     *
     * @param storedAt when this version was stored
     * @param response the FHIR resource
     */
    public record Completed(UUID id, int version, Instant storedAt, ObjectNode response) {
        /** The day it was stored, in UTC. */
        public LocalDate day() {
            return LocalDate.ofInstant(storedAt, ZoneOffset.UTC);
        }

        /** Whose it is. */
        public String patientId() {
            return SubmissionHeader.of(response).patientId();
        }
    }

    /** What a patient has completed, in newest versions, the newest submission first, at most as many as a page may hold. */
    @Transactional
    public List<Completed> completedOf(String patientId) {
        access.about(patientId);
        return repository.completedOf(patientId, Page.MAX_LIMIT).stream()
                .map(this::completed)
                .toList();
    }

    /** A patient's drafts in newest versions, the newest draft first, at most as many as a page may hold. */
    @Transactional
    public List<Stored> draftsOf(String patientId) {
        access.about(patientId);
        return repository.draftsOf(patientId, Page.MAX_LIMIT).stream()
                .map(Stored::of)
                .toList();
    }

    /**
     * A completed version; {@link #requireReadable} before it.
     *
     * @throws FhirProblem 404 when there is no such version, 410 when it was erased
     */
    @Transactional
    public Completed completed(UUID id, int version) {
        return repository.version(id, version).map(this::completed).orElseThrow(() -> missing(id));
    }

    private Completed completed(SubmissionVersion version) {
        return new Completed(
                version.key.submissionId(), version.key.version(), version.storedAt, json.readOwn(version.resource()));
    }

    /** How far a submission is; empty when there is none with this id. */
    @Transactional
    public Optional<Progress> progress(UUID id) {
        return repository
                .findByIdOptional(id)
                .map(found -> new Progress(found.version, found.status == SubmissionStatus.IN_PROGRESS));
    }

    /** The submissions of a patient, drafts included. */
    @Transactional
    public List<String> idsOf(String patientId) {
        return repository.idsOf(patientId).stream().map(UUID::toString).toList();
    }

    private FhirProblem missing(UUID id) {
        return erased.contains(id.toString())
                ? new FhirProblem(410, "deleted", "This QuestionnaireResponse was erased with all data of its patient.")
                : unknown();
    }

    static FhirProblem unknown() {
        return new FhirProblem(404, "not-found", "There is no such QuestionnaireResponse.");
    }

    private static FhirProblem identifierTaken() {
        return new FhirProblem(
                409,
                "duplicate",
                "The identifier belongs to a response with other content. Send a new response under a new"
                        + " identifier, or change the stored one with PUT /fhir/QuestionnaireResponse/{id}.");
    }

    private static FhirProblem stale(int version) {
        return new FhirProblem(
                412,
                "conflict",
                "Version " + version + " is not the newest any more. GET the response, apply your change to what you"
                        + " find, and send it with that ETag.");
    }
}
