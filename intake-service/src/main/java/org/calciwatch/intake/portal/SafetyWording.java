package org.calciwatch.intake.portal;

import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.calciwatch.pages.Languages;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The fixed sentences of {@code safety-wording_<language>.properties}, which are word for word those of the knowledge
 * base, with the number to call in an emergency.
 */
@Named("safety")
@Singleton
public class SafetyWording {

    private final Map<String, Properties> sentences = new HashMap<>();
    private final String emergencyNumber;

    /**
     * Reads the sentences.
     *
     * @param emergencyNumber to call in an emergency
     */
    public SafetyWording(
            Languages languages, @ConfigProperty(name = "calciwatch.emergency-number") String emergencyNumber) {
        this.emergencyNumber = emergencyNumber;
        for (var language : languages.all()) {
            sentences.put(language, load("/safety-wording_%s.properties".formatted(language)));
        }
    }

    private static Properties load(String name) {
        var properties = new Properties();
        try (var file = Objects.requireNonNull(SafetyWording.class.getResourceAsStream(name), name)) {
            properties.load(new StringReader(new String(file.readAllBytes(), StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties;
    }

    /** The number to call in an emergency. */
    public String emergencyNumber() {
        return emergencyNumber;
    }

    /**
     * A sentence.
     *
     * @param language one of {@link Languages#all()}
     */
    public String sentence(String key, String language) {
        var all = Objects.requireNonNull(sentences.get(language), language);
        return Objects.requireNonNull(all.getProperty(key), key).replace("[local emergency number]", emergencyNumber);
    }
}
