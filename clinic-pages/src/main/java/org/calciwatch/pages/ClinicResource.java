package org.calciwatch.pages;

import io.quarkus.runtime.Startup;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The clinic's colour and logo as files: the content security policy allows no styles in pages. */
@Path("/clinic")
@PermitAll
@Startup
@RunOnVirtualThread
@Tag(name = "Pages")
class ClinicResource {
    private static final String CACHE_CONTROL = "public, max-age=3600";
    private static final Map<String, String> TYPES = Map.of("svg", "image/svg+xml", "png", "image/png");

    private final Colour colour;
    private final Optional<byte[]> logo;
    private final String logoType;

    ClinicResource(Clinic clinic) {
        colour = clinic.colour();
        logo = clinic.logo().map(ClinicResource::read);
        logoType = clinic.logo().map(ClinicResource::type).orElse("");
    }

    private static String type(java.nio.file.Path file) {
        var name = file.toString().toLowerCase(Locale.ROOT);
        var type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        if (type == null) {
            throw new IllegalStateException(
                    "calciwatch.clinic.logo is " + file + "; right would be an .svg or .png file");
        }
        return type;
    }

    private static byte[] read(java.nio.file.Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException("calciwatch.clinic.logo cannot be read: " + file, e);
        }
    }

    @GET
    @Path("style.css")
    @Produces("text/css")
    @Operation(summary = "The clinic's colour")
    public Response style() {
        return Response.ok(":root { --accent: " + colour.hex() + "; }\n")
                .header(HttpHeaders.CACHE_CONTROL, CACHE_CONTROL)
                .build();
    }

    @GET
    @Path("logo")
    @Operation(summary = "The clinic's logo; 404 without one")
    public Response logo() {
        var file = logo.orElseThrow(NotFoundException::new);
        return Response.ok(file, logoType)
                .header(HttpHeaders.CACHE_CONTROL, CACHE_CONTROL)
                .build();
    }
}
