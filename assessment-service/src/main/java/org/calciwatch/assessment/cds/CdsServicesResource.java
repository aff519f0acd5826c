package org.calciwatch.assessment.cds;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.PermitAll;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.calciwatch.assessment.pack.RulePacks;
import org.calciwatch.assessment.profile.AnswersRefused;
import org.calciwatch.assessment.profile.Inputs;
import org.calciwatch.assessment.profile.Refusal;
import org.calciwatch.audit.Access;
import org.calciwatch.security.Roles;
import org.jspecify.annotations.Nullable;

/** CDS Hooks 2.0: the findings as cards in the clinic's record system when a chart is opened. */
@Path("/cds-services")
@RolesAllowed({Roles.CLINICIAN, Roles.ADMIN, Roles.INTEGRATION})
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
class CdsServicesResource {

    private static final String SERVICE = "calcification-risk";

    /** A record of some thousand entries. */
    private static final int MAX_BODY = 4 * 1024 * 1024;

    /** Of a larger body this much more is read and dropped, so that a client that still sends gets the answer. */
    private static final int MAX_DRAIN = 2 * MAX_BODY;

    private final RulePacks packs;
    private final ClinicalCodes codes;
    private final IssuedCards issued;
    private final Access access;
    private final ObjectReader strictTree;
    private final Discovery discovery;
    private final Clock clock = Clock.systemUTC();

    CdsServicesResource(RulePacks packs, ClinicalCodes codes, IssuedCards issued, Access access, ObjectMapper json) {
        this.packs = packs;
        this.codes = codes;
        this.issued = issued;
        this.access = access;
        this.strictTree = json.readerFor(JsonNode.class)
                .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .with(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);
        this.discovery = new Discovery(List.of(new Service(
                HookRequest.HOOK,
                "Calcification risk",
                "Looks for profiles in which calcium may settle in arteries, kidneys or soft tissue, such as high vitamin D"
                        + " with low magnesium in kidney disease, and tells what could not be judged. Education and"
                        + " flagging for adults; not a diagnosis.",
                SERVICE,
                prefetch(codes))));
    }

    record Discovery(List<Service> services) {}

    record Service(String hook, String title, String description, String id, Map<String, String> prefetch) {}

    record Answer(List<Card> cards) {}

    private static Map<String, String> prefetch(ClinicalCodes codes) {
        var loinc = Stream.of(
                        Inputs.LABS.stream().flatMap(lab -> lab.loinc().stream()),
                        codes.correctedCalcium().stream(),
                        codes.displayOnly().keySet().stream())
                .flatMap(each -> each)
                .map(code -> "http://loinc.org|" + code)
                .collect(Collectors.joining(","));
        var patient = "?patient={{context.patientId}}";
        var prefetch = new LinkedHashMap<String, String>();
        prefetch.put("patient", "Patient/{{context.patientId}}");
        prefetch.put("observations", "Observation" + patient + "&code=" + loinc + "&_sort=-date&_count=500");
        prefetch.put("conditions", "Condition" + patient + "&_count=500");
        prefetch.put(
                "medications", "MedicationStatement" + patient + "&_include=MedicationStatement:medication&_count=500");
        prefetch.put(
                "medicationRequests",
                "MedicationRequest" + patient + "&_include=MedicationRequest:medication&_count=500");
        prefetch.put(
                "questionnaireResponse",
                "QuestionnaireResponse" + patient + "&questionnaire=" + Chart.QUESTIONNAIRE
                        + "&status=completed,amended&_sort=-authored&_count=10");
        return prefetch;
    }

    /** What there is to call, and what to send along. */
    @GET
    @PermitAll
    public Discovery discover() {
        return discovery;
    }

    /**
     * The cards for the chart that is opened: 200, 400 when it is not a call of {@code patient-view}, 412 when nothing was
     * prefetched that can be judged, 413 over 4 MiB.
     */
    @POST
    @Path("/{service}")
    @Consumes(MediaType.APPLICATION_JSON)
    public Answer call(@PathParam("service") String service, InputStream body) throws IOException {
        requireService(service);
        var request = HookRequest.of(read(body));
        access.about(request.patientId());
        var notUsed = new NotUsed();
        var prefetch = new Prefetch(request.prefetch(), request.patientId(), notUsed);
        if (prefetch.isEmpty()) {
            throw HookRequest.nothingToJudge();
        }
        var pack = packs.active();
        var chart = new Chart(prefetch, codes, notUsed, LocalDate.now(clock));
        List<Card> cards;
        try {
            cards = new Cards(pack, chart, notUsed).of(Findings.of(pack, chart.readings()));
        } catch (AnswersRefused refused) {
            cards = Cards.notAssessed(
                    pack, refused.refusals().stream().map(Refusal::message).collect(Collectors.joining("; ")));
        }
        issued.remember(cards, pack.version(), clock.instant());
        return new Answer(cards);
    }

    /** Takes what became of cards: 200, 400 when it is malformed, 404 with the cards that are not from here. */
    @POST
    @Path("/{service}/feedback")
    @Consumes(MediaType.APPLICATION_JSON)
    public Response feedback(@PathParam("service") String service, InputStream body) throws IOException {
        requireService(service);
        issued.record(Feedback.of(read(body)));
        return Response.ok().build();
    }

    private static void requireService(String service) {
        if (!service.equals(SERVICE)) {
            throw HttpProblem.valueOf(Status.NOT_FOUND, "There is no such CDS service; GET /cds-services lists them");
        }
    }

    private JsonNode read(InputStream body) throws IOException {
        var bytes = body.readNBytes(MAX_BODY + 1);
        if (bytes.length > MAX_BODY) {
            body.readNBytes(MAX_DRAIN);
            throw HttpProblem.valueOf(
                    Status.REQUEST_ENTITY_TOO_LARGE, "The body is larger than 4 MiB, the most that is taken");
        }
        @Nullable JsonNode tree;
        try {
            tree = strictTree.readValue(bytes);
        } catch (IOException | ArithmeticException | NumberFormatException e) {
            throw HttpProblem.valueOf(
                    Status.BAD_REQUEST,
                    "The body is not well-formed JSON: " + e.getClass().getSimpleName());
        }
        if (tree == null || !tree.isObject()) {
            throw HttpProblem.valueOf(Status.BAD_REQUEST, "The body must be a JSON object");
        }
        return tree;
    }
}
