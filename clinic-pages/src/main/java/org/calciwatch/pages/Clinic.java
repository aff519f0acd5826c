package org.calciwatch.pages;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import java.nio.file.Path;
import java.util.Optional;

/** Whose portal this is: what the pages show of the clinic. */
@ConfigMapping(prefix = "calciwatch.clinic")
public interface Clinic {
    /** The name in the head of each page. */
    String name();

    /** The number patients call when it is not an emergency; none is shown without it. */
    Optional<String> phone();

    /** A file with the logo, {@code .svg} or {@code .png}; the name alone is shown without it. */
    Optional<Path> logo();

    /** The colour of links and buttons, dark enough to be read on white and with white on it. */
    @WithConverter(Colour.Converter.class)
    Colour colour();
}
