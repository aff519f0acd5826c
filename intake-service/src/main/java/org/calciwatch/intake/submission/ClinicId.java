package org.calciwatch.intake.submission;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;
import java.util.regex.Pattern;

/** The clinic or location a submission belongs to, by which flags are routed: 1 to 64 letters, digits, '-', '.'. */
public record ClinicId(String value) {

    /** The clinic this intake itself belongs to. */
    @ConfigMapping(prefix = "calciwatch.clinic")
    public interface Own {
        /** Of whatever no machine client has named another clinic for; without it those belong to none. */
        Optional<ClinicId> id();
    }

    private static final String ID = "[A-Za-z0-9.-]{1,64}";
    private static final Pattern VALUE = Pattern.compile(ID);
    private static final Pattern REFERENCE = Pattern.compile("(?:https?://[^\\s?#]+/)?Organization/(" + ID + ")");

    /**
     * An id.
     *
     * @throws IllegalArgumentException when it is not written so
     */
    public ClinicId {
        if (!VALUE.matcher(value).matches()) {
            throw new IllegalArgumentException("'" + value
                    + "' is not the id of a clinic; right would be 1 to 64 letters, digits, '-', '.', as in north-2");
        }
    }

    /** Reads a setting. */
    public static ClinicId of(String value) {
        return new ClinicId(value.strip());
    }

    /** The id in {@code Organization/<id>} or in a URL that ends so. */
    static Optional<ClinicId> referredTo(String reference) {
        var match = REFERENCE.matcher(reference);
        return match.matches() ? Optional.of(new ClinicId(match.group(1))) : Optional.empty();
    }
}
