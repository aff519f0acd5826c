package org.calciwatch.assessment.pack;

import io.quarkiverse.resteasy.problem.HttpProblem;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import jakarta.ws.rs.core.UriBuilder;
import java.time.Instant;
import java.util.List;
import org.calciwatch.assessment.rules.RulePack;
import org.calciwatch.audit.Access;
import org.calciwatch.audit.Action;
import org.calciwatch.audit.AuditedAs;
import org.calciwatch.http.Cursors;
import org.calciwatch.http.Page;
import org.calciwatch.security.Roles;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jspecify.annotations.Nullable;

/** For the clinical lead: the stored rule packs, and which of them is active. */
@Path("/rule-packs")
@RolesAllowed({Roles.CLINICIAN, Roles.ADMIN})
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
class RulePackResource {

    private static final String ZIP = "application/zip";

    /** A real pack has about 50 KB. */
    private static final int LARGEST_ARCHIVE = 4 * 1024 * 1024;

    private final RulePacks packs;
    private final StoredPacks stored;
    private final Activations activations;
    private final Access access;

    RulePackResource(RulePacks packs, StoredPacks stored, Activations activations, Access access) {
        this.packs = packs;
        this.stored = stored;
        this.activations = activations;
        this.access = access;
    }

    /**
     * A stored rule pack.
     *
     * @param activatedAt when it was activated last, null when it never was
     */
    record PackView(
            String id,
            String version,
            String digest,
            boolean active,
            Instant uploadedAt,
            String uploadedBy,
            @Nullable Instant activatedAt) {}

    /** The packs, the last uploaded first. */
    @GET
    @AuditedAs(Action.EXECUTE)
    @Operation(summary = "The stored rule packs, the last uploaded first")
    public Page<PackView> list(
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue("" + Page.DEFAULT_LIMIT) String limit) {
        int size = Cursors.limit(limit);
        var page = Cursors.page(
                stored.list(number(cursor), size + 1),
                size,
                last -> "/rule-packs?limit=" + size + "&cursor=" + last.id);
        return new Page<>(views(page.items()), page.next());
    }

    /** One pack, or its files for whoever asks for {@code application/zip}. */
    @GET
    @Path("/{version}")
    @Produces({MediaType.APPLICATION_JSON, ZIP})
    @Operation(summary = "One rule pack; as application/zip its files, to edit and upload again")
    public Response get(@PathParam("version") String version, @Context HttpHeaders headers) {
        Cursors.requireText("version", version);
        var pack = packs.find(version);
        access.entity(RulePacks.AUDITED_AS, pack.version);
        return prefersZip(headers)
                ? Response.ok(stored.archive(pack), ZIP)
                        .header(
                                HttpHeaders.CONTENT_DISPOSITION,
                                "attachment; filename=\"%s-%s.zip\"".formatted(RulePack.ID, pack.version))
                        .build()
                : Response.ok(view(pack), MediaType.APPLICATION_JSON_TYPE).build();
    }

    /** Whoever takes anything gets JSON. Left to itself the framework would choose the archive. */
    private static boolean prefersZip(HttpHeaders headers) {
        var zip = MediaType.valueOf(ZIP);
        return headers.getAcceptableMediaTypes().stream()
                .filter(type -> type.isCompatible(zip) || type.isCompatible(MediaType.APPLICATION_JSON_TYPE))
                .findFirst()
                .filter(type -> !type.isCompatible(MediaType.APPLICATION_JSON_TYPE))
                .isPresent();
    }

    /** Checks a pack and stores it: 201, or 200 when the same one is stored already. */
    @POST
    @RolesAllowed(Roles.ADMIN)
    @Consumes(ZIP)
    @AuditedAs(Action.CREATE)
    @Operation(
            summary =
                    "Check a rule pack (a ZIP archive of its files, at most 4 MiB) and store it; does not activate it")
    @APIResponse(responseCode = "201", description = "Stored")
    @APIResponse(responseCode = "200", description = "The same pack is stored already")
    @APIResponse(responseCode = "409", description = "The version is stored with another content")
    @APIResponse(responseCode = "422", description = "Every problem with its file and line; nothing is stored")
    public Response upload(byte @Nullable [] archive) {
        if (archive != null && archive.length > LARGEST_ARCHIVE) {
            throw HttpProblem.valueOf(
                    Status.REQUEST_ENTITY_TOO_LARGE,
                    "A rule pack's archive has at most %,d bytes".formatted(LARGEST_ARCHIVE));
        }
        var upload = packs.upload(archive == null ? new byte[0] : archive);
        var view = view(upload.pack());
        var place = UriBuilder.fromPath("/rule-packs/{version}").build(view.version());
        return upload.isNew()
                ? Response.created(place).entity(view).build()
                : Response.ok(view).location(place).build();
    }

    /** Makes a pack the active one. To roll back, activate an older one. */
    @POST
    @RolesAllowed(Roles.ADMIN)
    @Path("/{version}/activate")
    @AuditedAs(Action.UPDATE)
    @Operation(
            summary =
                    "Check a stored rule pack once more and make it the active one; also the way back to an older one")
    @APIResponse(responseCode = "200", description = "It is the active one")
    @APIResponse(responseCode = "422", description = "It does not pass the checks; the active one stays")
    public PackView activate(@PathParam("version") String version) {
        Cursors.requireText("version", version);
        return view(packs.activate(version));
    }

    /** Who activated which version when, the last one first. */
    @GET
    @Path("/activations")
    @AuditedAs(Action.EXECUTE)
    @Operation(summary = "Who activated which version when, the newest first")
    public Page<Activation> activations(
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue("" + Page.DEFAULT_LIMIT) String limit) {
        int size = Cursors.limit(limit);
        return Cursors.page(
                activations.list(number(cursor), size + 1),
                size,
                last -> "/rule-packs/activations?limit=" + size + "&cursor=" + last.id);
    }

    private PackView view(StoredPack pack) {
        return views(List.of(pack)).getFirst();
    }

    private List<PackView> views(List<StoredPack> list) {
        var active = stored.active().map(pack -> pack.id).orElse(null);
        var activatedAt =
                activations.lastOf(list.stream().map(pack -> pack.version).toList());
        return list.stream()
                .map(pack -> new PackView(
                        RulePack.ID,
                        pack.version,
                        pack.digest,
                        active != null && active == pack.id,
                        pack.uploadedAt,
                        pack.uploadedBy,
                        activatedAt.get(pack.version)))
                .toList();
    }

    private static @Nullable Long number(@Nullable String cursor) {
        try {
            return cursor == null ? null : Long.valueOf(cursor);
        } catch (NumberFormatException e) {
            throw HttpProblem.valueOf(Status.BAD_REQUEST, "cursor must be taken from the next of a page");
        }
    }
}
