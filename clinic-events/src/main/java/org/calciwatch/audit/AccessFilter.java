package org.calciwatch.audit;

import io.quarkiverse.resteasy.problem.HttpProblem;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response.Status;
import java.lang.annotation.Annotation;
import java.util.List;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/** Leaves one audit event for every request of somebody who is logged in, whatever becomes of it. */
class AccessFilter {

    /** Before the filters that give errors their form, which is then that of the 503 too. */
    private static final int FIRST = Priorities.USER + 1000;

    /** What tells of the answer that is held back. */
    private static final List<String> OF_THE_ANSWER = List.of(
            HttpHeaders.ETAG,
            HttpHeaders.LAST_MODIFIED,
            HttpHeaders.LOCATION,
            HttpHeaders.CONTENT_LOCATION,
            HttpHeaders.CONTENT_LANGUAGE,
            HttpHeaders.CONTENT_DISPOSITION);

    private static final Logger LOG = Logger.getLogger(AccessFilter.class);

    private final Access access;
    private final AuditLog log;

    AccessFilter(Access access, AuditLog log) {
        this.access = access;
        this.log = log;
    }

    @ServerResponseFilter(priority = FIRST)
    public Uni<Void> record(ContainerRequestContext request, ContainerResponseContext response) {
        var status = response.getStatus();
        // Who is told to come back later, or that nothing is new to an open page, has been told nothing; and who is not
        // recognised is nobody.
        var nothingRead = request.getMethod().equals("GET")
                && (status == Status.ACCEPTED.getStatusCode() || status == Status.NO_CONTENT.getStatusCode());
        if (nothingRead
                || status == Status.UNAUTHORIZED.getStatusCode()
                || status == Status.TOO_MANY_REQUESTS.getStatusCode()) {
            return Uni.createFrom().voidItem();
        }
        var toRecord = access.request(status);
        if (toRecord.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        // Refusals by role come from an event loop, which must not wait for the database.
        if (Context.isOnEventLoopThread()) {
            return Uni.createFrom()
                    .<Void>item(() -> {
                        record(toRecord.get(), response);
                        return null;
                    })
                    .runSubscriptionOn(Thread::startVirtualThread);
        }
        record(toRecord.get(), response);
        return Uni.createFrom().voidItem();
    }

    /** What cannot be recorded is not shown. */
    private void record(AuditLog.Request done, ContainerResponseContext response) {
        try {
            log.record(done);
        } catch (RuntimeException e) {
            LOG.errorf(e, "%s with %d is not answered: it could not be audited", done.what(), done.httpStatus());
            OF_THE_ANSWER.forEach(response.getHeaders()::remove);
            response.setStatusInfo(Status.SERVICE_UNAVAILABLE);
            response.setEntity(
                    HttpProblem.valueOf(
                            Status.SERVICE_UNAVAILABLE,
                            "The audit trail cannot be written at the moment, so nothing is shown. Try again."),
                    new Annotation[0],
                    HttpProblem.MEDIA_TYPE);
        }
    }
}
