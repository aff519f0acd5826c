package org.calciwatch.audit;

import io.opentelemetry.api.trace.Span;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.RequestScoped;
import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import jakarta.transaction.TransactionSynchronizationRegistry;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.container.ResourceInfo;
import java.lang.reflect.AnnotatedElement;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.calciwatch.security.Caller;
import org.calciwatch.security.Roles;
import org.jspecify.annotations.Nullable;

/**
 * What the request that is being served has to do with patients. Endpoints say it here, {@link AccessFilter} records it
 * when the answer is known.
 */
@RequestScoped
public class Access {

    private final AuditLog log;
    private final TransactionSynchronizationRegistry transaction;
    private final Caller caller;
    private final ResourceInfo endpoint;
    private final HttpServerRequest http;
    private final Set<String> patients = new LinkedHashSet<>();
    private final Set<String> entities = new LinkedHashSet<>();
    private final Set<String> recorded = new HashSet<>();
    private @Nullable Integer recordedOutcome;

    Access(
            AuditLog log,
            TransactionSynchronizationRegistry transaction,
            Caller caller,
            ResourceInfo endpoint,
            HttpServerRequest http) {
        this.log = log;
        this.transaction = transaction;
        this.caller = caller;
        this.endpoint = endpoint;
        this.http = http;
    }

    /** Notes whose data are asked for, shown or changed; to be called before access is refused. */
    public void about(String patientId) {
        // Anything else, such as a mistyped search parameter, is nobody's id.
        if (Pseudonyms.isPatientId(patientId)) {
            patients.add(patientId);
        }
    }

    /**
     * Notes what is read or changed.
     *
     * @param type a FHIR type where there is one, such as {@code Flag}
     * @param id never a patient's
     */
    public void entity(String type, Object id) {
        entities.add(type + "/" + id);
    }

    /**
     * Records the request in the caller's transaction, as one that ends with this status: the record is then as lasting
     * as what was done, at no further commit. When the transaction does not commit, the request ends otherwise or has
     * more to do with other patients, that is recorded too.
     */
    public void recordNow(int httpStatus) {
        request(httpStatus).ifPresent(request -> {
            log.record(request);
            transaction.registerInterposedSynchronization(new Synchronization() {
                @Override
                public void beforeCompletion() {
                    // only the outcome matters
                }

                @Override
                public void afterCompletion(int status) {
                    if (status == Status.STATUS_COMMITTED) {
                        recordedOutcome = AuditEvent.outcome(httpStatus);
                        recorded.addAll(request.patientIds());
                        recorded.addAll(request.entities());
                    }
                }
            });
        });
    }

    /**
     * Records a part of a request that has many, such as a line of an import, as a request of its own that ends with
     * this status, as far as {@link #recordNow} has not done so. What is noted afterwards belongs to the next part.
     */
    public void endPart(int httpStatus) {
        try {
            request(httpStatus).ifPresent(log::record);
        } finally {
            patients.clear();
            entities.clear();
            recorded.clear();
            recordedOutcome = null;
        }
    }

    /** What is left to be recorded; empty when nobody is logged in, or all is recorded already. */
    Optional<AuditLog.Request> request(int httpStatus) {
        if (!caller.isLoggedIn() || endpoint.getResourceMethod() == null) {
            return Optional.empty();
        }
        var isKnown = recordedOutcome != null && recordedOutcome == AuditEvent.outcome(httpStatus);
        var newPatients = isKnown ? notRecorded(patients) : List.copyOf(patients);
        var newEntities = isKnown ? notRecorded(entities) : List.copyOf(entities);
        if (isKnown && newPatients.isEmpty() && newEntities.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new AuditLog.Request(
                agent(),
                http.remoteAddress() == null ? null : http.remoteAddress().hostAddress(),
                action(),
                http.method().name() + " " + route(),
                newPatients,
                newEntities,
                httpStatus,
                Span.current().getSpanContext().getTraceId()));
    }

    private List<String> notRecorded(Set<String> noted) {
        return noted.stream().filter(each -> !recorded.contains(each)).toList();
    }

    private AuditLog.Agent agent() {
        var roles = Stream.of(Roles.ADMIN, Roles.CLINICIAN, Roles.INTEGRATION, Roles.PATIENT)
                .filter(caller::has)
                .collect(Collectors.joining(" "));
        // Staff answer for what they do by name, also those who are patients themselves.
        if (!roles.equals(Roles.PATIENT)) {
            return new AuditLog.Agent(caller.name(), roles, null);
        }
        var own = caller.patientId().filter(Pseudonyms::isPatientId);
        return new AuditLog.Agent("a patient whose account has no patient id", roles, own.orElse(null));
    }

    private Action action() {
        var declared = endpoint.getResourceMethod().getAnnotation(AuditedAs.class);
        if (declared != null) {
            return declared.value();
        }
        return switch (http.method().name()) {
            case "GET", "HEAD" -> Action.READ;
            case "PUT", "PATCH" -> Action.UPDATE;
            case "DELETE" -> Action.DELETE;
            default -> Action.EXECUTE;
        };
    }

    /** The template, because the path itself may hold a patient's id. */
    private String route() {
        var path = path(endpoint.getResourceClass()) + path(endpoint.getResourceMethod());
        return path.isEmpty() ? "/" : path;
    }

    private static String path(AnnotatedElement element) {
        var annotation = element.getAnnotation(Path.class);
        var path = annotation == null ? "" : annotation.value().replaceAll("^/+|/+$", "");
        return path.isEmpty() ? "" : "/" + path;
    }
}
