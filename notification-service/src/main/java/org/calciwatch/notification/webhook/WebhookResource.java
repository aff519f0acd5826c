package org.calciwatch.notification.webhook;

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
import java.util.Arrays;
import java.util.UUID;
import org.calciwatch.audit.Access;
import org.calciwatch.audit.Action;
import org.calciwatch.audit.AuditedAs;
import org.calciwatch.http.Cursors;
import org.calciwatch.http.Page;
import org.calciwatch.security.Roles;
import org.jspecify.annotations.Nullable;

/** What endpoints were told, and were not. */
@Path("/webhooks/deliveries")
@RolesAllowed(Roles.ADMIN)
@RunOnVirtualThread
class WebhookResource {

    private final Webhooks webhooks;
    private final WebhookRepository deliveries;
    private final Access access;

    WebhookResource(Webhooks webhooks, WebhookRepository deliveries, Access access) {
        this.webhooks = webhooks;
        this.deliveries = deliveries;
        this.access = access;
    }

    /** Webhook deliveries, the last made first; {@code status} is PENDING, SENT or FAILED. */
    @GET
    @AuditedAs(Action.EXECUTE)
    @Transactional
    public Page<WebhookView> list(
            @QueryParam("status") @Nullable String statusText,
            @QueryParam("cursor") @Nullable String cursorText,
            @QueryParam("limit") @DefaultValue("" + Page.DEFAULT_LIMIT) String limitText) {
        var status = status(statusText);
        int limit = Cursors.limit(limitText);
        var page = Cursors.page(
                deliveries.list(status, cursor(cursorText), limit + 1),
                limit,
                last -> "/webhooks/deliveries?" + (status == null ? "" : "status=" + status + "&") + "limit=" + limit
                        + "&cursor=" + last.id());
        page.items().forEach(delivery -> {
            access.entity("Communication", delivery.id());
            access.about(delivery.patientId());
        });
        return new Page<>(page.items().stream().map(WebhookView::of).toList(), page.next());
    }

    /** Has something tried again at once; 409 when its endpoint took it or is not in the settings. */
    @POST
    @Path("/{id}/retry")
    @AuditedAs(Action.UPDATE)
    public WebhookView retry(@PathParam("id") UUID id) {
        return webhooks.retry(id);
    }

    private static WebhookDelivery.@Nullable Status status(@Nullable String text) {
        if (text == null || text.isBlank()) {
            return null;
        }
        return Arrays.stream(WebhookDelivery.Status.values())
                .filter(status -> status.name().equals(text))
                .findFirst()
                .orElseThrow(() -> HttpProblem.valueOf(
                        Status.BAD_REQUEST,
                        "status must be one of " + Arrays.toString(WebhookDelivery.Status.values())));
    }

    private static @Nullable UUID cursor(@Nullable String text) {
        if (text == null || text.isBlank()) {
            return null;
        }
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw HttpProblem.valueOf(Status.BAD_REQUEST, "cursor must be a UUID");
        }
    }
}
