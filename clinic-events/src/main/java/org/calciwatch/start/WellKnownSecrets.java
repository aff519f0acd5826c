package org.calciwatch.start;

import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.Config;

/**
 * Refuses to start with secrets that everybody knows: those of the demonstration, and what is put down to be changed
 * later. {@code calciwatch.demo=true} allows them.
 */
@ApplicationScoped
class WellKnownSecrets {

    private static final List<String> SECRETS = List.of(
            "quarkus.datasource.password",
            "quarkus.flyway.password",
            "calciwatch.oidc.portal-secret",
            "calciwatch.mail.smtp.password",
            "calciwatch.mail.bounces.imap.password");
    private static final Pattern WELL_KNOWN =
            Pattern.compile("demo.*|change.?(me|it)|pass(word)?|secret|postgres|admin|test|calciwatch|(.)\\3*|1234.*");

    private final Config config;

    WellKnownSecrets(Config config) {
        this.config = config;
    }

    /** Before anything works with them. */
    void start(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) StartupEvent start) {
        var demo = value("calciwatch.demo").orElse("");
        if (!demo.isEmpty()) {
            if (!demo.equals("true")) {
                throw new ConfigurationException("CALCIWATCH_DEMO is \"" + demo + "\"; it takes true or nothing.");
            }
            return;
        }
        for (var name : SECRETS) {
            if (value(name).filter(secret -> isWellKnown(secret, name)).isPresent()) {
                // Logged by Quarkus as this one line; the process ends with exit code 1.
                throw new ConfigurationException(name.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_")
                        + " is a secret that everybody knows. It takes a random one, such as deploy/new-secrets prints;"
                        + " only a demonstration (CALCIWATCH_DEMO=true) may have it.");
            }
        }
    }

    private boolean isWellKnown(String secret, String name) {
        return WELL_KNOWN.matcher(secret.toLowerCase(Locale.ROOT)).matches() || isUserOf(secret, name);
    }

    private boolean isUserOf(String secret, String name) {
        return name.endsWith(".password")
                && value(name.replace(".password", ".username"))
                        .filter(secret::equals)
                        .isPresent();
    }

    private Optional<String> value(String name) {
        return config.getOptionalValue(name, String.class);
    }
}
