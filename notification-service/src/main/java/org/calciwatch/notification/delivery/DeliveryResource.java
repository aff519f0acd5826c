package org.calciwatch.notification.delivery;

import io.quarkiverse.resteasy.problem.HttpProblem;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response.Status;
import java.util.UUID;
import org.calciwatch.audit.Access;
import org.calciwatch.audit.Action;
import org.calciwatch.audit.AuditedAs;
import org.calciwatch.http.Cursors;
import org.calciwatch.http.Page;
import org.calciwatch.security.Roles;
import org.jspecify.annotations.Nullable;

/** Every mail and every attempt at it. */
@Path("/deliveries")
@RolesAllowed(Roles.ADMIN)
@RunOnVirtualThread
public class DeliveryResource {

    private final Deliveries deliveries;
    private final DeliveryRepository repository;
    private final Access access;

    DeliveryResource(Deliveries deliveries, DeliveryRepository repository, Access access) {
        this.deliveries = deliveries;
        this.repository = repository;
        this.access = access;
    }

    /** Deliveries, the last made first. */
    @GET
    @AuditedAs(Action.EXECUTE)
    @RolesAllowed({Roles.CLINICIAN, Roles.ADMIN})
    @Transactional
    public Page<DeliveryView> list(
            @QueryParam("flag") @Nullable String flagText,
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue("" + Page.DEFAULT_LIMIT) String limitText) {
        var flag = id("flag", flagText);
        int limit = Cursors.limit(limitText);
        var page = Cursors.page(
                repository.list(flag, id("cursor", cursor), limit + 1),
                limit,
                last -> "/deliveries?" + (flag == null ? "" : "flag=" + flag + "&") + "limit=" + limit + "&cursor="
                        + last.id());
        page.items().forEach(delivery -> access.entity("Communication", delivery.id()));
        repository
                .patientsOf(page.items().stream()
                        .flatMap(delivery -> delivery.flags().stream())
                        .toList())
                .forEach(access::about);
        return new Page<>(page.items().stream().map(DeliveryView::of).toList(), page.next());
    }

    /** Has a mail tried again at once for those it did not reach; 409 when it reached everybody or was withdrawn. */
    @POST
    @Path("/{id}/retry")
    @AuditedAs(Action.UPDATE)
    public DeliveryView retry(@PathParam("id") UUID id) {
        return deliveries.retry(id);
    }

    private static @Nullable UUID id(String name, @Nullable String text) {
        if (text == null || text.isBlank()) {
            return null;
        }
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw HttpProblem.valueOf(Status.BAD_REQUEST, name + " must be a UUID");
        }
    }
}
