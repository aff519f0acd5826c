package org.calciwatch.intake.submission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.opentelemetry.api.trace.Span;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.calciwatch.audit.Access;
import org.calciwatch.intake.fhir.FhirJson;
import org.calciwatch.intake.fhir.FhirProblem;
import org.calciwatch.intake.fhir.Issue;
import org.calciwatch.security.Roles;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Takes many responses at once, a line each. */
@Path("/fhir/$import")
@RolesAllowed({Roles.ADMIN, Roles.INTEGRATION})
@RunOnVirtualThread
@Tag(name = "FHIR R4")
class ImportResource {
    static final String NDJSON = "application/fhir+ndjson";

    private static final Logger LOG = Logger.getLogger(ImportResource.class);

    private final Submissions submissions;
    private final ResponseValidator validator;
    private final FhirJson json;
    private final Access access;

    ImportResource(Submissions submissions, ResponseValidator validator, FhirJson json, Access access) {
        this.submissions = submissions;
        this.validator = validator;
        this.json = json;
        this.access = access;
    }

    /**
     * Stores the response of each line as a POST of it would, and answers with a line for each:
     * {@code {"line":1,"status":201,"id":"…"}} or {@code {"line":2,"status":422,"outcome":{…}}}. A line that cannot be
     * taken never stops the others; sent again with the same identifiers, what is stored already is found again.
     */
    @POST
    @Consumes(NDJSON)
    @Produces(NDJSON)
    @Operation(summary = "Submit many responses, a line each; answers with a line for each")
    public StreamingOutput importAll(InputStream body) {
        return answers -> {
            var lines = new BufferedInputStream(body);
            int number = 0;
            for (var line = next(lines); line != null; line = next(lines)) {
                number++;
                if (line.length > 0) {
                    write(answers, result(number, line));
                }
            }
        };
    }

    /** Each line is a request of its own in the audit trail; what cannot be recorded is not shown. */
    private ObjectNode result(int number, byte[] line) {
        var result = stored(number, line);
        try {
            access.endPart(result.get("status").intValue());
            return result;
        } catch (RuntimeException e) {
            return failed(number, e);
        }
    }

    private ObjectNode stored(int number, byte[] line) {
        var result = json.object().put("line", number);
        try {
            var response = SubmissionResource.questionnaireResponse(json.read(new ByteArrayInputStream(line)));
            var problems = validator.problems(response, SubmissionResource.TO_CREATE);
            if (!problems.isEmpty()) {
                throw new FhirProblem(422, problems);
            }
            var posted = submissions.create(response, Roles.ADMIN, Roles.INTEGRATION);
            return result.put("status", posted.created() ? 201 : 200)
                    .put("id", posted.stored().id().toString());
        } catch (FhirProblem problem) {
            result.put("status", problem.status());
            result.set("outcome", json.operationOutcome(problem.issues()));
            return result;
        } catch (RuntimeException e) {
            return failed(number, e);
        }
    }

    private ObjectNode failed(int number, RuntimeException failure) {
        LOG.errorf(failure, "Line %d of an import failed", number);
        var correlation = Span.current().getSpanContext().getTraceId();
        var result = json.object().put("line", number).put("status", 500);
        result.set(
                "outcome",
                json.operationOutcome(List.of(new Issue(
                        "fatal",
                        "exception",
                        "Something went wrong on our side. Correlation id: " + correlation,
                        null))));
        return result;
    }

    /**
     * The next line without its end; null after the last one. Of a line that is too long as much is kept as it takes to
     * be refused as too long.
     */
    private static byte @Nullable [] next(InputStream lines) throws IOException {
        var line = new ByteArrayOutputStream();
        int octet = lines.read();
        if (octet < 0) {
            return null;
        }
        for (; octet >= 0 && octet != '\n'; octet = lines.read()) {
            if (line.size() <= FhirJson.MAX_BODY && octet != '\r') {
                line.write(octet);
            }
        }
        return line.toByteArray();
    }

    private void write(OutputStream answers, ObjectNode result) throws IOException {
        answers.write((json.write(result) + "\n").getBytes(StandardCharsets.UTF_8));
        answers.flush();
    }
}
