package org.calciwatch.intake.questionnaire;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.calciwatch.intake.fhir.FhirJson;
import org.calciwatch.pages.Languages;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** What is open to everyone and the same for everyone: the questionnaire and what this server can do. */
@Path("/fhir")
@PermitAll
@Produces({FhirJson.MEDIA_TYPE, MediaType.APPLICATION_JSON})
@RunOnVirtualThread
@Tag(name = "FHIR R4")
class QuestionnaireResource {

    /** A change reaches every portal within five minutes; until then nobody has to ask. */
    private static final String CACHE_CONTROL = "public, max-age=300";

    private static final String CAPABILITIES = "/fhir/capability-statement.json";

    private final Languages languages;
    private final Map<String, Document> questionnaires;
    private final Document capabilities;

    QuestionnaireResource(Questionnaire questionnaire, Languages languages) {
        this.languages = languages;
        questionnaires = languages.all().stream()
                .collect(Collectors.toUnmodifiableMap(
                        Function.identity(), language -> Document.of(questionnaire.in(language), language)));
        capabilities = Document.of(capabilityStatement(), languages.all().getFirst());
    }

    private static String capabilityStatement() {
        try (var file =
                Objects.requireNonNull(QuestionnaireResource.class.getResourceAsStream(CAPABILITIES), CAPABILITIES)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @GET
    @Path("metadata")
    @Operation(summary = "The CapabilityStatement")
    public Response metadata(@Context Request request) {
        return capabilities.answer(request);
    }

    @GET
    @Path("Questionnaire/calcification-risk")
    @Operation(summary = "The questionnaire, in the language asked for")
    public Response questionnaire(
            @QueryParam("_language") @Nullable String language,
            @HeaderParam(HttpHeaders.ACCEPT_LANGUAGE) @Nullable String accepted,
            @Context Request request) {
        return Objects.requireNonNull(questionnaires.get(languages.best(language, accepted)))
                .answer(request);
    }

    private record Document(String body, EntityTag tag, String language) {

        static Document of(String text, String language) {
            try {
                var digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
                return new Document(text, new EntityTag(HexFormat.of().formatHex(digest, 0, 16)), language);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e); // every Java platform has SHA-256
            }
        }

        Response answer(Request request) {
            var unchanged = request.evaluatePreconditions(tag);
            var answer =
                    unchanged != null ? unchanged : Response.ok(body).header(HttpHeaders.CONTENT_LANGUAGE, language);
            return answer.tag(tag)
                    .header(HttpHeaders.CACHE_CONTROL, CACHE_CONTROL)
                    .header(HttpHeaders.VARY, HttpHeaders.ACCEPT_LANGUAGE)
                    .header(HttpHeaders.VARY, HttpHeaders.ACCEPT)
                    .build();
        }
    }
}
